"""POST /v1/orders."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import chain
from time import monotonic, sleep
from typing import Any

import pytest

from functions.orders.tables.pickup_numbers import take_pickup_number
from functions.outbox import drop_old_keys
from shared.contracts.store_record import read_store
from shared.spine.clock import business_day, utc_now
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context
from stack.mariadb import MariaDB
from tests.functions.orders.conftest import Another
from tests.support.environments import at_once
from tests.support.orders import EVERYTHING, MENU, Caller, an_order, new_key, open_store, paid
from tests.support.queues import Inbox

# A Wednesday, noon in New York.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
MINI = {"kind": "mini_program", "id": "mini", "number": "m1"}
_guests = itertools.count(1)


def asked(store: str, **different: Any) -> dict[str, Any]:
    """An order of a mini-program, whose guest can still be told what is wrong."""
    return an_order(store, source=MINI | {"number": f"m-{next(_guests)}"}) | different


TEXTS = [
    "🍕👨‍👩‍👧‍👦🏳️‍🌈", "בלי בצל בבקשה", "\u202eno onions\u202c", "e\u0301 é", "不要香菜\n谢谢\t!", "\ufffd",
    "'; DROP TABLE orders; -- %s",
]  # fmt: skip


def count(database: MariaDB, table: str) -> int:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        found: tuple[int] = cursor.fetchone()
        return found[0]


# More than the payments of one order can come to.
TOO_MUCH = [*paid(10**12, "a"), *paid(1, "b")]


@contextmanager
def held(database: MariaDB, statement: str, values: tuple[Any, ...]) -> Iterator[None]:
    """What `statement` locks is locked, by somebody who does not commit."""
    with database.owner.connect(autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        try:
            yield
        finally:
            connection.rollback()


def numbers(answers: list[Answer]) -> list[int]:
    return sorted(answer.json["pickup_number"] for answer in answers if answer.status == 201)


def faults(answer: Answer) -> list[tuple[str, str]]:
    return [(fault["path"], fault["code"]) for fault in answer.json["errors"]]


def test_an_order_is_kept_numbered_and_announced(call: Caller, store: str, inbox: Inbox) -> None:
    answer = call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    assert answer.status == 201
    assert answer.json["pickup_number"] == 1
    assert answer.headers["location"] == f"/v1/orders/{answer.json['id']}"
    placed, was_paid = inbox.take()
    assert [placed["type"], was_paid["type"]] == ["order.placed", "order.paid"]
    for sequence, message in enumerate((placed, was_paid), start=1):
        assert message["sequence"] == sequence
        assert message["subject"] == f"order/{answer.json['id']}"
        assert message["storeid"] == f"demo:{store}"
        assert message["data"]["order"] == answer.json


def test_what_is_answered_is_what_is_read_afterwards(call: Caller, store: str) -> None:
    order = an_order(
        store,
        service="delivery",
        table="7b",
        guest={"member": "m-1", "name": "Ana", "phone": "+1 (555) 010-0", "address": "1 Main Street"},
        lines=[
            {"item": "hawaiian", "size": "L", "options": ["cheese", "thin"], "quantity": 2, "unit_price": 1800,
             "note": "well done", "station": "oven_2"},
            {"item": "cola", "quantity": 1, "unit_price": 300},
        ],
        discounts=[{"code": "TENTH", "amount": 390}],
        delivery_charge=350,
        total=3860,
        payments=[*paid(1000, "a"), {"reference": "b", "method": "card", "amount": 500}],
        wanted_for="2030-01-01T12:00:00+08:00",
    )  # fmt: skip
    placed = call("POST", "/v1/orders", order)
    assert placed.status == 201, placed.text
    assert placed.json["differences"] == []
    assert placed.json["payment"] == "part_paid"
    assert placed.json["wanted_for"] == "2030-01-01T04:00:00Z"
    assert call("GET", placed.headers["location"]).json == placed.json


# Exactly once: the key


def test_the_same_key_and_body_replays_the_first_reply_even_after_the_order_has_moved_on(
    call: Caller, store: str, inbox: Inbox
) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    assert "idempotent-replayed" not in first.headers
    path = f"/v1/orders/{first.json['id']}"
    assert call("POST", f"{path}/payments", paid(1325)[0]).status == 201
    assert call("POST", f"{path}/cancel", {"reason": "guest left"}).status == 200
    inbox.take()
    again = call("POST", "/v1/orders", order, key="k1")
    assert (again.status, again.text) == (201, first.text)
    assert again.headers["idempotent-replayed"] == "true"
    assert inbox.take() == []
    assert call("GET", path).json["fulfilment"] == "cancelled"


def test_a_body_is_the_same_whatever_its_white_space_and_order_of_members(call: Caller, store: str) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    other = json.dumps(dict(reversed(order.items())), indent=3).encode()
    assert call("POST", "/v1/orders", other, key="k1").text == first.text


def test_a_key_used_for_another_body_or_path_is_refused(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    for target, body in [
        ("/v1/orders", order | {"table": "9"}),
        (f"/v1/orders/{first.json['id']}/payments", paid(1)[0]),
        ("/v1/orders?x=1", order),
    ]:
        refused = call("POST", target, body, key="k1")
        assert (refused.status, refused.json["code"]) == (422, "key_reused")
    assert count(database, "orders") == 1
    assert count(database, "payments") == 0


def test_every_client_has_keys_of_its_own(
    call: Caller, another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    other = another(key=new_key(env, database.owner.url))
    answers = [one("POST", "/v1/orders", an_order(store), key="k1") for one in (call, other)]
    assert numbers(answers) == [1, 2]


def test_a_twin_in_flight_is_told_to_come_again(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    values = (call.key["id"], "k1", b"s" * 32, b"h" * 32)
    at_work = (
        "INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, created_at)"
        " VALUES (%s, %s, %s, %s, NOW())"
    )
    with held(database, at_work, values):
        refused = call("POST", "/v1/orders", order, key="k1")
        assert (refused.status, refused.json["code"]) == (409, "in_flight")
        assert int(refused.headers["retry-after"]) >= 1
    assert call("POST", "/v1/orders", order, key="k1").status == 201


def test_a_refused_request_does_not_use_up_its_key(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    for wrong in (order | {"total": -1}, order | {"currency": "EUR"}, order | {"store": "nowhere"}, b"{"):
        assert call("POST", "/v1/orders", wrong, key="k1").status in (400, 422)
    assert count(database, "idempotency_keys") == 2  # the store's making and its menu
    assert call("POST", "/v1/orders", order, key="k1").status == 201


def test_a_key_has_1_to_255_printable_characters(call: Caller, store: str) -> None:
    for key in ("k", "k" * 255, "a b!~", "K"):
        order = an_order(store)
        first = call("POST", "/v1/orders", order, key=key)
        assert first.status == 201
        assert call("POST", "/v1/orders", order, key=key).text == first.text
    for key in ("", "k" * 256, "clé", "🔑", "a\tb", "a\x7f"):
        refused = call("POST", "/v1/orders", an_order(store), key=key)
        assert (refused.status, refused.json["code"]) == (422, "key_malformed"), key


# Exactly once: the source's number


def test_the_same_order_under_another_key_is_the_same_order(
    call: Caller, another: Another, store: str, env: Environment, database: MariaDB, inbox: Inbox
) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    inbox.take()
    for caller in (call, another(), another(key=new_key(env, database.owner.url))):
        again = caller("POST", "/v1/orders", order, key="k2")
        assert (again.status, again.text) == (201, first.text)
        assert again.headers["idempotent-replayed"] == "true"
    assert inbox.take() == []


def test_another_order_under_a_used_number_is_told_which_order_has_it(call: Caller, store: str) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order)
    refused = call("POST", "/v1/orders", order | {"table": "9"})
    assert (refused.status, refused.json["code"], refused.json["order"]) == (409, "order_exists", first.json["id"])


def test_a_number_belongs_to_one_source(call: Caller, store: str) -> None:
    sources = [
        {"kind": kind, "id": name, "number": number}
        for kind in ("till", "platform") for name in ("a", "b") for number in ("1", "01", "1-A", "1-a")
    ]  # fmt: skip
    answers = [call("POST", "/v1/orders", an_order(store, source=source)) for source in sources]
    assert numbers(answers) == list(range(1, 17))


def test_a_number_is_used_for_ever_long_after_its_key_was_dropped(call: Caller, store: str, database: MariaDB) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE idempotency_keys SET created_at = created_at - INTERVAL 8 DAY")
    drop_old_keys.handler({}, Context())
    assert count(database, "idempotency_keys") == 0
    assert call("POST", "/v1/orders", order, key="k1").text == first.text
    assert call("POST", "/v1/orders", order | {"total": 5}, key="k2").json["code"] == "order_exists"


def test_a_key_that_found_its_order_by_the_number_is_kept_for_that_order(call: Caller, store: str) -> None:
    order = an_order(store)
    first = call("POST", "/v1/orders", order, key="k1")
    again = call("POST", "/v1/orders", order, key="k2")
    assert (again.status, again.text) == (201, first.text)
    assert call("POST", "/v1/orders", an_order(store), key="k2").json["code"] == "key_reused"
    once_more = call("POST", "/v1/orders", order, key="k2")
    assert (once_more.text, once_more.headers["idempotent-replayed"]) == (first.text, "true")


def test_an_order_that_was_kept_is_kept_though_it_could_not_be_ordered_any_more(
    call: Caller, store: str, another: Another, env: Environment, database: MariaDB
) -> None:
    old = (datetime.now(UTC) - timedelta(days=6, hours=23)).isoformat()
    order, late = asked(store), asked(store, placed_at=old)
    first, first_late = call("POST", "/v1/orders", order), call("POST", "/v1/orders", late)
    assert call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["hawaiian"]}).status == 200
    for key in ("k1", "k1", None):
        assert call("POST", "/v1/orders", order, key=key).text == first.text
    assert call("POST", "/v1/orders", asked(store)).json["errors"][0]["code"] == "sold_out"
    clients = new_key(env, database.owner.url, ["orders:write", "orders:read"])
    till = another(utc_now() + timedelta(hours=2), clients)
    assert till("POST", "/v1/orders", late).text == first_late.text
    assert till("POST", "/v1/orders", an_order(store, placed_at=old)).status == 403


@pytest.mark.parametrize("attempt", range(3))
def test_refused_twins_are_all_told_why(another: Another, store: str, attempt: int) -> None:
    """A deadlock of those that waited for the first to fail is nobody's reply."""
    order = an_order(store, currency="EUR")
    callers = [another() for _ in range(8)]
    answers = at_once([partial(one, "POST", "/v1/orders", order, key=f"k{attempt}") for one in callers])
    assert {(answer.status, answer.json["code"]) for answer in answers} == {(422, "not_orderable")}


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
    assert (count(database, "orders"), count(database, "payments")) == (1, 1)
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.paid"]
    assert numbers([callers[0]("POST", "/v1/orders", an_order(store))]) == [2]


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
    assert count(database, "orders") == 1
    assert numbers([callers[0]("POST", "/v1/orders", an_order(store))]) == [2]


