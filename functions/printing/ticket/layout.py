"""Ticket → blocks from top to bottom: lines of text with sizes, pictures, cuts. Pure.

Distances are in columns of the printer's font A. A line of double width has half as many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from functions.printing.ticket.labels import LABELS, Labels
from functions.printing.ticket.records import Bill, Encoding, Language, Profile, Ticket, TicketKind, TicketLine
from functions.printing.ticket.text import cells, clusters, fit, width, wrapped
from shared.contracts import money

HUGE = 6


@dataclass(frozen=True, slots=True)
class Text:
    """A line: `start` at the side where reading begins, `end` at the far side. Sizes are 1 to 8, as in ESC/POS."""

    start: str
    end: str = ""
    wide: int = 1
    high: int = 1
    bold: bool = False
    inverse: bool = False
    centred: bool = False
    right_to_left: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code."""

    content: str


@dataclass(frozen=True, slots=True)
class Act:
    """A block without text: the drawer's pulse, the cut, the position of the logo."""

    kind: Literal["logo", "kick", "cut"]


Block = Text | Code | Act


def lay_out(ticket: Ticket, profile: Profile, *, large: bool = True) -> list[Block]:
    """The blocks of a ticket. Without `large` all text has the smallest size, for very long tickets."""
    page = _Page(ticket, profile, large)
    parts = {
        TicketKind.KITCHEN: _kitchen,
        TicketKind.PACKING: _packing,
        TicketKind.RECEIPT: _receipt,
        TicketKind.LABEL: _labels,
        TicketKind.CANCELLATION: _cancellation,
        TicketKind.TEST: _test,
    }
    return list(parts[ticket.kind](page))


class _Page:
    """A ticket's width, language and sizes."""

    def __init__(self, ticket: Ticket, profile: Profile, large: bool) -> None:  # noqa: FBT001 - private
        self.ticket = ticket
        self.profile = profile
        self.large = 2 if large else 1
        self.labels: Labels = LABELS[ticket.language]
        self.right_to_left = ticket.language == Language.ARABIC

    @property
    def encoding(self) -> Encoding:
        return self.profile.encoding

    def text(
        self,
        text: str,
        *,
        size: int = 1,
        indent: int = 0,
        bold: bool = False,
        inverse: bool = False,
        centred: bool = False,
    ) -> Iterator[Text]:
        """The text, wrapped on lines."""
        columns = self.profile.columns // size
        for line in wrapped(fit(text), columns, self.encoding, indent):
            yield Text(line, "", size, size, bold, inverse, centred, self.right_to_left)

    def pair(
        self, start: str, end: str, *, size: int = 1, bold: bool = False, indent: int = 0, apart: bool = False
    ) -> Iterator[Text]:
        """`end` at the far side of the first line, and `start` wrapped on lines.

        With `apart`, or if `end` leaves too little room, texts that exceed one line get lines of their own.
        """
        columns, end = self.profile.columns // size, fit(end)
        room = columns - width(end, self.encoding) - 1
        if room < columns // 3 or (apart and width(fit(start), self.encoding) > room):
            yield from self.text(start, size=size, bold=bold, indent=indent)
            yield from self.text(end, size=size, bold=bold)
            return
        first, *next_lines = wrapped(fit(start), room, self.encoding, indent) or [""]
        yield Text(first, end, size, size, bold, right_to_left=self.right_to_left)
        for line in next_lines:
            yield Text(line, "", size, size, bold, right_to_left=self.right_to_left)

    def band(self, text: str, most: int = 4) -> Iterator[Text]:
        """White on black from edge to edge, as large as fits one line."""
        yield from self.text(text, size=self.largest(text, most), inverse=True, centred=True, bold=True)

    def largest(self, text: str, most: int) -> int:
        """The largest size at which the text is one line."""
        columns = width(fit(text), self.encoding)
        return next((size for size in range(most, 1, -1) if columns * size <= self.profile.columns), 1)

    def rule(self) -> Text:
        return Text("-" * self.profile.columns)

    def space(self) -> Text:
        return Text("")


def _kitchen(page: _Page) -> Iterator[Block]:
    yield from _reprint(page)
    yield from _head(page)
    yield page.rule()
    for line in page.ticket.lines:
        yield from _to_make(page, line)
    yield page.rule()
    yield from _foot(page)
    yield Act("cut")


