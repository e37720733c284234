"""Scores: each forecast of a past day beside the revenue of that day, and their sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from functions.forecast.tables.keys import store_keys
from shared.spine.db import Transaction

SCORE = """
    INSERT INTO forecast_scores (store_id, day, origin, chain_id, model_id, horizon, revenue, abs_error, covered)
    SELECT f.store_id, f.day, f.origin, f.chain_id, f.model_id, DATEDIFF(f.day, f.origin), h.revenue,
        ABS(f.mean - h.revenue), h.revenue BETWEEN f.p10 AND f.p90
    FROM (
        SELECT d.store_id, d.day, d.revenue FROM forecast_history d
        LEFT JOIN forecast_scores s ON s.store_id = d.store_id AND s.day = d.day AND s.origin = {scored_origin}
        WHERE d.store_id IN %(store_keys)s AND d.day BETWEEN %(first_day)s AND %(last_day)s
            AND d.revenue > 0 AND NOT d.revenue <=> s.revenue
            AND d.source = (
                SELECT MIN(o.source) FROM forecast_history o WHERE o.store_id = d.store_id AND o.day = d.day)
    ) AS h JOIN forecasts f ON f.store_id = h.store_id AND f.day = h.day
    WHERE f.origin {forecast_origin}
    ON DUPLICATE KEY UPDATE revenue = VALUES(revenue), abs_error = VALUES(abs_error), covered = VALUES(covered)"""
# The scores of a day are valid, all of them, unless its revenue has changed since. The score of the forecast with the
# newest origin tells that.
UPSERT_CHANGED_SCORES = SCORE.format(scored_origin="d.day - INTERVAL 1 DAY", forecast_origin="< f.day")
UPSERT_SCORES_OF_ORIGIN = SCORE.format(scored_origin="%(origin)s", forecast_origin="= %(origin)s")
SUMS = """COUNT(*) AS days, CAST(SUM(revenue) AS SIGNED) AS revenue, CAST(SUM(abs_error) AS SIGNED) AS abs_error,
        CAST(SUM(covered) AS SIGNED) AS covered
    FROM forecast_scores WHERE chain_id = %(chain)s AND day BETWEEN %(first_day)s AND %(last_day)s"""
BY_STORE = f"SELECT SUBSTRING_INDEX(store_id, ':', -1) AS name, {SUMS} GROUP BY store_id ORDER BY store_id"
BY_HORIZON = f"SELECT horizon AS name, {SUMS} GROUP BY horizon ORDER BY horizon"
BY_MODEL = f"SELECT model_id AS name, {SUMS} GROUP BY model_id ORDER BY model_id"
OF_NEXT_WEEK = f"SELECT 'next_week' AS name, {SUMS} AND horizon <= 7"


@dataclass(frozen=True)
class ScoreSum:
    """Sums over scored forecasts of `days`; without a day the sums are None."""

    name: str | int
    days: int
    revenue: int
    abs_error: int
    covered: int

    @property
    def wape(self) -> float:
        """Sum of absolute errors ÷ sum of revenue."""
        return float(self.abs_error / self.revenue)

    @property
    def coverage(self) -> float:
        """The share of days between P10 and P90."""
        return float(self.covered / self.days)


def upsert_changed_scores(
    transaction: Transaction, chain: str, stores: Sequence[str], first_day: date, last_day: date
) -> None:
    """Score every forecast for those of these days whose revenue is new or has changed."""
    if stores:
        values = {"store_keys": store_keys(chain, stores), "first_day": first_day, "last_day": last_day}
        transaction.execute(UPSERT_CHANGED_SCORES, values)


def upsert_scores_of_origin(
    transaction: Transaction, chain: str, stores: Sequence[str], origin: date, last_day: date
) -> None:
    """Score the forecasts of one origin for the days up to `last_day`."""
    if stores:
        days = {"origin": origin, "first_day": origin + timedelta(days=1), "last_day": last_day}
        transaction.execute(UPSERT_SCORES_OF_ORIGIN, {"store_keys": store_keys(chain, stores), **days})


def read_scores_by_store(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[ScoreSum]:
    """Sums by store."""
    return _read(transaction, BY_STORE, chain, first_day, last_day)


def read_scores_by_horizon(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[ScoreSum]:
    """Sums by horizon in days."""
    return _read(transaction, BY_HORIZON, chain, first_day, last_day)


def read_scores_by_model(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[ScoreSum]:
    """Sums by model set."""
    return _read(transaction, BY_MODEL, chain, first_day, last_day)


def read_scores_of_next_week(transaction: Transaction, chain: str, first_day: date, last_day: date) -> ScoreSum:
    """The sum over forecasts with a horizon of up to seven days."""
    [score_sum] = _read(transaction, OF_NEXT_WEEK, chain, first_day, last_day)
    return score_sum


def _read(transaction: Transaction, statement: str, chain: str, first_day: date, last_day: date) -> list[ScoreSum]:
    values = {"chain": chain, "first_day": first_day, "last_day": last_day}
    return [ScoreSum(**row) for row in transaction.rows(statement, values)]