def test_one_key_for_a_dozen_different_orders_at_once_makes_one_of_them(
    another: Another, store: str, database: MariaDB
) -> None:
    callers = [another() for _ in range(12)]
    answers = at_once([partial(again_until_done, one, an_order(store), "k1") for one in callers])
    assert sorted(answer.status for answer in answers) == [201] + [422] * 11
    assert count(database, "orders") == 1


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
        assert numbers([a for a in found if a.status == 201 and a.json["store"] == store]) == list(range(2, 20))
    assert count(database, "orders") == 38


def test_a_store_whose_counter_is_held_holds_up_no_other_store(
    call: Caller, store: str, another_env: Callable[[], Environment]
) -> None:
    other = open_store(call)
    assert numbers([call("POST", "/v1/orders", an_order(one)) for one in (store, other)]) == [1, 1]
    env = another_env()
    with env.db.transaction() as transaction:
        for held_up in (store, open_store(call)):
            found = read_store(transaction, f"demo:{held_up}")
            assert found
            assert take_pickup_number(transaction, found, business_day(utc_now(), "America/New_York", time(4)))
        begun = monotonic()
        assert call("POST", "/v1/orders", an_order(other)).status == 201
        assert call("POST", "/v1/orders", an_order(open_store(call))).status == 201
        assert monotonic() - begun < 1
        order = an_order(store)
        busy = call("POST", "/v1/orders", order)
        assert (busy.status, busy.json["code"]) == (503, "busy")
        assert "retry-after" in busy.headers
        transaction.connection.rollback()
    assert numbers([call("POST", "/v1/orders", order)]) == [2]


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


