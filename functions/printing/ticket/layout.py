"""Ticket → blocks from top to bottom: lines of text with sizes, pictures, cuts. Pure.

Distances are in columns of the printer's font A. A line of double width has half as many.
"""

from collections.abc import Iterator

from functions.printing.ticket.page import (
    Act,
    Block,
    Page,
    Text,
    code_block,
    guest_lines,
    line_name,
    moment_text,
    reprint_band,
    service_and_table,
    source_number,
    wishes,
)
from functions.printing.ticket.receipt import bill, day_report, receipt
from functions.printing.ticket.records import Profile, Ticket, TicketKind, TicketLine
from functions.printing.ticket.text import width

HUGE = 6


def lay_out(ticket: Ticket, profile: Profile, *, large: bool = True) -> list[Block]:
    """The blocks of a ticket. Without `large` all text has the smallest size, for very long tickets."""
    page = Page(ticket, profile, large=large)
    parts = {
        TicketKind.KITCHEN: _kitchen,
        TicketKind.PACKING: _packing,
        TicketKind.RECEIPT: receipt,
        TicketKind.LABEL: _labels,
        TicketKind.CANCELLATION: _cancellation,
        TicketKind.TEST: _test,
        TicketKind.CHANGE: _change,
        TicketKind.BILL: bill,
        TicketKind.DAY_REPORT: day_report,
    }
    return list(parts[ticket.kind](page))


def _kitchen(page: Page) -> Iterator[Block]:
    yield from reprint_band(page)
    yield from _head(page)
    yield page.rule()
    for line in page.ticket.lines:
        yield from _to_make(page, line)
    yield page.rule()
    yield from _foot(page)
    yield Act("cut")


def _change(page: Page) -> Iterator[Block]:
    """The change of an open bill: the table, then each line with its mark."""
    labels, ticket = page.labels, page.ticket
    marks = {"added": labels.added, "removed": labels.removed, "changed": labels.changed}
    yield from page.band(labels.change_of_order)
    yield from reprint_band(page)
    yield from _head(page)
    if ticket.moved_from:
        yield from page.band(f"{labels.table} {ticket.moved_from} > {ticket.table or ''}", 3)
    yield page.rule()
    for line in ticket.lines:
        yield from page.text(marks[line.mark or "changed"], size=page.large, inverse=True, bold=True)
        yield from _to_make(page, line, f"{labels.not_this} " if line.mark == "removed" else "")
        if line.before:
            yield from page.text(f"{labels.before}: {line.before}", indent=2)
        if line.reason:
            yield from page.text(line.reason, bold=True)
    yield page.rule()
    yield from _foot(page)
    yield Act("cut")


def _packing(page: Page) -> Iterator[Block]:
    yield from reprint_band(page)
    yield from _head(page)
    yield from guest_lines(page, page.large)
    yield page.rule()
    for line in page.ticket.lines:
        yield from _to_make(page, line)
    yield page.rule()
    count = sum(line.quantity for line in page.ticket.lines)
    yield from page.pair(page.labels.items, str(count), size=page.large, bold=True)
    yield from _foot(page)
    yield from code_block(page)
    yield Act("cut")


def _cancellation(page: Page) -> Iterator[Block]:
    yield from page.band(page.labels.cancelled)
    yield from page.band(page.labels.do_not_make, 3)
    yield from reprint_band(page)
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


def _labels(page: Page) -> Iterator[Block]:
    """A label for each piece, numbered: 2/3."""
    ticket = page.ticket
    pieces = [line for line in ticket.lines for _ in range(line.quantity)]
    for number, line in enumerate(pieces, start=1):
        yield from reprint_band(page)
        which = "" if ticket.pickup_number is None else f"#{ticket.pickup_number}"
        yield from page.pair(which, f"{number}/{len(pieces)}", size=page.large, bold=True)
        yield from page.text(line_name(line), size=page.large, bold=True)
        yield from wishes(page, line, size=page.large)
        yield from page.pair(
            service_and_table(page), moment_text(ticket.placed_at) if ticket.placed_at else "", apart=True
        )
        if ticket.guest and ticket.guest.name:
            yield from page.text(ticket.guest.name)
        yield from page.text(ticket.store)
        yield Act("cut")


def _test(page: Page) -> Iterator[Block]:
    """Shows the settings of the profile for a technician: width, sizes, scripts, QR code."""
    ticket = page.ticket
    yield from page.band(page.labels.test)
    yield from page.text(ticket.store, size=page.large, bold=True, centred=True)
    for line in ticket.about:
        yield from page.text(line)
    if ticket.placed_at:
        yield from page.text(moment_text(ticket.placed_at))
    yield Text("".join(str(column % 10) for column in range(1, page.profile.columns + 1)))
    for size in (1, 2, 3):
        yield from page.text("Aa 128 É 中文", size=size)
    yield from page.text("فحص الطابعة", size=2)
    yield from page.text("🍕 ☕ ✓", size=2)
    yield from page.band("Aa 128 中文", 2)
    yield from code_block(page)
    yield Act("cut")


def _head(page: Page) -> Iterator[Text]:
    """The station, the pickup number, the service, and the time of a scheduled order."""
    ticket = page.ticket
    yield from page.pair(ticket.station or ticket.store, source_number(page), bold=True, apart=True)
    if ticket.pickup_number is not None:
        number = str(ticket.pickup_number)
        yield from page.text(number, size=page.largest(number, HUGE), bold=True, centred=True)
    yield from page.text(service_and_table(page), size=page.large, bold=True, centred=True)
    staff = [f"{page.labels.guests} {ticket.covers}" if ticket.covers else "", ticket.waiter or ""]
    if any(staff):
        yield from page.text("  ".join(filter(None, staff)), centred=True)
    if ticket.note:
        yield from page.text(f"* {ticket.note}", size=page.large, bold=True)
    if ticket.wanted_for:
        same_day = ticket.placed_at is not None and ticket.wanted_for.date() == ticket.placed_at.date()
        yield from page.band(
            f"{page.labels.ready_at} {ticket.wanted_for.strftime('%H:%M' if same_day else '%m-%d %H:%M')}"
        )


def _foot(page: Page) -> Iterator[Text]:
    ticket = page.ticket
    if ticket.placed_at:
        placed = f"{page.labels.placed} {moment_text(ticket.placed_at)}"
        yield from page.pair(placed, ticket.store if ticket.station else "", apart=True)


def _to_make(page: Page, line: TicketLine, before: str = "") -> Iterator[Text]:
    count = f"{before}{line.quantity} {page.labels.times} "
    indent = min(width(count, page.encoding), page.profile.columns // page.large // 3)
    yield from page.text(count + line_name(line), size=page.large, bold=True, indent=indent)
    yield from wishes(page, line, size=page.large, indent=2)
    yield page.space()
