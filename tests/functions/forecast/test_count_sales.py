"""Sales are counted after each run, and the views have forecasts by half-hour and item with their quantiles."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from scipy import stats

from functions.forecast import api, count_sales
from functions.forecast.count_sales import days_to_count
from functions.forecast.tables.day_sales import CountedDays
from shared.contracts.ids import store_key
from stack.gateway_event import Context
from tests.functions.forecast.nights import CHAIN, LAST, Chain, record
from tests.support.orders import Caller, new_key

ORDER = """
    INSERT INTO orders (id, chain_id, store_id, source_kind, source_id, source_number, source_day, request_hash,
        business_day, pickup_number, placed_at, received_at, settled_at, currency, total, paid, refunded,
        payment_status, fulfilment_status, differs, last_sequence, document, bill)
    VALUES (%s, %s, %s, 'till', 't', %s, %s, '', %s, %s, %s, %s, %s, 'USD', %s, %s, 0, 'paid', %s, 0, 1, %s, %s)"""
KEY = store_key(CHAIN, "cafe")


def place(
    chain: Chain, day: date, placed_at: str, lines: dict[str, int], total: int = 1_000, *,
    fulfilment: str = "placed", bill: str | None = None,
) -> None:  # fmt: skip
    """An order of the store `cafe` at a time in UTC."""
    place.number += 1  # type: ignore[attr-defined]
    number = place.number  # type: ignore[attr-defined]
    document = json.dumps({"lines": [{"item": item, "quantity": count} for item, count in lines.items()]})
    chain.run(
        ORDER,
        (f"cafe{number:022d}", CHAIN, KEY, number, day, day, number, placed_at, placed_at, placed_at, total, total,
         fulfilment, document, bill),
    )  # fmt: skip


place.number = 0  # type: ignore[attr-defined]


def ready(origin: date, run: str) -> dict[str, object]:
    event = json.loads(Path("events/forecast/count_sales.json").read_text(encoding="utf-8"))
    message = json.loads(event["Records"][0]["body"])
    message["data"] |= {"origin": origin.isoformat(), "run": run}
    return record(message)


def count(chain: Chain, origin: date = LAST, times: int = 1) -> None:
    """The run of the store, and its message."""
    run = f"{origin:%Y%m%d}".rjust(26, "0")
    chain.run(
        "INSERT IGNORE INTO forecast_batches (run_id, batch, chain_id, stores, status)"
        " VALUES (%s, 0, %s, %s, 'forecast')",
        (run, CHAIN, json.dumps(["cafe"])),
    )
    for _ in range(times):
        assert count_sales.handler({"Records": [ready(origin, run)]}, Context()) == {"batchItemFailures": []}


def forecast(chain: Chain, day: date, mean: int, p10: int, p50: int, p90: int) -> None:
    chain.run(
        "INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model, reasons,"
        " drivers) VALUES (%s, %s, %s, %s, '', %s, %s, %s, %s, '', '', '{}')",
        (KEY, day, LAST, CHAIN, mean, p10, p50, p90),
    )


@pytest.fixture
def cafe(chain: Chain) -> Chain:
    """Five weeks: each day three orders at 12:10 and one at 18:40 in New York, and one after midnight."""
    chain.open_stores(["cafe"])
    for number in range(35):
        day = LAST - timedelta(days=number)
        for minute in (10, 11, 12):
            place(chain, day, f"{day} 17:{minute}:00", {"latte": 2})
        place(chain, day, f"{day} 23:40:00", {"latte": 1, "cake": 1})
        place(chain, day, f"{day + timedelta(days=1)} 05:05:00", {"tea": 1})
        place(chain, day, f"{day} 17:15:00", {"soup": 9}, fulfilment="cancelled")
    return chain


def profile(chain: Chain) -> dict[int, float]:
    return dict(
        chain.run(
            "SELECT half_hour, share FROM forecast_half_hour_profiles WHERE store_id = %s AND weekday = %s",
            (KEY, LAST.weekday()),
        )
    )


def test_the_profile_has_the_half_hours_of_the_store_s_clock_and_not_of_cancelled_orders(cafe: Chain) -> None:
    count(cafe, times=2)
    # LAST is in May: New York is four hours behind UTC.
    assert profile(cafe) == pytest.approx({2: 0.2, 26: 0.6, 39: 0.2})
    items = dict(
        cafe.run("SELECT item, units_per_amount * 1000 FROM forecast_item_profiles WHERE store_id = %s", (KEY,))
    )
    assert items == pytest.approx({"latte": 7 / 5, "cake": 1 / 5, "tea": 1 / 5})


def test_the_lines_of_a_changed_bill_count_and_not_those_that_were_placed_first(chain: Chain) -> None:
    chain.open_stores(["cafe"])
    bill = json.dumps({"lines": [{"item": "tea", "quantity": 3}]})
    place(chain, LAST, f"{LAST} 17:00:00", {"latte": 1}, bill=bill)
    count(chain)
    assert chain.run("SELECT items FROM forecast_day_sales WHERE day = %s", (LAST,)) == [('{"tea": [3, 9]}',)]


def test_the_views_have_the_means_and_quantiles_of_half_hours_and_items(cafe: Chain) -> None:
    count(cafe)
    day = LAST + timedelta(days=7)
    forecast(cafe, day, 100_000, 80_000, 100_000, 120_000)  # 100 orders
    call = Caller(api.handler, new_key(cafe.env, cafe.database.owner.url, ["forecast:read"]))
    page = call("GET", f"/v1/forecasts/half-hours?chain={CHAIN}&store=cafe").json
    assert page["origin"] == LAST.isoformat()
    rows = {row["starts_at"]: row for row in page["half_hours"]}
    assert {start: (row["orders"], row["revenue"]) for start, row in rows.items()} == {
        "01:00": (20, 20_000), "13:00": (60, 60_000), "19:30": (20, 20_000),
    }  # fmt: skip
    # The band of the day is 0.156 of it, in standard deviations; 1/100 is the square of the noise of 100 orders.
    squared = ((120_000 - 80_000) / 2.563 / 100_000) ** 2 - 1 / 100
    for row in rows.values():
        assert row["variance"] == pytest.approx(row["orders"] + squared * row["orders"] ** 2, rel=1e-3)
        counts = stats.nbinom(1 / squared, 1 / (1 + squared * row["orders"]))
        assert [row[name] for name in ("p10", "p50", "p90")] == pytest.approx(counts.ppf([0.1, 0.5, 0.9]), abs=1)
    items = {
        row["item"]: row for row in call("GET", f"/v1/forecasts/items?chain={CHAIN}&store=cafe&day={day}").json["items"]
    }
    assert {item: row["units"] for item, row in items.items()} == {"cake": 20, "latte": 140, "tea": 20}
    # Of seven lattes a day six come by two: (3 × 4 + 1) / 7 squared units for each unit.
    assert items["latte"]["variance"] == pytest.approx(140 * 13 / 7 + squared * 140**2, rel=1e-3)
    assert not call("GET", f"/v1/forecasts/items?chain={CHAIN}&store=cafe&day={LAST}").json["items"]


@pytest.mark.parametrize("orders", [0.05, 0.3, 1.0, 2.4, 5.0, 12.0, 40.0])
def test_the_quantiles_of_a_view_are_those_of_a_poisson_count(chain: Chain, orders: float) -> None:
    """A day without any uncertainty but that of counting."""
    chain.run("INSERT INTO forecast_half_hour_profiles VALUES (%s, %s, 24, 0.5, 0.001)", (KEY, LAST.weekday()))
    forecast(chain, LAST, round(2_000 * orders), *[round(2_000 * orders)] * 3)
    [row] = chain.run("SELECT p10, p50, p90 FROM forecast_half_hours WHERE store_id = %s", (KEY,))
    assert [int(value) for value in row] == [int(stats.poisson(orders).ppf(share)) for share in (0.1, 0.5, 0.9)]


def test_a_night_counts_the_newest_days_and_some_earlier_ones_until_half_a_year_is_there(chain: Chain) -> None:
    chain.open_stores(["cafe"])
    for number in range(0, 120, 10):
        day = LAST - timedelta(days=number)
        place(chain, day, f"{day} 17:00:00", {"latte": 1})
    for night, most in ((0, 28), (1, 57), (2, 86)):
        count(chain, LAST + timedelta(days=night))
        days = chain.run("SELECT day FROM forecast_day_sales ORDER BY day")
        assert len(days) == most
    late = LAST - timedelta(days=0)
    place(chain, late, f"{late} 22:00:00", {"latte": 1})
    count(chain, LAST + timedelta(days=2))
    assert chain.run("SELECT orders FROM forecast_day_sales WHERE day = %s", (late,)) == [(2,)]
    count(chain, LAST + timedelta(days=400))
    [(oldest,)] = chain.run("SELECT MIN(day) FROM forecast_day_sales")
    assert oldest >= LAST + timedelta(days=400 - 181)


def test_days_to_count_have_no_gap_and_never_an_earlier_one_than_the_profile_needs() -> None:
    begin, origin = date(2026, 1, 1), date(2026, 6, 30)
    assert days_to_count(None, begin, origin) == [(date(2026, 6, 3), origin)]
    counted = CountedDays(date(2026, 1, 10), date(2026, 6, 20))
    assert days_to_count(counted, begin, origin) == [(date(2026, 6, 18), origin), (begin, date(2026, 1, 9))]
    assert days_to_count(CountedDays(begin, origin), begin, origin) == [(date(2026, 6, 28), origin)]


def test_a_key_of_another_chain_reads_nothing(cafe: Chain) -> None:
    count(cafe)
    reader = Caller(api.handler, new_key(cafe.env, cafe.database.owner.url, ["forecast:read"], at="chain:rival"))
    for path in ("half-hours", "items"):
        assert reader("GET", f"/v1/forecasts/{path}?chain={CHAIN}&store=cafe").status in (403, 404)