# Prices


def test_a_mini_programs_order_that_disagrees_is_refused_with_each_difference(
    call: Caller, store: str, database: MariaDB
) -> None:
    lines = [
        {"item": "hawaiian", "size": "M", "options": ["cheese"], "quantity": 2, "unit_price": 1325},
        {"item": "cola", "quantity": 1, "unit_price": 300},
    ]
    parts = {"source": MINI, "lines": lines, "discounts": [{"code": "WELCOME", "amount": 600}]}
    refused = call("POST", "/v1/orders", an_order(store, **parts, total=2350, tax=5))
    assert (refused.status, refused.json["code"]) == (422, "amounts_differ")
    assert [(e["path"], e["code"], e["stated"], e["expected"]) for e in refused.json["errors"]] == [
        ("lines[0].unit_price", "differs", 1325, 1475),
        ("discounts[0].amount", "differs", 600, 500),
        ("tax", "differs", 5, 0),
        ("total", "differs", 2350, 2750),
    ]
    assert count(database, "orders") == 0
    lines[0]["unit_price"] = 1475
    right = an_order(store, **parts | {"discounts": [{"code": "WELCOME", "amount": 500}]}, total=2750)
    assert numbers([call("POST", "/v1/orders", right)]) == [1]


@pytest.mark.parametrize("kind", ["till", "platform"])
def test_money_that_is_in_the_drawer_is_kept_marked_and_announced(
    call: Caller, store: str, inbox: Inbox, kind: str
) -> None:
    lines = [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1300}]
    source = {"kind": kind, "id": "s", "number": "1"}
    kept = call("POST", "/v1/orders", an_order(store, source=source, lines=lines, total=1300, payments=paid(1300)))
    assert kept.status == 201
    assert (kept.json["total"], kept.json["payment"]) == (1300, "paid")
    differences = [
        {"path": "lines[0].unit_price", "code": "amount_differs", "stated": 1300, "expected": 1325},
        {"path": "total", "code": "amount_differs", "stated": 1300, "expected": 1325},
    ]
    assert kept.json["differences"] == differences
    messages = inbox.take()
    assert [(m["sequence"], m["type"]) for m in messages] == [
        (1, "order.placed"), (2, "order.differs"), (3, "order.paid"),
    ]  # fmt: skip
    assert messages[1]["data"]["order"]["differences"] == differences


