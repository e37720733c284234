"""GET /v1/console/today: sums by hour and store, beside the same weekday before and the forecast."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from functions.console import api, on_order_paid
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.functions.console.conftest import Callers
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.queues import Inbox

DAY = date(2025, 6, 30)
WEEK_BEFORE = date(2025, 6, 23)
Hours = dict[int, tuple[int, int]]


def sell(database: MariaDB, store: str, day: date, hours: Hours, chain: str = "demo", currency: str = "USD") -> None:
    """(orders, revenue) by hour, as the consumer stores them."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for hour, (orders, revenue) in hours.items():
            values = (chain, day, f"{chain}:{store}", currency, hour, orders, revenue)
            cursor.execute("INSERT INTO takings_hours VALUES (%s, %s, %s, %s, %s, %s, %s)", values)
            cursor.execute(
                "INSERT INTO takings_chain_hours VALUES (%s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE"
                " orders = orders + VALUES(orders), revenue = revenue + VALUES(revenue)",
                (chain, day, currency, hour, orders, revenue),
            )
        total = [sum(column) for column in zip(*hours.values(), strict=True)]
        of_day = (chain, day, f"{chain}:{store}", currency, *total)
        cursor.execute("INSERT INTO takings_days VALUES (%s, %s, %s, %s, %s, %s)", of_day)


