"""Money that moved is kept, whatever a person or a wallet did: too much, too late, rounded, on the wrong card."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.order_changes import cancel, message_types, pay, refund
from tests.support.orders import MENU, SETTINGS, Caller, an_order, open_store, paid
from tests.support.queues import Inbox

TEA: dict[str, Any] = {"items": [{"id": "tea", "name": "Tea", "category": "drink", "price": 1002}]}


@pytest.fixture
def order(call: Caller, store: str) -> str:
    """An order of 13.25, nothing paid yet; its id."""
    placed: str = call("POST", "/v1/orders", an_order(store)).json["id"]
    return placed


def place(call: Caller, store: str, price: int, *payments: dict[str, Any], **parts: Any) -> Answer:
    lines = [{"item": "tea", "quantity": 1, "unit_price": price}]
    return call("POST", "/v1/orders", an_order(store, lines=lines, total=price, payments=list(payments), **parts))


def standing(answer: Answer) -> dict[str, Any]:
    """What is not nothing of an order's money."""
    names = ("payment", "paid", "refunded", "refund_due", "over_refunded", "rounding")
    return {name: answer.json[name] for name in names if answer.json[name]}


def test_too_much_cash_is_kept_and_what_is_over_is_due_back(call: Caller, order: str, inbox: Inbox) -> None:
    inbox.take()
    answer = pay(call, order, 1330)
    assert (answer.status, standing(answer)) == (201, {"payment": "paid", "paid": 1330, "refund_due": 5})
    assert [message["type"] for message in inbox.take()] == ["order.payment_taken", "order.paid"]
    back = refund(call, order, 5)
    assert (back.status, standing(back)) == (201, {"payment": "paid", "paid": 1330, "refunded": 5})


def test_a_second_wallet_that_was_captured_too_is_kept_and_given_back(call: Caller, order: str, inbox: Inbox) -> None:
    pay(call, order, 1325, "wallet-1")
    inbox.take()
    second = pay(call, order, 1325, "wallet-2")
    assert standing(second) == {"payment": "paid", "paid": 2650, "refund_due": 1325}
    # The kitchen has heard of it.
    assert [message["type"] for message in inbox.take()] == ["order.payment_taken"]
    assert standing(refund(call, order, 1325)) == {"payment": "paid", "paid": 2650, "refunded": 1325}


def test_a_capture_after_the_cancel_is_kept_and_nobody_cooks(call: Caller, order: str, inbox: Inbox) -> None:
    cancel(call, order)
    inbox.take()
    late = pay(call, order, 1325)
    assert (late.status, late.json["fulfilment"]) == (201, "cancelled")
    assert standing(late) == {"payment": "paid", "paid": 1325, "refund_due": 1325}
    (message,) = inbox.take()
    assert (message["type"], message["data"]["order"]["refund_due"]) == ("order.payment_taken", 1325)
    assert standing(refund(call, order, 1325)) == {"payment": "refunded", "paid": 1325, "refunded": 1325}


def test_the_wrong_card_is_refunded_and_then_cash_is_taken(call: Caller, order: str, inbox: Inbox) -> None:
    """The status by net of payments and refunds: pretix#343, woocommerce-gateway-stripe#5362, OCA/pos PR#420."""
    pay(call, order, 1325, "card")
    assert standing(refund(call, order, 1325)) == {"payment": "refunded", "paid": 1325, "refunded": 1325}
    inbox.take()
    assert standing(pay(call, order, 1325, "cash")) == {"payment": "paid", "paid": 2650, "refunded": 1325}
    assert [message["type"] for message in inbox.take()] == ["order.payment_taken", "order.paid"]


def test_more_back_than_came_is_kept_and_said(call: Caller, order: str, inbox: Inbox) -> None:
    """13.25 paid, 5.00 back on the wrong card, then 13.25 in cash."""
    pay(call, order, 1325)
    refund(call, order, 500)
    inbox.take()
    answer = refund(call, order, 1325, "r2")
    assert answer.status == 201
    assert standing(answer) == {"payment": "refunded", "paid": 1325, "refunded": 1825, "over_refunded": 500}
    (message,) = inbox.take()
    assert (message["type"], message["data"]["order"]["over_refunded"]) == ("order.refunded", 500)
    assert call("GET", f"/v1/orders/{order}").json == answer.json
    slip = refund(call, order, 826, "r3")
    assert (slip.status, slip.json["code"], slip.json["refundable"]) == (422, "over_refunded", 825)


