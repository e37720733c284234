"""Payments of a placed order."""

from functools import partial

from stack.gateway_event import Answer
from tests.support.environments import Another, at_once
from tests.support.order_changes import cancel, message_types, money, pay
from tests.support.orders import Caller, an_order, paid
from tests.support.queues import Inbox

# Payments


def test_part_payments_add_up_and_paid_is_said_once(call: Caller, order: str, inbox: Inbox) -> None:
    first, second = pay(call, order, 1000), pay(call, order, 325, "p2")
    assert (first.status, money(first)) == (201, ("part_paid", 1000, 0))
    assert (second.status, money(second)) == (201, ("paid", 1325, 0))
    assert call("GET", f"/v1/orders/{order}").json == second.json
    messages = inbox.take()
    assert [(m["sequence"], m["type"]) for m in messages] == [
        (2, "order.payment_taken"), (3, "order.payment_taken"), (4, "order.paid"),
    ]  # fmt: skip
    assert messages[1]["data"]["payment"]["reference"] == "p2"
    assert messages[2]["data"]["order"] == second.json


def test_the_same_reference_is_the_same_payment_whatever_the_key(call: Caller, order: str, inbox: Inbox) -> None:
    pay(call, order, 1000)
    inbox.take()
    for key in (None, "k1", "k2"):
        body = paid(1000)[0] | {"method": "card"}
        again = call("POST", f"/v1/orders/{order}/payments", body, key=key)
        assert (again.status, money(again)) == (200, ("part_paid", 1000, 0))
    other = pay(call, order, 999)
    assert (other.status, other.json["code"], other.json["amount"]) == (409, "reference_reused", 1000)
    assert inbox.take() == []


def test_a_cancelled_order_knows_the_payments_it_has(call: Caller, order: str) -> None:
    pay(call, order, 1000)
    cancel(call, order)
    body = paid(1000)[0] | {"method": "card"}
    assert call("POST", f"/v1/orders/{order}/payments", body).status == 200


def test_payments_at_once_are_all_kept_and_paid_is_said_once(another: Another, store: str, call: Caller) -> None:
    """Each environment is cold: nothing that it looks up on the way may let go of the order."""
    placed = call("POST", "/v1/orders", an_order(store)).json["id"]
    answers = at_once([partial(pay, another(), placed, 500, f"p{n}") for n in range(8)])
    assert [answer.status for answer in answers] == [201] * 8
    standing = call("GET", f"/v1/orders/{placed}").json
    assert (standing["paid"], len(standing["payments"]), standing["payment"]) == (4000, 8, "paid")
    assert standing["refund_due"] == 4000 - 1325
    messages = call("GET", f"/v1/orders/{placed}/trace").json["messages"]
    assert [m["sequence"] for m in messages] == list(range(1, 11))
    assert [m["type"] for m in messages].count("order.paid") == 1


def test_one_payment_sent_many_times_at_once_is_one_payment(another: Another, order: str, call: Caller) -> None:
    # Every till has a key of its own; the reference makes them one.
    def once(n: int) -> Answer:
        return another_one[n]("POST", f"/v1/orders/{order}/payments", paid(1325)[0] | {"method": f"m{n}"})

    another_one = [another() for _ in range(8)]
    answers = at_once([partial(once, n) for n in range(8)])
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert message_types(call, order) == ["order.placed", "order.payment_taken", "order.paid"]


def test_a_change_that_a_cold_environment_refuses_leaves_nothing_behind(another: Another, order: str) -> None:
    cold = another()
    body = {"reference": "r1", "amount": 1326, "reason": "cold"}
    for _ in range(2):
        refused = cold("POST", f"/v1/orders/{order}/refunds", body, key="k1")
        assert (refused.status, refused.json["code"]) == (422, "over_refunded")
    assert cold("POST", f"/v1/orders/{order}/refunds", body | {"amount": 1325}, key="k1").status == 201
