"""Full training or refresh of the model set of a batch: champion and challenger."""

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
    """The model set in use; `full_training_at` is the origin of the last full training, `columns` its covariates."""

    models: ModelSet
    full_training_at: date
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TrainingResult:
    """The champion after a training or refresh, with its scores; `full_training` tells which of both it was."""

    champion: Champion
    full_training: bool
    scores: dict[str, Any]


def needs_training(champion: Champion | None, last_day: date, retrain_days: int, drifted_on: date | None) -> bool:
    """Every `retrain_days`, and on a drift; but after one training a drift has a week to go."""
    if champion is None or (last_day - champion.full_training_at).days >= retrain_days:
        return True
    return drifted_on is not None and (drifted_on - champion.full_training_at).days >= min(7, retrain_days)


def refreshed(champion: Champion, snapshot: Snapshot, last_day: date, refresh_days: int) -> TrainingResult:
    """The same trees; weights and intervals by what came since, where the last time is `refresh_days` ago."""
    models = champion.models
    if (last_day - models.refreshed_to).days >= refresh_days:
        models = models.refresh(snapshot.history, snapshot.with_columns(champion.columns).calendar, last_day)
    return TrainingResult(
        Champion(models, champion.full_training_at, champion.columns), full_training=False, scores=scores(models)
    )


def trained(champion: Champion | None, snapshot: Snapshot, last_day: date) -> TrainingResult:
    """A challenger, live unless it is worse than the champion on the last days, which neither's trees have seen.

    Without a champion there is nothing to hold days back for.
    """
    columns = tuple(snapshot.columns)
    if champion is None or snapshot.history.days < 2 * LEAST_DAYS + HELD_DAYS:
        models = train(snapshot.history, snapshot.calendar, SETTINGS, last_day=last_day)
        return TrainingResult(Champion(models, last_day, columns), full_training=True, scores=scores(models))
    held = last_day - timedelta(days=HELD_DAYS)
    challenger = train(snapshot.history, snapshot.calendar, SETTINGS, last_day=held)
    unseen = max(held, champion.models.trained_to)  # after a drift the champion is young
    challenger_wape = wape(challenger, snapshot, unseen)
    champion_wape = wape(champion.models, snapshot.with_columns(champion.columns), unseen)
    wins = challenger_wape <= champion_wape
    winner = Champion(challenger if wins else champion.models, last_day, columns if wins else champion.columns)
    refresh = refreshed(winner, snapshot, last_day, 1)
    comparison = {"held_days": HELD_DAYS, "challenger": challenger_wape, "champion": champion_wape}
    return TrainingResult(refresh.champion, full_training=True, scores=refresh.scores | comparison)


def wape(models: ModelSet, snapshot: Snapshot, origin: date) -> float:
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
    """What the set's own past says of it: `wape` is sum |y - f| / sum y of open days."""
    pool = models.pool
    truth = np.exp(pool.truth)
    said = np.exp(pool.members @ np.array([models.weights[name] for name in MEMBERS], np.float32))
    return {"wape": float(np.abs(truth - said).sum() / truth.sum()), "weights": models.weights}
