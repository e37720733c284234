"""GET /v1/console/today: a business day of a chain, beside the same weekday before and the forecast."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from functions.console.resources.scope import VisibleStores, visible_stores
from functions.console.tables.today import (
    count_selling,
    read_best_days,
    read_forecast_hours,
    read_forecast_total,
    read_forecasts,
    read_hours,
    read_origin,
)
from shared.contracts.models import Output, Query
from shared.contracts.moments import Day
from shared.contracts.money import Currency
from shared.contracts.text import Id
from shared.kit.cache import Cache
from shared.spine.db import Row, Transaction
from shared.spine.env import Environment
from shared.spine.http import Call, Reply

RIGHT = "takings:read"
WEEK = timedelta(days=7)
MOST_STORES = 200
HOURS_A_DAY = 24
# A forecast is made in the night, and again after a correction.
_forecasts: Cache["Forecast"] = Cache(300, most=1_000)
# Orders of a week ago change rarely.
_compared: Cache[Sequence[Row]] = Cache(300, most=1_000)


class TodayQuery(Query):
    """A chain, and by default the present business day of its stores and all stores that the caller may see."""

    chain: Id
    day: Day | None = None
    store: Id | None = None


class HourOfDay(Output):
    """An hour by the store's clock. `compared_` values are those of the same weekday a week before."""

    hour: int
    currency: Currency
    orders: int = 0
    revenue: int = 0
    compared_orders: int = 0
    compared_revenue: int = 0
    forecast: int | None = None
    forecast_orders: float | None = None


class TotalOfDay(Output):
    """The day as a whole. `compared_until_now` ends at the present minute, and at the day's end for an earlier day.

    Of the present hour it has the share that has passed.
    """

    currency: Currency
    orders: int = 0
    revenue: int = 0
    compared_orders: int = 0
    compared_revenue: int = 0
    compared_until_now: int = 0
    forecast: int | None = None


class StoreOfDay(Output):
    """The day of one store. `forecast` is the median."""

    store: str
    name: str
    city: str | None
    currency: Currency
    orders: int = 0
    revenue: int = 0
    compared_orders: int = 0
    compared_revenue: int = 0
    forecast: int | None = None


class Today(Output):
    """A business day at a time. `stores` has at most 200 stores, the highest revenue first.

    Orders count as takings do: paid orders, less their refunds. Amounts are in minor units. `stores_selling` is the
    number of stores with takings, and `forecast_stores` that in the forecast.
    """

    chain: str
    day: date
    at: datetime
    compared_day: date
    totals: list[TotalOfDay]
    hours: list[HourOfDay]
    stores: list[StoreOfDay]
    stores_in_all: int
    stores_selling: int
    forecast_stores: int


@dataclass(frozen=True)
class Forecast:
    """A day's forecast: revenue and orders by hour, the revenue of the day, and the number of stores in it."""

    forecast_origin: date | None = None
    hours: Mapping[int, tuple[int, float]] = field(default_factory=dict)
    revenue: int | None = None
    stores: int = 0


def get_today(call: Call, query: TodayQuery) -> Reply:
    """Takings of a business day by hour and store, beside the same weekday a week before and the forecast."""
    visible, now = visible_stores(call, RIGHT, query.chain, query.store), call.env.clock()
    day = query.day or visible.today(now)
    if not visible.places:
        return Reply(_document(visible, day, now, [], Forecast(), ([], 0)))
    forecast = _forecast(call, visible, day)
    with call.env.db.snapshot() as transaction:
        hours = read_hours(transaction, query.chain, day, visible.keys)
        hours += _compared_hours(call.env, transaction, visible, day - WEEK)
        stores = _stores(transaction, visible, day, forecast.forecast_origin)
    return Reply(_document(visible, day, now, hours, forecast, stores))


def _document(
    visible: VisibleStores,
    day: date,
    now: datetime,
    rows: Sequence[Row],
    forecast: Forecast,
    stores: tuple[list[StoreOfDay], int],
) -> Today:
    hours = _hours(rows, day, forecast, _currency(visible, rows))
    first_hour = _first_hour(visible)
    ordered = sorted(hours, key=lambda hour: (_place_in_day(hour.hour, first_hour), hour.currency))
    passed = _passed_hours(visible, day, now)
    return Today(
        chain=visible.chain,
        day=day,
        at=now,
        compared_day=day - WEEK,
        totals=_totals(rows, day, forecast, _currency(visible, rows), passed),
        hours=[hour for hour in ordered if hour.hour < HOURS_A_DAY],
        stores=stores[0],
        stores_in_all=len(visible.places),
        stores_selling=stores[1],
        forecast_stores=forecast.stores,
    )


def _currency(visible: VisibleStores, rows: Sequence[Row]) -> str:
    """The currency of the forecast: that of most sales, or of a store."""
    by_revenue = sorted(rows, key=lambda row: -row["revenue"])
    return by_revenue[0]["currency"] if by_revenue else visible.places[0].currency if visible.places else "XXX"


def _hours(rows: Iterable[Row], day: date, forecast: Forecast, currency: str) -> list[HourOfDay]:
    hours: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    for row in rows:
        prefix = "" if row["business_day"] == day else "compared_"
        hours[row["hour"], row["currency"]] |= {
            f"{prefix}orders": int(row["orders"]),
            f"{prefix}revenue": int(row["revenue"]),
        }
    for hour in forecast.hours:
        hours[hour, currency] |= {}
    return [
        HourOfDay(hour=hour, currency=name, **values, **_expected(forecast, hour if name == currency else HOURS_A_DAY))
        for (hour, name), values in hours.items()
    ]