def test_what_can_not_be_ordered_is_refused_line_by_line(call: Caller, store: str) -> None:
    assert call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["cola"]}).status == 200
    lines = [
        {"item": "cola", "quantity": 1, "unit_price": 300},
        {"item": "calzone", "quantity": 1, "unit_price": 300},
        {"item": "hawaiian", "size": "XXL", "options": ["gold"], "quantity": 1, "unit_price": 300},
    ]
    parts = {"lines": lines, "currency": "EUR", "discounts": [{"code": "GONE", "amount": 1}]}
    refused = call("POST", "/v1/orders", asked(store, total=899, **parts))
    assert (refused.status, refused.json["code"]) == (422, "not_orderable")
    assert faults(refused) == [
        ("currency", "wrong_currency"),
        ("lines[0].item", "sold_out"),
        ("lines[1].item", "unknown_item"),
        ("lines[2].size", "unknown_size"),
        ("lines[2].options[0]", "unknown_option"),
        ("discounts[0].code", "unknown_discount"),
    ]


def test_an_unknown_store_takes_nothing(call: Caller) -> None:
    refused = call("POST", "/v1/orders", an_order("nowhere"))
    assert (refused.status, faults(refused)) == (422, [("store", "unknown_store")])


def test_a_menu_changed_elsewhere_counts_from_the_next_order_on(call: Caller, another: Another, store: str) -> None:
    warm = another()
    assert warm("POST", "/v1/orders", an_order(store)).status == 201
    dearer = json.loads(json.dumps(MENU).replace("1325", "1400"))
    assert call("PUT", f"/v1/stores/{store}/menu", dearer).status == 200
    refused = warm("POST", "/v1/orders", an_order(store, source=MINI))
    assert [(e["path"], e["expected"]) for e in refused.json["errors"]] == [
        ("lines[0].unit_price", 1400), ("total", 1400),
    ]  # fmt: skip
    assert call("PUT", f"/v1/stores/{store}/menu", MENU | {"discounts": []}).status == 200
    right = warm("POST", "/v1/orders", an_order(store, source=MINI))
    assert (right.status, right.json["pickup_number"]) == (201, 2)
    # A till's order would be kept by the old menu too, and without a difference.
    cheaper = json.loads(json.dumps(MENU).replace("1325", "1300"))
    assert call("PUT", f"/v1/stores/{store}/menu", cheaper).status == 200
    assert warm("POST", "/v1/orders", an_order(store)).json["differences"][0]["expected"] == 1300


