"""GET /v1/forecasts/accuracy."""

from datetime import date

from functions.forecast.resources.scope import READ, DaysQuery, days_asked, require_chain
from functions.forecast.tables.scores import (
    ScoreSum,
    read_scores_by_horizon,
    read_scores_by_model,
    read_scores_by_store,
)
from functions.forecast.tables.total_scores import TotalScoreSum, read_total_score_sums
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class Accuracy(Output):
    """Over `days` that were forecast: `accuracy` is 1 - sum of |revenue - mean| ÷ sum of revenue.

    `coverage` is the share of days between P10 and P90.
    """

    name: str
    days: int
    accuracy: float
    coverage: float


class TotalAccuracy(Output):
    """Over the totals of `days` days that ended in the period, of the `chain` or of its `stores`.

    - `accuracy`: 1 - sum of |revenue - mean| ÷ sum of revenue. `bias`: sum of mean ÷ sum of revenue, less 1.
    - `coverage`: the share of totals between P10 and P90. Each is null without revenue.
    """

    name: str
    days: int
    totals: int
    accuracy: float | None
    bias: float | None
    coverage: float


class AccuracyPage(Output):
    """Accuracy by store, by horizon in days, by model set, and of the totals of 7 and 30 days."""

    chain: str
    since: date
    to: date
    stores: list[Accuracy]
    horizons: list[Accuracy]
    models: list[Accuracy]
    totals: list[TotalAccuracy] = []


def get_forecast_accuracy(call: Call, query: DaysQuery) -> Reply:
    """The accuracy of the forecasts for these days."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        first_day, last_day = days_asked(transaction, query, call.env.clock().date())
        by_store, by_horizon, by_model = (
            [_accuracy(score_sum) for score_sum in read_scores(transaction, query.chain, first_day, last_day)]
            for read_scores in (read_scores_by_store, read_scores_by_horizon, read_scores_by_model)
        )
        of_totals = read_total_score_sums(transaction, query.chain, first_day, last_day)
    page = AccuracyPage(
        chain=query.chain,
        since=first_day,
        to=last_day,
        stores=by_store,
        horizons=by_horizon,
        models=by_model,
        totals=[_total_accuracy(sums) for sums in of_totals],
    )
    return Reply(page)


def _total_accuracy(sums: TotalScoreSum) -> TotalAccuracy:
    has_revenue = sums.revenue > 0
    return TotalAccuracy(
        name="chain" if sums.of_chain else "stores",
        days=sums.days,
        totals=sums.totals,
        accuracy=round(1 - sums.abs_error / sums.revenue, 4) if has_revenue else None,
        bias=round(sums.mean / sums.revenue - 1, 4) if has_revenue else None,
        coverage=round(sums.covered / sums.totals, 4),
    )


def _accuracy(score_sum: ScoreSum) -> Accuracy:
    return Accuracy(
        name=str(score_sum.name),
        days=score_sum.days,
        accuracy=round(1 - score_sum.wape, 4),
        coverage=round(score_sum.coverage, 4),
    )
