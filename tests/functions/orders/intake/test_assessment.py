"""An order is priced by its store: menus, sold-out items, opening hours, times."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.environments import Another
from tests.support.intake import MINI, NOON, faults, mini_program_order, pickup_numbers, rows_in
from tests.support.orders import EVERYTHING, MENU, Caller, an_order, new_key, open_store, paid
from tests.support.queues import Inbox

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
    assert rows_in(database, "orders") == 0
    lines[0]["unit_price"] = 1475
    right = an_order(store, **parts | {"discounts": [{"code": "WELCOME", "amount": 500}]}, total=2750)
    assert pickup_numbers([call("POST", "/v1/orders", right)]) == [1]


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
    refused = call("POST", "/v1/orders", mini_program_order(store, total=899, **parts))
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
    assert faults(warm("POST", "/v1/orders", mini_program_order(store))) == [("lines[0].item", "sold_out")]
    call("PUT", f"/v1/stores/{store}/sold-out", {"items": []}, key="there again")
    assert warm("POST", "/v1/orders", an_order(store)).status == 201
    call("PUT", f"/v1/stores/{store}/opening-hours", {"week": [[]] * 7})
    assert faults(warm("POST", "/v1/orders", mini_program_order(store))) == [("store", "store_closed")]


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
        answers[moment] = another(datetime.fromisoformat(f"{moment}Z"))("POST", "/v1/orders", mini_program_order(store))
    assert [answer.status for answer in answers.values()] == [422, 201, 201, 422, 422, 422, 201]
    for answer in answers.values():
        assert answer.status == 201 or faults(answer) == [("store", "store_closed")]


def test_what_counts_is_when_the_food_is_wanted_or_when_the_guest_ordered(
    call: Caller, another: Another, store: str
) -> None:
    assert call("PUT", f"/v1/stores/{store}/opening-hours", HOURS).status == 200
    noon, night = another(NOON), another(datetime(2025, 1, 15, 12, 0, tzinfo=UTC))
    assert night("POST", "/v1/orders", mini_program_order(store, wanted_for="2025-01-15T12:30:00-05:00")).status == 201
    assert noon("POST", "/v1/orders", mini_program_order(store, wanted_for="2025-01-15T03:00:00-05:00")).status == 422
    assert night("POST", "/v1/orders", mini_program_order(store, placed_at="2025-01-14T20:00:00-05:00")).status == 201


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


def test_texts_that_are_no_time_with_a_zone_are_refused(call: Caller, store: str) -> None:
    for wrong in ("2025-01-15", "2025-01-15T12:00:00", "2025-13-01T00:00:00Z", "yesterday", 1736942400):
        parts = {"placed_at": wrong, "wanted_for": wrong, "payments": [paid(1)[0] | {"taken_at": wrong}]}
        refused = call("POST", "/v1/orders", an_order(store, **parts))
        assert refused.status == 422
        assert sorted(path for path, _ in faults(refused)) == ["payments[0].taken_at", "placed_at", "wanted_for"]


def test_a_guest_gets_422_for_a_time_that_no_calendar_holds(call: Caller, store: str) -> None:
    for wrong in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z"):
        parts = {"placed_at": wrong, "wanted_for": wrong, "payments": [paid(1)[0] | {"taken_at": wrong}]}
        refused = call("POST", "/v1/orders", mini_program_order(store, **parts))
        assert refused.status == 422
        assert sorted(path for path, _ in faults(refused)) == ["payments[0].taken_at", "placed_at", "wanted_for"]


def test_an_order_from_the_future_is_refused_where_its_guest_can_be_told_and_history_takes_the_right_to_import(
    another: Another, store: str, env: Environment, database: MariaDB
) -> None:
    without = [right for right in EVERYTHING if right != "orders:import"]
    till, importer = another(NOON, new_key(env, database.owner.url, without)), another(NOON)
    ahead = NOON + timedelta(minutes=5)
    assert till("POST", "/v1/orders", mini_program_order(store, placed_at=ahead.isoformat())).status == 201
    refused = till(
        "POST", "/v1/orders", mini_program_order(store, placed_at=(ahead + timedelta(seconds=1)).isoformat())
    )
    assert (refused.status, faults(refused)) == (422, [("placed_at", "in_the_future")])
    week = NOON - timedelta(days=7)
    assert till("POST", "/v1/orders", an_order(store, placed_at=week.isoformat())).status == 201
    old = mini_program_order(store, placed_at=(week - timedelta(seconds=1)).isoformat())
    assert till("POST", "/v1/orders", old).json["code"] == "not_allowed"
    assert importer("POST", "/v1/orders", old).status == 201
