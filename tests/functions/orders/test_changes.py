"""What happens to an order after it was placed: payments, refunds, cancelling, fulfilment, and the trace of it all."""

from datetime import UTC, datetime, timedelta
from functools import partial
from time import time
from typing import Any
from unittest import mock

import pytest

from functions.orders.tables.orders import SELECT_ORDER
from shared.spine.db import Transaction
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.functions.orders.conftest import Another
from tests.support.environments import at_once, caller
from tests.support.orders import EVERYTHING, SETTINGS, Caller, an_order, new_key, paid
from tests.support.queues import Inbox

STEPS = ["accepted", "preparing", "ready", "handed_over"]


@pytest.fixture
def order(call: Caller, store: str) -> str:
    """An order of 13.25, nothing paid yet; its id."""
    placed: str = call("POST", "/v1/orders", an_order(store)).json["id"]
    return placed


def pay(call: Caller, order: str, amount: int, reference: str = "p1") -> Answer:
    return call("POST", f"/v1/orders/{order}/payments", paid(amount, reference)[0])


def refund(call: Caller, order: str, amount: int, reference: str = "r1", **different: Any) -> Answer:
    body = {"reference": reference, "amount": amount, "reason": "cold"}
    return call("POST", f"/v1/orders/{order}/refunds", body, **different)


def move(call: Caller, order: str, status: str) -> Answer:
    return call("POST", f"/v1/orders/{order}/fulfilment", {"status": status})


def cancel(call: Caller, order: str) -> Answer:
    return call("POST", f"/v1/orders/{order}/cancel", {"reason": "guest left"})


def a_second_later(call: Caller) -> Caller:
    """The same request of the same second is the same signature, and would be a replay."""
    return Caller(call.handler, call.key, int(time()) + 1)


def types(call: Caller, order: str) -> list[str]:
    return [message["type"] for message in call("GET", f"/v1/orders/{order}/trace").json["messages"]]


def money(answer: Answer) -> tuple[str, int, int]:
    return answer.json["payment"], answer.json["paid"], answer.json["refunded"]


# Rights, each alone

ALONE = {  # operation → what a key with this right alone is told
    "GET": {"orders:read": 200, "orders:write": 404, "orders:refund": 404},
    "trace": {"orders:read": 200, "orders:write": 404, "orders:refund": 404},
    "payments": {"orders:read": 403, "orders:write": 201, "orders:refund": 404},
    "refunds": {"orders:read": 403, "orders:write": 404, "orders:refund": 201},
    "fulfilment": {"orders:read": 403, "orders:write": 200, "orders:refund": 404},
    "cancel": {"orders:read": 403, "orders:write": 200, "orders:refund": 404},
}


@pytest.mark.parametrize(("operation", "right"), [(name, right) for name, told in ALONE.items() for right in told])
def test_each_operation_asks_for_its_own_right(
    call: Caller, env: Environment, database: MariaDB, order: str, operation: str, right: str
) -> None:
    assert pay(call, order, 1000, "first").status == 201
    other = caller(env, new_key(env, database.owner.url, [right]))
    asked: dict[str, Any] = {
        "GET": lambda: other("GET", f"/v1/orders/{order}"),
        "trace": lambda: other("GET", f"/v1/orders/{order}/trace"),
        "payments": lambda: pay(other, order, 325),
        "refunds": lambda: refund(other, order, 100),
        "fulfilment": lambda: move(other, order, "accepted"),
        "cancel": lambda: cancel(other, order),
    }
    before = call("GET", f"/v1/orders/{order}").json
    assert asked[operation]().status == ALONE[operation][right]
    if ALONE[operation][right] >= 400:
        assert call("GET", f"/v1/orders/{order}").json == before


def test_a_list_shows_nothing_to_a_key_that_may_only_write(
    call: Caller, env: Environment, database: MariaDB, store: str, order: str
) -> None:
    assert [found["id"] for found in call("GET", f"/v1/orders?store={store}").json["orders"]] == [order]
    for right in ("orders:write", "orders:refund"):
        other = caller(env, new_key(env, database.owner.url, [right]))
        assert other("GET", f"/v1/orders?store={store}").json.get("orders", []) == []


def test_an_order_is_read_as_of_one_moment(call: Caller, order: str, another: Another) -> None:
    execute, paying = Transaction.rows, another()

    def paid_meanwhile(transaction: Transaction, statement: str, values: Any = ()) -> list[Any]:
        found = execute(transaction, statement, values)
        if statement is SELECT_ORDER and not paying_done:
            paying_done.append(pay(paying, order, 1325).status)
        return found

    paying_done: list[int] = []
    with mock.patch.object(Transaction, "rows", paid_meanwhile):
        seen = call("GET", f"/v1/orders/{order}").json
    assert paying_done == [201]
    assert (seen["payment"], seen["paid"], seen["payments"]) == ("unpaid", 0, [])


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
    assert types(call, order) == ["order.placed", "order.payment_taken", "order.paid"]


