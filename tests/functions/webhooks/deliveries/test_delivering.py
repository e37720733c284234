"""Messages reach the endpoints that subscribe: signed, once, and in the order of their order."""

from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.orders import Caller, an_order, paid
from tests.support.webhooks import Webhooks


def test_a_placed_and_paid_order_reaches_the_endpoint_signed_and_in_order(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhook = webhooks.create(receiver.url())
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json
    webhooks.pump()
    messages = receiver.verified(webhook["secret"])
    assert [message["type"] for message in messages] == ["order.placed", "order.paid"]
    assert {message["data"]["order"]["id"] for message in messages} == {order["id"]}
    assert [request.id for request in receiver.requests] == [message["id"] for message in messages]
    assert [delivery["state"] for delivery in webhooks.deliveries(webhook["id"])] == ["delivered", "delivered"]


def test_an_endpoint_gets_the_next_message_of_a_chain_that_had_none(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    call("POST", "/v1/orders", an_order(store))
    webhooks.pump()
    webhooks.create(receiver.url())
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    webhooks.pump()
    assert receiver.accepted_by_subject() == {f"order/{order}": [1]}


def test_a_message_that_comes_twice_is_sent_once(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhooks.create(receiver.url())
    call("POST", "/v1/orders", an_order(store))
    messages = webhooks.pump()
    webhooks.hand_over([*messages, *messages])
    assert len(receiver.requests) == 1


def test_messages_of_an_order_that_come_in_the_wrong_order_leave_in_the_right_one(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhooks.create(receiver.url())
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    for state in ("accepted", "preparing", "ready"):
        assert call("POST", f"/v1/orders/{order}/fulfilment", {"status": state}).status == 200
    messages = webhooks.inbox.take()
    for message in reversed(messages):
        assert webhooks.hand_over([message]) == []
    assert receiver.accepted_by_subject() == {f"order/{order}": [1, 2, 3, 4]}


def test_a_later_message_waits_for_the_earlier_one_and_another_order_does_not(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str
) -> None:
    webhook = webhooks.create(receiver.url())
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    receiver.answer = lambda _, message: Answer(500 if message["subject"] == f"order/{order}" else 200)
    webhooks.pump()
    call("POST", f"/v1/orders/{order}/fulfilment", {"status": "accepted"})
    another = call("POST", "/v1/orders", an_order(store)).json["id"]
    webhooks.pump()
    assert [(request.message["subject"], request.status) for request in receiver.requests] == [
        (f"order/{order}", 500),
        (f"order/{another}", 200),
    ]
    states = {(d["subject"], d["sequence"]): d["state"] for d in webhooks.deliveries(webhook["id"])}
    assert states == {
        (f"order/{order}", 1): "pending",
        (f"order/{order}", 2): "pending",
        (f"order/{another}", 1): "delivered",
    }