def test_a_part_payment_after_a_part_refund_is_still_open(call: Caller, order: str) -> None:
    pay(call, order, 500, "p1")
    refund(call, order, 500)
    assert standing(pay(call, order, 325, "p2")) == {"payment": "part_paid", "paid": 825, "refunded": 500}
    assert standing(pay(call, order, 1000, "p3")) == {"payment": "paid", "paid": 1825, "refunded": 500}
    assert message_types(call, order).count("order.paid") == 1


def test_a_refund_that_came_before_its_payment_hides_no_sale(call: Caller, order: str, inbox: Inbox) -> None:
    """3.00 back of 13.25, uploaded in this order: what the other order of the two makes of it."""
    refund(call, order, 300)
    inbox.take()
    answer = pay(call, order, 1325)
    assert standing(answer) == {"payment": "part_refunded", "paid": 1325, "refunded": 300}
    assert answer.json["settled_at"] is not None
    assert [message["type"] for message in inbox.take()] == ["order.payment_taken", "order.paid"]


def test_nobody_cooks_what_was_given_back_before_it_was_paid(call: Caller, order: str, inbox: Inbox) -> None:
    refund(call, order, 1325)
    inbox.take()
    answer = pay(call, order, 1325)
    assert standing(answer) == {"payment": "refunded", "paid": 1325, "refunded": 1325}
    assert answer.json["settled_at"] is not None
    assert [message["type"] for message in inbox.take()] == ["order.payment_taken"]


def test_an_order_that_costs_nothing_takes_money_and_owes_it(call: Caller, store: str) -> None:
    placed = call("POST", "/v1/orders", an_order(store, total=0))
    assert standing(placed) == {"payment": "paid"}
    assert standing(pay(call, placed.json["id"], 100)) == {"payment": "paid", "paid": 100, "refund_due": 100}


def test_an_order_is_told_to_be_settled_when_it_was(call: Caller, order: str) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=9)
    body = paid(1325)[0] | {"taken_at": moment.isoformat()}
    settled = call("POST", f"/v1/orders/{order}/payments", body).json["settled_at"]
    assert datetime.fromisoformat(settled) == moment
    assert refund(call, order, 1325).json["settled_at"] == settled
    assert pay(call, order, 1325, "p2").json["settled_at"] == settled


# Cash is rounded


def test_cash_that_is_rounded_to_nickels_pays_the_bill_both_ways(call: Caller) -> None:
    store = open_store(call, TEA)
    short = place(call, store, 1002).json["id"]
    assert standing(pay(call, short, 1000)) == {"payment": "paid", "paid": 1000, "rounding": -2}
    assert call("GET", f"/v1/orders/{short}").json["payments"][0]["rounding"] == -2
    over = place(call, store, 1003)
    assert standing(pay(call, over.json["id"], 1005)) == {"payment": "paid", "paid": 1005, "rounding": 2}
    card = place(call, store, 1002).json["id"]
    body = paid(1000)[0] | {"method": "card"}
    assert standing(call("POST", f"/v1/orders/{card}/payments", body)) == {"payment": "part_paid", "paid": 1000}


def test_an_order_that_comes_paid_in_rounded_cash_is_paid(call: Caller, inbox: Inbox) -> None:
    store = open_store(call, TEA)
    answer = place(call, store, 1002, *paid(1000))
    assert (answer.status, standing(answer)) == (201, {"payment": "paid", "paid": 1000, "rounding": -2})
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.paid"]
    assert call("GET", f"/v1/orders/{answer.json['id']}").json == answer.json


def test_an_order_that_comes_with_more_than_it_costs_is_kept(call: Caller, store: str) -> None:
    twice = [*paid(1325, "wallet-1"), *paid(1325, "wallet-2")]
    answer = call("POST", "/v1/orders", an_order(store, payments=twice))
    assert (answer.status, standing(answer)) == (201, {"payment": "paid", "paid": 2650, "refund_due": 1325})
    assert call("GET", f"/v1/orders/{answer.json['id']}").json == answer.json


