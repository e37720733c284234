"""Training: one model set from the history and covariates up to a day."""

import hashlib
from dataclasses import replace
from datetime import date

import numpy as np

from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import LEAST_DAYS, History
from functions.forecast.engine.models import lightgbm_models
from functions.forecast.engine.models.calibration import BASE_MODELS
from functions.forecast.engine.models.calibration_windows import calibrate
from functions.forecast.engine.models.conformal_intervals import Intervals
from functions.forecast.engine.models.error_scale import CalibrationErrors
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.panel import LateCopies, Panel
from shared.spine.errors import Rejected

LATE_DAYS = 60  # copies of stores begin at least this many days after the first and before the last day
# From this many store-days on LightGBM has enough data, and simple models only blur it.
SMALL_CHAIN = 20_000
LIGHTGBM_NAMES = BASE_MODELS[: len(lightgbm_models.RECIPES)]


def train(history: History, covariates: Covariates, settings: Settings, *, last_day: date, seed: int = 1) -> ModelSet:
    """A model set from the data up to `last_day`; the same arguments give the same bytes.

    Raises `Rejected` for a history of less than four weeks, and for one without recent sales.
    """
    rng = np.random.default_rng(seed)
    past = history.until(last_day, settings.history_days)
    if past.days < LEAST_DAYS:
        raise Rejected("history_short", f"The history up to {last_day} has {past.days} days. It needs {LEAST_DAYS}.")
    covariates = covariates.of(past.stores)
    constant = covariates.constant_columns(past.first_day, past.days)
    covariates = covariates.without(constant)
    panel = Panel(past, covariates, settings.horizon, _late_copies(past, settings, rng))
    openings_known = "open" in panel.covariates
    sample = lightgbm_models.draw_sample(panel, settings, rng, closed_days=not openings_known)
    small = int(panel.traded.sum()) < SMALL_CHAIN
    # A large chain has each day once: with half of the rows, calibration models would know half of the data.
    validation = settings if small else replace(settings, validation_share=1.0)
    errors = CalibrationErrors.of(sample, validation, seed)
    calibration = calibrate(panel, sample, errors, validation, seed, small=small)
    last = panel.history_days - 1
    return ModelSet(
        settings=settings,
        seed=seed,
        country=covariates.country,
        stores=past.stores,
        constant_columns=constant,
        trained_to=last_day,
        refreshed_to=last_day,
        data_hash=data_hash(past, covariates),
        feature_names=sample.feature_names,
        base_models=BASE_MODELS if small else LIGHTGBM_NAMES,
        typical=sample.typical,
        boosters=lightgbm_models.fit(sample, last, settings, seed, small=small),
        opening_model=None if openings_known else lightgbm_models.fit_opening_model(sample, last, settings, seed),
        calibration=calibration,
        weights={},
        intervals=Intervals(errors.error_scale(last)),
    ).calibrated()


def _late_copies(history: History, settings: Settings, rng: np.random.Generator) -> LateCopies | None:
    """Copies of stores with a late opening, so that the models learn young stores; None in a short history."""
    count = round(settings.truncated_share * len(history.stores))
    if not count or history.days <= 2 * LATE_DAYS:
        return None
    store = rng.choice(len(history.stores), count, replace=False)
    return LateCopies(store, rng.integers(LATE_DAYS, history.days - LATE_DAYS, count))


def data_hash(history: History, covariates: Covariates) -> str:
    """SHA-256 of the training data, in hexadecimal."""
    head = (history.stores, history.first_day, covariates.country, covariates.first_day)
    digest = hashlib.sha256(repr(head).encode())
    digest.update(np.ascontiguousarray(history.revenue).tobytes())
    for name in sorted(covariates.columns):
        digest.update(name.encode() + np.ascontiguousarray(covariates.columns[name]).tobytes())
    return digest.hexdigest()