def _packing(page: _Page) -> Iterator[Block]:
    yield from _reprint(page)
    yield from _head(page)
    yield from _guest(page, page.large)
    yield page.rule()
    for line in page.ticket.lines:
        yield from _to_make(page, line)
    yield page.rule()
    count = sum(line.quantity for line in page.ticket.lines)
    yield from page.pair(page.labels.items, str(count), size=page.large, bold=True)
    yield from _foot(page)
    yield from _code(page)
    yield Act("cut")


def _cancellation(page: _Page) -> Iterator[Block]:
    yield from page.band(page.labels.cancelled)
    yield from page.band(page.labels.do_not_make, 3)
    yield from _reprint(page)
    yield from _head(page)
    if page.ticket.reason:
        yield from page.text(page.ticket.reason, size=page.large, bold=True)
    yield page.rule()
    for line in page.ticket.lines:
        yield from _to_make(page, line, f"{page.labels.not_this} ")
    yield page.rule()
    yield from _foot(page)
    yield from page.band(page.labels.cancelled)
    yield Act("cut")


def _receipt(page: _Page) -> Iterator[Block]:
    ticket = page.ticket
    if page.profile.drawer and ticket.drawer_until and not ticket.reprint:
        yield Act("kick")
    yield from _reprint(page)
    yield Act("logo")
    yield from page.text(ticket.store, size=page.largest(ticket.store, page.large), bold=True, centred=True)
    for line in ticket.header:
        yield from page.text(line, centred=True)
    yield page.space()
    if ticket.pickup_number is not None:
        yield from page.text(str(ticket.pickup_number), size=page.large + 2, bold=True, centred=True)
    yield from page.pair(_how(page), _source(page), apart=True)
    if ticket.placed_at:
        yield from page.text(_moment(ticket.placed_at))
    if ticket.wanted_for:
        # The pickup number is one of that day.
        yield from page.text(f"{page.labels.ready_at} {_moment(ticket.wanted_for)}", bold=True)
    yield from _guest(page)
    yield page.rule()
    for sold_line in ticket.lines:
        yield from _sold(page, sold_line)
    yield page.rule()
    if ticket.bill:
        yield from _bill(page, ticket.bill)
    yield from _code(page)
    for line in ticket.footer:
        yield from page.text(line, centred=True)
    yield Act("cut")


def _labels(page: _Page) -> Iterator[Block]:
    """A label for each piece, numbered: 2/3."""
    ticket = page.ticket
    pieces = [line for line in ticket.lines for _ in range(line.quantity)]
    for number, line in enumerate(pieces, start=1):
        yield from _reprint(page)
        which = "" if ticket.pickup_number is None else f"#{ticket.pickup_number}"
        yield from page.pair(which, f"{number}/{len(pieces)}", size=page.large, bold=True)
        yield from page.text(_name(line), size=page.large, bold=True)
        yield from _wishes(page, line, size=page.large)
        yield from page.pair(_how(page), _moment(ticket.placed_at) if ticket.placed_at else "", apart=True)
        if ticket.guest and ticket.guest.name:
            yield from page.text(ticket.guest.name)
        yield from page.text(ticket.store)
        yield Act("cut")


def _test(page: _Page) -> Iterator[Block]:
    """Shows the settings of the profile for a technician: width, sizes, scripts, QR code."""
    ticket = page.ticket
    yield from page.band(page.labels.test)
    yield from page.text(ticket.store, size=page.large, bold=True, centred=True)
    for line in ticket.about:
        yield from page.text(line)
    if ticket.placed_at:
        yield from page.text(_moment(ticket.placed_at))
    yield Text("".join(str(column % 10) for column in range(1, page.profile.columns + 1)))
    for size in (1, 2, 3):
        yield from page.text("Aa 128 É 中文", size=size)
    yield from page.text("فحص الطابعة", size=2)
    yield from page.text("🍕 ☕ ✓", size=2)
    yield from page.band("Aa 128 中文", 2)
    yield from _code(page)
    yield Act("cut")


def _reprint(page: _Page) -> Iterator[Text]:
    if page.ticket.reprint:
        yield from page.band(f"{page.labels.reprint} {page.ticket.reprint}", 3)


