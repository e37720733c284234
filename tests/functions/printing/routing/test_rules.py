"""Which tickets an order makes, and for which printers."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from functions.printing.routing.rules import Routing, tickets
from shared.contracts.messages.orders import Line, Order

KITCHENS: list[dict[str, Any]] = [
    {"id": "hot", "name": "Hot", "printer": "p1"},
    {"id": "cold", "name": "Cold", "printer": "p2", "categories": ["salad"]},
    {"id": "bar", "name": "Bar", "printer": "p3", "items": ["juice"], "categories": ["drink"]},
]


def routing(*stations: dict[str, Any]) -> Routing:
    return Routing.model_validate_json(json.dumps({"stations": stations}))


def line(item: str, category: str = "main", station: str | None = None, quantity: int = 1) -> dict[str, Any]:
    return {
        "item": item, "name": item.title(), "category": category, "size": None, "options": [], "quantity": quantity,
        "unit_price": 100, "amount": 100 * quantity, "note": None, "station": station,
    }  # fmt: skip


def order(*lines: dict[str, Any]) -> Order:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return Order.model_validate(
        {
            "id": "01KAJX5T00Q8V3ZK5N7YB2C4D6", "store": "s1", "chain": "demo", "pickup_number": 7,
            "source": {"kind": "till", "id": "t", "number": "1"}, "business_day": date(2026, 11, 20),
            "service": "takeaway", "table": None, "guest": None, "lines": [Line(**ticket) for ticket in lines],
            "discounts": [], "subtotal": 100, "service_charge": 0, "delivery_charge": 0, "tax": 0, "total": 100,
            "currency": "USD", "payment": "paid", "fulfilment": "placed", "paid": 100, "refunded": 0, "payments": [],
            "refunds": [], "differences": [], "placed_at": now, "received_at": now, "wanted_for": None,
        }
    )  # fmt: skip


def routed(order_document: Order, how: Routing, *, receipts: bool = False) -> dict[str, list[str]]:
    """Items by station."""
    return {
        ticket.station.id: [line.item for line in ticket.lines]
        for ticket in tickets(order_document, how, receipts=receipts)
    }


def test_a_line_goes_where_it_says_else_by_item_else_by_category_else_to_the_first_kitchen() -> None:
    mixed = order(line("juice", "main"), line("caesar", "salad"), line("cola", "drink"), line("cola", "drink", "cold"),
                  line("steak"))  # fmt: skip
    assert routed(mixed, routing(*KITCHENS)) == {
        "hot": ["steak"],
        "cold": ["caesar", "cola"],
        "bar": ["juice", "cola"],
    }


def test_a_station_that_the_store_does_not_have_is_nobody_s_excuse() -> None:
    assert routed(order(line("steak", station="grill")), routing(*KITCHENS)) == {"hot": ["steak"]}


def test_an_item_s_own_station_beats_another_one_s_category() -> None:
    stations = [*KITCHENS, {"id": "tea", "name": "Tea", "printer": "p4", "items": ["tea"]}]
    assert routed(order(line("tea", "drink")), routing(*stations)) == {"tea": ["tea"]}


def test_a_kitchen_without_lines_gets_no_ticket() -> None:
    assert routed(order(line("cola", "drink")), routing(*KITCHENS)) == {"bar": ["cola"]}


def test_packing_gets_the_whole_order_and_labels_only_what_they_are_for() -> None:
    stations = [
        *KITCHENS,
        {"id": "pack", "name": "Packing", "kind": "packing", "printer": "p5"},
        {"id": "cups", "name": "Cups", "kind": "label", "printer": "p6", "categories": ["drink"]},
    ]
    mixed = order(line("steak"), line("cola", "drink", quantity=3))
    expected = {"hot": ["steak"], "bar": ["cola"], "pack": ["steak", "cola"], "cups": ["cola"]}
    assert routed(mixed, routing(*stations)) == expected


def test_receipts_are_apart_because_they_wait_for_the_money() -> None:
    stations = [*KITCHENS, {"id": "till", "name": "Till", "kind": "receipt", "printer": "p7"}]
    assert routed(order(line("steak")), routing(*stations), receipts=True) == {"till": ["steak"]}
    assert routed(order(line("steak")), routing(*stations)) == {"hot": ["steak"]}


def test_a_store_without_kitchens_prints_the_rest() -> None:
    assert routed(order(line("steak")), routing({"id": "p", "name": "P", "kind": "packing", "printer": "p1"})) == {
        "p": ["steak"]
    }
    assert routed(order(line("steak")), routing()) == {}


def test_two_stations_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="same id"):
        routing(KITCHENS[0], KITCHENS[0])


def test_heartbeat_is_short_where_a_standby_can_take_over() -> None:
    assert Routing().heartbeat_for(confirms=False) == 120
    assert Routing().heartbeat_for(confirms=True) == 60
    assert Routing(heartbeat=15).heartbeat_for(confirms=False) == 15
