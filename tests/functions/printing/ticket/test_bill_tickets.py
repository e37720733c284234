"""Change tickets, bills and receipts of open bills, as a person reads them on paper."""

from datetime import UTC, datetime

from functions.printing.ticket.records import Bill, Entry, Profile, Ticket, TicketKind, TicketLine
from functions.printing.ticket.render import render
from tests.simulators.paper import printed

NOON = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


def paper(ticket: Ticket) -> list[str]:
    """The lines of the only sheet."""
    [sheet] = printed(render(ticket, Profile()))
    assert sheet.broken == 0
    return [line for line in sheet.text.splitlines() if line]


def test_a_change_names_table_marks_reasons_and_what_was_before() -> None:
    lines = [
        TicketLine(name="Cola", mark="removed", reason="guest changed his mind"),
        TicketLine(name="Pizza", size="M", quantity=3, mark="changed", before="2 x Pizza [M]", note="no onion"),
        TicketLine(name="Lunch", mark="added", options=["1 x Pizza [S]", "  extra ham", "- NO Olives"]),
    ]
    ticket = Ticket(
        kind=TicketKind.CHANGE, store="Main Street", station="Oven", pickup_number=42, table="9", moved_from="4",
        covers=4, waiter="Ana", note="one guest at a time", placed_at=NOON, lines=lines,
    )  # fmt: skip
    text = paper(ticket)
    assert text[0] == "CHANGE"
    assert text[3:] == [
        "Table 9", "Guests 4 Ana", "* one guest at a time", "Table 4 > 9", "-" * 48,
        "TAKE OFF", "NO 1 x Cola", "guest changed his mind",
        "CHANGED", "3 x Pizza [M]", "* no onion", "before: 2 x Pizza [M]",
        "NEW", "1 x Lunch", "+ 1 x Pizza [S]", "+ extra ham", "- NO Olives",
        "-" * 48, "Placed 2026-11-29 12:30 Main Street",
    ]  # fmt: skip


def test_a_bill_says_that_it_is_no_receipt_and_breaks_down_the_taxes() -> None:
    bill = Bill(
        currency="USD", subtotal=3300, tax=300, total=3600, payments=[],
        taxes=[Entry(name="VAT 6%", amount=180), Entry(name="City 4%", amount=120)],
        shares=[Entry(name="1", amount=1800), Entry(name="2", amount=1800)],
    )  # fmt: skip
    pizza = TicketLine(name="Pizza", quantity=2, amount=3800, discounts=[Entry(name="cold", amount=500)])
    text = paper(Ticket(kind=TicketKind.BILL, store="Main Street", lines=[pizza], bill=bill))
    assert text[0] == "BILL - NOT PAID"
    assert text[-8:] == [
        "cold -5.00", "-" * 48, "Subtotal 33.00", "VAT 6% 1.80", "City 4% 1.20", "TOTAL USD 36.00",
        "Share 1 18.00", "Share 2 18.00",
    ]  # fmt: skip


def test_a_receipt_shows_tip_cash_and_change() -> None:
    bill = Bill(
        currency="USD", subtotal=1800, total=1800, payments=[Entry(name="cash", amount=1800)], tip=200, tendered=2500,
        change=500,
    )  # fmt: skip
    text = paper(Ticket(kind=TicketKind.RECEIPT, store="Main Street", lines=[], bill=bill))
    assert text[-4:] == ["cash 18.00", "Tip 2.00", "Given 25.00", "Change 5.00"]
