"""Synthetic chains with stated rules: the effect of a weekday, a promotion or a holiday is written here."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.settings import Settings

WEEK = np.array([0.8, 0.85, 0.9, 1.0, 1.3, 1.5, 0.7])  # Monday to Sunday, relative to the level
FIRST = date(2023, 1, 2)
NEVER = date(2100, 1, 1)
# Small enough for a test, and every base model is trained.
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
    """store_id, date, revenue: level × weekday × noise × `factor(store, day)`; 0 is closed."""
    rng = np.random.default_rng(seed)
    sales = []
    for store in range(stores):
        level = 900 + 400 * store
        for index in range(days):
            day = first + timedelta(days=index)
            expected = level * WEEK[day.weekday()] * factor(store, day)
            sales.append((f"s{store}", day.isoformat(), round(expected * float(np.exp(rng.normal(0, noise))), 2)))
    return pd.DataFrame(sales, columns=["store_id", "date", "revenue"])


def wape(revenue: NDArray[np.float64], forecast: NDArray[np.float64]) -> float:
    """Sum |y - f| / sum y."""
    return float(np.abs(revenue - forecast).sum() / revenue.sum())
