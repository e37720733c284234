"""Business days whose documents should be in the outside system by now. Pure functions."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from functions.sync.engine.plan_settings import PlanSettings
from functions.sync.tables.stores import ChainStore
from shared.contracts.ids import split_key

# A run of the timer sends what is due within this time.
SENDING_TIME = timedelta(minutes=30)


def due_until(stores: Mapping[str, ChainStore], settings: PlanSettings, now: datetime) -> date:
    """The day before which all documents of all stores that take part were due.

    Each store has its own clock. `date.min` if no store takes part.
    """
    ends = [_due_until(store, settings, now) for key, store in stores.items() if settings.covers(split_key(key)[1])]
    return min(ends, default=date.min)


def _due_until(store: ChainStore, settings: PlanSettings, now: datetime) -> date:
    following = store.day_of(now)
    while _due_at(store, settings, following - timedelta(days=1)) > now:
        following -= timedelta(days=1)
    return following


def _due_at(store: ChainStore, settings: PlanSettings, day: date) -> datetime:
    grace = settings.grace if settings.is_per_day(day) else timedelta()
    return store.day_ended_at(day) + grace + SENDING_TIME


def over_until(stores: Mapping[str, ChainStore], now: datetime) -> date:
    """The day before which all business days of the stores are over. `date.min` without a store."""
    return min((store.day_of(now) for store in stores.values()), default=date.min)
