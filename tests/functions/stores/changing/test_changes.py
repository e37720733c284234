"""A store after a change that a message asks for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from functions.stores.changing.changes import MOST_CLOSED_DAYS, Change, changed
from shared.contracts.store_record import Store
from shared.contracts.store_settings import Hours, OpeningHours, StoreSettings, Tax

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SETTINGS = StoreSettings(name="Main", chain="demo", region="east", timezone="UTC", currency="USD", tax=Tax())
STORE = Store("main", 4, SETTINGS, None, None, frozenset({"tea"}), NOW)


def test_a_change_without_effect_is_no_new_revision() -> None:
    assert changed(STORE, Change(off=frozenset({"tea"})), NOW) is STORE
    assert changed(STORE, Change(pauses=True), NOW) is STORE


def test_items_go_on_the_list_and_come_off() -> None:
    after = changed(STORE, Change(on=frozenset({"tea"}), off=frozenset({"beef"})), NOW + timedelta(seconds=1))
    assert after.sold_out == frozenset({"beef"})
    assert (after.revision, after.changed_at) == (5, NOW + timedelta(seconds=1))


def test_a_store_without_hours_is_closed_on_that_day_alone() -> None:
    after = changed(STORE, Change(closed_on=date(2026, 12, 1)), NOW)
    moments = [datetime(2026, 12, day, hour, tzinfo=UTC) for day in (1, 2) for hour in (0, 12, 23)]
    assert [after.open_at(moment) for moment in moments] == [False, False, False, True, True, True]


def test_a_full_list_of_closed_days_forgets_those_that_have_passed() -> None:
    days = [(date(2025, 1, 1) + timedelta(days=number)).isoformat() for number in range(MOST_CLOSED_DAYS)]
    hours = OpeningHours(week=[[Hours(opens="10:00", closes="22:00")]] * 7, closed_on=days)
    after = changed(replace(STORE, hours=hours), Change(closed_on=date(2026, 12, 1)), NOW)
    assert after.hours is not None
    assert after.hours.closed_on == ["2026-12-01"]
    assert after.hours.week == hours.week


def test_a_pause_holds_until_its_time_and_the_till_sells_on() -> None:
    until = NOW + timedelta(minutes=30)
    after = changed(STORE, Change(pauses=True, paused_until=until), NOW)
    assert [after.is_paused(NOW), after.is_paused(until)] == [True, False]
    assert after.open_at(NOW)
    assert changed(after, Change(pauses=True), NOW).settings == SETTINGS
