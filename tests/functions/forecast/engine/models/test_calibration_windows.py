"""Calibration windows begin at stated days, and have stores with an open day."""

from datetime import timedelta

import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.models.calibration_windows import _last_training_days, rows_of
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.panel import Panel
from tests.functions.forecast.chains import FIRST, NEVER, rows


@pytest.mark.parametrize(
    ("days", "last"),
    [(500, [469, 439, 349]), (100, [69, 39]), (40, [26])],  # the last has one window, in its last third
)
def test_windows_begin_at_the_stated_days_before_the_end_if_a_horizon_is_before_them(
    days: int, last: list[int]
) -> None:
    settings = Settings(validation_days=(30, 60, 150))
    assert _last_training_days(days, settings) == last


def test_a_store_has_rows_only_from_origins_after_its_first_open_day() -> None:
    sales = rows(2, 100)
    late = (sales["store_id"] == "s1") & (sales["date"] < (FIRST + timedelta(days=50)).isoformat())
    past = history.read(sales[~late], NEVER)
    panel = Panel(past, covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30)), 30)
    window_rows = rows_of(panel, [49, 50], 3)
    indices = (window_rows.store.tolist(), window_rows.origin.tolist(), window_rows.target.tolist())
    assert list(zip(*indices, strict=True)) == [
        (0, 49, 50), (0, 49, 51), (0, 49, 52),
        (0, 50, 51), (0, 50, 52), (0, 50, 53),
        (1, 50, 51), (1, 50, 52), (1, 50, 53),
    ]  # fmt: skip
