"""Fixes of a courier become the last place, and parts of the tracks of the deliveries that were underway then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from functions.delivery.intake.near import announce_doors
from functions.delivery.life.device_time import error_of_clock
from functions.delivery.tables.deliveries import read_carried, read_ids_of_courier
from functions.delivery.tables.positions import Position, lock_position, update_doubted, upsert_position, upsert_track
from functions.delivery.tracking.track import (
    CLOCKS_DIFFER_BY,
    WORST_ACCURACY,
    Fix,
    decoded,
    encoded,
    merged,
    newest_place,
)
from functions.delivery.tracking.window import is_in_window
from shared.spine.db import Transaction
from shared.spine.outbox import Work

OLDEST = timedelta(days=1)
# A slow network looks like a clock that is behind: less than this is no error of the clock.
SLOW_NETWORK = timedelta(minutes=1)
# A fix that is sent twice gets the same time, though each request takes another time.
STEP = timedelta(seconds=10)


class RawFix(NamedTuple):
    """A place of a device: degrees of WGS-84, the accuracy in metres, and the time by the device."""

    at: datetime
    lat: float
    lon: float
    accuracy: float = 0.0


class Shift(NamedTuple):
    """Begin and end of a courier's shift; None without one."""

    begin: datetime | None
    end: datetime | None

    def has(self, fix: RawFix) -> bool:
        """Whether the fix is of this time."""
        return self.begin is not None and self.end is not None and self.begin <= fix.at < self.end


def steady_error(sent_at: datetime | None, received_at: datetime) -> timedelta:
    """The error of the device's clock, in steps of ten seconds."""
    error = error_of_clock(sent_at, received_at)
    return timedelta(0) if timedelta(0) <= error < SLOW_NETWORK else round(error / STEP) * STEP


def store_fixes(
    work: Work,
    chain: str,
    courier: str,
    last: Position | None,
    raw: Sequence[RawFix],
    now: datetime,
    shift: Shift | None = None,
) -> int:
    """Store the fixes that pass the gate. Returns their number. Late and doubled ones change nothing twice.

    `last` is the courier's last place. With `shift`, a fix from off duty is no place of a courier who carries nothing.
    A courier who comes near a door is announced.
    """
    good = sorted((point for point in raw if _is_usable(point, now)), key=lambda point: point.at)
    if not good:
        return 0
    placed = good
    if shift and not all(map(shift.has, good)) and not read_ids_of_courier(work, chain, courier):
        placed = [point for point in good if shift.has(point)]
    moved_to = _store_last(work, chain, courier, last, placed, now)
    # The row of the last place is locked now. Devices of the same courier take turns here, so no fix is lost.
    carried = read_carried(work, chain, courier, now - OLDEST)
    fixes, used = [_fix(point) for point in good], {_fix(point) for point in placed}
    for delivery, track in carried:
        own = [fix for fix in fixes if is_in_window(delivery, fix.second)]
        used.update(own)
        if own:
            upsert_track(work, delivery.id, merged(track, own), now)
    if moved_to:
        announce_doors(work, [delivery for delivery, _ in carried], moved_to, now)
    return sum(fix in used for fix in fixes)


def _is_usable(fix: RawFix, now: datetime) -> bool:
    """Whether it is exact, of the last day, and not of the future. Phones say -1 for a place that they do not know."""
    is_exact = 0 <= fix.accuracy <= WORST_ACCURACY
    return is_exact and now - OLDEST <= fix.at <= now + timedelta(seconds=CLOCKS_DIFFER_BY)


def _fix(point: RawFix) -> Fix:
    return Fix(int(point.at.timestamp()), point.lat, point.lon)


def _store_last(
    transaction: Transaction, chain: str, courier: str, last: Position | None, placed: Sequence[RawFix], now: datetime
) -> Fix | None:
    """The newest fix is the last place, unless no vehicle comes there from the stored one. None: nothing is newer.

    The row of the last place is locked in each case.
    """
    before = Fix(int(last.fixed_at.timestamp()), last.lat, last.lon) if last else None
    doubted = decoded(last.doubted) if last else []
    newest, doubt = newest_place(before, doubted, map(_fix, placed))
    if newest is None or newest == before:
        if last and doubt != doubted:
            update_doubted(transaction, replace(last, doubted=encoded(doubt)))
        else:
            lock_position(transaction, chain, courier)
        return None
    accuracy = {_fix(point): point.accuracy for point in placed}.get(newest, 0.0)
    fixed_at = datetime.fromtimestamp(newest.second, UTC)
    upsert_position(
        transaction,
        Position(chain, courier, newest.lat, newest.lon, accuracy, fixed_at, now, encoded(doubt)),
    )
    return newest