def test_a_sold_out_mark_or_a_closing_made_elsewhere_counts_at_once(call: Caller, another: Another, store: str) -> None:
    warm = another()
    assert warm("POST", "/v1/orders", an_order(store)).status == 201
    call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["hawaiian"]}, key="sold out")
    assert faults(warm("POST", "/v1/orders", asked(store))) == [("lines[0].item", "sold_out")]
    call("PUT", f"/v1/stores/{store}/sold-out", {"items": []}, key="there again")
    assert warm("POST", "/v1/orders", an_order(store)).status == 201
    call("PUT", f"/v1/stores/{store}/opening-hours", {"week": [[]] * 7})
    assert faults(warm("POST", "/v1/orders", asked(store))) == [("store", "store_closed")]


# Time


HOURS = {"week": [[{"opens": "11:00", "closes": "01:00"}]] * 7, "closed_on": ["2025-01-16"]}


def test_a_store_takes_orders_while_it_is_open(call: Caller, another: Another, store: str) -> None:
    assert call("PUT", f"/v1/stores/{store}/opening-hours", HOURS).status == 200
    answers = {}
    for moment in (
        "2025-01-15T15:59:59", "2025-01-15T16:00:00",  # 11:00 in New York
        "2025-01-16T05:59:59", "2025-01-16T06:00:00",  # 01:00 of Wednesday's night
        "2025-01-16T17:00:00", "2025-01-17T05:30:00",  # Thursday is a day off, and its night
        "2025-01-17T17:00:00",
    ):  # fmt: skip
        answers[moment] = another(datetime.fromisoformat(f"{moment}Z"))("POST", "/v1/orders", asked(store))
    assert [answer.status for answer in answers.values()] == [422, 201, 201, 422, 422, 422, 201]
    for answer in answers.values():
        assert answer.status == 201 or faults(answer) == [("store", "store_closed")]


def test_what_counts_is_when_the_food_is_wanted_or_when_the_guest_ordered(
    call: Caller, another: Another, store: str
) -> None:
    assert call("PUT", f"/v1/stores/{store}/opening-hours", HOURS).status == 200
    noon, night = another(NOON), another(datetime(2025, 1, 15, 12, 0, tzinfo=UTC))
    assert night("POST", "/v1/orders", asked(store, wanted_for="2025-01-15T12:30:00-05:00")).status == 201
    assert noon("POST", "/v1/orders", asked(store, wanted_for="2025-01-15T03:00:00-05:00")).status == 422
    assert night("POST", "/v1/orders", asked(store, placed_at="2025-01-14T20:00:00-05:00")).status == 201


def test_pickup_numbers_begin_again_with_the_stores_business_day(call: Caller, another: Another) -> None:
    for ends, before, after in [
        ("04:00", "2025-01-15T08:59:59.999Z", "2025-01-15T09:00:00Z"),
        ("00:00", "2025-01-15T04:59:59.999Z", "2025-01-15T05:00:00Z"),
        ("24:00", "2025-01-15T04:59:59.999Z", "2025-01-15T05:00:00Z"),
    ]:
        store = open_store(call, day_ends_at=ends)
        evening, morning = (another(datetime.fromisoformat(moment)) for moment in (before, after))
        answers = [
            caller("POST", "/v1/orders", an_order(store)).json for caller in (evening, morning, evening, morning)
        ]
        assert [(a["business_day"], a["pickup_number"]) for a in answers] == [
            ("2025-01-14", 1), ("2025-01-15", 1), ("2025-01-14", 2), ("2025-01-15", 2),
        ], ends  # fmt: skip