def test_a_till_may_state_the_rounding_and_a_store_its_own(call: Caller) -> None:
    euros = open_store(call, TEA, currency="EUR")
    stated = place(call, euros, 1002, paid(1000)[0] | {"rounding": -2}, currency="EUR")
    assert standing(stated) == {"payment": "paid", "paid": 1000, "rounding": -2}
    unstated = place(call, euros, 1002, *paid(1000), currency="EUR")
    assert standing(unstated) == {"payment": "part_paid", "paid": 1000}
    settings = SETTINGS | {"currency": "EUR", "cash_rounding": 5}
    assert call("PUT", f"/v1/stores/{euros}", settings).json["settings"]["cash_rounding"] == 5
    assert standing(place(call, euros, 1002, *paid(1000), currency="EUR"))["payment"] == "paid"
    never = open_store(call, TEA, cash_rounding=0)
    assert standing(place(call, never, 1002, *paid(1000))) == {"payment": "part_paid", "paid": 1000}


def test_cash_goes_back_in_coins_and_all_lines_come_to_what_was_paid(call: Caller) -> None:
    # Two lines of 6.63 and 6.64 cost 13.27, paid with 13.25. Nickels: 6.65 and then 6.60 go back.
    lines = [{"item": "cola", "quantity": 1, "unit_price": price} for price in (663, 664)]
    store = open_store(call, MENU)
    order = call("POST", "/v1/orders", an_order(store, lines=lines, total=1327, payments=paid(1325))).json
    assert (order["payment"], order["rounding"]) == ("paid", -2)
    amounts = []
    for line in ("1", "2"):
        body = {"reference": f"r{line}", "reason": "cold", "lines": [{"line": line}]}
        answer = call("POST", f"/v1/orders/{order['id']}/refunds", body)
        back = answer.json["refunds"][-1]
        amounts.append((back["amount"], back.get("rounding", 0), back["lines"][0]["amount"]))
    assert amounts == [(665, 2, 663), (660, -4, 664)]
    names = ("payment", "refunded", "refund_due", "over_refunded")
    assert [answer.json[name] for name in names] == ["refunded", 1325, 0, 0]
    assert call("GET", f"/v1/orders/{order['id']}").json == answer.json


def test_only_cash_of_a_computed_refund_is_rounded(call: Caller) -> None:
    store = open_store(call, MENU)
    lines = [{"item": "cola", "quantity": 1, "unit_price": 663}]
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("card", {}, 663), ("Cash", {}, 665), ("card", {"method": "cash"}, 665), ("cash", {"amount": 663}, 663),
        ("cash", {"method": "card"}, 663),
    ]  # fmt: skip
    for method, fields, back in cases:
        payments = [paid(663)[0] | {"method": method}]
        order = call("POST", "/v1/orders", an_order(store, lines=lines, total=663, payments=payments)).json["id"]
        body = {"reference": "r", "reason": "cold", "lines": [{"line": "1"}], "payment": "p1"} | fields
        assert call("POST", f"/v1/orders/{order}/refunds", body).json["refunded"] == back


def test_revenue_counts_what_the_store_keeps(call: Caller, database: MariaDB) -> None:
    """What is over or rounded is neither lost nor counted twice."""
    store = open_store(call, MENU)
    keeps = [
        (1325, ()), (1330, ()), (1325, (-1325, 1325)), (1325, (1325, -1325)), (1325, (-500, -1325)), (1325, (-300,)),
        (1000, ()), (1000, (-1000,)),
    ]  # fmt: skip
    for first, further in keeps:
        order = call("POST", "/v1/orders", an_order(store, payments=paid(first, "p"))).json["id"]
        for number, amount in enumerate(further):
            move = pay if amount > 0 else refund
            assert move(call, order, abs(amount), f"m{number}").status == 201
    cancelled = call("POST", "/v1/orders", an_order(store)).json["id"]
    cancel(call, cancelled)
    pay(call, cancelled, 1325)
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT orders, revenue FROM daily_revenue")
        # Four times 13.25, once nothing, once 10.25; two were never paid in full, and one was called off before.
        assert cursor.fetchall() == ((6, 4 * 1325 + 0 + 1025),)
