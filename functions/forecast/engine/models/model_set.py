"""Trains the members, weighs them by their past, and forecasts every store's next days with intervals."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.data.covariates import Calendar
from functions.forecast.engine.data.history import LEAST_DAYS, History
from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped
from functions.forecast.engine.holidays import holiday_closures
from functions.forecast.engine.models import baseline_models, lightgbm_models
from functions.forecast.engine.models.conformal_intervals import Intervals, Misses
from functions.forecast.engine.models.ensemble_weights import MEMBERS, Pool, limited, weigh
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.features import Table
from functions.forecast.engine.signals.panel import Panel, Rows
from shared.spine.errors import Rejected

Values = NDArray[np.float32]
Places = NDArray[np.int64]
LATE_FROM = 60  # copies of stores begin at most so many days before the end
# From so many days traded on, all stores together, LightGBM has enough to learn from: simple members only blur it.
SMALL_CHAIN = 20_000
TRIED_STORES = 200  # of a large chain so many stores tell how good a member is
OPEN_FROM = 0.5


@dataclass(frozen=True)
class Prediction:
    """Rows of a forecast; `imputed` has by column the rule of the values that were assumed for missing inputs."""

    rows: pd.DataFrame
    imputed: dict[str, str]


@dataclass(frozen=True)
class ModelSet:
    """One training's models with weights and intervals; `trained_to` is the last day that its trees saw."""

    settings: Settings
    seed: int
    country: str
    stores: tuple[str, ...]
    trained_to: date
    refreshed_to: date
    data_hash: str
    names: tuple[str, ...]
    members: tuple[str, ...]
    typical: Values
    models: dict[str, list[lightgbm.Booster]]
    opening: lightgbm.Booster | None
    pool: Pool
    weights: dict[str, float]
    intervals: Intervals

    def forecast(self, history: History, calendar: Calendar, origin: date, horizon: int = 30) -> pd.DataFrame:
        """store_id, origin, date, horizon, mean, p10, p50, p90, lead_model of the days after `origin`; 0 is closed.

        No day of `history` after `origin` is used. A store without revenue until then has no rows.
        """
        return self.predict(history, calendar, origin, horizon).rows

    def predict(self, history: History, calendar: Calendar, origin: date, horizon: int = 30) -> "Prediction":
        """The forecast, with the values that were assumed for missing inputs."""
        panel, table = self.table(history, calendar, origin, horizon)
        rows = self.said(panel, table, self.centre(panel, table), self.opened(panel, table))
        return Prediction(rows, panel.filled)

    def said(self, panel: Panel, table: Table, centre: Values, opened: NDArray[np.bool_]) -> pd.DataFrame:
        """What `forecast` says of a table's rows, whose `centre` this is, with 0 where they are not `opened`."""
        rows = table.rows
        low, middle, high = self.intervals.around(centre, table.matrix, rows.horizon, panel.turn(rows))
        # Past errors that lay all on one side would leave the forecast itself outside.
        low, high = np.minimum(low, np.exp(centre)), np.maximum(high, np.exp(centre))
        return pd.DataFrame(
            {
                "store_id": np.array(panel.stores)[rows.store],
                "origin": panel.first_day + timedelta(days=panel.past - 1),
                "date": np.array([panel.first_day + timedelta(days=int(day)) for day in rows.target]),
                "horizon": rows.horizon,
                "mean": np.where(opened, np.exp(centre), 0),
                "p10": np.where(opened, low, 0),
                "p50": np.where(opened, middle, 0),
                "p90": np.where(opened, high, 0),
                "lead_model": max(self.weights, key=lambda name: self.weights[name]),
            }
        )

    def table(
        self, history: History, calendar: Calendar, origin: date, horizon: int, store: str | None = None
    ) -> tuple[Panel, Table]:
        """What is known on the evening of `origin` of the days that are forecast, of one `store` or of all."""
        panel = _panel(history, calendar, self.settings, origin, horizon)
        rows = _rows(panel, [panel.past - 1], horizon)
        if store is not None:
            own = rows.store == panel.stores.index(store)
            rows = Rows(rows.store[own], rows.origin[own], rows.target[own])
        return panel, Table(panel, rows)

    def centre(self, panel: Panel, table: Table) -> Values:
        """The logarithm of the forecast for each row, as if the store were open."""
        centre: Values = _logs(panel, table, self.models, small=self.small) @ self._vector
        return centre

    def refresh(self, history: History, calendar: Calendar, last_day: date) -> "ModelSet":
        """Weights and intervals by what came since the training; the trees stay."""
        since = (last_day - self.refreshed_to).days
        if since <= 0:
            return self
        panel = _panel(history, calendar, self.settings, last_day, self.settings.horizon)
        new = panel.index(self.refreshed_to)
        origins = range(max(0, panel.index(self.trained_to), new - self.settings.horizon), panel.past - 1, 5)
        pool = _trial(panel, list(origins), self.models, self.intervals, self.settings, new, small=self.small)
        return _weighed(replace(self, refreshed_to=last_day, pool=limited(self.pool.joined(pool), self.seed)))

    @property
    def small(self) -> bool:
        """Whether the chain had too few days for LightGBM alone."""
        return self.members == MEMBERS

    @property
    def _vector(self) -> Values:
        return np.array([self.weights[name] for name in MEMBERS], np.float32)

    def opened(self, panel: Panel, table: Table) -> NDArray[np.bool_]:
        """Whether each row's store trades: as told, else as it is likely to and as it kept last year's holiday."""
        if "open" in panel.known:
            told: NDArray[np.bool_] = panel.known["open"][table.rows.store, table.rows.target] > 0
            return told
        assert self.opening is not None
        likely = np.asarray(self.opening.predict(table.matrix)) >= OPEN_FROM
        return likely & ~holiday_closures.expected(panel, table.rows)

    def dump(self) -> bytes:
        """A zip of JSON, LightGBM's text and NumPy's arrays; the same set gives the same bytes."""
        document = {
            "settings": self.settings.document(),
            "seed": self.seed,
            "country": self.country,
            "stores": self.stores,
            "trained_to": self.trained_to.isoformat(),
            "refreshed_to": self.refreshed_to.isoformat(),
            "data_hash": self.data_hash,
            "names": self.names,
            "members": self.members,
            "weights": self.weights,
            "shares": self.intervals.shares,
            "models": {name: len(models) for name, models in self.models.items()},
        }
        parts = {"set.json": json.dumps(document, sort_keys=True).encode()}
        for name, models in self.models.items():
            parts |= {f"{name}.{at}.txt": model.model_to_string().encode() for at, model in enumerate(models)}
        if self.opening:
            parts["opening.txt"] = self.opening.model_to_string().encode()
        parts["usual.txt"] = self.intervals.usual.model_to_string().encode()
        parts |= {f"{name}.npy": array_bytes(values) for name, values in vars(self.pool).items()}
        parts["typical.npy"] = array_bytes(self.typical)
        return zipped(parts)

    @classmethod
    def load(cls, data: bytes) -> "ModelSet":
        """What `dump` wrote."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document = json.loads(archive.read("set.json"))
            text = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".txt")}
            typical = np.load(io.BytesIO(archive.read("typical.npy")))
            pool = Pool(*(np.load(io.BytesIO(archive.read(f"{name}.npy"))) for name in Pool.__annotations__))
        return cls(
            settings=Settings.read(document["settings"]),
            seed=document["seed"],
            country=document["country"],
            stores=tuple(document["stores"]),
            trained_to=date.fromisoformat(document["trained_to"]),
            refreshed_to=date.fromisoformat(document["refreshed_to"]),
            data_hash=document["data_hash"],
            names=tuple(document["names"]),
            members=tuple(document["members"]),
            typical=typical,
            models={
                name: [lightgbm.Booster(model_str=text[f"{name}.{at}.txt"]) for at in range(count)]
                for name, count in document["models"].items()
            },
            opening=lightgbm.Booster(model_str=text["opening.txt"]) if "opening.txt" in text else None,
            pool=pool,
            weights=document["weights"],
            intervals=Intervals.read(text["usual.txt"], document["shares"]),
        )


def train(history: History, calendar: Calendar, settings: Settings, *, last_day: date, seed: int = 1) -> ModelSet:
    """A model set from what was known on the evening of `last_day`; the same arguments give the same bytes.

    Raises `Rejected` for a history of less than four weeks, and for one with nothing sold of late.
    """
    rng = np.random.default_rng(seed)
    past = history.until(last_day, settings.history_days)
    if past.days < LEAST_DAYS:
        raise Rejected("history_short", f"the history to {last_day} has {past.days} days, and needs {LEAST_DAYS}")
    calendar = calendar.of(past.stores)
    panel = Panel(past, calendar, settings.horizon, _copies(past, settings, rng))
    predicts_opening = "open" not in panel.known
    sample = lightgbm_models.draw(panel, settings, rng, closed=predicts_opening)
    small = int(panel.traded.sum()) < SMALL_CHAIN
    # Of a large chain no day is drawn twice: half of the rows are half of what is known, and their errors larger.
    tried = settings if small else replace(settings, validation_share=1.0)
    misses = Misses.of(sample, tried, seed)
    pool = _validate(panel, sample, tried, seed, misses, small=small)
    last = panel.past - 1
    fresh = ModelSet(
        settings=settings,
        seed=seed,
        country=calendar.country,
        stores=past.stores,
        trained_to=last_day,
        refreshed_to=last_day,
        data_hash=_hash(past, calendar),
        names=sample.names,
        members=MEMBERS if small else MEMBERS[: len(lightgbm_models.RECIPES)],
        typical=sample.typical,
        models=lightgbm_models.fit(sample, last, settings, seed, small=small),
        opening=lightgbm_models.fit_opening(sample, last, settings, seed) if predicts_opening else None,
        pool=pool,
        weights={},
        intervals=misses.usual(last),
    )
    return _weighed(fresh)


def _panel(history: History, calendar: Calendar, settings: Settings, origin: date, horizon: int) -> Panel:
    past = history.until(origin, settings.history_days)
    return Panel(past, calendar.of(past.stores), horizon)


def _copies(history: History, settings: Settings, rng: np.random.Generator) -> tuple[Places, Places] | None:
    """Stores as if they had opened late, so that the models learn what to do with a young store."""
    count = round(settings.truncated_share * len(history.stores))
    if not count or history.days <= 2 * LATE_FROM:
        return None
    chosen = rng.choice(len(history.stores), count, replace=False)
    return chosen, rng.integers(LATE_FROM, history.days - LATE_FROM, count)


def _rows(panel: Panel, origins: list[int], horizon: int) -> Rows:
    """Every real store that has traded by then × origin × horizon."""
    shape = (panel.real, len(origins), horizon)
    store, origin, ahead = (part.ravel() for part in np.indices(shape))
    origin = np.array(origins)[origin]
    fit = np.isfinite(panel.track.level[store, origin])
    return Rows(store[fit], origin[fit], (origin + ahead + 1)[fit])


def _logs(panel: Panel, table: Table, models: dict[str, list[lightgbm.Booster]], *, small: bool) -> Values:
    members = [*lightgbm_models.predict(models, panel, table, small=small), *baseline_models.predict(panel, table)]
    return np.stack(members, axis=1).astype(np.float32)


def _validate(
    panel: Panel, sample: lightgbm_models.Sample, settings: Settings, seed: int, misses: Misses, *, small: bool
) -> Pool:
    """Members trained to past days, against the days that came after."""
    pool: Pool | None = None
    light = replace(settings, rounds=round(settings.rounds * settings.validation_share))
    sample = sample.thinned(settings.validation_share)
    for last in _ends(panel.past, settings):
        models = lightgbm_models.fit(sample, last, light, seed, small=small)
        origins = [day for day in range(last, last + 31, 10) if day < panel.past - 1]
        tried = _trial(panel, origins, models, misses.usual(last), settings, last, small=small)
        pool = tried if pool is None else pool.joined(tried)
    if pool is None or not len(pool.truth):
        raise Rejected("history_short", "of late nothing was sold by which a forecast could be tried")
    return limited(pool, seed)


def _ends(past: int, settings: Settings) -> list[int]:
    """The last days of the trials; of a short history one, with a third of it left for the trial."""
    ends = [past - 1 - back for back in settings.validation_days if past - 1 - back >= settings.horizon]
    return ends or [past - 1 - past // 3]


def _trial(
    panel: Panel,
    origins: list[int],
    models: dict[str, list[lightgbm.Booster]],
    usual: Intervals,
    settings: Settings,
    after: int,
    *,
    small: bool,
) -> Pool:
    """What these models would have said at each origin of the days after `after` that are known now."""
    rows = _rows(panel, origins, settings.horizon)
    every = -(-panel.real // TRIED_STORES)
    known = (rows.store % every == 0) & (rows.target < panel.past) & (rows.target > after)
    known[known] &= panel.traded[rows.store[known], rows.target[known]]
    rows = Rows(rows.store[known], rows.origin[known], rows.target[known])
    table, turn = Table(panel, rows), panel.turn(rows)
    return Pool(
        members=_logs(panel, table, models, small=small),
        truth=panel.logs[rows.store, rows.target],
        scale=usual.scale(table.matrix, turn),
        horizon=rows.horizon,
        store=rows.store,
        origin=rows.origin + panel.first_day.toordinal(),
        up=turn.up,
        down=turn.down,
    )


def _weighed(models: ModelSet) -> ModelSet:
    pool, weights = models.pool, weigh(models.pool, models.members)
    errors = pool.truth - pool.members @ np.array([weights[name] for name in MEMBERS], np.float32)
    intervals = models.intervals.calibrated(errors, pool, models.settings.coverage)
    return replace(models, weights=weights, intervals=intervals)


def _hash(history: History, calendar: Calendar) -> str:
    """Names the data that a set was trained on."""
    digest = hashlib.sha256(repr((history.stores, history.first_day, calendar.country, calendar.first_day)).encode())
    digest.update(np.ascontiguousarray(history.revenue).tobytes())
    for name in sorted(calendar.known):
        digest.update(name.encode() + np.ascontiguousarray(calendar.known[name]).tobytes())
    return digest.hexdigest()
