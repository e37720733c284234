"""Fixes of any source: gated by accuracy and time, and the last place is the newest that a vehicle can reach.

`DRILL_SEEDS=20 .venv/bin/python -m pytest tests/functions/delivery/intake/test_fixes.py` is the long form.
"""

import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.intake.fixes import RawFix, store_fixes
from functions.delivery.tables.positions import read_position, read_track
from functions.delivery.tracking.track import decoded
from shared.spine.env import Environment
from tests.support.deliveries import World

SEEDS = range(int(os.environ.get("DRILL_SEEDS", "3")))
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
        taken = store_fixes(work, "demo", "ana", None, fixes, NOW)
        place = read_position(work, "demo", "ana")
    assert taken == 3
    assert place is not None
    assert (place.lat, place.fixed_at) == (52.001, NOW - timedelta(seconds=30))


def test_one_wild_exact_fix_does_not_hide_the_courier_for_hours(world: World, env: Environment) -> None:
    del world
    seen = []
    for second, lat in ((-120, 0.0), (-90, 52.0), (-60, 52.001), (-30, 52.002), (0, 52.003)):
        with env.outbox.work("delivery") as work:
            fix = RawFix(NOW + timedelta(seconds=second), lat, 13.0, 10.0)
            store_fixes(work, "demo", "ana", read_position(work, "demo", "ana"), [fix], NOW)
            place = read_position(work, "demo", "ana")
        assert place
        seen.append(place.lat)
    assert seen == [0.0, 0.0, 0.0, 52.002, 52.003]


@pytest.mark.parametrize("seed", SEEDS)
def test_devices_that_send_late_shuffled_and_doubled_fixes_at_once_make_one_track(
    world: World, env: Environment, another_env: Callable[[], Environment], seed: int
) -> None:
    chance, delivery = random.Random(seed), world.accepted()
    assert world.act(world.couriers["ana"], delivery, "pick_up", "accepted").status == 200
    begin = datetime.fromisoformat(world.see(delivery)["times"]["picked_up"]).replace(microsecond=0)
    own = [RawFix(begin + timedelta(seconds=15 * n), 52.0 + n / 10_000, 13.0, 8.0) for n in range(1, 61)]
    devices: list[tuple[Environment, list[RawFix]]] = []
    for _ in range(4):
        # Each fix is with one device at least.
        fixes = [*own[len(devices) :: 4], *chance.sample(own, 20)]
        chance.shuffle(fixes)
        devices.append((another_env(), fixes))
    with ThreadPoolExecutor(len(devices)) as threads:
        list(threads.map(lambda device: _send(device[0], device[1], begin + timedelta(minutes=20)), devices))
    with env.db.transaction() as transaction:
        track, place = decoded(read_track(transaction, delivery)), read_position(transaction, "demo", "ana")
    assert [(fix.second, fix.lat) for fix in track] == [(int(fix.at.timestamp()), fix.lat) for fix in own]
    assert place is not None
    assert (place.fixed_at, place.lat) == (own[-1].at, own[-1].lat)


def _send(env: Environment, fixes: Sequence[RawFix], now: datetime) -> None:
    """Batches of three, some of them twice."""
    for number in range(0, len(fixes), 3):
        for _ in range(1 + number % 2):
            with env.outbox.work("delivery") as work:
                last = read_position(work, "demo", "ana")
                store_fixes(work, "demo", "ana", last, fixes[number : number + 3], now)
