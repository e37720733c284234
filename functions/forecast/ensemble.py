"""Trains the members, weighs them by their past, and forecasts every store's next days with intervals."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast import gradient, simple
from functions.forecast.calendars import Calendar
from functions.forecast.features import Panel, Rows, Table
from functions.forecast.history import History
from functions.forecast.intervals import Intervals
from functions.forecast.settings import Settings

Values = NDArray[np.float32]
Places = NDArray[np.int64]
MEMBERS = (*(recipe.name for recipe in gradient.RECIPES), *simple.NAMES)
LATE_FROM = 60  # copies of stores begin at most so many days before the end
POOLED = 200_000
OPEN_FROM = 0.5
VERSION = 1
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Pool:
    """What members said of past days and what came, row by row: logarithms [row, member] and the truth's."""

    members: Values
    truth: Values
    level: Values
    spread: Values
    horizon: Places
    store: Places
    origin: Places

    def joined(self, other: "Pool") -> "Pool":
        return Pool(*(np.concatenate([a, b]) for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def at(self, rows: Any) -> "Pool":
        return Pool(*(values[rows] for values in vars(self).values()))


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
    models: dict[str, list[lightgbm.Booster]]
    opening: lightgbm.Booster | None
    pool: Pool
    weights: dict[str, float]
    intervals: Intervals

    def forecast(self, history: History, calendar: Calendar, origin: date, horizon: int = 30) -> pd.DataFrame:
        """store_id, origin, date, horizon, mean, p10, p50, p90, champion: the days after `origin`, closed ones as 0.

        Nothing of `history` after `origin` is looked at. A store that never traded until then has no rows.
        """
        panel = _panel(history, calendar, self.settings, origin, horizon)
        rows = _rows(panel, [panel.past - 1], horizon)
        table = Table(panel, rows)
        centre = self._logs(panel, table) @ self._vector
        low, middle, high = self.intervals.around(centre, table)
        opened = self._opened(panel, table)
        return pd.DataFrame(
            {
                "store_id": np.array(panel.stores)[rows.store],
                "origin": origin,
                "date": np.array([panel.first_day + timedelta(days=int(day)) for day in rows.target]),
                "horizon": rows.horizon,
                "mean": np.where(opened, np.exp(centre), 0),
                "p10": np.where(opened, low, 0),
                "p50": np.where(opened, middle, 0),
                "p90": np.where(opened, high, 0),
                "champion": max(self.weights, key=lambda name: self.weights[name]),
            }
        )

    def refresh(self, history: History, calendar: Calendar, last_day: date) -> "ModelSet":
        """Weights and intervals by what came since the training; the trees stay."""
        since = (last_day - self.refreshed_to).days
        if since <= 0:
            return self
        panel = _panel(history, calendar, self.settings, last_day, self.settings.horizon)
        new = panel.index(self.refreshed_to)
        origins = range(max(0, panel.index(self.trained_to), new - self.settings.horizon), panel.past - 1, 5)
        pool = _trial(panel, list(origins), self.models, self.settings, new)
        return _weighed(replace(self, refreshed_to=last_day, pool=_limited(self.pool.joined(pool), self.seed)))

    @property
    def _vector(self) -> Values:
        return np.array([self.weights[name] for name in MEMBERS], np.float32)

    def _logs(self, panel: Panel, table: Table) -> Values:
        return _logs(panel, table, self.models)

    def _opened(self, panel: Panel, table: Table) -> NDArray[np.bool_]:
        rows = table.rows
        given = (
            panel.known["open"][rows.store, rows.target] if "open" in panel.known else np.full(len(rows.store), np.nan)
        )
        likely = (
            np.asarray(self.opening.predict(table.matrix())) >= OPEN_FROM if self.opening else np.ones(len(given), bool)
        )
        return np.where(np.isfinite(given), given > 0, likely)

    def dump(self) -> bytes:
        """A zip of JSON, LightGBM's text and NumPy's arrays; the same set gives the same bytes."""
        document = {
            "version": VERSION,
            "settings": self.settings.document(),
            "seed": self.seed,
            "country": self.country,
            "stores": self.stores,
            "trained_to": self.trained_to.isoformat(),
            "refreshed_to": self.refreshed_to.isoformat(),
            "data_hash": self.data_hash,
            "names": self.names,
            "weights": self.weights,
            "intervals": self.intervals.document(),
            "models": {name: len(models) for name, models in self.models.items()},
        }
        parts = {"set.json": json.dumps(document, sort_keys=True).encode()}
        for name, models in self.models.items():
            parts |= {f"{name}.{at}.txt": model.model_to_string().encode() for at, model in enumerate(models)}
        if self.opening:
            parts["opening.txt"] = self.opening.model_to_string().encode()
        parts |= {f"{name}.npy": _array_bytes(values) for name, values in vars(self.pool).items()}
        return _zipped(parts)

    @classmethod
    def load(cls, data: bytes) -> "ModelSet":
        """What `dump` wrote."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            document = json.loads(archive.read("set.json"))
            text = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".txt")}
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
            models={
                name: [lightgbm.Booster(model_str=text[f"{name}.{at}.txt"]) for at in range(count)]
                for name, count in document["models"].items()
            },
            opening=lightgbm.Booster(model_str=text["opening.txt"]) if "opening.txt" in text else None,
            pool=pool,
            weights=document["weights"],
            intervals=Intervals.read(document["intervals"]),
        )


def train(history: History, calendar: Calendar, settings: Settings, *, last_day: date, seed: int = 1) -> ModelSet:
    """A model set from what was known on the evening of `last_day`; the same arguments give the same bytes."""
    rng = np.random.default_rng(seed)
    past = history.until(last_day, settings.history_days)
    calendar = calendar.of(past.stores)
    panel = Panel(past, calendar, settings.horizon, _copies(past, settings, rng))
    predicts_opening = "open" not in panel.known
    sample = gradient.draw(panel, settings, rng, closed=predicts_opening)
    pool = _validate(panel, sample, settings, seed)
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
        models=gradient.fit(sample, last, settings, seed),
        opening=gradient.fit_opening(sample, last, settings, seed) if predicts_opening else None,
        pool=pool,
        weights={},
        intervals=Intervals(),
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


def _logs(panel: Panel, table: Table, models: dict[str, list[lightgbm.Booster]]) -> Values:
    base = panel.base(table.rows)
    learned = [base + beyond for beyond in gradient.predict(models, table.matrix(), table.rows.horizon)]
    return np.stack([*learned, *simple.predict(panel, table)], axis=1).astype(np.float32)


def _validate(panel: Panel, sample: gradient.Sample, settings: Settings, seed: int) -> Pool:
    """Members trained to past days, against the days that came after."""
    pool: Pool | None = None
    light = replace(settings, rounds=round(settings.rounds * settings.validation_rows_share))
    for back in settings.validation_days:
        last = panel.past - 1 - back
        if last < settings.horizon:
            continue
        models = gradient.fit(sample, last, light, seed)
        origins = [day for day in range(last, last + 31, 10) if day < panel.past - 1]
        tried = _trial(panel, origins, models, settings, last)
        pool = tried if pool is None else pool.joined(tried)
    assert pool is not None
    return _limited(pool, seed)


def _trial(
    panel: Panel, origins: list[int], models: dict[str, list[lightgbm.Booster]], settings: Settings, after: int
) -> Pool:
    """What these models would have said at each origin of the days after `after` that are known now."""
    rows = _rows(panel, origins, settings.horizon)
    known = (rows.target < panel.past) & (rows.target > after)
    known[known] &= panel.traded[rows.store[known], rows.target[known]]
    rows = Rows(rows.store[known], rows.origin[known], rows.target[known])
    table = Table(panel, rows)
    return Pool(
        members=_logs(panel, table, models),
        truth=panel.logs[rows.store, rows.target],
        level=table.level,
        spread=panel.track.spread[rows.store, rows.origin],
        horizon=rows.horizon,
        store=rows.store,
        origin=rows.origin + panel.first_day.toordinal(),
    )


def _limited(pool: Pool, seed: int) -> Pool:
    if len(pool.truth) <= POOLED:
        return pool
    return pool.at(np.sort(np.random.default_rng(seed).choice(len(pool.truth), POOLED, replace=False)))


def _weighed(models: ModelSet) -> ModelSet:
    weights = weigh(models.pool)
    vector = np.array([weights[name] for name in MEMBERS], np.float32)
    return replace(models, weights=weights, intervals=Intervals.fit(models.pool, models.pool.members @ vector))


def weigh(pool: Pool) -> dict[str, float]:
    """Inverse squared error over the past windows, halfway to equal; a member far behind the best is dropped."""
    truth = np.exp(pool.truth)[:, None]
    window = np.unique(pool.origin, return_inverse=True)[1] * (pool.store.max() + 1) + pool.store
    total = np.bincount(window, truth[:, 0])
    misses = np.abs(np.exp(pool.members) - truth)
    errors = np.stack([np.bincount(window, misses[:, at]) for at in range(len(MEMBERS))], 1)[total > 0]
    error = (errors / total[total > 0][:, None]).mean(0)
    kept = error <= 1.25 * error.min()
    inverse = np.where(kept, error**-2.0, 0)
    weight = 0.5 * inverse / inverse.sum() + 0.5 * kept / kept.sum()
    return {name: float(each) for name, each in zip(MEMBERS, weight, strict=True)}


def _hash(history: History, calendar: Calendar) -> str:
    """Names the data that a set was trained on."""
    digest = hashlib.sha256(repr((history.stores, history.first_day, calendar.country, calendar.first_day)).encode())
    digest.update(np.ascontiguousarray(history.revenue).tobytes())
    for name in sorted(calendar.known):
        digest.update(name.encode() + np.ascontiguousarray(calendar.known[name]).tobytes())
    return digest.hexdigest()


def _array_bytes(values: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), parts[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
