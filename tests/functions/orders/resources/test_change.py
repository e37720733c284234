"""Rights and replays of every change of an order."""

from time import time
from typing import Any
from unittest import mock

import pytest

from functions.orders.tables.orders import SELECT_ORDER
from shared.spine.db import Transaction
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.environments import Another, caller
from tests.support.order_changes import cancel, message_types, money, move, pay, refund
from tests.support.orders import EVERYTHING, SETTINGS, Caller, an_order, new_key, paid

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
    assert message_types(call, order) == ["order.placed"]


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
