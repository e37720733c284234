"""A store after a change: its sold-out list, a closed day, a pause."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.contracts.store_record import Store
from shared.contracts.store_settings import Hours, OpeningHours

MOST_CLOSED_DAYS = 400
ALL_DAY = Hours(opens="00:00", closes="24:00")


@dataclass(frozen=True)
class Change:
    """Items come off the sold-out list (`on`) or go on it (`off`). A day is closed.

    With `pauses` guests can order from `paused_until` on; None ends the pause.
    """

    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    closed_on: date | None = None
    pauses: bool = False
    paused_until: datetime | None = None


def changed(store: Store, change: Change, now: datetime) -> Store:
    """The store at its next revision; the same store where nothing changes."""
    after = replace(store, sold_out=(store.sold_out - change.on) | change.off)
    if change.closed_on:
        after = replace(after, hours=with_closed_day(store, change.closed_on, now))
    if change.pauses:
        after = replace(after, settings=store.settings.model_copy(update={"paused_until": change.paused_until}))
    if after == store:
        return store
    # Clocks of environments differ, but no revision ends before it began.
    return replace(after, revision=store.revision + 1, changed_at=max(now, store.changed_at or now))


def with_closed_day(store: Store, day: date, now: datetime) -> OpeningHours:
    """The opening hours with one more closed day. A store without opening hours is open on all other days."""
    hours = store.hours or OpeningHours(week=[[ALL_DAY]] * 7)
    days = {*hours.closed_on, day.isoformat()}
    if len(days) > MOST_CLOSED_DAYS:
        # Days that have passed make room. Their orders were judged at their time.
        days = {one for one in days if one >= store.day_of(now).isoformat()}
    return hours.model_copy(update={"closed_on": sorted(days)[:MOST_CLOSED_DAYS]})
