"""SQL → Snapshot: revenue from orders and imports, what people entered, and weather, up to an origin."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from functions.forecast import store
from functions.forecast.engine.data import covariates, snapshot
from functions.forecast.engine.data.covariates import Calendar
from functions.forecast.engine.data.outliers import mended
from functions.forecast.engine.data.snapshot import HISTORY_DAYS, ClosedByHours, PlannedDays, Snapshot
from functions.forecast.engine.holidays.holiday_calendar import require_country
from functions.forecast.engine.settings import HORIZON
from shared.spine.env import Environment

Values = NDArray[np.float32]
# Money goes back for days after it came in.
REFUND_DAYS = 14


def pull(env: Environment, chain: str, stores: Sequence[str], last_day: date, *, whole: bool) -> None:
    """Take over what orders say of each store's days since the last time, and of those that refunds may have moved.

    `whole`: of all days, for orders of long ago may have been taken in since.
    """
    first = last_day - timedelta(days=HISTORY_DAYS - 1)
    for start in range(0, len(stores), store.STORES_A_COMMIT):
        some = stores[start : start + store.STORES_A_COMMIT]
        # Two years of orders take a while to sum, in which a transaction would keep the table from being altered.
        with env.db.statements() as statements:
            newest = {} if whole else store.pulled_to(statements, chain, some)
            rows = [
                (each, row["day"], "orders", chain, row["currency"], row["revenue"])
                for each in some
                for row in store.revenue(statements, chain, each, _again_from(newest.get(each), first), last_day)
            ]
        with env.db.transaction() as transaction:
            store.keep_history(transaction, rows)


def _again_from(newest: date | None, first: date) -> date:
    return max(first, newest - timedelta(days=REFUND_DAYS)) if newest else first


def gather(
    env: Environment, run: str, part: int, chain: str, country: str, stores: Sequence[str], last_day: date
) -> Snapshot:
    """What is known on the evening of `last_day`. Raises `Rejected` for a history that no rule can mend."""
    require_country(country)
    first_day, end = last_day - timedelta(days=HISTORY_DAYS - 1), last_day + timedelta(days=HORIZON)
    with env.db.transaction() as transaction:
        days = store.histories(transaction, chain, stores, first_day, last_day)
        plans = store.plans(transaction, chain, first_day, end)
        closings = store.closings(transaction, chain, last_day + timedelta(days=1), end)
    history = snapshot.history_of(days, first_day).closed_since_last_row()
    history = mended(snapshot.reaching(history, last_day), country)
    with env.db.transaction() as transaction:
        store.keep_corrections(transaction, run, chain, history.corrections, part)
    calendar = covariates.build(country, history.stores, history.first_day, end)
    planned = [PlannedDays(row["kind"], row["store"], row["first_day"], row["last_day"]) for row in plans]
    closed_by_hours = [ClosedByHours(row["store"], row["weekday"], row["day"]) for row in closings]
    return snapshot.build(history, calendar, weather(env, chain, calendar), planned, closed_by_hours)


def weather(env: Environment, chain: str, calendar: Calendar) -> dict[str, Values]:
    """By name, [store, day]: what people entered; NaN where they did not."""
    with env.db.transaction() as transaction:
        names = store.weather_names(transaction, chain)
        found = {name: np.full((len(calendar.stores), calendar.days), np.nan, np.float32) for name in names}
        places: dict[str, int | slice] = {store.EVERY_STORE: slice(None)}
        places |= {each: at for at, each in enumerate(calendar.stores)}
        for of, at in places.items() if names else ():
            told = store.weather_of_store(transaction, chain, names, of, calendar.first_day, calendar.last_day)
            for name, days in told.items():
                day, value = np.fromstring(" ".join(days), sep=" ").reshape(-1, 2).T
                found[name][at, day.astype(int)] = value
    return found
