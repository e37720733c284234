"""forecast.ready → every forecast of past days, by day and in total, has a score; a drift of the errors is announced"""

from datetime import date, timedelta

from functions.forecast.pipeline import run_lifecycle
from functions.forecast.pipeline.total_scores import score_totals
from functions.forecast.tables import scores
from functions.forecast.tables.batches import Batch, read_batches
from functions.forecast.tables.history import STORES_PER_COMMIT, read_newest_day
from functions.forecast.tables.runs import lock_run, update_drifted
from functions.forecast.tables.scores import ScoreSum
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastDrifted, ForecastReady
from shared.spine import entry, log
from shared.spine.env import Environment

# Refunds change the revenue of a day for a while. Some chains import a month's revenue at its end: after a full
# training, scores look further back.
SCORED_DAYS, SCORED_DAYS_AT_TRAINING = 14, 60
DRIFT_DAYS = 14
LEAST_SCORES = 50
MOST_TIMES_EXPECTED, LEAST_COVERAGE = 1.5, 0.6


def score_forecasts(message: Message[ForecastReady], env: Environment) -> None:
    """Score the past days; the same message again writes the same scores."""
    ready = message.data
    with env.db.transaction() as transaction:
        batches = read_batches(transaction, ready.run)
        newest_day = read_newest_day(transaction, ready.chain) or ready.origin
    _score(env, ready, batches, newest_day)
    if expected := [
        wape for batch in batches if batch.is_forecast and (wape := batch.report.expected_wape) is not None
    ]:
        _announce_drift(env, ready, max(expected))


def _score(env: Environment, ready: ForecastReady, batches: list[Batch], newest_day: date) -> None:
    # Also after a training that the champion survived: the history was imported again for it.
    is_training = any(batch.report.full_training or batch.report.challenged for batch in batches)
    first_day = ready.origin - timedelta(days=SCORED_DAYS_AT_TRAINING if is_training else SCORED_DAYS)
    stores = [store for batch in batches for store in batch.stores]
    for start in range(0, len(stores), STORES_PER_COMMIT):
        chunk = stores[start : start + STORES_PER_COMMIT]
        with env.db.transaction() as transaction:
            scores.upsert_changed_scores(transaction, ready.chain, chunk, first_day, ready.origin)
            if newest_day > ready.origin:  # the forecast is late: runs since then could not score its first days
                scores.upsert_scores_of_origin(transaction, ready.chain, chunk, ready.origin, newest_day)
    score_totals(env, ready.chain, stores, first_day, max(newest_day, ready.origin))


def _announce_drift(env: Environment, ready: ForecastReady, expected_wape: float) -> None:
    """Announce a drift once a run."""
    first_day = ready.origin - timedelta(days=DRIFT_DAYS - 1)
    with env.outbox.work("forecast") as work:
        recent = scores.read_scores_of_next_week(work, ready.chain, first_day, ready.origin)
        run = lock_run(work, ready.run)
        if run is None or run.drifted or not has_drifted(recent, expected_wape):
            return
        update_drifted(work, run.id)
        errors = {"wape": recent.wape, "expected_wape": expected_wape, "coverage": recent.coverage}
        run_lifecycle.announce(work, ForecastDrifted(run=run.id, chain=run.chain, origin=ready.origin, **errors))
    log.logger().warning("forecasts drift", extra={"chain": ready.chain, **errors})


def has_drifted(recent: ScoreSum, expected_wape: float) -> bool:
    """Whether the error is 1.5 times the expected one, or the intervals cover less than 60 % of the days."""
    if recent.days < LEAST_SCORES:
        return False
    return recent.wape > MOST_TIMES_EXPECTED * expected_wape or recent.coverage < LEAST_COVERAGE


handler = entry.queue(ForecastReady, score_forecasts)
