"""A made-up but plausible chain: levels, weekdays, seasons, holidays, noise and closings from one seed."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from functions.forecast import calendars
from functions.forecast.gathering import HORIZON, Snapshot
from functions.forecast.history import History

FIRST = date(2024, 1, 1)
WEEK = np.array([-0.15, -0.1, -0.05, 0.0, 0.15, 0.2, -0.05])


def a_chain(stores: int, days: int, seed: int = 1) -> Snapshot:
    """Its snapshot, in minor units; a twentieth of the stores opened within the last year."""
    rng = np.random.default_rng(seed)
    last = FIRST + timedelta(days=days - 1)
    names = tuple(f"s{n:04d}" for n in range(stores))
    calendar = calendars.build("US", names, FIRST, last + timedelta(days=HORIZON))
    public = calendars.days_of("US", FIRST, days).public
    day = np.arange(days)
    logs = np.log(300_000) + rng.normal(0, 0.5, (stores, 1)) + rng.normal(0, 0.1, (stores, 1)) * day / 365
    logs = logs + WEEK[(FIRST.weekday() + day) % 7] * rng.uniform(0.5, 1.5, (stores, 1))
    logs += 0.1 * np.sin(2 * np.pi * day / 365.25) + public * rng.normal(-0.3, 0.2, (stores, 1))
    logs += rng.normal(0, 0.1, (stores, days))
    revenue = np.rint(np.exp(logs))
    revenue[rng.random((stores, days)) < 0.005] = 0  # noqa: PLR2004 - two days of a year
    young = rng.random(stores) < 0.05  # noqa: PLR2004 - a twentieth
    revenue[np.ix_(young, day < days - 200)] = np.nan
    told = np.full((stores, HORIZON), np.nan, np.float32)
    return Snapshot(History(names, FIRST, revenue), calendar, told)


def as_table(stores: int, days: int) -> pd.DataFrame:
    """The same as mlforecast takes it: unique_id, ds, y."""
    history = a_chain(stores, days).history
    dates = pd.date_range(history.first_day, periods=days)
    table = pd.DataFrame(
        {
            "unique_id": np.repeat(history.stores, days),
            "ds": np.tile(dates, stores),
            "y": history.revenue.ravel(),
        }
    )
    return table.dropna()
