"""/v1/tracks/{link}: a delivery as its customer sees it, by a secret link and without a login."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, model_validator
from werkzeug.datastructures import Headers

from functions.delivery.creation.link import hash_of, pin_of
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.proof_file import ProofKind, is_proven
from functions.delivery.page.tiles import MapTiles
from functions.delivery.resources.customer_inbox import post_complaint
from functions.delivery.states import BEFORE_PICKUP, Carriage, Goods
from functions.delivery.tables.couriers import Courier, read_courier
from functions.delivery.tables.deliveries import lock_delivery, read_by_link
from functions.delivery.tables.feedback import read_feedback, upsert_feedback
from functions.delivery.tables.looks import Look, read_look
from functions.delivery.tables.positions import Position
from functions.delivery.tables.stores import StoreSettings, read_store
from functions.delivery.tracking.arrival import arrival_of
from functions.delivery.tracking.geometry import to_gcj02
from functions.delivery.tracking.stops import Stop
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Note
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Reply

POLL_SECONDS = 15
# Feedback, and the page itself, end so long after the delivery.
SHOWN_FOR = timedelta(days=7)
# A delivery that was cancelled, or that is still on its way, has nothing to rate.
RATED = frozenset({Carriage.DELIVERED, Carriage.RETURNED})


class LinkPath(Query):
    """The secret of a customer's page."""

    link: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{22}$")]


class Point(Output):
    """Degrees in the map system of the store."""

    lat: float
    lon: float


class CustomerView(Output):
    """A delivery without persons but the courier's first name. Of a gift `sender` is empty.

    `state` is one word for both states. `pin` is what the customer says at the door; it is gone at the end. A page asks
    again after `poll_seconds`, and stops at None. `map_tiles` are those of the store.
    `has_photo`: the delivery is over, and the photo of the door is there.
    """

    number: int
    state: str
    wanted_from: datetime
    wanted_until: datetime
    sender: str | None
    courier: str | None
    parcels: int | None
    pin: str | None
    map_system: str
    store: Point | None
    door: Point | None
    changed_at: datetime
    stars: int | None
    complained: bool
    poll_seconds: int | None
    map_tiles: MapTiles | None = None
    has_photo: bool = False


class CustomerPosition(Output):
    """The last place of the courier. `minutes` until the door may be wrong by `error` minutes; never negative.

    `stale`: the place is older than two minutes.
    """

    lat: float
    lon: float
    at: datetime
    minutes: int | None
    error: int | None
    near: bool
    at_door: bool
    stale: bool


class FeedbackIn(Input):
    """One to five stars after the delivery, or a complaint at any time, which the desk reads."""

    stars: int | None = Field(default=None, ge=1, le=5)
    complaint: Note | None = None

    @model_validator(mode="after")
    def _has_some(self) -> "FeedbackIn":
        if self.stars is None and self.complaint is None:
            raise ValueError("give stars, a complaint, or both")
        return self


class FeedbackTaken(Output):
    """The stored feedback."""

    stars: int | None
    complained: bool


def get_track(env: Environment, path: LinkPath, headers: Headers) -> Reply:
    """A delivery for its customer. An unchanged one answers 304 to its ETag."""
    with env.db.transaction() as transaction:
        delivery = delivery_of_link(env, transaction, path)
        settings = read_store(transaction, delivery.store)
        courier = _courier(transaction, delivery)
        stars, complaint = read_feedback(transaction, delivery.id)
    view = _view(delivery, settings, courier, path.link, stars, complained=complaint is not None)
    return _tagged(view, headers, view.poll_seconds or 60)


def get_track_position(env: Environment, path: LinkPath, headers: Headers) -> Reply:
    """The place of the courier, from pickup to the door and not a moment longer."""
    with env.db.transaction() as transaction:
        look = read_look(transaction, hash_of(path.link))
    delivery = _shown(env, look.delivery if look else None)
    if look is None or not delivery.is_underway or look.vehicle is None:
        raise NotFound("no_position", "the courier is not on the way to this door")
    picked_up = delivery.times[Carriage.PICKED_UP.value]
    if look.position is None or look.position.fixed_at < picked_up.replace(microsecond=0):
        raise NotFound("no_position", "the courier has sent no place since the pickup")
    return _tagged(_position(look, look.vehicle, look.position, env.clock()), headers, POLL_SECONDS)


