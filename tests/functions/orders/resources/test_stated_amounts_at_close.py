"""Amounts that a till states when it closes a bill: kept, named, and with a breakdown that sums to them."""

from typing import Any

import pytest

from tests.support.bills import COLA, PIZZA, close, open_bill, split
from tests.support.intake import MINI, faults
from tests.support.orders import MENU, Caller, open_store

# 8.875 % on top: 1325 + 600 = 1925, and a tax of 170.84, so 171.
TAXED = {"percent": "8.875", "inclusive": False}
STATED_TAX = {"percent": "8.875", "inclusive": False, "base": 1925, "amount": 170}


@pytest.fixture
def bill(call: Caller) -> dict[str, Any]:
    return open_bill(call, open_store(call, tax=TAXED), PIZZA, COLA)


def points(order: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    return [
        (point["path"], point["code"], point.get("stated"), point.get("expected")) for point in order["differences"]
    ]


def amounts(order: dict[str, Any]) -> tuple[int, list[int], int]:
    return order["tax"], [tax["amount"] for tax in order["taxes"]], order["total"]


def test_the_breakdown_and_the_total_follow_a_stated_tax(call: Caller, bill: dict[str, Any]) -> None:
    closed = close(call, bill["id"], 1, tax=170).json
    assert amounts(closed) == (170, [170], 2095)
    assert points(closed) == [("tax", "amount_differs", 170, 171)]


def test_a_stated_total_that_is_not_the_sum_of_the_stated_parts_is_named(call: Caller, bill: dict[str, Any]) -> None:
    closed = close(call, bill["id"], 1, tax=170, total=2096).json
    assert amounts(closed) == (170, [170], 2096)
    assert points(closed) == [
        ("tax", "amount_differs", 170, 171), ("total", "total_differs_from_parts", 2096, 2095),
    ]  # fmt: skip
    right = open_bill(call, bill["store"], PIZZA, COLA)
    assert points(close(call, right["id"], 1, tax=171, total=2096).json) == []


def test_a_till_states_its_taxes_at_the_close(call: Caller, bill: dict[str, Any]) -> None:
    closed = close(call, bill["id"], 1, taxes=[STATED_TAX], total=2095).json
    assert amounts(closed) == (170, [170], 2095)
    assert points(closed) == [
        ("tax", "amount_differs", 170, 171), ("total", "amount_differs", 2095, 2096),
        ("taxes[0].amount", "amount_differs", 170, 171),
    ]  # fmt: skip


def test_taxes_that_the_store_lacks_are_kept_and_named(call: Caller, bill: dict[str, Any]) -> None:
    taxes = [
        {"id": "state", "percent": "4", "inclusive": False, "amount": 77},
        {"id": "city", "percent": "4.875", "inclusive": False, "amount": 94},
    ]
    closed = close(call, bill["id"], 1, taxes=taxes).json
    assert amounts(closed) == (171, [77, 94], 2096)
    assert points(closed) == [
        ("taxes[0]", "unknown_tax", "state", None), ("taxes[1]", "unknown_tax", "city", None),
        ("taxes", "tax_missing", None, "tax"),
    ]  # fmt: skip


def test_taxes_and_total_follow_a_stated_charge(call: Caller) -> None:
    menu = MENU | {"service_charge": {"rate": 1000, "services": ["dine_in"]}}
    store = open_store(call, menu, tax=TAXED)
    closed = close(call, open_bill(call, store, PIZZA, COLA)["id"], 1, service_charge=500).json
    # 8.875 % of 24.25 are 2.152.
    assert (closed["service_charge"], *amounts(closed)) == (500, 215, [215], 2640)
    assert points(closed) == [("service_charge", "amount_differs", 500, 193)]
    # The till's total lacks the tax of its charge.
    other = close(call, open_bill(call, store, PIZZA, COLA)["id"], 1, service_charge=500, tax=171, total=2596).json
    assert (other["service_charge"], *amounts(other)) == (500, 171, [171], 2596)


def test_the_amounts_of_a_part_of_a_split_bill_follow_too(call: Caller, bill: dict[str, Any]) -> None:
    part = split(call, bill["id"], 1, parts=[{"lines": [{"line": "1"}]}]).json["orders"][0]
    # 8.875 % of 13.25 are 1.176.
    assert amounts(part) == (118, [118], 1443)
    closed = close(call, part["id"], 1, tax=120, delivery_charge=50).json
    assert amounts(closed) == (120, [120], 1495)
    assert points(closed) == [("delivery_charge", "amount_differs", 50, 0), ("tax", "amount_differs", 120, 118)]


def test_a_mini_programs_wrong_taxes_are_refused(call: Caller, bill: dict[str, Any]) -> None:
    source = MINI | {"number": "taxes"}
    order = open_bill(call, bill["store"], PIZZA, COLA, source=source, tax=171, total=2096)["id"]
    refused = close(call, order, 1, taxes=[STATED_TAX | {"amount": 171, "percent": "9"}])
    assert (refused.status, faults(refused)) == (422, [("taxes[0]", "unknown_tax"), ("taxes", "tax_missing")])
    assert close(call, order, 1, taxes=[STATED_TAX | {"amount": 171}], total=2096).status == 200
