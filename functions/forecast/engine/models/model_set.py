"""A model set: the trained base models of a batch with weights and intervals; it forecasts, and is refreshed."""

import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import lightgbm
import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Array, Floats, Values
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped
from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration, weight_vector
from functions.forecast.engine.models.calibration_windows import WindowModels, forecast_window, predictions, rows_of
from functions.forecast.engine.models.conformal_intervals import Intervals
from functions.forecast.engine.models.ensemble_weights import ensemble_weights
from functions.forecast.engine.models.lightgbm_models import Booster
from functions.forecast.engine.models.opening_chance import opening_chance, silent_stores
from functions.forecast.engine.models.totals import DayMeans, TotalIntervals
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows

OPEN_CHANCE = 0.5  # from which on a day is forecast as open
SAME = 1e-5  # relative difference within which two amounts are the same; logarithms of 32 bits are as exact as this
IGNORED = "not used: it had the same value on every day of the history"
WEEK = 7
REFRESH_STEP = 5  # days between the origins of a refresh


@dataclass(frozen=True)
class Prediction:
    """The forecast of some stores.

    - `rows`: one a store and day. `totals`: store_id, days, mean, p10, p50, p90; `*` is all of the stores.
    - `imputed`: by covariate the rule of the values that were used for missing inputs, or that it was not used.
    - `silent`: stores without data up to the origin, with the number of these days.
    - `shocks`: days on which the chain was unusual; one year later, nothing is compared with them.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame
    imputed: dict[str, str]
    silent: dict[str, int]
    shocks: tuple[date, ...] = ()


@dataclass(frozen=True)
class ModelSet:
    """The models of one training; `trained_to` is the last day that its trees used.

    `base_models` are the names in use: all in a small chain, the LightGBM models in a large one. There the others have
    a weight only if they were better in the calibration windows.
    `constant_columns` of the covariates never changed in the training data and are not used.
    `typical[column]` is the feature row from which drivers are measured. `opening_model` is None if openings are known.
    """

    settings: Settings
    seed: int
    country: str
    stores: tuple[str, ...]
    constant_columns: tuple[str, ...]
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
    total_intervals: TotalIntervals = field(default_factory=TotalIntervals)

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
        base = self.base_predictions(panel, table)
        prediction = self.prediction(panel, table, base, self.open_probability(panel, table))
        return replace(prediction, silent=prediction.silent | dict(history.ended))

    def prediction(self, panel: Panel, table: FeatureTable, base: Values, open_probability: Values) -> Prediction:
        """The forecast of the table's rows, from `base_predictions` and the probability that the store opens."""
        rows, regime = table.rows, panel.regime(table.rows)
        scale = self.intervals.error_scale.predict(table.matrix, regime)
        means = DayMeans.of(base, open_probability, scale, rows.horizon, regime, self.intervals)
        age = panel.baseline.age[rows.store, rows.origin]
        totals = self.total_intervals.around(panel.stores, rows.store, rows.horizon, means, age)
        days = self.rows(panel, table, self.ensemble(base), open_probability)
        rules = dict.fromkeys(self.constant_columns, IGNORED) | panel.imputed
        return Prediction(days, totals, rules, silent_stores(panel), panel.shock_days)

    def table(
        self, history: History, covariates: Covariates, origin: date, horizon: int, store: str | None = None
    ) -> tuple[Panel, FeatureTable]:
        """The panel up to `origin`, and the features of the days after it, for one `store` or for all."""
        panel = panel_at(history, covariates.without(self.constant_columns), self.settings, origin, horizon)
        rows = rows_of(panel, [panel.history_days - 1], horizon)
        if store is not None:
            rows = rows.at(rows.store == panel.stores.index(store))
        return panel, FeatureTable(panel, rows)

    def base_predictions(self, panel: Panel, table: FeatureTable) -> Values:
        """[row, base model]: log forecasts, as if the store were open."""
        return predictions(panel, table, self.boosters, small=self.small)

    def ensemble(self, base: Values) -> Values:
        """By row: the logarithm of the forecast, from `base_predictions`."""
        log_forecast: Values = base @ weight_vector(self.weights)
        return log_forecast

    def log_forecast(self, panel: Panel, table: FeatureTable) -> Values:
        """By row: the logarithm of the forecast, as if the store were open."""
        return self.ensemble(self.base_predictions(panel, table))

    def open_probability(self, panel: Panel, table: FeatureTable) -> Values:
        """By row: the probability that the store opens."""
        return opening_chance(self.opening_model, panel, table)

    def rows(self, panel: Panel, table: FeatureTable, log_forecast: Values, open_probability: Values) -> pd.DataFrame:
        """The forecast of the table's rows, as `forecast` returns it."""
        rows, mean = table.rows, np.where(open_probability >= OPEN_CHANCE, np.exp(log_forecast), 0)
        low, middle, high = self.intervals.around(
            log_forecast, table.matrix, rows.horizon, panel.regime(rows), open_probability
        )
        # If all past errors have the same sign, the forecast would lie outside of its interval.
        low, high = np.minimum(low, mean), np.maximum(high, mean)
        latest_revenue = last_revenue(panel, rows)
        return pd.DataFrame(
            {
                "store_id": np.array(panel.stores)[rows.store],
                "origin": panel.first_day + timedelta(days=panel.history_days - 1),
                "date": np.array([panel.first_day + timedelta(days=int(day)) for day in rows.target]),
                "horizon": rows.horizon,
                "mean": exact(mean, latest_revenue),
                "p10": exact(low, latest_revenue),
                "p50": exact(middle, latest_revenue),
                "p90": exact(high, latest_revenue),
                "lead_model": self.lead_model,
            }
        )

    def refresh(self, history: History, covariates: Covariates, last_day: date) -> "ModelSet":
        """The set with weights and intervals from the days since the last refresh; the trees stay."""
        if last_day <= self.refreshed_to:
            return self
        used = covariates.without(self.constant_columns)
        panel = panel_at(history, used, self.settings, last_day, self.settings.horizon)
        new, trained = panel.index(self.refreshed_to), panel.index(self.trained_to)
        first = max(0, trained, new - self.settings.horizon)
        # Every refresh has the same origins, so that the days of an origin come together to a whole total.
        first += (trained - first) % REFRESH_STEP
        origins = list(range(first, panel.history_days - 1, REFRESH_STEP))
        models = WindowModels(self.boosters, self.opening_model, self.intervals.error_scale)
        window = forecast_window(panel, origins, new, models, self.settings, small=self.small)
        calibration = self.calibration.joined(window).limited()
        return replace(self, refreshed_to=last_day, calibration=calibration).calibrated()

    def calibrated(self) -> "ModelSet":
        """The set with the weights and intervals that its calibration rows give."""
        open_days, every_day, coverage = self.calibration.open_days, self.calibration, self.settings.coverage
        weights = ensemble_weights(open_days, self.base_models)
        intervals = self.intervals.calibrated(open_days.errors(weights), open_days, coverage)
        means = DayMeans.of(
            every_day.predictions,
            every_day.open_probability,
            every_day.error_scale,
            every_day.horizon,
            every_day.regime,
            intervals,
        )
        totals = TotalIntervals.calibrated(every_day, means, self.settings.horizon, coverage)
        return replace(self, weights=weights, intervals=intervals, total_intervals=totals)

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
            "constant_columns": self.constant_columns,
            "trained_to": self.trained_to.isoformat(),
            "refreshed_to": self.refreshed_to.isoformat(),
            "data_hash": self.data_hash,
            "feature_names": self.feature_names,
            "base_models": self.base_models,
            "weights": self.weights,
            "quantiles": self.intervals.quantiles,
            "totals": self.total_intervals.document(),
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
            constant_columns=tuple(document["constant_columns"]),
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
            total_intervals=TotalIntervals.read(document["totals"]),
        )


def last_revenue(panel: Panel, rows: Rows) -> Floats:
    """By row: the store's newest revenue on the target's weekday, up to the origin; NaN if it is unknown."""
    day = panel.newest_aligned_day(rows, WEEK)
    revenue: Floats = np.where(day >= 0, panel.revenue[rows.store, np.maximum(day, 0)], np.nan)
    return revenue


def exact(amount: Array, latest_revenue: Floats) -> Array:
    """The amounts, and `usual` in place of one that is the same but for rounding: a constant series stays constant."""
    is_same = np.abs(amount - latest_revenue) <= SAME * np.nan_to_num(latest_revenue)
    amounts: Array = np.where(is_same, latest_revenue, amount)
    return amounts


def booster_bytes(booster: Booster) -> bytes:
    """LightGBM's text of the booster."""
    text: str = booster.model_to_string()
    return text.encode()


def panel_at(history: History, covariates: Covariates, settings: Settings, origin: date, horizon: int) -> Panel:
    """The panel of the history up to `origin`."""
    past = history.until(origin, settings.history_days)
    return Panel(past, covariates.of(past.stores), horizon)