def test_a_change_that_a_cold_environment_refuses_leaves_nothing_behind(another: Another, order: str) -> None:
    cold = another()
    body = {"reference": "r1", "amount": 1326, "reason": "cold"}
    for _ in range(2):
        refused = cold("POST", f"/v1/orders/{order}/refunds", body, key="k1")
        assert (refused.status, refused.json["code"]) == (422, "over_refunded")
    assert cold("POST", f"/v1/orders/{order}/refunds", body | {"amount": 1325}, key="k1").status == 201


# Refunds


def test_refunds_add_up_and_each_is_announced(call: Caller, order: str, inbox: Inbox) -> None:
    pay(call, order, 1325)
    inbox.take()
    part = refund(call, order, 1000)
    assert (part.status, money(part)) == (201, ("part_refunded", 1325, 1000))
    rest = refund(call, order, 325, "r2")
    assert money(rest) == ("refunded", 1325, 1325)
    messages = inbox.take()
    assert [(m["type"], m["data"]["refund"]["amount"]) for m in messages] == [
        ("order.refunded", 1000), ("order.refunded", 325),
    ]  # fmt: skip
    assert call("GET", f"/v1/orders/{order}").json == rest.json


def test_the_same_refund_again_gives_nothing_back(call: Caller, order: str) -> None:
    pay(call, order, 1325)
    refund(call, order, 1000)
    assert refund(a_second_later(call), order, 1000).status == 200
    assert refund(call, order, 999).json["code"] == "reference_reused"
    assert money(call("GET", f"/v1/orders/{order}")) == ("part_refunded", 1325, 1000)


def test_refunds_at_once_never_exceed_what_a_slip_may_be(another: Another, order: str, call: Caller) -> None:
    """13.25 paid for 13.25: at most 26.50 can have gone back, five times 5.00."""
    pay(call, order, 1325)
    answers = at_once([partial(refund, another(), order, 500, f"r{n}") for n in range(8)])
    assert sorted(answer.status for answer in answers) == [201] * 5 + [422] * 3
    standing = call("GET", f"/v1/orders/{order}")
    assert (money(standing), standing.json["over_refunded"]) == (("refunded", 1325, 2500), 1175)


def test_a_refund_takes_a_right_of_its_own(
    another: Another, order: str, env: Environment, database: MariaDB, call: Caller
) -> None:
    pay(call, order, 1325)
    till = another(key=new_key(env, database.owner.url, ["orders:read", "orders:write"]))
    refused = refund(till, order, 1)
    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert move(till, order, "accepted").status == 200


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


def test_every_move_that_is_not_the_next_is_refused(call: Caller, store: str) -> None:
    for reached in range(len(STEPS) + 1):
        order = call("POST", "/v1/orders", an_order(store)).json["id"]
        for step in STEPS[:reached]:
            move(call, order, step)
        at = ["placed", *STEPS][reached]
        for wish in STEPS:
            if wish == at or (reached < 4 and wish == STEPS[reached]):
                continue
            refused = move(a_second_later(call), order, wish)
            assert (refused.status, refused.json["code"], refused.json["fulfilment"]) == (409, "illegal_move", at)
            assert refused.json["status"] == 409
        cancelled = cancel(call, order)
        assert cancelled.status == (200 if reached < 4 else 409)
        if reached < 4:
            assert [move(a_second_later(call), order, wish).status for wish in STEPS] == [409] * 4


def test_the_step_it_is_at_already_says_nothing_again(call: Caller, order: str) -> None:
    move(call, order, "accepted")
    again = call("POST", f"/v1/orders/{order}/fulfilment", {"status": "accepted"}, key="k1")
    assert (again.status, again.json["fulfilment"]) == (200, "accepted")
    assert types(call, order) == ["order.placed", "order.fulfilment_changed"]
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


# Replays


def test_a_captured_request_has_no_second_effect_even_with_a_key_that_was_added(call: Caller, order: str) -> None:
    pay(call, order, 1325)
    captured = f"/v1/orders/{order}/refunds", {"reference": "r1", "amount": 100, "reason": "cold"}
    at = Caller(call.handler, call.key, int(time()))
    first = at("POST", *captured)
    assert first.status == 201
    refund(call, order, 100, "r2")
    for key in (None, "k1", "k2"):
        replayed = at("POST", *captured, key=key)
        assert (replayed.status, replayed.text) == (201, first.text)
        assert replayed.headers["idempotent-replayed"] == "true"
    assert money(call("GET", f"/v1/orders/{order}")) == ("part_refunded", 1325, 200)