def expect(
    database: MariaDB, store: str, day: date, mean: int, shares: dict[int, float], forecast_origin: date
) -> None:
    """A forecast of a day, with the share of each half-hour and one order for 10.00."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model,"
            " reasons, drivers) VALUES (%s, %s, %s, 'demo', 'm', %s, 0, %s, 9, 'x', '', '[]')",
            (f"demo:{store}", day, forecast_origin, mean, mean - 1),
        )
        for half_hour, share in shares.items():
            cursor.execute(
                "INSERT IGNORE INTO forecast_half_hour_profiles VALUES (%s, %s, %s, %s, 0.001)",
                (f"demo:{store}", day.weekday(), half_hour, share),
            )


@pytest.fixture
def today(call: Caller) -> Caller:
    """Calls to the console with the same key."""
    return Caller(api.handler, call.key)


def test_hours_stores_and_totals_stand_beside_the_week_before(call: Caller, today: Caller, database: MariaDB) -> None:
    harbour, station, quiet = open_store(call, name="Harbour", city="Lyon"), open_store(call), open_store(call)
    sell(database, harbour, DAY, {11: (2, 2000), 12: (3, 3100)})
    sell(database, station, DAY, {12: (1, 900)})
    sell(database, harbour, WEEK_BEFORE, {12: (4, 4000)})
    sell(database, station, WEEK_BEFORE, {18: (1, 500)})
    sell(database, "main", DAY, {12: (9, 9)}, chain="rival")
    reply = today("GET", f"/v1/console/today?chain=demo&day={DAY}")
    assert reply.status == 200, reply.text
    page = reply.json
    assert page["compared_day"] == "2025-06-23"
    assert page["totals"] == [
        {
            "currency": "USD", "orders": 6, "revenue": 6000, "compared_orders": 5, "compared_revenue": 4500,
            "compared_until_now": 4500, "forecast": None,
        },
    ]  # fmt: skip
    assert [(h["hour"], h["orders"], h["revenue"], h["compared_revenue"]) for h in page["hours"]] == [
        (11, 2, 2000, 0), (12, 4, 4000, 4000), (18, 0, 0, 500),
    ]  # fmt: skip
    assert [(s["store"], s["revenue"], s["compared_revenue"]) for s in page["stores"]] == [
        (harbour, 5100, 4000), (station, 900, 500), (quiet, 0, 0),
    ]  # fmt: skip
    assert (page["stores"][0]["name"], page["stores"][0]["city"]) == ("Harbour", "Lyon")
    assert (page["stores_selling"], page["stores_in_all"]) == (2, 3)


@pytest.mark.parametrize(("minute", "until_now"), [(0, 1_000), (15, 2_000), (59, 4_933)])
def test_the_present_hour_is_compared_by_the_share_that_has_passed(
    call: Caller, database: MariaDB, env: Environment, minute: int, until_now: int
) -> None:
    store = open_store(call, timezone="Asia/Kolkata", day_ends_at="00:00")
    sell(database, store, WEEK_BEFORE, {11: (1, 1_000), 12: (4, 4_000), 13: (1, 8_000)})
    # India is half past five hours ahead of UTC: 12:00 there is 06:30.
    at = datetime(2025, 6, 30, 6, 30, tzinfo=UTC) + timedelta(minutes=minute)
    env.clock = lambda: at
    today = Caller(api.handler, call.key, at=int(at.timestamp()))
    page = today("GET", "/v1/console/today?chain=demo")
    assert page.status == 200, page.text
    assert (page.json["day"], page.json["totals"][0]["compared_until_now"]) == (str(DAY), until_now)


def test_stores_beyond_the_page_count_as_selling(
    call: Caller, today: Caller, database: MariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.console.resources.today.MOST_STORES", 2)
    for revenue in (100, 200, 300):
        sell(database, open_store(call), DAY, {12: (1, revenue)})
    open_store(call)
    page = today("GET", f"/v1/console/today?chain=demo&day={DAY}").json
    assert (len(page["stores"]), page["stores_selling"], page["stores_in_all"]) == (2, 3, 4)


def test_the_forecast_of_the_newest_origin_stands_beside_it(call: Caller, today: Caller, database: MariaDB) -> None:
    store, other = open_store(call), open_store(call)
    sell(database, store, DAY, {12: (1, 900)})
    expect(database, store, DAY, 99_999, {}, DAY - timedelta(days=3))
    expect(database, store, DAY, 10_000, {24: 0.25, 25: 0.25, 36: 0.5}, DAY - timedelta(days=1))
    expect(database, other, DAY, 4_000, {24: 1.0}, DAY - timedelta(days=1))
    page = today("GET", f"/v1/console/today?chain=demo&day={DAY}").json
    # 10,000 × (0.25 + 0.25) + 4,000 × 1 at noon, and 10,000 × 0.5 at six; an order for each 1,000.
    hours = [(hour["hour"], hour["forecast"], hour["forecast_orders"]) for hour in page["hours"]]
    assert hours == [(12, 9000, 9.0), (18, 5000, 5.0)]
    assert (page["totals"][0]["forecast"], page["forecast_stores"]) == (14_000, 2)
    assert {row["store"]: row["forecast"] for row in page["stores"]} == {store: 9_999, other: 3_999}
    one = today("GET", f"/v1/console/today?chain=demo&day={DAY}&store={other}").json
    assert (one["totals"][0]["forecast"], [row["store"] for row in one["stores"]]) == (4_000, [other])


def test_an_hour_after_midnight_is_the_last_of_its_day(call: Caller, today: Caller, database: MariaDB) -> None:
    store = open_store(call, day_ends_at="04:00")
    sell(database, store, DAY, {1: (1, 100), 23: (1, 100), 4: (1, 100)})
    page = today("GET", f"/v1/console/today?chain=demo&day={DAY}").json
    assert [hour["hour"] for hour in page["hours"]] == [4, 23, 1]


def test_orders_are_counted_by_the_hour_of_the_store_s_clock_however_often_they_come(
    call: Caller, today: Caller, inbox: Inbox, env: Environment
) -> None:
    del env
    store = open_store(call, timezone="Asia/Kolkata", day_ends_at="00:00")
    placed_at = datetime.now(UTC) - timedelta(hours=30)
    for _ in range(2):
        order = an_order(store, placed_at=placed_at.isoformat(), payments=paid(1325))
        assert call("POST", "/v1/orders", order).status == 201
    bodies = [message for message in inbox.take() if message["type"] == "order.paid"]
    for batch in ([bodies[0]], bodies, [*bodies, bodies[1]]):
        deliver(batch)
    local = placed_at + timedelta(hours=5, minutes=30)  # India has no summer time
    page = today("GET", f"/v1/console/today?chain=demo&day={local.date()}").json
    assert [(hour["hour"], hour["orders"], hour["revenue"]) for hour in page["hours"]] == [(local.hour, 2, 2650)]
    assert [(row["orders"], row["revenue"]) for row in page["stores"]] == [(2, 2650)]


def deliver(messages: list[dict[str, Any]]) -> None:
    records = [
        {
            "messageId": str(number), "receiptHandle": "r", "body": json.dumps(message),
            "attributes": {"ApproximateReceiveCount": "1"}, "eventSourceARN": "arn:aws:sqs:us-east-1:0:console",
        }
        for number, message in enumerate(messages)
    ]  # fmt: skip
    assert on_order_paid.handler({"Records": records}, Context()) == {"batchItemFailures": []}


def test_each_caller_sees_its_own_stores(call: Caller, callers: Callers, database: MariaDB) -> None:
    east, west = open_store(call), open_store(call, region="west")
    for store, revenue in ((east, 100), (west, 20)):
        sell(database, store, DAY, {12: (1, revenue)})

    def seen(caller: Any, query: str = "") -> tuple[int, list[str]]:
        reply = caller("GET", f"/v1/console/today?chain=demo&day={DAY}{query}")
        return reply.status, [
            *map(str, (row["revenue"] for row in reply.json.get("totals", []))),
            *(row["store"] for row in reply.json.get("stores", [])),
        ]

    assert (
        seen(callers.key("takings:read", "chain:demo"))
        == seen(callers.person("head_office"))
        == (200, ["120", east, west])
    )
    assert (
        seen(callers.key("takings:read", "region:demo:west"))
        == seen(callers.person("region:west"))
        == (200, ["20", west])
    )
    assert (
        seen(callers.key("takings:read", f"store:demo:{east}"))
        == seen(callers.person(f"store_manager:{east}"))
        == (200, ["100", east])
    )
    assert seen(callers.person(f"store_manager:{east}"), f"&store={west}") == (404, [])
    assert (
        seen(callers.key("takings:read", "chain:rival"))
        == seen(callers.key("orders:read", "chain:demo"))
        == seen(callers.person("operator"))
        == (403, [])
    )


def test_a_chain_without_stores_has_an_empty_day(today: Caller, database: MariaDB) -> None:
    del database
    page = today("GET", "/v1/console/today?chain=demo").json
    assert (page["totals"], page["hours"], page["stores"], page["stores_in_all"]) == ([], [], [], 0)
