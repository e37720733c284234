"""Slots of a day by the store's clock. Expected moments are read off the clock of New York by hand."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.reservations.slot_times import bookable, free_slots, slot_of, slots_of_day
from shared.contracts.store_record import Store
from shared.contracts.store_settings import Hours, OpeningHours, SlotRule, StoreSettings
from tests.support.orders import SETTINGS

STORE = Store("s1", 1, StoreSettings.model_validate(SETTINGS | {"lead_minutes": 30}), None, None, frozenset())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "moment", "begins_at"),
    [
        # New York is at UTC-5 in January.
        (15, "2025-01-15T17:00:00", "2025-01-15T17:00:00"),
        (15, "2025-01-15T17:14:59.999999", "2025-01-15T17:00:00"),
        (15, "2025-01-15T17:15:00", "2025-01-15T17:15:00"),
        # 25 minutes from midnight: 11:40 is the 28th.
        (25, "2025-01-15T17:00:00", "2025-01-15T16:40:00"),
        (1440, "2025-01-16T04:59:00", "2025-01-15T05:00:00"),
        # The clock is set back at 06:00 UTC on 2025-11-02: 01:10 is shown twice.
        (15, "2025-11-02T05:10:00", "2025-11-02T05:00:00"),
        (15, "2025-11-02T06:10:00", "2025-11-02T06:00:00"),
    ],
)
def test_a_moment_is_in_the_slot_that_began_last(minutes: int, moment: str, begins_at: str) -> None:
    assert slot_of(STORE, SlotRule(minutes=minutes), at(moment)) == at(begins_at)


@pytest.mark.parametrize(("day", "hours"), [("2025-01-15", 24), ("2025-03-09", 23), ("2025-11-02", 25)])
def test_a_day_has_the_slots_of_its_hours(day: str, hours: int) -> None:
    slots = slots_of_day(STORE, SlotRule(minutes=30), date.fromisoformat(day))
    assert len(slots) == 2 * hours
    assert {later - before for before, later in itertools.pairwise(slots)} == {timedelta(minutes=30)}


@given(
    moment=some.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)),  # noqa: DTZ001 - of UTC
    minutes=some.sampled_from([5, 15, 20, 30, 60]),
)
def test_the_slot_of_any_moment_is_one_of_its_day(moment: datetime, minutes: int) -> None:
    rule = SlotRule(minutes=minutes)
    slot = slot_of(STORE, rule, moment)
    assert timedelta(0) <= moment - slot < timedelta(minutes=minutes)
    assert slot in slots_of_day(STORE, rule, STORE.local(moment).date())


def test_a_slot_can_be_wanted_after_the_lead_time_within_opening_hours() -> None:
    lunch = OpeningHours(week=[[Hours(opens="11:00", closes="12:00")]] * 7)
    store = Store("s1", 1, STORE.settings, lunch, None, frozenset())
    slots = slots_of_day(store, SlotRule(minutes=15), date(2025, 1, 15))
    names = [f"{slot:%H:%M}" for slot in bookable(store, slots, at("2025-01-15T15:45:01"))]
    assert names == ["16:30", "16:45"]
    assert bookable(store, slots, at("2025-01-15T15:45:00"))[0] == at("2025-01-15T16:15:00")


def test_a_slot_has_room_for_its_orders_and_pieces() -> None:
    slots = [at("2025-01-15T16:00:00"), at("2025-01-15T16:15:00")]
    taken = {slots[0]: (2, 9)}
    for rule, pieces, free in [
        (SlotRule(orders=2), 1, [slots[1]]), (SlotRule(orders=3), 1, slots), (SlotRule(pieces=10), 1, slots),
        (SlotRule(pieces=10), 2, [slots[1]]), (SlotRule(orders=3, pieces=10), 11, []), (SlotRule(), 99, slots),
    ]:  # fmt: skip
        assert free_slots(rule, slots, taken, pieces) == free