def test_an_order_counts_for_the_day_on_which_the_guest_ordered(call: Caller, another: Another) -> None:
    store = open_store(call, timezone="Asia/Shanghai")
    noon = another(NOON)  # 01:00 of the 16th in Shanghai, where the 15th ends at 04:00
    days = [
        noon("POST", "/v1/orders", an_order(store, **parts)).json["business_day"]
        for parts in ({}, {"placed_at": "2025-01-15T03:59:59+08:00"}, {"placed_at": "2025-01-15T04:00:00+08:00"})
    ]
    assert days == ["2025-01-15", "2025-01-14", "2025-01-15"]


def test_times_are_kept_in_utc_whatever_zone_they_came_in(call: Caller, another: Another, store: str) -> None:
    order = an_order(
        store,
        placed_at="2025-01-15T23:30:00+08:00",
        payments=[paid(1000)[0] | {"taken_at": "2025-01-15T23:31:00+08:00"}],
    )
    noon = another(NOON)
    placed = noon("POST", "/v1/orders", order).json
    later = paid(325, "p2")[0] | {"taken_at": "2025-01-15T12:45:00-04:00"}
    answered = noon("POST", f"/v1/orders/{placed['id']}/payments", later).json
    read = call("GET", f"/v1/orders/{placed['id']}").json
    for found in (answered, read):
        assert found["placed_at"] == "2025-01-15T15:30:00Z"
        assert [p["taken_at"] for p in found["payments"]] == ["2025-01-15T15:31:00Z", "2025-01-15T16:45:00Z"]
    assert placed["received_at"] == "2025-01-15T17:00:00Z"


def test_times_that_no_calendar_holds_are_refused(call: Caller, store: str) -> None:
    for wrong in (
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "2025-01-15",
        "2025-01-15T12:00:00", "2025-13-01T00:00:00Z", "yesterday", 1736942400,
    ):  # fmt: skip
        parts = {"placed_at": wrong, "wanted_for": wrong, "payments": [paid(1)[0] | {"taken_at": wrong}]}
        refused = call("POST", "/v1/orders", an_order(store, **parts))
        assert refused.status == 422
        assert sorted(path for path, _ in faults(refused)) == ["payments[0].taken_at", "placed_at", "wanted_for"]


def test_an_order_from_the_future_is_refused_where_its_guest_can_be_told_and_history_takes_the_right_to_import(
    another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    without = [right for right in EVERYTHING if right != "orders:import"]
    till, importer = another(NOON, new_key(env, database.owner.url, without)), another(NOON)
    ahead = NOON + timedelta(minutes=5)
    assert till("POST", "/v1/orders", asked(store, placed_at=ahead.isoformat())).status == 201
    refused = till("POST", "/v1/orders", asked(store, placed_at=(ahead + timedelta(seconds=1)).isoformat()))
    assert (refused.status, faults(refused)) == (422, [("placed_at", "in_the_future")])
    week = NOON - timedelta(days=7)
    assert till("POST", "/v1/orders", an_order(store, placed_at=week.isoformat())).status == 201
    old = an_order(store, placed_at=(week - timedelta(seconds=1)).isoformat())
    assert till("POST", "/v1/orders", old).json["code"] == "not_allowed"
    assert importer("POST", "/v1/orders", old).status == 201


# Money that comes along


def test_an_order_with_more_money_than_there_is_is_refused_whole(call: Caller, store: str, database: MariaDB) -> None:
    refused = call("POST", "/v1/orders", an_order(store, payments=TOO_MUCH))
    assert (refused.status, refused.json["code"]) == (422, "overpaid")
    assert (count(database, "orders"), count(database, "payments"), count(database, "messages")) == (0, 0, 0)


def test_an_order_that_costs_nothing_is_paid(call: Caller, store: str, inbox: Inbox) -> None:
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300}]
    free = an_order(store, lines=lines, discounts=[{"code": "WELCOME", "amount": 300}], total=0)
    answer = call("POST", "/v1/orders", free)
    assert (answer.json["payment"], answer.json["differences"]) == ("paid", [])
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.paid"]


