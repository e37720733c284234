"""Fixes of a courier become the last place, and parts of the tracks of the deliveries that were underway then."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from functions.delivery.intake.near import announce_doors
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.device_time import error_of_clock
from functions.delivery.states import Carriage
from functions.delivery.tables.deliveries import read_carried
from functions.delivery.tables.positions import Position, lock_position, upsert_position, upsert_track
from functions.delivery.tracking.track import CLOCKS_DIFFER_BY, WORST_ACCURACY, Fix, merged, plausible
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


def steady_error(sent_at: datetime | None, received_at: datetime) -> timedelta:
    """The error of the device's clock, in steps of ten seconds."""
    error = error_of_clock(sent_at, received_at)
    return timedelta(0) if timedelta(0) <= error < SLOW_NETWORK else round(error / STEP) * STEP


def store_fixes(
    work: Work, chain: str, courier: str, last: Position | None, raw: Sequence[RawFix], now: datetime
) -> int:
    """Store the fixes that pass the gate. Returns their number. Late and doubled ones change nothing twice.

    `last` is the courier's last place. A courier who comes near a door is announced.
    """
    good = sorted((one for one in raw if _is_usable(one, now)), key=lambda one: one.at)
    if not good:
        return 0
    fixes = [Fix(int(one.at.timestamp()), one.lat, one.lon) for one in good]
    moved_to = _store_last(work, chain, courier, last, fixes, good[-1].accuracy, now)
    # The row of the last place is locked now. Devices of the same courier take turns here, so no fix is lost.
    carried = read_carried(work, chain, courier, now - OLDEST)
    for delivery, track in carried:
        begin, end = _window(delivery)
        own = [fix for fix in fixes if begin <= fix.second <= end]
        if own:
            upsert_track(work, delivery.id, merged(track, own), now)
    if moved_to:
        announce_doors(work, [delivery for delivery, _ in carried], moved_to, now)
    return len(good)


def _is_usable(fix: RawFix, now: datetime) -> bool:
    """Whether it is exact, of the last day, and not of the future."""
    return fix.accuracy <= WORST_ACCURACY and now - OLDEST <= fix.at <= now + timedelta(seconds=CLOCKS_DIFFER_BY)


def _store_last(
    transaction: Transaction,
    chain: str,
    courier: str,
    last: Position | None,
    fixes: Sequence[Fix],
    accuracy: float,
    now: datetime,
) -> Fix | None:
    """The newest fix is the last place, unless no vehicle comes there from the stored one. None: nothing is newer.

    The row of the last place is locked in both cases.
    """
    before = [Fix(int(last.fixed_at.timestamp()), last.lat, last.lon)] if last else []
    newest = plausible([*before, *(fix for fix in fixes if not before or fix.second > before[0].second)])[-1]
    if before and newest == before[0]:
        lock_position(transaction, chain, courier)
        return None
    fixed_at = datetime.fromtimestamp(newest.second, UTC)
    upsert_position(transaction, Position(chain, courier, newest.lat, newest.lon, accuracy, fixed_at, now))
    return newest


def _window(delivery: Delivery) -> tuple[float, float]:
    """Seconds from the pickup to the end at the door. A fix belongs to the delivery of its time."""
    picked_up = delivery.times.get(Carriage.PICKED_UP.value)
    ends = [delivery.times[state] for state in (Carriage.DELIVERED, Carriage.FAILED) if state in delivery.times]
    if picked_up is None:
        return 1.0, 0.0
    return picked_up.timestamp(), min(ends).timestamp() if ends else float("inf")
