"""GET /v1/forecasts/totals and /totals/export."""

import csv
import io
from datetime import date, timedelta

from functions.forecast.resources.forecasts import ForecastQuery
from functions.forecast.resources.scope import READ, require_store
from functions.forecast.tables.forecasts import read_newest_forecast_origin
from functions.forecast.tables.total_scores import TotalScore, read_total_scores
from functions.forecast.tables.totals import EVERY_STORE, Total, read_totals
from shared.contracts.models import Output
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply

COLUMNS = ("store", "days", "first_day", "last_day", "stores", "mean", "p10", "p50", "p90", "revenue")


class ForecastTotal(Output):
    """The expected revenue from `first_day` to `last_day`, in minor units, with closed days as 0.

    `store` is null for the chain's total. `stores` is the number of stores in it. `mean` is the expected value: over
    many totals, its errors add up to about 0. The total lies between `p10` and `p90` in eight of ten cases. `revenue`
    is the revenue of these days, and null before a run has scored the total.
    """

    store: str | None
    days: int
    first_day: date
    last_day: date
    stores: int
    mean: int
    p10: int
    p50: int
    p90: int
    revenue: int | None = None


class TotalPage(Output):
    """`origin` is the last day of data used. The totals of the chain come first, then those of the stores."""

    chain: str
    origin: date | None
    totals: list[ForecastTotal]


def get_forecast_totals(call: Call, query: ForecastQuery) -> Reply:
    """The expected revenue of the next 7 and 30 days, with its range."""
    origin, documents = _read(call, query)
    return Reply(TotalPage(chain=query.chain, origin=origin, totals=documents))


def export_forecast_totals(call: Call, query: ForecastQuery) -> Reply:
    """The same totals as a CSV file; the store of the chain's total is empty."""
    _, documents = _read(call, query)
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(document.model_dump() for document in documents)
    name = {"Content-Disposition": f'attachment; filename="forecast-totals-{query.chain}.csv"'}
    return Reply(file.getvalue(), headers=name, media_type="text/csv; charset=utf-8")


def _read(call: Call, query: ForecastQuery) -> tuple[date | None, list[ForecastTotal]]:
    with call.env.db.transaction() as transaction:
        require_store(call, transaction, READ, query.chain, query.store)
        origin = query.origin or read_newest_forecast_origin(transaction, query.chain)
        if origin is None:
            return None, []
        totals = read_totals(transaction, query.chain, origin, query.store)
        scores = _scores(transaction, query.chain, origin, {total.days for total in totals})
    revenue = {(score.store, score.days): score.revenue for score in scores}
    return origin, [_document(total, origin, revenue.get((total.store, total.days))) for total in totals]


def _scores(transaction: Transaction, chain: str, origin: date, spans: set[int]) -> list[TotalScore]:
    last_days = {days: origin + timedelta(days=days) for days in spans}
    return [
        score
        for days, last_day in last_days.items()
        for score in read_total_scores(transaction, chain, last_day, last_day)
        if score.days == days
    ]


def _document(total: Total, origin: date, revenue: int | None) -> ForecastTotal:
    return ForecastTotal(
        **(vars(total) | {"store": None if total.store == EVERY_STORE else total.store}),
        first_day=origin + timedelta(days=1),
        last_day=origin + timedelta(days=total.days),
        revenue=revenue,
    )
