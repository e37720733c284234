"""Messages → a delivery for each endpoint that subscribes to them.

A queue may bring messages in any order. The record has all messages of a subject, so an earlier message that has not
come is stored with the later one. So the order of each subject holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.webhooks.content.public_types import HEARD_TYPES, REDELIVERY, TEST, subscribes
from functions.webhooks.deliveries.claim import LEASE, Claim, LaneKey, lanes_of, new_token, pending_claim
from functions.webhooks.deliveries.schedule import is_open
from functions.webhooks.states import DeliveryState
from functions.webhooks.tables.deliveries import (
    Delivery,
    NewDelivery,
    insert_deliveries,
    read_lanes,
    update_released,
)
from functions.webhooks.tables.endpoints import Endpoint, read_enabled_endpoints
from shared.contracts.ids import split_key
from shared.contracts.messages import Document, Message, MessageData
from shared.spine.db import Row, Transaction
from shared.spine.record import read_messages

# Rows of delivered messages stay longer than this, so no message is stored and sent a second time.
EARLIER = timedelta(days=3)


class OrderChain(Document):
    """The chain of an order."""

    chain: str


class PublicMessage(MessageData):
    """Any public message, as far as it says to whom it goes: data of an order, or of an endpoint."""

    order: OrderChain | None = None
    chain: str | None = None
    webhook: str | None = None

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """All public types, and the one that wakes the sender."""
        return HEARD_TYPES

    @property
    def owner(self) -> str:
        """The chain of the message's order or endpoint."""
        return self.order.chain if self.order else self.chain or ""


@dataclass(frozen=True)
class _Offer:
    """A message that an endpoint wants."""

    endpoint: Endpoint
    row: Row

    @property
    def lane(self) -> LaneKey:
        return self.endpoint.id, self.row["subject"]


def owners_of(messages: Iterable[Message[PublicMessage]]) -> set[str]:
    """The chains to which the messages belong."""
    return {message.data.owner for message in messages}


def store_messages(transaction: Transaction, messages: Sequence[Message[PublicMessage]], now: datetime) -> Claim:
    """Store the deliveries of these messages, and claim those whose lanes were empty."""
    subjects = {message.subject: message.data for message in messages}
    endpoints = {endpoint.id: endpoint for endpoint in read_enabled_endpoints(transaction, owners_of(messages))}
    if not endpoints:
        return Claim(0)
    since = min([now - EARLIER, *(message.time for message in messages)])
    rows = read_messages(transaction, subjects, since)
    offers = [
        _Offer(endpoint, row)
        for row in rows
        for endpoint in endpoints.values()
        if wants(endpoint, row, subjects[row["subject"]])
    ]
    return _stored(transaction, endpoints, sorted(offers, key=lambda offer: (*offer.lane, offer.row["sequence"])), now)


def wants(endpoint: Endpoint, row: Row, data: PublicMessage) -> bool:
    """Whether the endpoint gets the message in a row of the record; `data` is of any message of the row's subject."""
    if endpoint.chain != data.owner or row["occurred_at"].replace(tzinfo=UTC) < endpoint.hears_from:
        return False
    if row["type"] == REDELIVERY:
        return False
    if row["type"] == TEST:
        return data.webhook == endpoint.id
    store = split_key(row["store_id"] or "")[1]
    return subscribes(endpoint.types, row["type"]) and (not endpoint.stores or store in endpoint.stores)


def _stored(
    transaction: Transaction, endpoints: Mapping[str, Endpoint], offers: Sequence[_Offer], now: datetime
) -> Claim:
    if not offers:
        return Claim(0)
    lane_keys = {offer.lane for offer in offers}
    stored = read_lanes(transaction, {key[0] for key in lane_keys}, {key[1] for key in lane_keys}, pending=False)
    new = _new_rows(offers, stored, token := new_token(), now)
    inserted = insert_deliveries(transaction, new)
    waiting = {delivery.lane for delivery in stored if delivery.state is DeliveryState.PENDING}
    watched = waiting & lane_keys | {(row.endpoint, row.subject) for row in new}
    bodies = {offer.row["id"]: offer.row["body"] for offer in offers}
    open_lanes = {lane for lane in watched if is_open(endpoints[lane[0]], now)}
    claim = Claim(token, endpoints, _held(new), bodies, frozenset(open_lanes))
    return claim if inserted == len(new) else _after_race(transaction, claim, now)


def _new_rows(offers: Sequence[_Offer], stored: Sequence[Delivery], token: int, now: datetime) -> list[NewDelivery]:
    """The rows to insert. A message with a later one stored is no new one: it was stored too, or not wanted then."""
    pending = _pending_of(stored)
    last = {delivery.lane: delivery.sequence for delivery in stored}
    return [
        _new(offer, pending.get(offer.lane, []), token, now)
        for offer in offers
        if offer.row["sequence"] > last.get(offer.lane, 0)
    ]


def _pending_of(deliveries: Iterable[Delivery]) -> dict[LaneKey, list[Delivery]]:
    pending: dict[LaneKey, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.state is DeliveryState.PENDING:
            pending[delivery.lane].append(delivery)
    return pending


def _new(offer: _Offer, earlier: Sequence[Delivery], token: int, now: datetime) -> NewDelivery:
    """The row of an offer. This worker holds it where the endpoint is open and nothing earlier is pending."""
    holds = not earlier and is_open(offer.endpoint, now)
    return NewDelivery(
        endpoint=offer.endpoint.id,
        message=offer.row["id"],
        subject=offer.row["subject"],
        sequence=offer.row["sequence"],
        type=offer.row["type"],
        next_at=max(now, earlier[0].next_at) if earlier else now,
        token=token if holds else None,
        leased_until=now + LEASE if holds else None,
    )


def _held(rows: Iterable[NewDelivery]) -> list[list[Delivery]]:
    return lanes_of(_inserted(row) for row in rows if row.token is not None)


def _inserted(row: NewDelivery) -> Delivery:
    return Delivery(
        endpoint_id=row.endpoint,
        message_id=row.message,
        subject=row.subject,
        sequence=row.sequence,
        type=row.type,
        state=DeliveryState.PENDING,
        next_at=row.next_at,
        attempts=0,
        first_tried_at=None,
        last_tried_at=None,
        http_status=None,
        error=None,
        delivered_at=None,
        leased_until=row.leased_until,
    )


def _after_race(transaction: Transaction, claim: Claim, now: datetime) -> Claim:
    """Another worker has stored some of the rows at the same time: give all back, and claim the stored rows."""
    for lane in claim.lanes:
        update_released(transaction, lane[0].lane, claim.token)
    return pending_claim(transaction, claim, now)
