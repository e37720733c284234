"""Slots of a store's day by its own clock, and whether an order fits. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.store_record import Store
from shared.contracts.store_settings import SlotRule

MINUTES_A_DAY = 24 * 60


def slot_of(store: Store, rule: SlotRule, moment: datetime) -> datetime:
    """The beginning of the slot of a moment, in UTC. Slots are counted from the store's midnight."""
    local = store.local(moment)
    minute = (local.hour * 60 + local.minute) // rule.minutes * rule.minutes
    begins_at = local.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0).astimezone(UTC)
    # When clocks are set back within a slot, its later hour is still in it.
    return begins_at if begins_at <= moment else moment.replace(second=0, microsecond=0)


def slots_of_day(store: Store, rule: SlotRule, day: date) -> list[datetime]:
    """The beginnings of all slots of a calendar day of the store, in UTC."""
    zone = ZoneInfo(store.settings.timezone)
    walls = (
        datetime.combine(day, time(minute // 60, minute % 60), zone) for minute in range(0, MINUTES_A_DAY, rule.minutes)
    )
    return sorted({moment for wall in walls for moment in _moments(wall, zone)})


def _moments(wall: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments at which the clock shows this: none or two where it is set forward or back."""
    for fold in (0, 1):
        moment = wall.replace(fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            yield moment


def earliest(store: Store, now: datetime) -> datetime:
    """The first time for which an order can be wanted."""
    return now + timedelta(minutes=store.settings.lead_minutes)


def bookable(store: Store, slots: Iterable[datetime], now: datetime) -> list[datetime]:
    """The slots that can still be wanted, within opening hours and after a pause."""
    first = earliest(store, now)
    return [slot for slot in slots if slot >= first and store.open_at(slot) and not store.is_paused(slot)]


def has_room(rule: SlotRule, taken: tuple[int, int], pieces: int) -> bool:
    """Whether a slot with (orders, pieces) has room for an order of so many pieces."""
    orders, pieces_taken = taken
    return (rule.orders is None or orders < rule.orders) and (
        rule.pieces is None or pieces_taken + pieces <= rule.pieces
    )


def free_slots(
    rule: SlotRule, slots: Iterable[datetime], taken: Mapping[datetime, tuple[int, int]], pieces: int
) -> list[datetime]:
    """The slots that have room for an order of so many pieces."""
    return [slot for slot in slots if has_room(rule, taken.get(slot, (0, 0)), pieces)]
