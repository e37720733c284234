"""Takings of each store and day, from what orders announce, which come twice, late or in another order."""

import itertools
import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.console import api, on_order_paid, on_order_refunded
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.support import order_api as orders
from tests.support.orders import MENU, SETTINGS, Caller, an_order, new_key, open_store, paid
from tests.support.queues import Inbox

Message = dict[str, Any]
HANDLERS = {
    "order.paid": on_order_paid.handler,
    "order.refunded": on_order_refunded.handler,
    "order.payment_taken": on_order_refunded.handler,
}


def record(body: str | Message, number: int = 0) -> Message:
    return {
        "messageId": f"m{number}",
        "receiptHandle": "r",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:console",
    }


def deliver(messages: Sequence[Message]) -> None:
    """Each to the function that is subscribed to its type, one by one, in this order."""
    for message in messages:
        if handler := HANDLERS.get(message["type"]):
            assert handler({"Records": [record(message)]}, Context()) == {"batchItemFailures": []}


def kept(database: MariaDB) -> dict[str, tuple[int, int]]:
    """(orders, revenue) by store."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUBSTRING_INDEX(store_id, ':', -1), SUM(entry LIKE 'paid/%'), SUM(amount) FROM takings"
            " GROUP BY store_id"
        )
        return {store: (int(orders), int(revenue)) for store, orders, revenue in cursor.fetchall()}


def forget(database: MariaDB) -> None:
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM takings")


@pytest.fixture
def takings(call: Caller) -> Caller:
    """Calls to the console with the same key."""
    return Caller(api.handler, call.key)


def location(call: Caller, store: str, **parts: Any) -> str:
    answer = call("POST", "/v1/orders", an_order(store, **parts))
    assert answer.status == 201, answer.text
    order: str = answer.json["id"]
    return order


def refund(call: Caller, order: str, amount: int, reference: str) -> None:
    body = {"reference": reference, "amount": amount, "reason": "cold"}
    assert call("POST", f"/v1/orders/{order}/refunds", body).status == 201


def test_takings_are_the_same_however_often_and_in_whatever_order_messages_come(
    call: Caller, inbox: Inbox, database: MariaDB
) -> None:
    harbour, station = open_store(call), open_store(call)
    location(call, harbour, payments=paid(1325))
    in_parts = location(call, harbour, payments=paid(1000))
    assert call("POST", f"/v1/orders/{in_parts}/payments", paid(325, "p2")[0]).status == 201
    refund(call, in_parts, 25, "r1")
    refund(call, in_parts, 300, "r2")
    location(call, harbour)  # never paid
    back = location(call, station, payments=paid(1325))
    refund(call, back, 1325, "r1")
    location(call, station, total=2000, payments=paid(2000))  # differs, but is in the drawer
    messages = inbox.take()
    # 1325 + 1325 - 25 - 300, and 1325 - 1325 + 2000.
    expected = {harbour: (2, 2325), station: (2, 2000)}
    deliver(messages)
    assert kept(database) == expected
    deliver(messages)
    assert kept(database) == expected
    for seed in range(5):
        forget(database)
        twice = [*messages, *messages]
        random.Random(seed).shuffle(twice)
        deliver(twice)
        assert kept(database) == expected
    forget(database)
    deliver(sorted(messages, key=lambda message: message["type"] != "order.refunded"))
    assert kept(database) == expected


def test_takings_are_what_the_store_keeps_of_money_that_moved_twice_too_late_or_rounded(
    call: Caller, store: str, inbox: Inbox, database: MariaDB
) -> None:
    """Each of its own store; payments and refunds (less than 0) of an order of 13.25, and what the store keeps."""
    cases: list[tuple[list[int], int]] = [
        ([1330], 1325), ([1325, 1325], 1325), ([1325, 1325, -1325], 1325), ([1325, -1325, 1325], 1325),
        ([1325, -600, 300], 1025), ([1325, -500, -1325], 0), ([1325, 1325, -1325, -1325], 0),
        ([1000, -1000, 1325], 1325),
    ]  # fmt: skip
    expected = {}
    for moves, keeps in cases:
        shop = open_store(call)
        order = location(call, shop)
        for number, amount in enumerate(moves):
            if amount < 0:
                refund(call, order, -amount, f"r{number}")
            else:
                assert call("POST", f"/v1/orders/{order}/payments", paid(amount, f"p{number}")[0]).status == 201
        expected[shop] = (1, keeps)
    called_off = location(call, store)
    call("POST", f"/v1/orders/{called_off}/cancel", {"reason": "guest left"})
    assert call("POST", f"/v1/orders/{called_off}/payments", paid(1325)[0]).status == 201
    messages = inbox.take()
    for seed in range(5):
        forget(database)
        twice = [*messages, *messages]
        random.Random(seed).shuffle(twice)
        deliver(twice)
        assert kept(database) == expected


def test_rounded_cash_is_taken_as_it_lies_in_the_drawer(call: Caller, inbox: Inbox, database: MariaDB) -> None:
    tea = {"items": [{"id": "tea", "name": "Tea", "category": "drink", "price": 1002}]}
    shop = open_store(call, tea)
    line = {"item": "tea", "quantity": 1, "unit_price": 1002}
    location(call, shop, lines=[line], total=1002, payments=paid(1000))
    messages = inbox.take()
    deliver(messages)
    assert kept(database) == {shop: (1, 1000)}


def test_rounding_that_a_later_payment_takes_back_is_taken(call: Caller, inbox: Inbox, database: MariaDB) -> None:
    """10.00 in cash of 10.02, then 0.02 by card. The queue has payments alone of orders of which money went back."""
    tea = {"items": [{"id": "tea", "name": "Tea", "category": "drink", "price": 1002}]}
    shop = open_store(call, tea)
    line = {"item": "tea", "quantity": 1, "unit_price": 1002}
    order = location(call, shop, lines=[line], total=1002, payments=paid(1000))
    rest = {"reference": "p2", "method": "card", "amount": 2}
    assert call("POST", f"/v1/orders/{order}/payments", rest).status == 201
    deliver([message for message in inbox.take() if message["type"] == "order.paid"])
    assert kept(database) == {shop: (1, 1002)}


def test_a_message_of_before_is_counted_by_its_sums(call: Caller, store: str, inbox: Inbox, database: MariaDB) -> None:
    """Dead letters of before the newer members are put back."""
    order = location(call, store, payments=paid(1325))
    refund(call, order, 300, "r1")
    location(call, store, payments=paid(1000))
    messages = inbox.take()
    for message in messages:
        for newer in ("settled_at", "rounding", "refund_due", "over_refunded"):
            del message["data"]["order"][newer]
    deliver(messages)
    assert kept(database) == {store: (1, 1025)}


def test_what_comes_back_of_an_order_that_was_never_paid_in_full_is_no_loss(
    call: Caller, store: str, inbox: Inbox, database: MariaDB
) -> None:
    order = location(call, store, payments=paid(1000))
    call("POST", f"/v1/orders/{order}/cancel", {"reason": "guest left"})
    refund(call, order, 1000, "r1")
    messages = inbox.take()
    for arrived in itertools.permutations(messages):
        deliver(arrived)
    assert kept(database) == {}


def test_a_poison_message_goes_back_alone(call: Caller, store: str, inbox: Inbox, database: MariaDB) -> None:
    for _ in range(3):
        location(call, store, payments=paid(1325))
    good = [message for message in inbox.take() if message["type"] == "order.paid"]
    wrong_total = json.loads(json.dumps(good[0]))
    wrong_total["data"]["order"]["total"] = "a lot"
    poison: list[str | Message] = ["", "no JSON", "{}", "[]", {**good[0], "specversion": "2.0"}, wrong_total]
    for bad in poison:
        forget(database)
        batch = [record(body, n) for n, body in enumerate([good[0], bad, good[1], good[2]])]
        reply = on_order_paid.handler({"Records": batch}, Context())
        assert reply == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
        assert kept(database) == {store: (3, 3975)}


def test_the_samples_in_events_are_taken(env: Environment, database: MariaDB) -> None:
    del env
    for name, handler in (("on_order_paid", on_order_paid.handler), ("on_order_refunded", on_order_refunded.handler)):
        event = json.loads(Path(f"events/console/{name}.json").read_text(encoding="utf-8"))
        for _ in range(2):
            assert handler(event, Context()) == {"batchItemFailures": []}
    ((orders, _),) = kept(database).values()
    assert orders == 1


def test_an_unknown_member_of_a_newer_message_is_no_poison(
    call: Caller, store: str, inbox: Inbox, database: MariaDB
) -> None:
    location(call, store, payments=paid(1325))
    (message,) = [found for found in inbox.take() if found["type"] == "order.paid"]
    message["data"]["order"]["colour"] = "red"
    message["data"]["since_next_year"] = message["another_extension"] = 1
    deliver([message])
    assert kept(database) == {store: (1, 1325)}


# GET /v1/takings


def test_takings_are_read_by_store_and_day(call: Caller, takings: Caller, store: str, inbox: Inbox) -> None:
    location(call, store, payments=paid(1325))
    back = location(call, store, payments=paid(1325))
    refund(call, back, 325, "r1")
    deliver(inbox.take())
    today = call("GET", f"/v1/stores/{store}").json["business_day"]
    assert takings("GET", "/v1/takings?chain=demo").json == {
        "chain": "demo",
        "takings": [
            {
                "store": store, "business_day": today, "currency": "USD", "orders": 2, "revenue": 2325,
                "paid": 2650, "refunded": 325, "tips": 0,
            },
        ],
    }  # fmt: skip


def test_days_are_counted_from_the_newest_and_never_more_than_92(takings: Caller, database: MariaDB) -> None:
    last = date(2025, 6, 30)
    rows = [("s1", last - timedelta(days=n), "paid/x", "demo", "USD", 100) for n in range(120)]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO takings VALUES (%s, %s, %s, %s, %s, %s, 1, 24)", rows)

    def days(query: str) -> list[str]:
        answer = takings("GET", f"/v1/takings?chain=demo{query}")
        assert answer.status == 200, answer.text
        return [row["business_day"] for row in answer.json["takings"]]

    assert days("") == [f"2025-06-{day}" for day in range(30, 23, -1)]
    assert days("&since=2025-06-29") == ["2025-06-30", "2025-06-29"]
    assert days("&since=2025-06-01&to=2025-06-02") == ["2025-06-02", "2025-06-01"]
    assert days("&to=2025-05-01")[0] == "2025-05-01"
    assert len(days("&to=2025-05-01")) == 7
    assert days("&since=2025-06-02&to=2025-06-01") == []
    assert len(days("&since=2020-01-01")) == 92
    assert takings("GET", "/v1/takings?chain=other").status == 403


def test_an_order_for_later_does_not_hide_this_week(call: Caller, takings: Caller, store: str, inbox: Inbox) -> None:
    location(call, store, payments=paid(1325))
    wanted = datetime.now(UTC) + timedelta(days=20)
    location(call, store, payments=paid(1325), wanted_for=wanted.isoformat())
    deliver(inbox.take())
    today = call("GET", f"/v1/stores/{store}").json["business_day"]
    assert [row["business_day"] for row in takings("GET", "/v1/takings?chain=demo").json["takings"]] == [today]
    later = takings("GET", f"/v1/takings?chain=demo&to={(wanted + timedelta(days=1)).date()}").json["takings"]
    assert [row["revenue"] for row in later] == [1325]


def test_takings_without_sense_are_refused(takings: Caller) -> None:
    for query, name in [
        ("", "chain"), ("chain=demo&to=0001-01-01", "to"), ("chain=demo&since=9999-12-31", "since"),
        ("chain=demo&to=yesterday", "to"), ("chain=a%20b", "chain"), ("chain=demo&x=1", "x"),
    ]:  # fmt: skip
        refused = takings("GET", f"/v1/takings?{query}")
        assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [name]), query


def test_takings_take_the_right_to_the_whole_chain(env: Environment, database: MariaDB) -> None:
    for right, at, expected in [
        ("takings:read", "chain:demo", 200), ("takings:read", "chain:other", 403),
        ("takings:read", "region:demo:demo", 403),
        ("takings:read", "store:demo:demo", 403), ("orders:read", "chain:demo", 403),
    ]:  # fmt: skip
        one = Caller(api.handler, new_key(env, database.owner.url, [right], at))
        assert one("GET", "/v1/takings?chain=demo").status == expected


def test_takings_need_a_signature(env: Environment) -> None:
    del env
    event = json.loads(Path("events/console/api.json").read_text(encoding="utf-8"))
    assert (event["rawPath"], api.handler(event, Context())["statusCode"]) == ("/v1/takings", 401)


def test_takings_of_two_chains_with_stores_of_one_name_are_each_chain_s_own(
    env: Environment, database: MariaDB, inbox: Inbox
) -> None:
    amounts = {"amber": 1325, "birch": 2000}
    for chain, amount in amounts.items():
        office = Caller(orders.handler, new_key(env, database.owner.url, at=f"chain:{chain}"))
        settings = SETTINGS | {"chain": chain, "region": "north"}
        assert office("PUT", "/v1/stores/main", settings).status == 201
        assert office("PUT", "/v1/stores/main/menu", MENU).status == 200
        location(office, "main", total=amount, payments=paid(amount))
    deliver(inbox.take())
    for chain, amount in amounts.items():
        places = (f"chain:{chain}", f"region:{chain}:north", f"store:{chain}:main")
        of_chain, *narrower = [
            Caller(api.handler, new_key(env, database.owner.url, ["takings:read"], location)) for location in places
        ]
        page = of_chain("GET", f"/v1/takings?chain={chain}")
        assert [(row["store"], row["orders"], row["revenue"]) for row in page.json["takings"]] == [("main", 1, amount)]
        [other] = {*amounts} - {chain}
        assert of_chain("GET", f"/v1/takings?chain={other}").status == 403
        assert [caller("GET", f"/v1/takings?chain={chain}").status for caller in narrower] == [403, 403]


def test_money_counts_on_the_day_on_which_it_moved(call: Caller, store: str, takings: Caller, inbox: Inbox) -> None:
    """An order of four days ago, paid three days ago with a tip and refunded now."""
    now = datetime.now(UTC)
    placed_at, taken_at = now - timedelta(days=4), now - timedelta(days=3)
    payment = paid(1325)[0] | {"tip": 200, "taken_at": taken_at.isoformat()}
    order = location(call, store, placed_at=placed_at.isoformat(), payments=[payment])
    answer = call("GET", f"/v1/orders/{order}").json
    back = {"reference": "r1", "amount": 300, "tip": 50, "reason": "cold"}
    refunded = call("POST", f"/v1/orders/{order}/refunds", back).json["refunds"][0]
    deliver(inbox.take())
    query = f"chain=demo&since={answer['business_day']}&to={refunded['day']}"
    rows = takings("GET", f"/v1/takings?{query}").json["takings"]
    nothing = {"store": store, "currency": "USD", "orders": 0, "revenue": 0, "paid": 0, "refunded": 0, "tips": 0}
    assert rows == [
        nothing | {"business_day": refunded["day"], "refunded": 300, "tips": -50},
        nothing | {"business_day": answer["payments"][0]["day"], "paid": 1325, "tips": 200},
        nothing | {"business_day": answer["business_day"], "orders": 1, "revenue": 1025},
    ]
