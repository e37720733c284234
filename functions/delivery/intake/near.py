"""A courier who comes near a door is announced, once on each way to it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from functions.delivery.creation.announcing import announce_near
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import NEAR_DOOR, Carriage
from functions.delivery.tables.deliveries import lock_delivery
from functions.delivery.tracking.arrival import NEAR, STALE
from functions.delivery.tracking.geometry import metres_between
from functions.delivery.tracking.track import CLOCKS_DIFFER_BY, Fix
from shared.spine.outbox import Work

ON_THE_WAY = frozenset({Carriage.PICKED_UP, Carriage.ON_THE_WAY})


def announce_doors(work: Work, carried: Iterable[Delivery], place: Fix, now: datetime) -> None:
    """Announce each delivery of the courier whose door is near `place`. An old place announces nothing.

    A surprise is not announced.
    """
    at = datetime.fromtimestamp(place.second, UTC)
    if not now - STALE <= at <= now + timedelta(seconds=CLOCKS_DIFFER_BY):
        return
    for seen in carried:
        if _metres(seen, place) is None:
            continue
        # Read again under a lock: another device of the courier may have been faster.
        delivery = lock_delivery(work, seen.id)
        metres = _metres(delivery, place) if delivery and delivery.courier == seen.courier else None
        if delivery and metres is not None:
            announce_near(work, replace(delivery, times={**delivery.times, NEAR_DOOR: at}), round(metres), at, now)


def _metres(delivery: Delivery, place: Fix) -> float | None:
    """The distance to a door that is near and not announced; else None."""
    recipient = delivery.details.recipient
    if delivery.carriage not in ON_THE_WAY or delivery.is_hidden or recipient.lat is None or recipient.lon is None:
        return None
    if place.second < int(delivery.times[Carriage.PICKED_UP].timestamp()) or NEAR_DOOR in delivery.times:
        return None
    metres = metres_between((place.lat, place.lon), (recipient.lat, recipient.lon))
    return metres if metres <= NEAR else None
