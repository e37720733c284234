"""Full training or refresh of the model set of a batch: a challenger replaces the champion unless it is worse."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from functions.forecast.engine.data.history import LEAST_DAYS
from functions.forecast.engine.data.snapshot import HISTORY_DAYS, Snapshot
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from functions.forecast.engine.settings import HORIZON, Settings

HELD_OUT_DAYS = 14
DAYS_AFTER_TRAINING = 7  # in which a drift does not start another full training
SETTINGS = Settings(history_days=HISTORY_DAYS, horizon=HORIZON)


@dataclass(frozen=True)
class Champion:
    """The model set in use; `full_training_at` is the origin of the last full training, `columns` its covariates."""

    models: ModelSet
    full_training_at: date
    columns: tuple[str, ...]


@dataclass(frozen=True)
class TrainingResult:
    """The champion after a training or refresh, with its scores; `full_training` is true if its trees are new."""

    champion: Champion
    full_training: bool
    scores: dict[str, Any]


def needs_training(champion: Champion | None, origin: date, retrain_days: int, drifted_on: date | None) -> bool:
    """True every `retrain_days`, and on a drift, but not within a week of the last full training."""
    if champion is None or (origin - champion.full_training_at).days >= retrain_days:
        return True
    least_days = min(DAYS_AFTER_TRAINING, retrain_days)
    return drifted_on is not None and (drifted_on - champion.full_training_at).days >= least_days


def refreshed(champion: Champion, snapshot: Snapshot, origin: date, refresh_days: int) -> TrainingResult:
    """The champion's trees, with newer weights and intervals if the last ones are `refresh_days` old."""
    models = champion.models
    if (origin - models.refreshed_to).days >= refresh_days:
        models = models.refresh(snapshot.history, snapshot.with_columns(champion.columns).covariates, origin)
    refreshed_champion = Champion(models, champion.full_training_at, champion.columns)
    return TrainingResult(refreshed_champion, full_training=False, scores=scores(models))


def trained(champion: Champion | None, snapshot: Snapshot, origin: date) -> TrainingResult:
    """The better of champion and challenger on the last days, which the trees of neither used.

    Without a champion, or with a short history, no days are held out.
    """
    columns = tuple(snapshot.columns)
    if champion is None or snapshot.history.days < 2 * LEAST_DAYS + HELD_OUT_DAYS:
        models = train(snapshot.history, snapshot.covariates, SETTINGS, last_day=origin)
        return TrainingResult(Champion(models, origin, columns), full_training=True, scores=scores(models))
    last_training_day = origin - timedelta(days=HELD_OUT_DAYS)
    challenger = train(snapshot.history, snapshot.covariates, SETTINGS, last_day=last_training_day)
    unseen = max(last_training_day, champion.models.trained_to)  # after a drift the champion is young
    challenger_wape = wape(challenger, snapshot, unseen)
    champion_wape = wape(champion.models, snapshot.with_columns(champion.columns), unseen)
    challenger_wins = challenger_wape <= champion_wape
    if challenger_wins:
        winner = Champion(challenger, origin, columns)
    else:
        winner = Champion(champion.models, origin, champion.columns)
    refresh = refreshed(winner, snapshot, origin, 1)
    comparison = {"held_days": HELD_OUT_DAYS, "challenger": challenger_wape, "champion": champion_wape}
    return TrainingResult(refresh.champion, full_training=challenger_wins, scores=refresh.scores | comparison)


def wape(models: ModelSet, snapshot: Snapshot, origin: date) -> float:
    """Sum |y - f| / sum y over the days after `origin` with data; 0 without revenue."""
    history = snapshot.history
    days = (history.last_day - origin).days
    if not days:
        return 0.0
    rows = models.forecast(history, snapshot.covariates, origin, days)
    index = {store: row for row, store in enumerate(history.stores)}
    day = history.index(origin) + rows["horizon"].to_numpy()
    revenue = history.revenue[rows["store_id"].map(index).to_numpy(), day]
    with_data = np.isfinite(revenue)
    total = revenue[with_data].sum()
    return float(np.abs(revenue - rows["mean"])[with_data].sum() / total) if total else 0.0


def scores(models: ModelSet) -> dict[str, Any]:
    """`wape` of the set in its calibration windows, over open days, and its weights."""
    calibration = models.calibration.open_days
    revenue = np.exp(calibration.log_revenue)
    forecast = np.exp(calibration.log_forecast(models.weights))
    return {"wape": float(np.abs(revenue - forecast).sum() / revenue.sum()), "weights": models.weights}
