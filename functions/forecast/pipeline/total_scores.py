"""Totals of past days beside the revenue of these days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from functions.forecast.engine.settings import LONGEST_SILENCE
from functions.forecast.tables import history, total_scores, totals
from functions.forecast.tables.history import STORES_PER_COMMIT
from functions.forecast.tables.total_scores import TotalScore
from functions.forecast.tables.totals import EVERY_STORE, Total
from shared.spine.db import Transaction
from shared.spine.env import Environment

SPANS = (7, 30)  # days


@dataclass(frozen=True)
class PastRevenue:
    """`by_store[store]`: days since `first_day`, with their revenue in minor units. `newest_day` is the chain's."""

    first_day: date
    newest_day: date
    by_store: dict[str, dict[int, int]]

    def total(self, store: str, last_day: date, days: int) -> int | None:
        """The revenue of so many days up to `last_day`; None while data of the store may be late.

        A store without data for more than `LONGEST_SILENCE` days is closed, so its days have no revenue.
        """
        revenue, last = self.by_store.get(store, {}), (last_day - self.first_day).days
        newest = max(revenue, default=-1)
        if newest < last and (self.newest_day - self.first_day).days - newest <= LONGEST_SILENCE:
            return None
        return sum(revenue.get(day, 0) for day in range(last - days + 1, last + 1))


def score_totals(env: Environment, chain: str, stores: Sequence[str], first_day: date, newest_day: date) -> None:
    """Score the totals whose last day is between these days; a score that has not changed stays."""
    past = _past_revenue(env, chain, stores, first_day - timedelta(days=max(SPANS) + LONGEST_SILENCE), newest_day)
    with env.db.transaction() as transaction:
        known = set(total_scores.read_total_scores(transaction, chain, first_day, newest_day))
    for last_day in (first_day + timedelta(days=day) for day in range((newest_day - first_day).days + 1)):
        with env.db.transaction() as transaction:
            new = [score for score in _scores(transaction, chain, past, last_day) if score not in known]
            total_scores.upsert_total_scores(transaction, chain, new)


def _past_revenue(
    env: Environment, chain: str, stores: Sequence[str], first_day: date, newest_day: date
) -> PastRevenue:
    by_store: dict[str, dict[int, int]] = {}
    for start in range(0, len(stores), STORES_PER_COMMIT):
        chunk = stores[start : start + STORES_PER_COMMIT]
        with env.db.transaction() as transaction:
            lines = history.read_histories(transaction, chain, chunk, first_day, newest_day)
        by_store |= {store: revenue_by_day(days) for store, days in lines.items()}
    return PastRevenue(first_day, newest_day, by_store)


def revenue_by_day(lines: Sequence[str]) -> dict[int, int]:
    """From "days-since-first source currency revenue"; of two sources of a day, the first in the alphabet counts."""
    fields = sorted((line.split() for line in lines), key=lambda field: field[1], reverse=True)
    return {int(day): int(revenue) for day, _, _, revenue in fields}


def _scores(transaction: Transaction, chain: str, past: PastRevenue, last_day: date) -> Iterator[TotalScore]:
    for days in SPANS:
        forecast = totals.read_totals(transaction, chain, last_day - timedelta(days=days))
        yield from scores_of([total for total in forecast if total.days == days], past, last_day)


def scores_of(forecast: Sequence[Total], past: PastRevenue, last_day: date) -> Iterator[TotalScore]:
    """The scores of totals of one origin and span; that of the chain only if no store's data may be late."""
    revenue = {
        total.store: past.total(total.store, last_day, total.days) for total in forecast if total.store != EVERY_STORE
    }
    if revenue and None not in revenue.values():
        revenue[EVERY_STORE] = sum(amount or 0 for amount in revenue.values())
    for total in forecast:
        amount = revenue.get(total.store)
        if amount is not None:
            covered = total.p10 <= amount <= total.p90
            yield TotalScore(last_day, total.days, total.store, total.mean, amount, covered)