def test_the_first_reply_to_a_change_is_replayed_after_further_changes(call: Caller, order: str) -> None:
    first = call("POST", f"/v1/orders/{order}/payments", paid(1000)[0], key="k1")
    cancel(call, order)
    again = call("POST", f"/v1/orders/{order}/payments", paid(1000)[0], key="k1")
    assert (again.status, again.text) == (201, first.text)
    assert again.headers["idempotent-replayed"] == "true"


# The trace


def test_the_trace_misses_nothing_though_clocks_differ(another: Another, call: Caller, order: str) -> None:
    behind = another(datetime.now(UTC) - timedelta(seconds=20))
    assert pay(behind, order, 1325).status == 201
    assert types(call, order) == ["order.placed", "order.payment_taken", "order.paid"]


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


# Who may


def test_a_key_of_another_store_region_or_chain_is_told_that_there_is_no_such_order(
    call: Caller, another: Another, order: str, store: str, env: Environment, database: MariaDB
) -> None:
    def key(at: str, rights: list[str] = EVERYTHING) -> Caller:
        return another(key=new_key(env, database.owner.url, rights, at))

    for at, expected in [
        (f"store:demo:{store}", 200), ("region:demo:east", 200), ("chain:demo", 200),
        ("store:demo:other", 404), ("region:demo:west", 404), ("chain:other", 404), (f"chain:{store}", 404),
        ("region:demo:demo", 404),        ("region:other:east", 404), (f"store:other:{store}", 404),
    ]:  # fmt: skip
        other = key(at)
        assert other("GET", f"/v1/orders/{order}").status == expected, at
        assert other("GET", f"/v1/orders/{order}/trace").status == expected, at
        if expected == 404:
            for answer in (pay(other, order, 1), refund(other, order, 1), cancel(other, order)):
                assert (answer.status, answer.json["code"]) == (404, "unknown_order")
            assert move(other, order, "accepted").status == 404
            # In another chain there is no such store.
            assert other("POST", "/v1/orders", an_order(store)).status == (403 if ":demo:" in at else 422)
    reader = key(f"store:demo:{store}", ["orders:read"])
    assert [a.status for a in (pay(reader, order, 1), move(reader, order, "accepted"), cancel(reader, order))] == [
        403
    ] * 3
    assert types(call, order) == ["order.placed"]


def test_an_order_that_is_not_there_is_not_found(call: Caller) -> None:
    missing = "01JHMXBCKV0000000000000000"
    for answer in (call("GET", f"/v1/orders/{missing}"), call("GET", f"/v1/orders/{missing}/trace")):
        assert (answer.status, answer.json["code"]) == (404, "unknown_order")
    assert pay(call, missing, 1).status == 404
    assert call("GET", "/v1/orders/not-an-id").status == 422


def test_rights_follow_a_store_that_moves_to_another_region_within_a_minute(
    call: Caller,
    store: str,
    order: str,
    env: Environment,
    another_env: Any,
    database: MariaDB,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warm = another_env()
    east = caller(warm, new_key(env, database.owner.url, EVERYTHING, "region:demo:east"))
    reader = caller(another_env(), east.key)
    west = caller(warm, new_key(env, database.owner.url, EVERYTHING, "region:demo:west"))
    assert [one("GET", f"/v1/orders/{order}").status for one in (east, reader)] == [200, 200]
    assert call("PUT", f"/v1/stores/{store}", SETTINGS | {"region": "west"}).status == 200
    # An order is checked against the store as it is, at once.
    assert east("POST", "/v1/orders", an_order(store)).status == 403
    fresh = another_env()
    assert caller(fresh, east.key)("GET", f"/v1/orders/{order}").status == 404
    monkeypatch.setattr("functions.orders.intake.store_copies.COPIES.seconds", -1.0)  # a minute later
    assert reader("GET", f"/v1/orders/{order}").status == 404
    assert east("GET", f"/v1/orders/{order}").status == 404
    assert east("POST", "/v1/orders", an_order(store)).status == 403
    assert west("POST", "/v1/orders", an_order(store)).status == 201


def test_a_store_takes_orders_of_the_region_that_it_has_come_to_at_once(
    call: Caller, store: str, env: Environment, another_env: Any, database: MariaDB
) -> None:
    """Also where the environment has a copy of the store from before."""
    warm = another_env()
    east = caller(warm, new_key(env, database.owner.url, EVERYTHING, "region:demo:east"))
    west = caller(warm, new_key(env, database.owner.url, EVERYTHING, "region:demo:west"))
    assert east("POST", "/v1/orders", an_order(store)).status == 201
    assert west("POST", "/v1/orders", an_order(store)).status == 403
    assert call("PUT", f"/v1/stores/{store}", SETTINGS | {"region": "west"}).status == 200
    assert west("POST", "/v1/orders", an_order(store)).status == 201
