"""The end of a bill, and its second beginning."""

from typing import Any

import pytest

from stack.mariadb import MariaDB
from tests.support.bills import COLA, PIZZA, change, close, merge, open_bill, reopen
from tests.support.intake import MINI, faults
from tests.support.order_changes import cancel, message_types, pay, refund
from tests.support.orders import MENU, Caller, an_order, open_store, paid
from tests.support.queues import Inbox

TAXED = {"percent": "8.875", "inclusive": False}


@pytest.fixture
def bill(call: Caller, store: str) -> dict[str, Any]:
    """An open bill of 13.25 + 2 × 3.00."""
    return open_bill(call, store, PIZZA, COLA)


def test_a_closed_bill_is_paid_by_what_comes_after(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    inbox.take()
    closed = close(call, bill["id"], 1, person="Kim", total=1925)
    assert closed.status == 200
    assert (closed.json["bill"], closed.json["payment"], closed.json["version"]) == ("closed", "unpaid", 2)
    assert closed.json["differences"] == []
    assert pay(call, bill["id"], 1925).json["payment"] == "paid"
    assert [(message["type"], message["sequence"]) for message in inbox.take()] == [
        ("order.closed", 2), ("order.payment_taken", 3), ("order.paid", 4),
    ]  # fmt: skip
    assert close(call, bill["id"], 2).json["code"] == "bill_not_open"


def test_a_deposit_is_kept_and_pays_only_when_the_bill_is_closed(call: Caller, bill: dict[str, Any]) -> None:
    deposit = pay(call, bill["id"], 1925).json
    assert (deposit["payment"], deposit["settled_at"], deposit["refund_due"]) == ("part_paid", None, 0)
    assert "order.paid" not in message_types(call, bill["id"])
    assert change(call, bill["id"], add=[COLA]).json["payment"] == "part_paid"
    assert close(call, bill["id"], 2).json["payment"] == "part_paid"
    assert pay(call, bill["id"], 600, "p2").json["payment"] == "paid"


def test_a_deposit_above_the_total_settles_at_the_close_and_the_rest_goes_back(
    call: Caller, bill: dict[str, Any]
) -> None:
    pay(call, bill["id"], 2000)
    closed = close(call, bill["id"], 1).json
    assert (closed["payment"], closed["refund_due"]) == ("paid", 75)
    assert closed["settled_at"] is not None
    assert message_types(call, bill["id"])[-2:] == ["order.closed", "order.paid"]


def test_an_order_that_opens_with_a_payment_is_not_paid_before_its_close(
    call: Caller, store: str, inbox: Inbox
) -> None:
    order = open_bill(call, store, COLA, payments=paid(600))
    assert order["payment"] == "part_paid"
    assert [message["type"] for message in inbox.take()] == ["order.placed"]
    assert close(call, order["id"], 1).json["payment"] == "paid"


def test_the_total_of_a_till_is_kept_and_its_difference_named(call: Caller, bill: dict[str, Any]) -> None:
    closed = close(call, bill["id"], 1, total=1900).json
    assert (closed["total"], closed["differences"]) == (
        1900, [{"path": "total", "code": "amount_differs", "stated": 1900, "expected": 1925}],
    )  # fmt: skip
    assert pay(call, bill["id"], 1900).json["payment"] == "paid"


def test_a_guest_is_told_the_right_total_at_the_close(call: Caller, store: str) -> None:
    order = open_bill(call, store, COLA, source=MINI | {"number": "m-9"}, total=600)["id"]
    refused = close(call, order, 1, total=500)
    assert (refused.status, refused.json["code"], faults(refused)) == (422, "amounts_differ", [("total", "differs")])
    assert close(call, order, 1, total=600).status == 200


def test_a_bill_is_priced_by_the_store_as_it_is_at_the_close(call: Caller) -> None:
    store = open_store(call, MENU | {"service_charge": {"rate": 1000, "services": ["dine_in"]}}, tax=TAXED)
    order = open_bill(call, store, PIZZA, COLA)
    # 19.25 and 10 % are 21.18 (1.925 is 1.93 rounded); 8.875 % of that are 1.88.
    assert (order["service_charge"], order["tax"], order["total"]) == (193, 188, 2306)
    menu = MENU | {"service_charge": {"rate": 0, "services": ["dine_in"]}}
    assert call("PUT", f"/v1/stores/{store}/menu", menu).status == 200
    change(call, order["id"], add=[COLA])
    closed = close(call, order["id"], 2).json
    # 25.25 without a charge; 8.875 % are 2.24.
    assert (closed["service_charge"], closed["tax"], closed["total"]) == (0, 224, 2749)
    assert closed["taxes"] == [
        {"id": "tax", "name": "Tax", "percent": "8.875", "inclusive": False, "base": 2525, "amount": 224}
    ]


def test_an_empty_bill_is_cancelled_and_not_closed(call: Caller, store: str) -> None:
    order = open_bill(call, store)["id"]
    refused = close(call, order, 1)
    assert (refused.status, refused.json["code"]) == (409, "bill_is_empty")
    pay(call, order, 500)
    assert cancel(call, order).json["refund_due"] == 500


def test_a_paid_bill_that_is_opened_again_is_paid_again(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    close(call, bill["id"], 1)
    settled_at = pay(call, bill["id"], 1925).json["settled_at"]
    inbox.take()
    opened = reopen(call, bill["id"], 2, person="Kim").json
    assert (opened["bill"], opened["payment"], opened["settled_at"]) == ("open", "part_paid", settled_at)
    change(call, bill["id"], add=[COLA])
    assert close(call, bill["id"], 4).json["payment"] == "part_paid"
    assert pay(call, bill["id"], 600, "p2").json["payment"] == "paid"
    messages = inbox.take()
    assert [message["type"] for message in messages] == [
        "order.reopened", "order.changed", "order.closed", "order.payment_taken", "order.paid",
    ]  # fmt: skip
    assert {name: messages[0]["data"][name] for name in ("reason", "person")} == {
        "reason": "one more round", "person": "Kim",
    }  # fmt: skip
    history = call("GET", f"/v1/orders/{bill['id']}/changes").json["changes"]
    assert [(delta["version"], delta.get("reason")) for delta in history] == [
        (2, None), (3, "one more round"), (4, None), (5, None),
    ]  # fmt: skip


def test_a_paid_bill_that_is_opened_and_closed_unchanged_is_paid_at_once(call: Caller, bill: dict[str, Any]) -> None:
    close(call, bill["id"], 1)
    pay(call, bill["id"], 1925)
    reopen(call, bill["id"], 2)
    assert close(call, bill["id"], 3).json["payment"] == "paid"
    assert message_types(call, bill["id"])[-2:] == ["order.closed", "order.paid"]


def test_an_order_that_never_was_a_bill_can_be_opened(call: Caller, store: str) -> None:
    order = call("POST", "/v1/orders", an_order(store, service="dine_in")).json
    assert "opened" not in order
    assert reopen(call, order["id"], 1).status == 200
    assert change(call, order["id"], add=[COLA]).json["total"] == 1925


def test_a_bill_that_a_day_close_has_counted_stays_closed(
    call: Caller, bill: dict[str, Any], database: MariaDB
) -> None:
    close(call, bill["id"], 1)
    pay(call, bill["id"], 1925)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE orders SET close_number = 7")
    answer = reopen(call, bill["id"], 2)
    assert (answer.status, answer.json["code"]) == (409, "day_closed")


def test_a_refund_while_the_bill_is_open_again_is_recorded(call: Caller, bill: dict[str, Any]) -> None:
    close(call, bill["id"], 1)
    pay(call, bill["id"], 1925)
    reopen(call, bill["id"], 2)
    assert refund(call, bill["id"], 1925).json["payment"] == "refunded"
    other = open_bill(call, bill["store"], COLA)
    merged = merge(call, other, call("GET", f"/v1/orders/{bill['id']}").json)
    assert (merged.status, merged.json["total"]) == (200, 2525)
