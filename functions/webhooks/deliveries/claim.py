"""Claims: the messages that this worker alone may send now, by lane.

A lane is the messages of one subject to one endpoint. Only its first pending message can be claimed, together with
those behind it. So no message overtakes an earlier one, and no two workers send the same message at once.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from functions.webhooks.states import DeliveryState, move
from functions.webhooks.tables.deliveries import Delivery, read_lanes, update_claimed, update_failed, update_released
from functions.webhooks.tables.endpoints import Endpoint
from shared.spine.db import Transaction
from shared.spine.record import read_bodies

# Longer than the requests of one round take: see `sending`.
LEASE = timedelta(seconds=60)
# Messages of a lane that one round sends.
LONGEST_RUN = 10

LaneKey = tuple[str, str]


@dataclass(frozen=True)
class Claim:
    """The lanes that a worker holds with `token`, each in its order, and their endpoints. `bodies` by message id.

    `watched` are the lanes to look at again after the round.
    """

    token: int
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    lanes: Sequence[Sequence[Delivery]] = ()
    bodies: Mapping[str, str] = field(default_factory=dict)
    watched: frozenset[LaneKey] = frozenset()


def new_token() -> int:
    """A random token of 63 bits."""
    return secrets.randbits(63)


def lanes_of(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """The deliveries by lane. They come sorted by endpoint, subject and sequence."""
    return [list(lane) for _, lane in groupby(deliveries, key=lambda delivery: delivery.lane)]


def is_ready(lane: Sequence[Delivery], now: datetime) -> bool:
    """Whether the first message of the lane is due, and no worker holds it."""
    return lane[0].next_at <= now and not is_held(lane, now)


def is_held(lane: Sequence[Delivery], now: datetime) -> bool:
    """Whether a worker holds the first message of the lane."""
    return lane[0].leased_until is not None and lane[0].leased_until > now


def pending_lanes(transaction: Transaction, keys: Collection[LaneKey]) -> list[list[Delivery]]:
    """The pending messages of these lanes."""
    endpoints, subjects = {endpoint for endpoint, _ in keys}, {subject for _, subject in keys}
    pending = read_lanes(transaction, endpoints, subjects, pending=True)
    return lanes_of(delivery for delivery in pending if delivery.lane in keys)


def pending_claim(transaction: Transaction, claim: Claim, now: datetime) -> Claim:
    """A new claim of the messages that are ready in the watched lanes of a claim."""
    token = new_token()
    lanes = claim_lanes(transaction, pending_lanes(transaction, claim.watched), token, now)
    missing = {delivery.message_id for lane in lanes for delivery in lane} - claim.bodies.keys()
    bodies = {**claim.bodies, **read_bodies(transaction, missing)}
    for lane in lanes:
        _fail_archived(transaction, lane, bodies, token, now)
    readable = [[delivery for delivery in lane if delivery.message_id in bodies] for lane in lanes]
    return replace(claim, token=token, lanes=[lane for lane in readable if lane], bodies=bodies)


def _fail_archived(
    transaction: Transaction, lane: Sequence[Delivery], bodies: Mapping[str, str], token: int, now: datetime
) -> None:
    """A message that was moved to the archive cannot be sent."""
    for delivery in lane:
        if delivery.message_id not in bodies:
            failed = replace(delivery, state=move(delivery.state, DeliveryState.FAILED), error="message_archived")
            update_failed(transaction, failed, token, now)


def claim_lanes(
    transaction: Transaction, lanes: Sequence[Sequence[Delivery]], token: int, now: datetime
) -> list[list[Delivery]]:
    """Claim the ready lanes. Returns the parts of them that this worker holds, each from its first message on."""
    candidates = [list(lane[:LONGEST_RUN]) for lane in lanes if is_ready(lane, now)]
    deliveries = [delivery for lane in candidates for delivery in lane]
    claimed = update_claimed(transaction, deliveries, token, now, now + LEASE)
    parts = [_held_part(lane, claimed) for lane in candidates]
    for lane, part in zip(candidates, parts, strict=True):
        if not part and any((delivery.endpoint_id, delivery.message_id) in claimed for delivery in lane):
            # Another worker has the first message; the later ones are its own to send.
            update_released(transaction, lane[0].lane, token)
    return [part for part in parts if part]


def _held_part(lane: Sequence[Delivery], claimed: set[tuple[str, str]]) -> list[Delivery]:
    part: list[Delivery] = []
    for delivery in lane:
        if (delivery.endpoint_id, delivery.message_id) not in claimed:
            break
        part.append(delivery)
    return part
