"""Made-up chains whose rules are known: what a weekday, a promotion or a holiday does is written here."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.settings import Settings

WEEK = np.array([0.8, 0.85, 0.9, 1.0, 1.3, 1.5, 0.7])  # Monday to Sunday, around a usual day
FIRST = date(2023, 1, 2)
NEVER = date(2100, 1, 1)
# Small enough for a test, and every member is trained.
SMALL = Settings(rows=6_000, rounds=25, learning_rate=0.2, validation_days=(30, 60), threads=1)


def rows(
    stores: int = 6,
    days: int = 500,
    *,
    first: date = FIRST,
    noise: float = 0.08,
    factor: Callable[[int, date], float] = lambda _store, _day: 1.0,
    seed: int = 7,
) -> pd.DataFrame:
    """store_id, date, revenue: a level a store, the week's shape, noise, and `factor` of (store, day); 0 is closed."""
    rng = np.random.default_rng(seed)
    sales = []
    for store in range(stores):
        level = 900 + 400 * store
        for at in range(days):
            day = first + timedelta(days=at)
            revenue = level * WEEK[day.weekday()] * factor(store, day)
            sales.append((f"s{store}", day.isoformat(), round(revenue * float(np.exp(rng.normal(0, noise))), 2)))
    return pd.DataFrame(sales, columns=["store_id", "date", "revenue"])


def missed(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> float:
    """Sum |y - f| / sum y."""
    return float(np.abs(truth - predicted).sum() / truth.sum())
