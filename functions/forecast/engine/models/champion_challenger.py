"""A part's night: full training or refresh, champion against challenger."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from functions.forecast.engine.data.history import LEAST_DAYS
from functions.forecast.engine.data.snapshot import HISTORY_DAYS, Snapshot
from functions.forecast.engine.models.ensemble_weights import MEMBERS
from functions.forecast.engine.models.model_set import ModelSet, train
from functions.forecast.engine.settings import HORIZON, Settings

HELD_DAYS = 14
SETTINGS = Settings(history_days=HISTORY_DAYS, horizon=HORIZON)


@dataclass(frozen=True)
class Champion:
    """The live set; `tried_on` is the last evening of a full training, `columns` what it knows in advance."""

    models: ModelSet
    tried_on: date
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Night:
    """What a night came to: the set to forecast with, and one that lost against it."""

    chosen: Champion
    trained: bool
    scores: dict[str, Any]
    loser: ModelSet | None = None


def needs_training(champion: Champion | None, last_day: date, retrain_days: int, drifted_on: date | None) -> bool:
    """Every `retrain_days`, and on a drift; but after one training a drift has a week to go."""
    if champion is None or (last_day - champion.tried_on).days >= retrain_days:
        return True
    return drifted_on is not None and (drifted_on - champion.tried_on).days >= min(7, retrain_days)


def refreshed(champion: Champion, snapshot: Snapshot, last_day: date, refresh_days: int) -> Night:
    """The same trees; weights and intervals by what came since, where the last time is `refresh_days` ago."""
    models = champion.models
    if (last_day - models.refreshed_to).days >= refresh_days:
        models = models.refresh(snapshot.history, snapshot.with_columns(champion.columns).calendar, last_day)
    return Night(Champion(models, champion.tried_on, champion.columns), trained=False, scores=scores(models))


def trained(champion: Champion | None, snapshot: Snapshot, last_day: date) -> Night:
    """A challenger, live unless it is worse than the champion on the last days, which neither's trees have seen.

    Without a champion there is nothing to hold days back for.
    """
    columns = tuple(snapshot.columns)
    if champion is None or snapshot.history.days < 2 * LEAST_DAYS + HELD_DAYS:
        models = train(snapshot.history, snapshot.calendar, SETTINGS, last_day=last_day)
        return Night(Champion(models, last_day, columns), trained=True, scores=scores(models))
    held = last_day - timedelta(days=HELD_DAYS)
    challenger = train(snapshot.history, snapshot.calendar, SETTINGS, last_day=held)
    unseen = max(held, champion.models.trained_to)  # after a drift the champion is young
    ours = missed(challenger, snapshot, unseen)
    theirs = missed(champion.models, snapshot.with_columns(champion.columns), unseen)
    wins = ours <= theirs
    chosen = Champion(challenger if wins else champion.models, last_day, columns if wins else champion.columns)
    night = refreshed(chosen, snapshot, last_day, 1)
    found = night.scores | {"held_days": HELD_DAYS, "challenger": ours, "champion": theirs}
    return Night(night.chosen, trained=wins, scores=found, loser=None if wins else challenger)


def missed(models: ModelSet, snapshot: Snapshot, origin: date) -> float:
    """Sum |y - f| / sum y, over what is known of the days after `origin`; 0 where nothing was sold."""
    history = snapshot.history
    ahead = (history.last_day - origin).days
    if not ahead:
        return 0.0
    rows = models.forecast(history, snapshot.calendar, origin, ahead)
    places = {store: at for at, store in enumerate(history.stores)}
    day = (origin - history.first_day).days + rows["horizon"].to_numpy()
    truth = history.revenue[rows["store_id"].map(places).to_numpy(), day]
    known = np.isfinite(truth)
    return float(np.abs(truth - rows["mean"])[known].sum() / sold) if (sold := truth[known].sum()) else 0.0


def scores(models: ModelSet) -> dict[str, Any]:
    """What the set's own past says of it: `missed` is sum |y - f| / sum y of open days."""
    pool = models.pool
    truth = np.exp(pool.truth)
    said = np.exp(pool.members @ np.array([models.weights[name] for name in MEMBERS], np.float32))
    return {"missed": float(np.abs(truth - said).sum() / truth.sum()), "weights": models.weights}
