"""GET /v1/forecasts/totals."""

from datetime import date, timedelta

from functions.forecast.resources.forecasts import ForecastQuery
from functions.forecast.resources.scope import READ, require_store
from functions.forecast.tables.forecasts import read_newest_forecast_origin
from functions.forecast.tables.totals import EVERY_STORE, Total, read_totals
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class ForecastTotal(Output):
    """The expected revenue from `first_day` to `last_day`, in minor units, with closed days as 0.

    `store` is null for the chain's total. `stores` is the number of stores in it. `mean` is the expected value: over
    many totals, its errors add up to about 0. The total lies between `p10` and `p90` in eight of ten cases.
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


class TotalPage(Output):
    """`origin` is the last day of data used. The totals of the chain come first, then those of the stores."""

    chain: str
    origin: date | None
    totals: list[ForecastTotal]


def get_forecast_totals(call: Call, query: ForecastQuery) -> Reply:
    """The expected revenue of the next 7 and 30 days, with its range."""
    with call.env.db.transaction() as transaction:
        require_store(call, transaction, READ, query.chain, query.store)
        origin = query.origin or read_newest_forecast_origin(transaction, query.chain)
        totals = read_totals(transaction, query.chain, origin, query.store) if origin else []
    documents = [_document(total, origin) for total in totals] if origin else []
    return Reply(TotalPage(chain=query.chain, origin=origin, totals=documents))


def _document(total: Total, origin: date) -> ForecastTotal:
    return ForecastTotal(
        **(vars(total) | {"store": None if total.store == EVERY_STORE else total.store}),
        first_day=origin + timedelta(days=1),
        last_day=origin + timedelta(days=total.days),
    )
