"""A page of a ticket: its width, language and sizes; and the blocks that it is made of. Pure.

Distances are in columns of the printer's font A. A line of double width has half as many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from functions.printing.ticket.labels import LABELS, Labels
from functions.printing.ticket.records import Encoding, Language, Profile, Ticket, TicketLine
from functions.printing.ticket.text import cells, clusters, fit, width, wrapped
from shared.contracts import money


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


class Page:
    """A ticket's width, language and sizes."""

    def __init__(self, ticket: Ticket, profile: Profile, *, large: bool) -> None:
        self.ticket = ticket
        self.profile = profile
        self.large = 2 if large else 1
        self.labels: Labels = LABELS[ticket.language]
        self.right_to_left = ticket.language == Language.ARABIC

    @property
    def encoding(self) -> Encoding:
        """The encoding of the printer."""
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
        """A line of dashes."""
        return Text("-" * self.profile.columns)

    def space(self) -> Text:
        """An empty line."""
        return Text("")


def reprint_band(page: Page) -> Iterator[Text]:
    """A band on a ticket that is printed again."""
    if page.ticket.reprint:
        yield from page.band(f"{page.labels.reprint} {page.ticket.reprint}", 3)


def wishes(page: Page, line: TicketLine, size: int = 1, indent: int = 0) -> Iterator[Text]:
    """The options, the note and the allergy of a line."""
    pad = " " * indent
    for option in line.options:
        yield from page.text(f"{pad}{option_text(option)}", size=size, indent=indent + 2)
    if line.note:
        yield from page.text(f"{pad}* {line.note}", size=size, indent=indent + 2)
    if line.allergy:
        yield from page.text(
            f"{page.labels.allergy}: {line.allergy}", size=page.large, bold=True, inverse=True, centred=True
        )


def sold_line(page: Page, line: TicketLine) -> Iterator[Text]:
    """A line of a receipt with its amount, options, notes and discounts."""
    amount = money_text(page, line.amount) if line.amount is not None else ""
    yield from page.pair(f"{line.quantity} {page.labels.times} {line_name(line)}", amount, indent=4)
    for option in line.options:
        yield from page.text(f"    {option_text(option)}", indent=6)
    for note in filter(None, (line.note, line.allergy)):
        yield from page.text(f"    * {note}", indent=6)
    for discount in line.discounts:
        yield from page.pair(f"    {discount.name}", money_text(page, -discount.amount), indent=6)


def option_text(option: str) -> str:
    """An option with a plus, behind its indent. One that is left out keeps its minus."""
    name = option.lstrip()
    return option if name.startswith("- ") else f"{option[: len(option) - len(name)]}+ {name}"


def guest_lines(page: Page, size: int = 1) -> Iterator[Text]:
    """The name, phone and address of the guest."""
    guest = page.ticket.guest
    if guest:
        for contact in filter(None, (guest.name, guest.phone, guest.address)):
            yield from page.text(contact, size=size)


def code_block(page: Page) -> Iterator[Block]:
    """The QR code, if the ticket has one."""
    if page.ticket.qr:
        yield page.space()
        yield Code(page.ticket.qr)


def line_name(line: TicketLine) -> str:
    """The name of a line with its size."""
    return f"{line.name} [{line.size}]" if line.size else line.name


def service_and_table(page: Page) -> str:
    """DINE IN  Table 4."""
    ticket = page.ticket
    service = page.labels.services.of(ticket.service) if ticket.service else ""
    return "  ".join(filter(None, [service, f"{page.labels.table} {ticket.table}" if ticket.table else ""]))


def source_number(page: Page) -> str:
    """The order's number at its source. The start of a long number is cut off, since its end is unique."""
    number = fit(page.ticket.number or "")
    shown = clusters(number)
    while sum(cells(cluster, page.encoding) for cluster in shown) > page.profile.columns // 2:
        shown = shown[1:]
    return "".join(shown)


def moment_text(at: datetime) -> str:
    """A date and a time of day."""
    return at.strftime("%Y-%m-%d %H:%M")


def money_text(page: Page, amount: int) -> str:
    """An amount in the bill's currency."""
    return money.written(amount, page.ticket.bill.currency if page.ticket.bill else "")
