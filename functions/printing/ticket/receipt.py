"""The layout of receipts, bills and reports of a day. Pure."""

from collections.abc import Iterator

from functions.printing.ticket.page import (
    Act,
    Block,
    Page,
    Text,
    code_block,
    guest_lines,
    moment_text,
    money_text,
    reprint_band,
    service_and_table,
    sold_line,
    source_number,
)
from functions.printing.ticket.records import Bill


def receipt(page: Page) -> Iterator[Block]:
    """A receipt. It opens the drawer for cash that a till has just taken."""
    ticket = page.ticket
    if page.profile.drawer and ticket.drawer_until and not ticket.reprint:
        yield Act("kick")
    yield from reprint_band(page)
    yield Act("logo")
    yield from page.text(ticket.store, size=page.largest(ticket.store, page.large), bold=True, centred=True)
    for line in ticket.header:
        yield from page.text(line, centred=True)
    yield page.space()
    if ticket.pickup_number is not None:
        yield from page.text(str(ticket.pickup_number), size=page.large + 2, bold=True, centred=True)
    yield from page.pair(service_and_table(page), source_number(page), apart=True)
    if ticket.placed_at:
        yield from page.text(moment_text(ticket.placed_at))
    if ticket.wanted_for:
        # The pickup number is one of that day.
        yield from page.text(f"{page.labels.ready_at} {moment_text(ticket.wanted_for)}", bold=True)
    yield from guest_lines(page)
    yield page.rule()
    for ticket_line in ticket.lines:
        yield from sold_line(page, ticket_line)
    yield page.rule()
    if ticket.bill:
        yield from bill_sums(page, ticket.bill)
    yield from code_block(page)
    for line in ticket.footer:
        yield from page.text(line, centred=True)
    yield Act("cut")


def bill(page: Page) -> Iterator[Block]:
    """The bill that a guest sees before paying. It is no receipt, and says so."""
    yield from page.band(page.labels.bill, 3)
    yield from receipt(page)


def day_report(page: Page) -> Iterator[Block]:
    """The report of a closed day: sections of names and amounts."""
    ticket = page.ticket
    yield from reprint_band(page)
    yield from page.text(ticket.store, size=page.largest(ticket.store, page.large), bold=True, centred=True)
    for line in ticket.header:
        yield from page.text(line, centred=True)
    for section in ticket.sections:
        yield page.rule()
        yield from page.text(section.title, bold=True)
        for entry in section.entries:
            yield from page.pair(entry.name, entry.value)
    yield page.rule()
    for line in ticket.footer:
        yield from page.text(line, centred=True)
    yield Act("cut")


def bill_sums(page: Page, bill: Bill) -> Iterator[Text]:
    """The sums of a bill, its taxes by rate, its payments, and the change."""
    labels = page.labels
    sums = [
        (labels.subtotal, bill.subtotal),
        *((f"{labels.discount} {discount.name}", -discount.amount) for discount in bill.discounts),
        (labels.service_charge, bill.service_charge),
        (labels.delivery_charge, bill.delivery_charge),
        *([(labels.tax, bill.tax)] if not bill.taxes else []),
        *((entry.name, entry.amount) for entry in bill.taxes),
    ]
    for name, amount in sums:
        if amount or name == labels.subtotal:
            yield from page.pair(name, money_text(page, amount))
    yield from page.pair(labels.total, f"{bill.currency} {money_text(page, bill.total)}", size=page.large, bold=True)
    if bill.rounding:
        yield from page.pair(labels.rounding, money_text(page, bill.rounding))
    yield from _payments(page, bill)
    if bill.refunded:
        yield from page.pair(labels.refunded, money_text(page, -bill.refunded))
    excess = sum(payment.amount for payment in bill.payments) - bill.refunded - bill.total - bill.rounding
    if (change := bill.change or excess) > 0:
        yield from page.pair(labels.change, money_text(page, change))


def _payments(page: Page, bill: Bill) -> Iterator[Text]:
    for share in bill.shares:
        yield from page.pair(f"{page.labels.share} {share.name}", money_text(page, share.amount))
    for payment in bill.payments:
        yield from page.pair(payment.name, money_text(page, payment.amount))
    if bill.tip:
        yield from page.pair(page.labels.tip, money_text(page, bill.tip))
    if bill.tendered:
        yield from page.pair(page.labels.tendered, money_text(page, bill.tendered))
