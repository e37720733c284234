"""Steps and cancellation of an order."""

from functools import partial

from tests.support.environments import Another, at_once
from tests.support.order_changes import STEPS, a_second_later, cancel, message_types, move, pay, refund
from tests.support.orders import Caller, an_order
from tests.support.queues import Inbox

# Cancelling and fulfilment


def test_a_cancelled_order_says_what_is_due_back(call: Caller, order: str, inbox: Inbox) -> None:
    pay(call, order, 1000)
    refund(call, order, 300)
    inbox.take()
    answer = cancel(call, order)
    assert (answer.status, answer.json["fulfilment"], answer.json["payment"]) == (200, "cancelled", "part_refunded")
    (message,) = inbox.take()
    assert (message["type"], message["data"]["refund_due"], message["data"]["reason"]) == (
        "order.cancelled", 700, "guest left",
    )  # fmt: skip
    again = call("POST", f"/v1/orders/{order}/cancel", {"reason": "another"})
    assert (again.status, again.json) == (200, answer.json)
    assert refund(call, order, 700, "r2").json["payment"] == "refunded"


def test_food_moves_step_by_step_and_each_is_announced(call: Caller, order: str, inbox: Inbox) -> None:
    inbox.take()
    for step in STEPS:
        answer = move(call, order, step)
        assert (answer.status, answer.json["fulfilment"]) == (200, step)
    messages = inbox.take()
    assert {message["type"] for message in messages} == {"order.fulfilment_changed"}
    assert [(m["sequence"], m["data"]["before"], m["data"]["after"]) for m in messages] == [
        (2, "placed", "accepted"), (3, "accepted", "preparing"), (4, "preparing", "ready"), (5, "ready", "handed_over"),
    ]  # fmt: skip


def test_food_may_skip_steps_and_each_skip_is_one_message(call: Caller, order: str, inbox: Inbox) -> None:
    inbox.take()
    assert move(call, order, "ready").json["fulfilment"] == "ready"
    (message,) = inbox.take()
    assert (message["data"]["before"], message["data"]["after"]) == ("placed", "ready")
    assert "recalled" not in message["data"]


def test_an_order_is_recalled_with_its_reason_and_person(call: Caller, order: str, inbox: Inbox) -> None:
    move(call, order, "handed_over")
    inbox.take()
    body = {"status": "preparing", "reason": "wrong sauce", "person": "Kim"}
    recalled = call("POST", f"/v1/orders/{order}/fulfilment", body)
    assert (recalled.status, recalled.json["fulfilment"]) == (200, "preparing")
    (message,) = inbox.take()
    assert {name: message["data"][name] for name in ("before", "after", "recalled", "reason", "person")} == {
        "before": "handed_over", "after": "preparing", "recalled": True, "reason": "wrong sauce", "person": "Kim",
    }  # fmt: skip
    assert cancel(call, order).status == 200


def test_a_step_back_without_a_reason_and_any_step_of_a_cancelled_order_are_refused(call: Caller, store: str) -> None:
    for reached in range(len(STEPS) + 1):
        order = call("POST", "/v1/orders", an_order(store)).json["id"]
        at = ["placed", *STEPS][reached]
        if reached:
            move(call, order, at)
        for wish in STEPS[: max(reached - 1, 0)]:
            refused = move(a_second_later(call), order, wish)
            assert (refused.status, refused.json["code"], refused.json["fulfilment"]) == (409, "illegal_move", at)
        cancelled = cancel(call, order)
        assert cancelled.status == (200 if reached < 4 else 409)
        if reached < 4:
            for wish in STEPS:
                body = {"status": wish, "reason": "a mistake"}
                assert call("POST", f"/v1/orders/{order}/fulfilment", body).status == 409


def test_the_step_it_is_at_already_says_nothing_again(call: Caller, order: str) -> None:
    move(call, order, "accepted")
    again = call("POST", f"/v1/orders/{order}/fulfilment", {"status": "accepted"}, key="k1")
    assert (again.status, again.json["fulfilment"]) == (200, "accepted")
    assert message_types(call, order) == ["order.placed", "order.fulfilment_changed"]
    for wrong in ("placed", "cancelled", "eaten", None):
        assert move(call, order, wrong).status == 422  # type: ignore[arg-type]


def test_paying_moves_no_food_and_food_moves_no_money(call: Caller, order: str) -> None:
    assert pay(call, order, 1325).json["fulfilment"] == "placed"
    for step in STEPS:
        assert move(call, order, step).json["payment"] == "paid"
    assert refund(call, order, 1325).json["fulfilment"] == "handed_over"


def test_a_cancellation_and_a_step_at_once_leave_one_of_the_two(another: Another, call: Caller, store: str) -> None:
    for _ in range(3):
        order = call("POST", "/v1/orders", an_order(store)).json["id"]
        for step in STEPS[:3]:
            move(call, order, step)
        cancelled, moved = at_once([partial(cancel, another(), order), partial(move, another(), order, "handed_over")])
        assert sorted([cancelled.status, moved.status]) == [200, 409]
        final = call("GET", f"/v1/orders/{order}").json["fulfilment"]
        assert final == ("cancelled" if cancelled.status == 200 else "handed_over")
