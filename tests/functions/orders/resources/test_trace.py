"""GET /v1/orders/{order}/trace."""

from datetime import UTC, datetime, timedelta
from functools import partial

from tests.support.bills import COLA, PIZZA, change, close, open_bill, reopen
from tests.support.environments import Another, at_once
from tests.support.order_changes import cancel, message_types, move, pay, refund
from tests.support.orders import Caller, an_order, paid

# The trace


def test_the_trace_misses_nothing_though_clocks_differ(another: Another, call: Caller, order: str) -> None:
    behind = another(datetime.now(UTC) - timedelta(seconds=20))
    assert pay(behind, order, 1325).status == 201
    assert message_types(call, order) == ["order.placed", "order.payment_taken", "order.paid"]


def test_the_trace_tells_everything_in_order(call: Caller, store: str) -> None:
    placed = call("POST", "/v1/orders", an_order(store, total=1400, payments=paid(1000)))
    order = placed.json["id"]
    pay(call, order, 400, "p2")
    move(call, order, "accepted")
    refund(call, order, 75)
    cancel(call, order)
    trace = call("GET", f"/v1/orders/{order}/trace").json
    assert [(m["sequence"], m["type"]) for m in trace["messages"]] == [
        (1, "order.placed"), (2, "order.differs"), (3, "order.payment_taken"), (4, "order.paid"),
        (5, "order.fulfilment_changed"), (6, "order.refunded"), (7, "order.cancelled"),
    ]  # fmt: skip
    assert trace["messages"][0]["data"]["order"] == placed.json
    assert trace["messages"][6]["data"]["order"] == call("GET", f"/v1/orders/{order}").json
    times = [m["occurred_at"] for m in trace["messages"]]
    assert times == sorted(times)
    assert all(m["published_at"] for m in trace["messages"])


def test_announcements_of_changes_at_once_are_numbered_without_gaps(another: Another, order: str, call: Caller) -> None:
    pay(call, order, 1325)
    moves = [partial(refund, another(), order, 100, f"r{n}") for n in range(4)]
    steps = [partial(move, another(), order, "accepted") for _ in range(3)]
    for _ in range(3):  # who was told to wait comes again
        assert {answer.status for answer in at_once([*moves, *steps])} <= {200, 201, 409, 503}
    messages = call("GET", f"/v1/orders/{order}/trace").json["messages"]
    assert [m["sequence"] for m in messages] == list(range(1, 9))
    assert sorted(m["type"] for m in messages[3:]) == ["order.fulfilment_changed"] + ["order.refunded"] * 4


def test_the_trace_tells_rounds_voids_closes_and_recalls(call: Caller, store: str) -> None:
    bill = open_bill(call, store, PIZZA)["id"]
    change(call, bill, add=[COLA])
    void = {"line": "1", "reason": "burnt", "person": "Ben"}
    assert change(call, bill, version=2, void=[void]).status == 200
    close(call, bill, 3)
    reopen(call, bill, 4)
    close(call, bill, 5)
    pay(call, bill, 600)
    move(call, bill, "handed_over")
    recall = {"status": "preparing", "reason": "cold", "person": "Eva"}
    assert call("POST", f"/v1/orders/{bill}/fulfilment", recall).status == 200
    messages = call("GET", f"/v1/orders/{bill}/trace").json["messages"]
    assert [message["type"] for message in messages] == [
        "order.placed", "order.changed", "order.changed", "order.closed", "order.reopened", "order.closed",
        "order.payment_taken", "order.paid", "order.fulfilment_changed", "order.fulfilment_changed",
    ]  # fmt: skip
    (voided,) = messages[2]["data"]["delta"]["voided"]
    assert (voided["line"]["id"], voided["reason"], voided["person"]) == ("1", "burnt", "Ben")
    last = messages[-1]["data"]
    assert (last["recalled"], last["reason"], last["person"]) == (True, "cold", "Eva")
