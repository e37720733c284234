"""A model set: the trained base models of a batch with weights and intervals; it forecasts, and is refreshed."""

import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta

import lightgbm
import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Flags, Values
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped
from functions.forecast.engine.holidays.holiday_closures import expected_closures
from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration, weight_vector
from functions.forecast.engine.models.calibration_windows import forecast_window, predictions, rows_of
from functions.forecast.engine.models.conformal_intervals import Intervals
from functions.forecast.engine.models.ensemble_weights import ensemble_weights
from functions.forecast.engine.models.lightgbm_models import Booster
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel

OPEN_PROBABILITY = 0.5
REFRESH_STEP = 5  # days between the origins of a refresh


@dataclass(frozen=True)
class Prediction:
    """Rows of a forecast; `imputed` has by covariate the rule of the values that were used for missing inputs.

    `shocks` are days on which the chain was unusual: one year later, nothing is compared with them.
    """

    rows: pd.DataFrame
    imputed: dict[str, str]
    shocks: tuple[date, ...] = ()


@dataclass(frozen=True)
class ModelSet:
    """The models of one training; `trained_to` is the last day that its trees used.

    `base_models` are the names in use: all in a small chain, the LightGBM models alone in a large one.
    `typical[column]` is the feature row from which drivers are measured. `opening_model` is None if openings are known.
    """

    settings: Settings
    seed: int
    country: str
    stores: tuple[str, ...]
    trained_to: date
    refreshed_to: date
    data_hash: str
    feature_names: tuple[str, ...]
    base_models: tuple[str, ...]
    typical: Values
    boosters: dict[str, list[Booster]]
    opening_model: Booster | None
    calibration: Calibration
    weights: dict[str, float]
    intervals: Intervals

    @property
    def small(self) -> bool:
        """True if the chain has too few days for LightGBM alone."""
        return self.base_models == BASE_MODELS

    @property
    def lead_model(self) -> str:
        """The base model with the largest weight."""
        return max(self.weights, key=lambda name: self.weights[name])

    def forecast(self, history: History, covariates: Covariates, origin: date, horizon: int = 30) -> pd.DataFrame:
        """The days after `origin`: store_id, origin, date, horizon, mean, p10, p50, p90, lead_model; 0 if closed.

        No day of `history` after `origin` is used. A store without an open day until then has no rows.
        """
        return self.predict(history, covariates, origin, horizon).rows

    def predict(self, history: History, covariates: Covariates, origin: date, horizon: int = 30) -> Prediction:
        """The forecast, with the values that were used for missing inputs."""
        panel, table = self.table(history, covariates, origin, horizon)
        rows = self.rows(panel, table, self.log_forecast(panel, table), self.is_open(panel, table))
        return Prediction(rows, panel.imputed, panel.shock_days)

    def table(
        self, history: History, covariates: Covariates, origin: date, horizon: int, store: str | None = None
    ) -> tuple[Panel, FeatureTable]:
        """The panel up to `origin`, and the features of the days after it, for one `store` or for all."""
        panel = panel_at(history, covariates, self.settings, origin, horizon)
        rows = rows_of(panel, [panel.history_days - 1], horizon)
        if store is not None:
            rows = rows.at(rows.store == panel.stores.index(store))
        return panel, FeatureTable(panel, rows)

    def log_forecast(self, panel: Panel, table: FeatureTable) -> Values:
        """By row: the logarithm of the forecast, as if the store were open."""
        log_forecast: Values = predictions(panel, table, self.boosters, small=self.small) @ weight_vector(self.weights)
        return log_forecast

    def is_open(self, panel: Panel, table: FeatureTable) -> Flags:
        """By row: True if the store is expected to open, by its covariate or else by model and last year's holidays."""
        rows = table.rows
        if self.opening_model is None:
            entered: Flags = panel.covariates["open"][rows.store, rows.target] > 0
            return entered
        likely = np.asarray(self.opening_model.predict(table.matrix)) >= OPEN_PROBABILITY
        revenue = panel.revenue[: panel.store_count]
        return likely & ~expected_closures(panel.holidays, revenue, rows.store, rows.target)

    def rows(self, panel: Panel, table: FeatureTable, log_forecast: Values, is_open: Flags) -> pd.DataFrame:
        """The forecast of the table's rows, as `forecast` returns it."""
        rows, mean = table.rows, np.exp(log_forecast)
        low, middle, high = self.intervals.around(log_forecast, table.matrix, rows.horizon, panel.regime(rows))
        # If all past errors have the same sign, the forecast would lie outside of its interval.
        low, high = np.minimum(low, mean), np.maximum(high, mean)
        return pd.DataFrame(
            {
                "store_id": np.array(panel.stores)[rows.store],
                "origin": panel.first_day + timedelta(days=panel.history_days - 1),
                "date": np.array([panel.first_day + timedelta(days=int(day)) for day in rows.target]),
                "horizon": rows.horizon,
                "mean": np.where(is_open, mean, 0),
                "p10": np.where(is_open, low, 0),
                "p50": np.where(is_open, middle, 0),
                "p90": np.where(is_open, high, 0),
                "lead_model": self.lead_model,
            }
        )

    def refresh(self, history: History, covariates: Covariates, last_day: date) -> "ModelSet":
        """The set with weights and intervals from the days since the last refresh; the trees stay."""
        if last_day <= self.refreshed_to:
            return self
        panel = panel_at(history, covariates, self.settings, last_day, self.settings.horizon)
        new = panel.index(self.refreshed_to)
        first = max(0, panel.index(self.trained_to), new - self.settings.horizon)
        origins = list(range(first, panel.history_days - 1, REFRESH_STEP))
        error_scale = self.intervals.error_scale
        window = forecast_window(panel, origins, new, self.boosters, error_scale, self.settings, small=self.small)
        calibration = self.calibration.joined(window).limited(self.seed)
        return replace(self, refreshed_to=last_day, calibration=calibration).calibrated()

    def calibrated(self) -> "ModelSet":
        """The set with the weights and intervals that its calibration rows give."""
        weights = ensemble_weights(self.calibration, self.base_models)
        errors = self.calibration.errors(weights)
        intervals = self.intervals.calibrated(errors, self.calibration, self.settings.coverage)
        return replace(self, weights=weights, intervals=intervals)

    def dump(self) -> bytes:
        """A zip of JSON, LightGBM's text and NumPy's arrays; equal sets give equal bytes."""
        files = {"set.json": json.dumps(self._document(), sort_keys=True).encode()}
        for name, boosters in self.boosters.items():
            files |= {f"{name}.{index}.txt": booster_bytes(booster) for index, booster in enumerate(boosters)}
        if self.opening_model:
            files["opening_model.txt"] = booster_bytes(self.opening_model)
        files["error_scale.txt"] = booster_bytes(self.intervals.error_scale.booster)
        files |= {f"{name}.npy": array_bytes(values) for name, values in vars(self.calibration).items()}
        files["typical.npy"] = array_bytes(self.typical)
        return zipped(files)

    def _document(self) -> dict[str, object]:
        return {
            "settings": self.settings.document(),
            "seed": self.seed,
            "country": self.country,
            "stores": self.stores,
            "trained_to": self.trained_to.isoformat(),
            "refreshed_to": self.refreshed_to.isoformat(),
            "data_hash": self.data_hash,
            "feature_names": self.feature_names,
            "base_models": self.base_models,
            "weights": self.weights,
            "quantiles": self.intervals.quantiles,
            "boosters": {name: len(boosters) for name, boosters in self.boosters.items()},
        }

    @classmethod
    def load(cls, data: bytes) -> "ModelSet":
        """The set from `dump()`."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        document = json.loads(files["set.json"])
        text = {name: content.decode() for name, content in files.items() if name.endswith(".txt")}
        arrays = {name: np.load(io.BytesIO(content)) for name, content in files.items() if name.endswith(".npy")}
        opening = text.get("opening_model.txt")
        opening_model = lightgbm.Booster(model_str=opening) if opening else None
        return cls(
            settings=Settings.read(document["settings"]),
            seed=document["seed"],
            country=document["country"],
            stores=tuple(document["stores"]),
            trained_to=date.fromisoformat(document["trained_to"]),
            refreshed_to=date.fromisoformat(document["refreshed_to"]),
            data_hash=document["data_hash"],
            feature_names=tuple(document["feature_names"]),
            base_models=tuple(document["base_models"]),
            typical=arrays["typical.npy"],
            boosters={
                name: [lightgbm.Booster(model_str=text[f"{name}.{index}.txt"]) for index in range(count)]
                for name, count in document["boosters"].items()
            },
            opening_model=opening_model,
            calibration=Calibration(*(arrays[f"{name}.npy"] for name in Calibration.__annotations__)),
            weights=document["weights"],
            intervals=Intervals.read(text["error_scale.txt"], document["quantiles"]),
        )


def booster_bytes(booster: Booster) -> bytes:
    """LightGBM's text of the booster."""
    text: str = booster.model_to_string()
    return text.encode()


def panel_at(history: History, covariates: Covariates, settings: Settings, origin: date, horizon: int) -> Panel:
    """The panel of the history up to `origin`."""
    past = history.until(origin, settings.history_days)
    return Panel(past, covariates.of(past.stores), horizon)
