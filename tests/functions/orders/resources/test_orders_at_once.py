"""Orders and payments of many environments at once."""

from collections.abc import Callable
from datetime import time
from functools import partial
from itertools import chain
from time import monotonic, sleep
from typing import Any

import pytest

from functions.orders.tables.pickup_numbers import take_pickup_number
from shared.contracts.store_record import read_store
from shared.spine.clock import business_day, utc_now
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once
from tests.support.intake import TOO_MUCH, pickup_numbers, rows_in
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.queues import Inbox
from tests.support.waiting import on_this_machine

# At once


def again_until_done(caller: Caller, order: dict[str, Any], key: str | None) -> Answer:
    """As a till does: the same again after Retry-After."""
    for _ in range(20):
        answer = caller("POST", "/v1/orders", order, key=key)
        if answer.status not in (409, 503) or "retry-after" not in answer.headers:
            break
        sleep(0.05)
    return answer


@pytest.mark.parametrize("same_key", [True, False])
def test_a_dozen_identical_posts_at_once_make_one_order_and_equal_replies(
    another: Another,
    store: str,
    database: MariaDB,
    inbox: Inbox,
    same_key: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    order = an_order(store, payments=paid(1325))
    callers = [another() for _ in range(12)]
    answers = at_once(
        [partial(again_until_done, one, order, "k" if same_key else f"k{n}") for n, one in enumerate(callers)]
    )
    assert {(answer.status, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert len([answer for answer in answers if "idempotent-replayed" not in answer.headers]) == 1
    assert (rows_in(database, "orders"), rows_in(database, "payments")) == (1, 1)
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.paid"]
    assert pickup_numbers([callers[0]("POST", "/v1/orders", an_order(store))]) == [2]


def test_a_dozen_conflicting_posts_at_once_make_one_order_and_leave_no_gap(
    another: Another, store: str, database: MariaDB
) -> None:
    order = an_order(store)
    callers = [another() for _ in range(12)]
    answers = at_once(
        [partial(again_until_done, one, order | {"table": str(n)}, None) for n, one in enumerate(callers)]
    )
    (first,) = [answer for answer in answers if answer.status == 201]
    others = [answer for answer in answers if answer is not first]
    assert {(o.status, o.json["code"], o.json["order"]) for o in others} == {(409, "order_exists", first.json["id"])}
    assert rows_in(database, "orders") == 1
    assert pickup_numbers([callers[0]("POST", "/v1/orders", an_order(store))]) == [2]


def test_one_key_for_a_dozen_different_orders_at_once_makes_one_of_them(
    another: Another, store: str, database: MariaDB
) -> None:
    callers = [another() for _ in range(12)]
    answers = at_once([partial(again_until_done, one, an_order(store), "k1") for one in callers])
    assert sorted(answer.status for answer in answers) == [201] + [422] * 11
    assert rows_in(database, "orders") == 1


def test_pickup_numbers_have_no_gaps_and_no_repeats_though_some_orders_fall_through(
    call: Caller, another: Another, database: MariaDB
) -> None:
    stores = [open_store(call), open_store(call)]
    taken = [an_order(store) for store in stores]
    for order in taken:
        assert call("POST", "/v1/orders", order).status == 201

    def day_of_a_till(caller: Caller) -> list[Answer]:
        answers = []
        for turn in range(6):
            store = stores[turn % 2]
            answers.append(again_until_done(caller, an_order(store), None))
            # These have taken a number by the time they fail, and must give it back.
            answers.append(again_until_done(caller, taken[turn % 2] | {"table": f"{turn}"}, None))
            answers.append(again_until_done(caller, an_order(store, payments=TOO_MUCH), None))
        return answers

    found = list(chain(*at_once([partial(day_of_a_till, another()) for _ in range(6)])))
    assert sorted({answer.status for answer in found}) == [201, 409, 422]
    for store in stores:
        assert pickup_numbers([a for a in found if a.status == 201 and a.json["store"] == store]) == list(range(2, 20))
    assert rows_in(database, "orders") == 38


def test_a_store_whose_counter_is_held_holds_up_no_other_store(
    call: Caller, store: str, another_env: Callable[[], Environment]
) -> None:
    other = open_store(call)
    assert pickup_numbers([call("POST", "/v1/orders", an_order(one)) for one in (store, other)]) == [1, 1]
    env = another_env()
    with env.db.transaction() as transaction:
        for held_up in (store, open_store(call)):
            found = read_store(transaction, f"demo:{held_up}", utc_now())
            assert found
            assert take_pickup_number(transaction, found, business_day(utc_now(), "America/New_York", time(4)))
        begun = monotonic()
        assert call("POST", "/v1/orders", an_order(other)).status == 201
        assert call("POST", "/v1/orders", an_order(open_store(call))).status == 201
        assert monotonic() - begun < on_this_machine(1)
        order = an_order(store)
        busy = call("POST", "/v1/orders", order)
        assert (busy.status, busy.json["code"]) == (503, "busy")
        assert "retry-after" in busy.headers
        transaction.connection.rollback()
    assert pickup_numbers([call("POST", "/v1/orders", order)]) == [2]


def test_a_payment_that_overtakes_the_orders_reply_is_not_lost(another: Another, store: str) -> None:
    """The payment provider calls back while the till still waits: whichever is first, the order ends paid, once."""
    for _ in range(4):
        till, callback = another(), another()
        order = an_order(store)

        def pay(callback: Caller = callback, order: dict[str, Any] = order) -> Answer:
            # It knows the order by the source's number alone, and brings the order along in case it is the first.
            answer = again_until_done(callback, order | {"payments": paid(1325, "provider-1")}, None)
            if answer.status == 201:
                return answer
            path = f"/v1/orders/{answer.json['order']}/payments"
            return callback("POST", path, paid(1325, "provider-1")[0])

        place: Callable[[], Answer] = partial(again_until_done, till, order, None)
        placed, was_paid = at_once([place, pay])
        order_id = placed.json["id" if placed.status == 201 else "order"]
        assert was_paid.status == 201
        assert was_paid.json["id"] == order_id
        standing = till("GET", f"/v1/orders/{order_id}").json
        assert (standing["payment"], standing["paid"], len(standing["payments"])) == ("paid", 1325, 1)
        types = [message["type"] for message in till("GET", f"/v1/orders/{order_id}/trace").json["messages"]]
        assert types.count("order.paid") == 1


def test_a_payment_that_looks_for_its_order_finds_it_as_soon_as_it_is_kept(another: Another, store: str) -> None:
    till, callback = another(), another()
    order = an_order(store)
    query = f"/v1/orders?source=till&source_id=till-1&number={order['source']['number']}"

    def look_and_pay() -> Answer:
        for _ in range(200):
            if found := callback("GET", query).json["orders"]:
                return callback("POST", f"/v1/orders/{found[0]['id']}/payments", paid(1325)[0])
            sleep(0.01)
        raise AssertionError("the order was never there")

    place: Callable[[], Answer] = partial(till, "POST", "/v1/orders", order)
    _, was_paid = at_once([place, look_and_pay])
    assert was_paid.json["payment"] == "paid"