def _expected(forecast: Forecast, hour: int) -> dict[str, float]:
    expected = forecast.hours.get(hour)
    return {"forecast": expected[0], "forecast_orders": expected[1]} if expected else {}


def _totals(
    rows: Iterable[Row], day: date, forecast: Forecast, currency: str, passed: Mapping[int, float]
) -> list[TotalOfDay]:
    totals: dict[str, TotalOfDay] = {}
    if forecast.revenue is not None:
        totals[currency] = TotalOfDay(currency=currency, forecast=forecast.revenue)
    for row in rows:
        total = totals.setdefault(row["currency"], TotalOfDay(currency=row["currency"]))
        if row["business_day"] == day:
            total.orders += int(row["orders"])
            total.revenue += int(row["revenue"])
            continue
        total.compared_orders += int(row["orders"])
        total.compared_revenue += int(row["revenue"])
        total.compared_until_now += round(int(row["revenue"]) * passed.get(row["hour"], 0.0))
    return sorted(totals.values(), key=lambda total: -total.revenue)


def _first_hour(visible: VisibleStores) -> int:
    """The hour at which the last of the stores ends its business day."""
    return max((int((location.day_ends_at or "00:00")[:2]) for location in visible.places), default=0)


def _place_in_day(hour: int, first: int) -> int:
    """Where the hour stands in a business day that begins at `first`."""
    return (hour - first) % HOURS_A_DAY if hour < HOURS_A_DAY else HOURS_A_DAY


def _passed_hours(visible: VisibleStores, day: date, now: datetime) -> Mapping[int, float]:
    """The share of each hour of the business day that has passed: all of an earlier day, and none of a later one."""
    today = visible.today(now)
    if day != today or not visible.places:
        return dict.fromkeys(range(HOURS_A_DAY + 1), 1.0) if day < today else {}
    first, present = _first_hour(visible), visible.local(now)
    place = _place_in_day(present.hour, first)
    passed = {hour: 1.0 for hour in range(HOURS_A_DAY) if _place_in_day(hour, first) < place}
    return passed | {present.hour: (present.minute * 60 + present.second) / 3_600}


def _stores(
    transaction: Transaction, visible: VisibleStores, day: date, forecast_origin: date | None
) -> tuple[list[StoreOfDay], int]:
    """The stores with the highest revenue, then stores without any; and the number of all stores with takings."""
    places = {location.store_id: location for location in visible.places}
    rows = read_best_days(transaction, visible.chain, day, visible.keys, MOST_STORES)
    selling = {row["store_id"]: row for row in rows if row["store_id"] in places}
    whole = len(rows) < MOST_STORES
    number = len(selling) if whole else count_selling(transaction, visible.chain, day, visible.keys)
    silent = [key for key in places if key not in selling]
    keys = [*selling, *silent][:MOST_STORES]
    before = read_best_days(transaction, visible.chain, day - WEEK, keys, 2 * MOST_STORES)
    compared = {row["store_id"]: row for row in before}
    forecasts = read_forecasts(transaction, visible.chain, day, forecast_origin, keys) if forecast_origin else {}
    stores = [
        StoreOfDay(
            store=places[key].store,
            name=places[key].name,
            city=places[key].city,
            currency=selling[key]["currency"] if key in selling else places[key].currency,
            **_sums(selling.get(key), ""),
            **_sums(compared.get(key), "compared_"),
            forecast=forecasts.get(key),
        )
        for key in keys
    ]
    return stores, number


def _sums(row: Row | None, prefix: str) -> dict[str, int]:
    return {f"{prefix}orders": row["orders"], f"{prefix}revenue": row["revenue"]} if row else {}


def _key(visible: VisibleStores, day: date) -> str:
    return f"{visible.chain} {day} {hashlib.sha256(' '.join(visible.keys).encode()).hexdigest()}"


def _compared_hours(env: Environment, transaction: Transaction, visible: VisibleStores, day: date) -> Sequence[Row]:
    return _compared.get_or_read(
        env, _key(visible, day), lambda: read_hours(transaction, visible.chain, day, visible.keys)
    )


def _forecast(call: Call, visible: VisibleStores, day: date) -> Forecast:
    key = _key(visible, day)
    return _forecasts.get_or_read(call.env, key, lambda: _read_forecast(call, visible, day))


def _read_forecast(call: Call, visible: VisibleStores, day: date) -> Forecast:
    with call.env.db.snapshot() as transaction:
        forecast_origin = read_origin(transaction, visible.chain, day)
        if forecast_origin is None:
            return Forecast()
        rows = read_forecast_hours(transaction, visible.chain, day, forecast_origin, visible.keys)
        total = read_forecast_total(transaction, visible.chain, day, forecast_origin, visible.keys)
    hours = {int(row["hour"]): (round(row["revenue"]), round(float(row["orders"]), 1)) for row in rows}
    assert total is not None  # an aggregate without GROUP BY has one row
    revenue = None if total["revenue"] is None else int(total["revenue"])
    return Forecast(forecast_origin, hours, revenue, total["stores"])
