"""Scores of totals: each total of past days beside the revenue of these days, and their sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.spine.db import Transaction

UPSERT_TOTAL_SCORE = """
    INSERT INTO forecast_total_scores (chain_id, last_day, days, store_id, mean, revenue, covered)
    VALUES (%(chain)s, %(last_day)s, %(days)s, %(store)s, %(mean)s, %(revenue)s, %(covered)s)
    ON DUPLICATE KEY UPDATE mean = VALUES(mean), revenue = VALUES(revenue), covered = VALUES(covered)"""
SELECT_TOTAL_SCORES = """
    SELECT last_day, days, store_id AS store, mean, revenue, covered FROM forecast_total_scores
    WHERE chain_id = %(chain)s AND last_day BETWEEN %(first_day)s AND %(last_day)s"""
SELECT_SUMS = """
    SELECT store_id = '*' AS of_chain, days, COUNT(*) AS totals,
        CAST(SUM(mean) AS SIGNED) AS mean, CAST(SUM(revenue) AS SIGNED) AS revenue,
        CAST(SUM(ABS(mean - revenue)) AS SIGNED) AS abs_error, CAST(SUM(covered) AS SIGNED) AS covered
    FROM forecast_total_scores WHERE chain_id = %(chain)s AND last_day BETWEEN %(first_day)s AND %(last_day)s
    GROUP BY of_chain, days ORDER BY of_chain DESC, days"""


@dataclass(frozen=True)
class TotalScore:
    """A total of the `days` days up to `last_day`, in minor units, beside their `revenue`."""

    last_day: date
    days: int
    store: str
    mean: int
    revenue: int
    covered: bool


@dataclass(frozen=True)
class TotalScoreSum:
    """Sums over the scored totals of `days` days, of the chain or of its stores."""

    of_chain: bool
    days: int
    totals: int
    mean: int
    revenue: int
    abs_error: int
    covered: int


def upsert_total_scores(transaction: Transaction, chain: str, scores: Iterable[TotalScore]) -> None:
    """Insert or replace scores."""
    transaction.execute_many(UPSERT_TOTAL_SCORE, [{"chain": chain} | vars(score) for score in scores])


def read_total_scores(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[TotalScore]:
    """The scores of totals whose last day is between these days."""
    values = {"chain": chain, "first_day": first_day, "last_day": last_day}
    rows = transaction.rows(SELECT_TOTAL_SCORES, values)
    return [TotalScore(**(row | {"covered": bool(row["covered"])})) for row in rows]


def read_total_score_sums(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[TotalScoreSum]:
    """The sums over totals whose last day is between these days, of the chain first."""
    values = {"chain": chain, "first_day": first_day, "last_day": last_day}
    return [TotalScoreSum(**row) for row in transaction.rows(SELECT_SUMS, values)]
