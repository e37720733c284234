"""Which facts of an order reach which ticket."""

from typing import Any

import pytest

from demo.examples import KEPT
from functions.printing.ticket.records import Language, Profile, Ticket, TicketKind
from functions.printing.ticket.ticket_from_order import mentions_allergy, ticket_from_order
from shared.contracts.messages.orders import Order

GUEST = {"name": "Li Wei", "phone": "138 0000 0000", "address": "5 Harbour Road"}


def an_order(**different: Any) -> Order:
    return Order.model_validate(KEPT | different)


def a_ticket(kind: TicketKind, order: Order) -> Ticket:
    return ticket_from_order(order, kind, store="Main Street", timezone="America/New_York", station="Oven")


def test_times_are_the_store_s() -> None:
    ticket = a_ticket(TicketKind.KITCHEN, an_order(wanted_for="2015-07-01T17:30:00Z"))
    assert ticket.placed_at is not None
    assert ticket.wanted_for is not None
    assert ticket.placed_at.isoformat() == "2015-01-01T12:30:00-05:00"
    assert ticket.wanted_for.isoformat() == "2015-07-01T13:30:00-04:00"


def test_a_ticket_comes_back_from_its_json_as_it_was() -> None:
    ticket = a_ticket(TicketKind.RECEIPT, an_order())
    assert Ticket.model_validate_json(ticket.model_dump_json()) == ticket
    profile = Profile(logo=b"aGVsbG8=", drawer=True)
    assert profile.logo == b"hello"
    assert Profile.model_validate_json(profile.model_dump_json()) == profile


def test_only_a_receipt_carries_money() -> None:
    receipt = a_ticket(TicketKind.RECEIPT, an_order())
    assert receipt.bill is not None
    assert (receipt.bill.subtotal, receipt.bill.tax, receipt.bill.total) == (5900, 301, 5310)
    assert [(entry.name, entry.amount) for entry in receipt.bill.discounts] == [("lunch", 590)]
    assert a_ticket(TicketKind.KITCHEN, an_order()).bill is None


def test_the_guest_is_nobody_s_business_in_the_kitchen_nor_at_a_table() -> None:
    delivered = an_order(guest=GUEST, service="delivery")
    assert a_ticket(TicketKind.PACKING, delivered).guest is not None
    assert a_ticket(TicketKind.KITCHEN, delivered).guest is None
    assert a_ticket(TicketKind.PACKING, an_order(guest=GUEST)).guest is None


def test_a_station_gets_its_own_lines() -> None:
    order = an_order()
    ticket = ticket_from_order(order, TicketKind.KITCHEN, store="Main", timezone="UTC", lines=order.lines[1:])
    assert [(line.quantity, line.name, line.size) for line in ticket.lines] == [(2, "The Thai Chicken", "L")]
    assert ticket.language == Language.ENGLISH


@pytest.mark.parametrize(
    "note",
    ["Peanut ALLERGY!", "花生过敏", "對蝦過敏", "حساسية من الفول", "alergia al marisco", "Аллергия", "えびアレルギー"],
)
def test_an_allergy_is_told_from_a_note(note: str) -> None:
    line = KEPT["lines"][0] | {"note": note}
    [line_of_ticket] = a_ticket(TicketKind.KITCHEN, an_order(lines=[line])).lines
    assert (line_of_ticket.allergy, line_of_ticket.note) == (note, None)


@pytest.mark.parametrize("note", ["well done", "no onions", "多放辣", "extra large please"])
def test_a_wish_is_no_allergy(note: str) -> None:
    assert not mentions_allergy(note)
