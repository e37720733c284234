"""A guest's round by QR code: a token that names a table's open bill adds lines to it, and does nothing else to it."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.spine.env import Environment
from tests.support.bills import COLA, PIZZA, change, close, open_bill
from tests.support.environments import at_once, caller
from tests.support.guests import ORDERS, Guest, code, fault_codes, guest_of, make_token, order_of
from tests.support.orders import Caller, open_store, paid


@pytest.fixture
def bill(call: Caller, store: str) -> dict[str, Any]:
    """The open bill of a table with one pizza, a guest's phone, a waiter and a deposit."""
    return open_bill(
        call, store, PIZZA, guest={"phone": "+1 555 0100", "name": "Ana"}, waiter="Ben", metadata={"crm": "7"},
        payments=paid(100),
    )  # fmt: skip


def add(guest: Guest, bill: dict[str, Any], key: str, *lines: dict[str, Any], **different: Any) -> Any:
    return guest("POST", f"{ORDERS}/{bill['id']}/changes", {"add": list(lines), **different}, key)


def test_a_guest_adds_a_round_to_the_bill_of_its_table(call: Caller, server: Caller, bill: dict[str, Any]) -> None:
    guest, token = guest_of(server, bill["store"], bill=bill["id"], orders=2)
    first = add(guest, bill, token["numbers"][0], COLA)
    assert first.status == 200, first.text
    again = add(guest, bill, token["numbers"][0], COLA)
    assert (again.text, add(guest, bill, token["numbers"][1], COLA).status) == (first.text, 200)
    lines = call("GET", f"{ORDERS}/{bill['id']}").json["lines"]
    assert [(line["item"], line.get("round", 1)) for line in lines] == [("hawaiian", 1), ("cola", 2), ("cola", 3)]


def test_the_table_sees_its_bill_without_persons_and_payments(
    call: Caller, server: Caller, bill: dict[str, Any]
) -> None:
    guest, token = guest_of(server, bill["store"], bill=bill["id"])
    seen = [add(guest, bill, token["numbers"][0], COLA).json, guest("GET", f"{ORDERS}/{bill['id']}").json]
    for order in seen:
        assert (order["guest"], order.get("waiter"), order.get("metadata"), order["payments"]) == (None, None, None, [])
        assert (len(order["lines"]), order["paid"]) == (2, 100)
    assert call("GET", f"{ORDERS}/{bill['id']}").json["guest"]["name"] == "Ana"


def test_a_round_is_judged_as_an_order_of_a_guest(server: Caller, bill: dict[str, Any]) -> None:
    guest, token = guest_of(server, bill["store"], bill=bill["id"])
    wrong = add(guest, bill, token["numbers"][0], COLA | {"unit_price": 1})
    assert code(wrong) == (422, "amounts_differ")
    assert add(guest, bill, token["numbers"][0], COLA | {"unit_price": 300}).status == 200


def test_a_guest_changes_nothing_else_of_the_bill(server: Caller, bill: dict[str, Any]) -> None:
    guest, token = guest_of(server, bill["store"], bill=bill["id"])
    number = token["numbers"][0]
    everything = {
        "version": 1, "person": "Ana", "void": [{"line": "1", "reason": "x"}], "set": {"table": "9"},
        "change": [{"line": "1", "quantity": 2}], "source": {"kind": "till", "id": "till-1"},
    }  # fmt: skip
    assert fault_codes(add(guest, bill, number, COLA | {"discounts": []}, **everything)) == {
        "person": "field_not_for_guests", "void": "field_not_for_guests", "set": "field_not_for_guests",
        "change": "field_not_for_guests", "add[0].discounts": "field_not_for_guests", "source": "source_not_of_token",
    }  # fmt: skip
    assert fault_codes(add(guest, bill, "k", COLA)) == {"Idempotency-Key": "number_not_of_token"}
    path = f"{ORDERS}/{bill['id']}"
    for action, body in [("close", {"version": 1}), ("split", {"version": 1, "ways": 2}), ("payments", paid(1)[0]),
                         ("metadata", {"metadata": {}}), ("cancel", {"reason": "x"})]:  # fmt: skip
        assert guest("POST", f"{path}/{action}", body, number).status in (403, 404), action


def test_another_bill_is_unknown(call: Caller, server: Caller, bill: dict[str, Any]) -> None:
    other = open_bill(call, bill["store"], PIZZA)
    elsewhere = open_bill(call, open_store(call), PIZZA)
    without, plain = guest_of(server, bill["store"])
    for guest, token, target in [
        (*guest_of(server, bill["store"], bill=bill["id"]), other),
        # The token names a bill of a store that is not the token's.
        (*guest_of(server, bill["store"], bill=elsewhere["id"]), elsewhere),
        (without, plain, bill),
    ]:
        assert code(add(guest, target, token["numbers"][0], COLA)) == (404, "unknown_order")
        assert code(guest("GET", f"{ORDERS}/{target['id']}")) == (404, "unknown_order")


def test_a_closed_bill_takes_no_round(call: Caller, server: Caller, bill: dict[str, Any]) -> None:
    guest, token = guest_of(server, bill["store"], bill=bill["id"])
    assert close(call, bill["id"], 1).status == 200
    assert code(add(guest, bill, token["numbers"][0], COLA)) == (409, "bill_not_open")


def test_one_number_is_one_order_or_one_round(
    server: Caller, bill: dict[str, Any], another_env: Callable[..., Environment]
) -> None:
    token = make_token(server, bill["store"], bill=bill["id"])
    number = token["numbers"][0]
    guests = [Guest(caller(another_env(), {}).handler, token["token"]) for _ in range(6)]
    works = [
        lambda guest=guest, count=count: add(guest, bill, number, COLA | {"quantity": count})
        for count, guest in enumerate(guests, start=1)
    ]
    statuses = sorted(answer.status for answer in at_once(works))
    assert statuses == [200, 422, 422, 422, 422, 422]
    assert code(guests[0]("POST", ORDERS, order_of(token))) == (422, "key_reused")


def test_a_round_of_a_guest_and_one_of_a_waiter_both_stay(call: Caller, server: Caller, bill: dict[str, Any]) -> None:
    guest, token = guest_of(server, bill["store"], bill=bill["id"])
    assert change(call, bill["id"], add=[COLA]).status == 200
    assert add(guest, bill, token["numbers"][0], COLA).status == 200
    assert len(call("GET", f"{ORDERS}/{bill['id']}").json["lines"]) == 3
