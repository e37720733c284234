"""Discounts that a change gives to a line or to the whole bill: the rules of a new order count."""

from typing import Any

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.bills import COLA, PIZZA, change, open_bill
from tests.support.environments import Another
from tests.support.intake import MINI, faults
from tests.support.orders import Caller, new_key


@pytest.fixture
def manager(another: Another, env: Environment, database: MariaDB) -> Caller:
    rights = ["orders:place", "orders:read", "orders:change", "orders:discount"]
    caller: Caller = another(key=new_key(env, database.owner.url, rights))
    return caller


@pytest.fixture
def bill(manager: Caller, store: str) -> dict[str, Any]:
    """An open bill of a till with a pizza of 13.25 (line 1) and two colas of 3.00 (line 2)."""
    return open_bill(manager, store, PIZZA, COLA)


def on_line(manager: Caller, bill: dict[str, Any], *discounts: dict[str, Any], **different: Any) -> Any:
    request = {"line": "2", "discounts": list(discounts)} | different
    return change(manager, bill["id"], version=bill["version"], change=[request])


def points(order: dict[str, Any]) -> list[tuple[str, str]]:
    return [(point["path"], point["code"]) for point in order["differences"]]


def test_a_code_on_a_line_counts_by_the_menu(manager: Caller, bill: dict[str, Any]) -> None:
    after = on_line(manager, bill, {"kind": "code", "code": "TENTH"}).json
    # A tenth of 6.00.
    assert ([one["amount"] for one in after["lines"][1]["discounts"]], after["total"]) == ([60], 1865)
    assert after["differences"] == []


def test_a_code_of_a_grown_line_is_of_its_new_amount(manager: Caller, bill: dict[str, Any]) -> None:
    after = on_line(manager, bill, {"kind": "code", "code": "TENTH"}, quantity=4).json
    assert ([one["amount"] for one in after["lines"][1]["discounts"]], after["total"]) == ([120], 2405)


def test_a_tills_discounts_are_kept_and_each_fault_is_named(manager: Caller, bill: dict[str, Any]) -> None:
    sent: list[dict[str, Any]] = [
        {"kind": "code", "code": "GONE", "amount": 20},
        {"kind": "code", "code": "TENTH", "amount": 90},
        {"kind": "open", "amount": 5},
        {"kind": "open", "reason": "cold"},
    ]
    after = on_line(manager, bill, *sent).json
    assert [one["amount"] for one in after["lines"][1]["discounts"]] == [20, 90, 5, 0]
    prefix = "changes[2].change[0].discounts"
    assert points(after) == [
        (f"{prefix}[0].code", "unknown_discount"),
        (f"{prefix}[2].reason", "reason_missing"),
        (f"{prefix}[3].amount", "amount_missing"),
        (f"{prefix}[1].amount", "amount_differs"),
    ]
    assert (after["differences"][3]["stated"], after["differences"][3]["expected"]) == (90, 60)


def test_discounts_of_a_line_come_off_one_after_the_other(manager: Caller, bill: dict[str, Any]) -> None:
    sent: list[dict[str, Any]] = [
        {"amount": 400, "reason": "cold"},
        {"amount": 400, "reason": "late"},
        {"kind": "comp", "reason": "sorry"},
    ]
    after = on_line(manager, bill, *sent).json
    assert [one["amount"] for one in after["lines"][1]["discounts"]] == [400, 200, 0]
    assert after["total"] == 1325


def test_an_open_discount_of_a_bill_names_its_missing_reason(manager: Caller, bill: dict[str, Any]) -> None:
    discounts = [{"code": "GONE", "amount": 5}, {"kind": "open", "amount": 25}]
    after = change(manager, bill["id"], version=1, set={"discounts": discounts}).json
    assert points(after) == [
        ("changes[2].set.discounts[0].code", "unknown_discount"),
        ("changes[2].set.discounts[1].reason", "reason_missing"),
    ]
    assert after["total"] == 1895


def test_a_mini_programs_wrong_discounts_are_refused(manager: Caller, store: str) -> None:
    bill = open_bill(manager, store, PIZZA, COLA, source=MINI | {"number": "discounts"}, total=1925)
    cases: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"kind": "code", "code": "GONE"}, ("change[0].discounts[0].code", "unknown_discount")),
        ({"kind": "code", "code": "TENTH", "amount": 61}, ("change[0].discounts[0].amount", "differs")),
        ({"kind": "open", "amount": 5}, ("change[0].discounts[0].reason", "reason_missing")),
    ]
    for sent, point in cases:
        refused = on_line(manager, bill, sent)
        assert (refused.status, faults(refused)) == (422, [point])
    body = {"discounts": [{"kind": "open", "amount": 5}]}
    refused = change(manager, bill["id"], version=1, set=body)
    assert (refused.status, faults(refused)) == (422, [("set.discounts[0].reason", "reason_missing")])
    after = on_line(manager, bill, {"kind": "code", "code": "TENTH", "amount": 60})
    assert (after.status, after.json["total"]) == (200, 1865)
