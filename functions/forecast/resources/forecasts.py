"""GET /v1/forecasts and /export."""

import csv
import io
from datetime import date

from functions.forecast.resources.scope import READ, ChainQuery, Day, require_store
from functions.forecast.tables.forecasts import (
    Forecast,
    read_forecasts,
    read_newest_forecast_origin,
    read_newest_forecasts,
)
from functions.forecast.tables.history import read_first_day
from shared.contracts.models import Output
from shared.contracts.text import Id
from shared.spine.http import Call, Reply

COLUMNS = ("store", "day", "origin", "mean", "p10", "p50", "p90", "lead_model", "reasons")


class ForecastQuery(ChainQuery):
    """The forecast from `origin`, or the newest one; of one store, or of all."""

    origin: Day | None = None
    store: Id | None = None


class ForecastDay(Output):
    """The forecast of a store and day in minor units.

    `mean` is the value with the smallest expected absolute error: for noisy days it is near the median, and a sum of
    days is biased. `/v1/forecasts/totals` has unbiased totals. In 8 of 10 cases revenue is from `p10` to `p90`.
    `drivers` explain the mean of an open day: the value of `baseline`, multiplied by all factors.
    """

    store: str
    day: date
    origin: date
    mean: int
    p10: int
    p50: int
    p90: int
    lead_model: str
    reasons: str
    drivers: dict[str, float]


class ForecastPage(Output):
    """`origin` is the last day of data used; `since` is the first day with data."""

    chain: str
    since: date | None
    origin: date | None
    days: list[ForecastDay]


def get_forecasts(call: Call, query: ForecastQuery) -> Reply:
    """The expected revenue of each store for the next 30 days, with reasons."""
    since, origin, forecasts = _read(call, query)
    days = [ForecastDay(**vars(forecast)) for forecast in forecasts]
    return Reply(ForecastPage(chain=query.chain, since=since, origin=origin, days=days))


def export_forecasts(call: Call, query: ForecastQuery) -> Reply:
    """The same forecast as a CSV file."""
    *_, forecasts = _read(call, query)
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(vars(forecast) for forecast in forecasts)
    name = {"Content-Disposition": f'attachment; filename="forecast-{query.chain}.csv"'}
    return Reply(file.getvalue(), headers=name, media_type="text/csv; charset=utf-8")


def _read(call: Call, query: ForecastQuery) -> tuple[date | None, date | None, list[Forecast]]:
    with call.env.db.transaction() as transaction:
        require_store(call, transaction, READ, query.chain, query.store)
        since = read_first_day(transaction, query.chain)
        if query.origin:
            return since, query.origin, read_forecasts(transaction, query.chain, query.origin, query.store)
        newest = read_newest_forecast_origin(transaction, query.chain)
        if newest is None:
            return since, None, []
        return since, newest, read_newest_forecasts(transaction, query.chain, newest, query.store)
