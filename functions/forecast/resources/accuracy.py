"""GET /v1/forecasts/accuracy."""

from datetime import date

from functions.forecast.resources.scope import READ, DaysQuery, days_asked, require_chain
from functions.forecast.tables.scores import (
    ScoreSum,
    read_scores_by_horizon,
    read_scores_by_model,
    read_scores_by_store,
)
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


class AccuracyPage(Output):
    """Accuracy by store, by horizon in days, and by model set."""

    chain: str
    since: date
    to: date
    stores: list[Accuracy]
    horizons: list[Accuracy]
    models: list[Accuracy]


def get_forecast_accuracy(call: Call, query: DaysQuery) -> Reply:
    """The accuracy of the forecasts for these days."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        first_day, last_day = days_asked(transaction, query, call.env.clock().date())
        by_store, by_horizon, by_model = (
            [_accuracy(score_sum) for score_sum in read_scores(transaction, query.chain, first_day, last_day)]
            for read_scores in (read_scores_by_store, read_scores_by_horizon, read_scores_by_model)
        )
    lists = {"stores": by_store, "horizons": by_horizon, "models": by_model}
    return Reply(AccuracyPage(chain=query.chain, since=first_day, to=last_day, **lists))


def _accuracy(score_sum: ScoreSum) -> Accuracy:
    return Accuracy(
        name=str(score_sum.name),
        days=score_sum.days,
        accuracy=round(1 - score_sum.wape, 4),
        coverage=round(score_sum.coverage, 4),
    )