def test_two_payments_that_the_database_would_take_for_one_are_refused_not_lost(
    call: Caller, store: str, database: MariaDB
) -> None:
    for twin in ("a", "a "):
        refused = call("POST", "/v1/orders", asked(store, payments=[*paid(1, "a"), *paid(1, twin)]))
        assert refused.status == 422
    assert count(database, "orders") == 0
    kept = call("POST", "/v1/orders", an_order(store, payments=[*paid(1, "a"), *paid(1, "A"), *paid(1, "á")]))
    assert len(call("GET", f"/v1/orders/{kept.json['id']}").json["payments"]) == 3


# Input


def test_text_is_kept_as_it_was_sent(call: Caller, store: str, inbox: Inbox) -> None:
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300, "note": text} for text in TEXTS]
    order = an_order(store, lines=lines, total=2100, table=TEXTS[0], guest={"name": TEXTS[1], "address": TEXTS[2]})
    answer = call("POST", "/v1/orders", order)
    read = call("GET", f"/v1/orders/{answer.json['id']}").json
    (message,) = inbox.take()
    for found in (answer.json, read, message["data"]["order"]):
        assert [one["note"] for one in found["lines"]] == TEXTS
        assert (found["table"], found["guest"]["name"], found["guest"]["address"]) == tuple(TEXTS[:3])


def test_text_that_a_printer_or_a_queue_chokes_on_is_refused_at_its_place(call: Caller, store: str) -> None:
    unfit = ["a\0b", "\x07", "a\rb", "\x1b[31m", "\x7f", "\ufffe", "\uffff", "", "x" * 201]
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300, "note": text} for text in unfit]
    refused = call("POST", "/v1/orders", asked(store, lines=lines, total=2700))
    assert (refused.status, refused.json["code"]) == (422, "body_invalid")
    assert faults(refused) == [
        *((f"lines[{n}].note", "value_error") for n in range(7)),
        ("lines[7].note", "string_too_short"),
        ("lines[8].note", "string_too_long"),
    ]


def test_an_amount_that_is_no_amount_is_refused_at_its_place(call: Caller, store: str) -> None:
    members = ("service_charge", "delivery_charge", "tax", "total")
    wrong: Any
    for wrong in (-1, 0.5, 1325.0, 10**12 + 1, 10**30, 1e300, True, "1325", None, [], {}):
        refused = call("POST", "/v1/orders", an_order(store, **dict.fromkeys(members, wrong)))
        assert (refused.status, [path for path, _ in faults(refused)]) == (422, list(members)), wrong


def test_amounts_deep_inside_are_refused_at_their_places(call: Caller, store: str) -> None:
    lines = [{"item": "cola", "quantity": q, "unit_price": p} for q, p in ((0, 1), (1000, 1), (1.5, 1), (1, -1))]
    parts = {"lines": lines, "discounts": [{"code": "A", "amount": -1}], "payments": [*paid(-1), *paid(-5)]}
    assert [path for path, _ in faults(call("POST", "/v1/orders", an_order(store, **parts)))] == [
        "lines[0].quantity", "lines[1].quantity", "lines[2].quantity", "lines[3].unit_price", "discounts[0].amount",
        "payments[0].amount", "payments[1].amount",
    ]  # fmt: skip


def test_an_unknown_member_is_refused_wherever_it_is(call: Caller, store: str) -> None:
    order = an_order(store, tip=5, guest={"nickname": "x"})
    order["source"]["till"] = 1
    order["lines"][0]["colour"] = "red"
    refused = call("POST", "/v1/orders", order)
    assert sorted(faults(refused)) == [
        (path, "extra_forbidden") for path in ("guest.nickname", "lines[0].colour", "source.till", "tip")
    ]


def test_200_lines_are_an_order_and_201_are_not_unless_they_were_sold(call: Caller, store: str) -> None:
    line = {"item": "cola", "quantity": 1, "unit_price": 300}
    assert call("POST", "/v1/orders", asked(store, lines=[line] * 200, total=60_000)).status == 201
    refused = call("POST", "/v1/orders", asked(store, lines=[line] * 201, total=60_300))
    assert (refused.status, faults(refused)) == (422, [("lines", "too_long")])
    sold = call("POST", "/v1/orders", an_order(store, lines=[line] * 201, total=60_300))
    assert (sold.status, len(sold.json["lines"])) == (201, 201)
    refused = call("POST", "/v1/orders", an_order(store, lines=[line] * 1001, total=300_300))
    assert (refused.status, faults(refused)) == (422, [("lines", "too_long")])
    assert faults(call("POST", "/v1/orders", an_order(store, lines=[], total=0))) == [("lines", "too_short")]


