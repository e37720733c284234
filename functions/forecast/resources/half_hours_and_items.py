"""GET /v1/forecasts/half-hours and GET /v1/forecasts/items."""

from datetime import date

from functions.forecast.resources.scope import EARLIEST, LATEST, READ, ChainQuery, Day, require_store
from functions.forecast.tables.profiles import (
    HalfHourForecast,
    ItemForecast,
    read_half_hours,
    read_items,
    read_newest_origin_of_store,
)
from shared.contracts.models import Output
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply


class StoreForecastQuery(ChainQuery):
    """The forecast of a store from `origin`, or the newest one; of all its days, or of one `day`."""

    store: Id
    origin: Day | None = None
    day: Day | None = None


class HalfHour(Output):
    """A half-hour of a business day: `starts_at` is by the store's clock, and can be after midnight.

    `revenue` is in minor units. `orders` is the expected number of orders. Its `variance` and quantiles follow.
    """

    day: date
    starts_at: str
    revenue: int
    orders: float
    variance: float
    p10: int
    p50: int
    p90: int


class HalfHourPage(Output):
    """Half-hours without expected orders are left out."""

    store: str
    origin: date | None
    half_hours: list[HalfHour]


class ItemDay(Output):
    """The expected units of an item on a business day, with their `variance` and quantiles."""

    day: date
    item: str
    units: float
    variance: float
    p10: int
    p50: int
    p90: int


class ItemPage(Output):
    """Items that were sold in the last 14 days, of a store its 1,000 best sellers."""

    store: str
    origin: date | None
    items: list[ItemDay]


def get_forecast_half_hours(call: Call, query: StoreForecastQuery) -> Reply:
    """The expected orders of a store by half-hour, for the shifts of its staff."""
    with call.env.db.transaction() as transaction:
        origin = _origin(call, transaction, query)
        first_day, last_day = query.day or EARLIEST, query.day or LATEST
        rows = read_half_hours(transaction, query.chain, query.store, origin, first_day, last_day) if origin else []
    return Reply(HalfHourPage(store=query.store, origin=origin, half_hours=[_half_hour(row) for row in rows]))


def get_forecast_items(call: Call, query: StoreForecastQuery) -> Reply:
    """The expected units of each item of a store by day, for what it buys and prepares."""
    with call.env.db.transaction() as transaction:
        origin = _origin(call, transaction, query)
        first_day, last_day = query.day or EARLIEST, query.day or LATEST
        rows = read_items(transaction, query.chain, query.store, origin, first_day, last_day) if origin else []
    return Reply(ItemPage(store=query.store, origin=origin, items=[_item(row) for row in rows]))


def _origin(call: Call, transaction: Transaction, query: StoreForecastQuery) -> date | None:
    require_store(call, transaction, READ, query.chain, query.store)
    return query.origin or read_newest_origin_of_store(transaction, query.chain, query.store)


def _half_hour(row: HalfHourForecast) -> HalfHour:
    fields = {name: value for name, value in vars(row).items() if name != "half_hour"}
    starts_at = f"{row.half_hour // 2:02}:{30 * (row.half_hour % 2):02}"
    return HalfHour(starts_at=starts_at, **_rounded(fields, "orders"))


def _item(row: ItemForecast) -> ItemDay:
    return ItemDay(**_rounded(vars(row), "units"))


def _rounded(fields: dict[str, object], name: str) -> dict[str, object]:
    return fields | {key: round(float(str(fields[key])), 3) for key in (name, "variance")}
