"""Fixes of any source: gated by accuracy and time, and the last place is the newest that a vehicle can reach."""

from datetime import UTC, datetime, timedelta

from functions.delivery.intake.fixes import RawFix, store_fixes
from functions.delivery.tables.positions import read_position
from shared.spine.env import Environment
from tests.support.deliveries import World

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


def test_only_usable_fixes_count_and_a_jump_is_no_place(world: World, env: Environment) -> None:
    del world
    fixes = [
        RawFix(NOW - timedelta(seconds=60), 52.0, 13.0, 10.0),
        RawFix(NOW - timedelta(seconds=30), 52.001, 13.0, 10.0),  # 111 m in 30 s
        RawFix(NOW - timedelta(seconds=20), 52.002, 13.0, 101.0),  # inexact
        RawFix(NOW - timedelta(seconds=10), 53.0, 13.0, 10.0),  # 111 km in 20 s
        RawFix(NOW + timedelta(seconds=60), 52.003, 13.0, 10.0),  # of the future
        RawFix(NOW - timedelta(days=2), 52.004, 13.0, 10.0),  # of another day
    ]
    with env.outbox.work("delivery") as work:
        taken = store_fixes(work, "demo", "ana", fixes, NOW)
        place = read_position(work, "demo", "ana")
    assert taken == 3
    assert place is not None
    assert (place.lat, place.fixed_at) == (52.001, NOW - timedelta(seconds=30))
