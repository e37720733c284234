"""Calibration windows: past origins from which models forecast days whose revenue is known."""

from dataclasses import dataclass, replace

import numpy as np

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.models import baseline_models, last_holiday, lightgbm_models
from functions.forecast.engine.models.calibration import Calibration
from functions.forecast.engine.models.error_scale import CalibrationErrors, ErrorScale
from functions.forecast.engine.models.lightgbm_models import Booster, Sample
from functions.forecast.engine.models.opening_chance import opening_chance
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from shared.spine.errors import Rejected

MOST_STORES = 200  # of a large chain, this many stores are enough to measure a base model
WINDOW_DAYS, ORIGIN_STEP = 31, 10  # days in which the origins of a window lie, and days between them


def rows_of(panel: Panel, origins: list[int], horizon: int) -> Rows:
    """Every store with an open day so far × origin × days up to `horizon`."""
    store, origin, ahead = (index.ravel() for index in np.indices((panel.store_count, len(origins), horizon)))
    origin = np.array(origins)[origin]
    return Rows(store, origin, origin + ahead + 1).at(np.isfinite(panel.baseline.level[store, origin]))


def predictions(panel: Panel, table: FeatureTable, boosters: dict[str, list[Booster]], *, small: bool) -> Values:
    """[row, base model]: log forecasts in the order of `BASE_MODELS`."""
    shift = holiday_shift(panel, table.rows, boosters, small=small)
    by_trees = _by_trees(boosters, panel, table, small=small) + shift
    simple = np.stack([*baseline_models.predict(panel, table)], axis=1)
    return np.hstack([by_trees, simple]).astype(np.float32)


def holiday_shift(panel: Panel, rows: Rows, boosters: dict[str, list[Booster]], *, small: bool) -> Values:
    """[row, LightGBM model]: how far its log forecast moves towards last year's holiday."""
    return last_holiday.holiday_shift(panel, rows, lambda table: _by_trees(boosters, panel, table, small=small))


def _by_trees(boosters: dict[str, list[Booster]], panel: Panel, table: FeatureTable, *, small: bool) -> Values:
    """[row, LightGBM model]: log forecasts of the trees alone."""
    return np.stack([*lightgbm_models.predict(boosters, panel, table, small=small)], axis=1)


def calibrate(
    panel: Panel, sample: Sample, errors: CalibrationErrors, settings: Settings, seed: int, *, small: bool
) -> Calibration:
    """Forecasts of models that are trained only to the beginning of each window.

    Raises `Rejected` if no store was open in the windows.
    """
    calibration: Calibration | None = None
    light = replace(settings, rounds=round(settings.rounds * settings.validation_share))
    sample = sample.first(settings.validation_share)
    for last in _last_training_days(panel.history_days, settings):
        boosters = lightgbm_models.fit(sample, last, light, seed, small=small)
        opening = None if "open" in panel.covariates else lightgbm_models.fit_opening_model(sample, last, light, seed)
        origins = [day for day in range(last, last + WINDOW_DAYS, ORIGIN_STEP) if day < panel.history_days - 1]
        window = forecast_window(
            panel, origins, last, WindowModels(boosters, opening, errors.error_scale(last)), settings, small=small
        )
        calibration = window if calibration is None else calibration.joined(window)
    if calibration is None or not len(calibration.open_days.log_revenue):
        raise Rejected("history_short", "The stores have no recent sales to measure a forecast by.")
    return calibration.limited()


def _last_training_days(days: int, settings: Settings) -> list[int]:
    """The last training day of each window. A short history has one window, in its last third."""
    last = [days - 1 - back for back in settings.validation_days if days - 1 - back >= settings.horizon]
    return last or [days - 1 - days // 3]


@dataclass(frozen=True)
class WindowModels:
    """The models that forecast a window; `opening` is None if openings are entered."""

    boosters: dict[str, list[Booster]]
    opening: Booster | None
    error_scale: ErrorScale


def forecast_window(
    panel: Panel, origins: list[int], after: int, models: WindowModels, settings: Settings, *, small: bool
) -> Calibration:
    """Forecasts of these models from each origin, for known days of the history after the day `after`."""
    rows = rows_of(panel, origins, settings.horizon)
    step = -(-panel.store_count // MOST_STORES)
    rows = rows.at((rows.store % step == 0) & (rows.target < panel.history_days) & (rows.target > after))
    rows = rows.at(np.isfinite(panel.revenue[rows.store, rows.target]))
    table, regime = FeatureTable(panel, rows), panel.regime(rows)
    return Calibration(
        predictions=predictions(panel, table, models.boosters, small=small),
        log_revenue=panel.log_revenue[rows.store, rows.target],
        error_scale=models.error_scale.predict(table.matrix, regime),
        horizon=rows.horizon,
        store=rows.store,
        origin=rows.origin + panel.first_day.toordinal(),
        open_probability=opening_chance(models.opening, panel, table),
        probability=regime.probability,
        lift=regime.lift,
        drop=regime.drop,
        age=panel.baseline.age[rows.store, rows.origin],
    )