def test_an_order_that_no_queue_could_carry_is_refused_and_takes_no_number(call: Caller, database: MariaDB) -> None:
    options = [{"id": f"o{n}", "name": "🍕" * 100} for n in range(20)]
    menu = {"items": [{"id": "a", "name": "🍕" * 100, "category": "c", "price": 1, "options": options}]}
    store = open_store(call, menu)
    line = {"item": "a", "quantity": 1, "unit_price": 1, "options": [f"o{n}" for n in range(20)]}
    refused = call("POST", "/v1/orders", an_order(store, lines=[line] * 40, total=40))
    assert (refused.status, refused.json["code"]) == (422, "too_large")
    assert count(database, "orders") == 0
    assert numbers([call("POST", "/v1/orders", an_order(store, lines=[line], total=1))]) == [1]


def test_the_largest_order_still_takes_payments_and_refunds(call: Caller) -> None:
    line = {"item": "a", "quantity": 1, "unit_price": 100, "note": "🍕" * 200}
    store = open_store(call, {"items": [{"id": "a", "name": "🍕" * 100, "category": "c", "price": 100}]})
    fits, largest, too_many = "", 1, 200
    while largest + 1 < too_many:
        number = (largest + too_many) // 2
        order = an_order(store, lines=[line] * number, total=100 * number)
        placed = call("POST", "/v1/orders", json.dumps(order, ensure_ascii=False).encode())
        if placed.status == 201:
            fits, largest = placed.json["id"], number
        else:
            assert placed.json["code"] == "too_large"
            too_many = number
    assert largest > 100
    for n in range(4):
        assert call("POST", f"/v1/orders/{fits}/payments", paid(100, f"{'ü' * 120}{n}")[0]).status == 201
    refund = {"amount": 1, "reason": "🍕" * 200, "reference": "r1"}
    assert call("POST", f"/v1/orders/{fits}/refunds", refund).status == 201


def test_wrong_fields_are_refused_with_their_paths(call: Caller, store: str) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"service": "delivery"}, ""),
        ({"guest": {"phone": "call me"}}, "guest.phone"),
        ({"table": "../" * 50}, "table"),
        (
            {"lines": [{"item": "cola", "quantity": 1, "unit_price": 300, "options": ["ice", "ice"]}]},
            "lines[0].options",
        ),
        ({"guest": {"member": "m 1"}}, "guest.member"),
        ({"guest": {"name": "x" * 101}}, "guest.name"),
        ({"discounts": [{"code": "a b", "amount": 1}]}, "discounts[0].code"),
        ({"discounts": [{"code": "TENTH", "amount": 1}] * 2}, ""),
        ({"source": {"kind": "fax", "id": "a", "number": "1"}}, "source.kind"),
        ({"source": {"kind": "till", "id": "a", "number": "x" * 65}}, "source.number"),
        ({"currency": "usd"}, "currency"),
        ({"payments": [{"reference": "r", "method": "m" * 33, "amount": 1}]}, "payments[0].method"),
        ({"payments": [{"reference": "r" * 129, "method": "m", "amount": 1}]}, "payments[0].reference"),
        ({"payments": [*paid(1, "twice"), *paid(2, "twice")]}, ""),
    ]
    for parts, wrong_path in wrong:
        refused = call("POST", "/v1/orders", asked(store, **parts))
        assert (refused.status, refused.json["code"], [path for path, _ in faults(refused)]) == (
            422, "body_invalid", [wrong_path],
        ), parts  # fmt: skip
    assert faults(call("POST", "/v1/orders", an_order("../x")))[0][0] == "store"


def test_a_method_and_a_reference_may_be_as_long_as_they_are_allowed_to(call: Caller, store: str) -> None:
    payment = {"reference": "ü" * 128, "method": "m" * 32, "amount": 1325}
    kept = call("POST", "/v1/orders", an_order(store, payments=[payment]))
    assert call("GET", f"/v1/orders/{kept.json['id']}").json["payments"][0]["reference"] == "ü" * 128