def _head(page: _Page) -> Iterator[Text]:
    """The station, the pickup number, the service, and the time of a scheduled order."""
    ticket = page.ticket
    yield from page.pair(ticket.station or ticket.store, _source(page), bold=True, apart=True)
    if ticket.pickup_number is not None:
        number = str(ticket.pickup_number)
        yield from page.text(number, size=page.largest(number, HUGE), bold=True, centred=True)
    yield from page.text(_how(page), size=page.large, bold=True, centred=True)
    if ticket.wanted_for:
        same_day = ticket.placed_at is not None and ticket.wanted_for.date() == ticket.placed_at.date()
        yield from page.band(
            f"{page.labels.ready_at} {ticket.wanted_for.strftime('%H:%M' if same_day else '%m-%d %H:%M')}"
        )


def _foot(page: _Page) -> Iterator[Text]:
    ticket = page.ticket
    if ticket.placed_at:
        placed = f"{page.labels.placed} {_moment(ticket.placed_at)}"
        yield from page.pair(placed, ticket.store if ticket.station else "", apart=True)


def _to_make(page: _Page, line: TicketLine, before: str = "") -> Iterator[Text]:
    count = f"{before}{line.quantity} {page.labels.times} "
    indent = min(width(count, page.encoding), page.profile.columns // page.large // 3)
    yield from page.text(count + _name(line), size=page.large, bold=True, indent=indent)
    yield from _wishes(page, line, size=page.large, indent=2)
    yield page.space()


def _wishes(page: _Page, line: TicketLine, size: int = 1, indent: int = 0) -> Iterator[Text]:
    pad = " " * indent
    for option in line.options:
        yield from page.text(f"{pad}+ {option}", size=size, indent=indent + 2)
    if line.note:
        yield from page.text(f"{pad}* {line.note}", size=size, indent=indent + 2)
    if line.allergy:
        yield from page.text(
            f"{page.labels.allergy}: {line.allergy}", size=page.large, bold=True, inverse=True, centred=True
        )


def _sold(page: _Page, line: TicketLine) -> Iterator[Text]:
    amount = _money(page, line.amount) if line.amount is not None else ""
    yield from page.pair(f"{line.quantity} {page.labels.times} {_name(line)}", amount, indent=4)
    for option in line.options:
        yield from page.text(f"    + {option}", indent=6)
    for note in filter(None, (line.note, line.allergy)):
        yield from page.text(f"    * {note}", indent=6)


def _bill(page: _Page, bill: Bill) -> Iterator[Text]:
    labels = page.labels
    sums = [
        (labels.subtotal, bill.subtotal),
        *((f"{labels.discount} {discount.name}", -discount.amount) for discount in bill.discounts),
        (labels.service_charge, bill.service_charge),
        (labels.delivery_charge, bill.delivery_charge),
        (labels.tax, bill.tax),
    ]
    for name, amount in sums:
        if amount or name == labels.subtotal:
            yield from page.pair(name, _money(page, amount))
    yield from page.pair(labels.total, f"{bill.currency} {_money(page, bill.total)}", size=page.large, bold=True)
    if bill.rounding:
        yield from page.pair(labels.rounding, _money(page, bill.rounding))
    for payment in bill.payments:
        yield from page.pair(payment.name, _money(page, payment.amount))
    if bill.refunded:
        yield from page.pair(labels.refunded, _money(page, -bill.refunded))
    if (change := sum(payment.amount for payment in bill.payments) - bill.refunded - bill.total - bill.rounding) > 0:
        yield from page.pair(labels.change, _money(page, change))


def _guest(page: _Page, size: int = 1) -> Iterator[Text]:
    guest = page.ticket.guest
    if guest:
        for contact in filter(None, (guest.name, guest.phone, guest.address)):
            yield from page.text(contact, size=size)


def _code(page: _Page) -> Iterator[Block]:
    if page.ticket.qr:
        yield page.space()
        yield Code(page.ticket.qr)


def _name(line: TicketLine) -> str:
    return f"{line.name} [{line.size}]" if line.size else line.name


def _how(page: _Page) -> str:
    """DINE IN  Table 4."""
    ticket = page.ticket
    service = page.labels.services.of(ticket.service) if ticket.service else ""
    return "  ".join(filter(None, [service, f"{page.labels.table} {ticket.table}" if ticket.table else ""]))


def _source(page: _Page) -> str:
    """The order's number at its source. The start of a long number is cut off, since its end is unique."""
    number = fit(page.ticket.number or "")
    shown = clusters(number)
    while sum(cells(cluster, page.encoding) for cluster in shown) > page.profile.columns // 2:
        shown = shown[1:]
    return "".join(shown)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def _money(page: _Page, amount: int) -> str:
    return money.written(amount, page.ticket.bill.currency if page.ticket.bill else "")