def post_feedback(env: Environment, path: LinkPath, body: FeedbackIn) -> Reply:
    """Rate a delivery that has ended, or complain. A complaint is a message to the desk, too."""
    now = env.clock()
    with env.outbox.work("delivery") as work:
        seen = delivery_of_link(env, work, path)
        delivery = lock_delivery(work, seen.id) or seen
        if body.stars is not None and delivery.carriage not in RATED:
            raise Conflict("not_ended", "stars are given after the delivery")
        if body.complaint is not None and body.complaint != read_feedback(work, delivery.id).complaint:
            post_complaint(work, delivery, body.complaint, now)
        upsert_feedback(work, delivery.id, body.stars, body.complaint, now)
        feedback = read_feedback(work, delivery.id)
    return Reply(FeedbackTaken(stars=feedback.stars, complained=feedback.complaint is not None))


def delivery_of_link(env: Environment, transaction: Transaction, path: LinkPath) -> Delivery:
    """The delivery of the link. Raises `NotFound` for a wrong link, a surprise, and what ended long ago."""
    return _shown(env, read_by_link(transaction, hash_of(path.link)))


def _shown(env: Environment, delivery: Delivery | None) -> Delivery:
    if delivery is None or (delivery.ended_at and env.clock() - delivery.ended_at > SHOWN_FOR):
        raise NotFound("unknown_link", "there is no such delivery")
    if delivery.is_hidden:
        raise NotFound("unknown_link", "there is no such delivery yet")
    return delivery


def _courier(transaction: Transaction, delivery: Delivery) -> Courier | None:
    if delivery.courier is None or delivery.carriage in (Carriage.UNASSIGNED, Carriage.OFFERED):
        return None
    return read_courier(transaction, delivery.chain, delivery.courier)


def _view(
    delivery: Delivery,
    settings: StoreSettings,
    courier: Courier | None,
    link: str,
    stars: int | None,
    *,
    complained: bool,
) -> CustomerView:
    details = delivery.details
    return CustomerView(
        number=delivery.number,
        state=_state(delivery),
        wanted_from=delivery.wanted_from,
        wanted_until=delivery.wanted_until,
        sender=None if details.gift else details.payer.name,
        courier=courier.first_name if courier and delivery.is_open else None,
        parcels=delivery.parcels,
        pin=pin_of(link) if delivery.is_open else None,
        map_system=settings.map_system,
        store=_point(settings.lat, settings.lon, settings),
        door=_point(details.recipient.lat, details.recipient.lon, settings) if delivery.is_open else None,
        changed_at=delivery.changed_at,
        stars=stars,
        complained=complained,
        poll_seconds=POLL_SECONDS if delivery.is_open else None,
        map_tiles=settings.map_tiles,
        has_photo=delivery.carriage == Carriage.DELIVERED and is_proven(delivery.proof, ProofKind.PHOTO),
    )


def _position(look: Look, vehicle: str, position: Position, now: datetime) -> CustomerPosition:
    place, recipient = (position.lat, position.lon), look.delivery.details.recipient
    shown = to_gcj02(*place) if look.map_system == "gcj02" else place
    arrival: dict[str, Any] = {"minutes": None, "error": None, "near": False, "at_door": False, "stale": False}
    if recipient.lat is not None and recipient.lon is not None:
        own = Stop(look.delivery.carriage, (recipient.lat, recipient.lon))
        arrival = vars(arrival_of(place, own, vehicle, position.fixed_at, now, look.other_doors))
    return CustomerPosition(lat=shown[0], lon=shown[1], at=position.fixed_at, **arrival)


def _state(delivery: Delivery) -> str:
    if delivery.carriage not in BEFORE_PICKUP:
        return delivery.carriage.value
    return "ready" if delivery.goods == Goods.PACKED else "preparing"


def _point(lat: float | None, lon: float | None, settings: StoreSettings) -> Point | None:
    if lat is None or lon is None:
        return None
    lat, lon = to_gcj02(lat, lon) if settings.map_system == "gcj02" else (lat, lon)
    return Point(lat=lat, lon=lon)


def _tagged(document: BaseModel, headers: Headers, seconds: int) -> Reply:
    """The document with its ETag, or 304. A page that asks too often gets its own copy."""
    text = document.model_dump_json()
    tag = f'"{base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:12]).decode()}"'
    kept = {"ETag": tag, "Cache-Control": f"private, max-age={min(seconds, 5)}", "Referrer-Policy": "no-referrer"}
    if headers.get("If-None-Match") == tag:
        return Reply(status=304, headers=kept)
    return Reply(text, headers=kept)
