"""/v1/courier-positions: places from the courier's page, from OwnTracks and from Traccar Client."""

import base64
import binascii
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel
from werkzeug.datastructures import Headers

from functions.delivery.intake.fixes import RawFix, Shift, steady_error, store_fixes
from functions.delivery.life.device_time import corrected
from functions.delivery.resources.access import MANAGE
from functions.delivery.resources.couriers import ChainQuery, CourierPath, own_courier
from functions.delivery.tables.couriers import read_courier
from functions.delivery.tables.positions import read_device, read_position, replace_device
from functions.delivery.tables.stores import read_scopes
from shared.contracts.ids import store_key
from shared.contracts.models import Input, Output
from shared.contracts.moments import AnyMoment
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

# The end of the year 2099. A larger number is in milliseconds.
LATEST_SECOND = 4_102_444_800
SECRET_SHOWN_FOR = timedelta(minutes=10)


class FixIn(Input):
    """A place of the device. `accuracy` is in metres; a fix that is worse than 100 m is left out."""

    at: AnyMoment
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    accuracy: float = Field(default=0.0, ge=0, le=100_000)


class PositionsIn(Input):
    """Fixes of the courier who sends them, also late ones. `sent_at` by the device's clock corrects that clock."""

    fixes: list[FixIn] = Field(min_length=1, max_length=500)
    sent_at: AnyMoment | None = None


class PositionsTaken(Output):
    """`taken`: the fixes that passed the gate. `next_seconds`: send the next ones after so many seconds."""

    taken: int
    next_seconds: int = 30


class DeviceSecret(Output):
    """The secret of the courier's phone, which is shown once. The one before is no longer good."""

    secret: str


class OwnTracksReply(RootModel[list[dict[str, str]]]):
    """Commands to OwnTracks. There are none, so the list is empty."""

    model_config = ConfigDict(defer_build=True)


class _Foreign(BaseModel):
    """A document of another program, with members that are not of interest."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class OwnTracksIn(_Foreign):
    """A message of OwnTracks: `tst` in seconds since the epoch, `acc` in metres. Only locations are read."""

    type: Annotated[str, Field(alias="_type", max_length=32)]
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    tst: int | None = Field(default=None, ge=0, le=LATEST_SECOND)
    acc: float = Field(default=0.0, ge=-1, le=1e7)


class TraccarCoords(_Foreign):
    """A place of Traccar Client."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    accuracy: float = Field(default=0.0, ge=-1, le=1e7)


class TraccarLocation(_Foreign):
    """A place with its time."""

    timestamp: AnyMoment
    coords: TraccarCoords


class TraccarIn(_Foreign):
    """A message of Traccar Client 9 and later. Its `device_id` is the secret of the device."""

    location: TraccarLocation
    device_id: str = Field(min_length=1, max_length=128)


_Second = Annotated[int, Field(ge=0, le=1_000 * LATEST_SECOND)]


class OsmAndQuery(_Foreign):
    """A place in the query. `id` is the secret of the device, `timestamp` in seconds or milliseconds since the epoch.

    `speed` in knots and the other members are not of interest. A place without a time is of now.
    """

    id: str = Field(min_length=1, max_length=128)
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    timestamp: Annotated[_Second | AnyMoment | None, Field(union_mode="left_to_right")] = None
    accuracy: float = Field(default=0.0, ge=-1, le=1e7)

    def moment(self, now: datetime) -> datetime:
        """The time of the place."""
        if not isinstance(self.timestamp, int):
            return self.timestamp or now
        seconds = self.timestamp / 1_000 if self.timestamp > LATEST_SECOND else self.timestamp
        return datetime.fromtimestamp(min(max(seconds, 0), LATEST_SECOND), UTC)


def post_positions(call: Call, body: PositionsIn) -> Reply:
    """Store own places. They are for the desk, and from pickup to the end for the customer of the delivery."""
    now = call.env.clock()
    error = steady_error(body.sent_at, now)
    raw = [RawFix(at=corrected(fix.at, error), lat=fix.lat, lon=fix.lon, accuracy=fix.accuracy) for fix in body.fixes]
    with call.once() as (work, stored):
        courier = own_courier(call, work)
        last = read_position(work, courier.chain, courier.id)
        shift = Shift(courier.shift_from, courier.shift_until)
        taken = store_fixes(work, courier.chain, courier.id, last, raw, now, shift)
        stored.reply = PositionsTaken(taken=taken).model_dump_json()
    return Reply(stored.reply)


def create_device_secret(call: Call, path: CourierPath, query: ChainQuery) -> Reply:
    """Make the secret with which OwnTracks or Traccar Client sends the places of a courier."""
    secret, now = secrets.token_urlsafe(24), call.env.clock()
    with call.once() as (work, stored):
        courier = read_courier(work, query.chain, path.courier)
        scopes = read_scopes(work, [store_key(query.chain, store) for store in courier.stores] if courier else [])
        for scope in scopes.values() or [Scope(query.chain)]:
            call.client.require(MANAGE, scope)
        if courier is None:
            raise NotFound("unknown_courier", f"there is no courier {path.courier}")
        replace_device(work, _hash(secret), courier.chain, courier.id, now)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + SECRET_SHOWN_FOR
        stored.reply = DeviceSecret(secret=secret).model_dump_json()
    return Reply(stored.reply, HTTPStatus.CREATED)


def post_own_tracks(env: Environment, headers: Headers, body: OwnTracksIn) -> Reply:
    """Store a place of OwnTracks in its HTTP mode. The password is the secret of the device."""
    fix = None
    if body.type == "location" and body.lat is not None and body.lon is not None and body.tst is not None:
        fix = RawFix(at=datetime.fromtimestamp(body.tst, UTC), lat=body.lat, lon=body.lon, accuracy=body.acc)
    _store(env, _password(headers), fix)
    return Reply("[]")


def post_traccar(env: Environment, body: TraccarIn) -> Reply:
    """Store a place of Traccar Client."""
    coords = body.location.coords
    fix = RawFix(at=body.location.timestamp, lat=coords.latitude, lon=coords.longitude, accuracy=coords.accuracy)
    _store(env, body.device_id, fix)
    return Reply("{}")


def post_osmand(env: Environment, query: OsmAndQuery) -> Reply:
    """Store a place in the form of OsmAnd, which Traccar Client before 9 sends too."""
    fix = RawFix(at=query.moment(env.clock()), lat=query.lat, lon=query.lon, accuracy=query.accuracy)
    _store(env, query.id, fix)
    return Reply("{}")


def _store(env: Environment, secret: str, fix: RawFix | None) -> None:
    now = env.clock()
    with env.outbox.work("delivery") as work:
        device = read_device(work, _hash(secret))
        if device is None:
            raise Rejected("device_unknown", "the secret is of no courier's device", status=HTTPStatus.UNAUTHORIZED)
        if fix:
            shift = Shift(device.shift_from, device.shift_until)
            store_fixes(work, device.chain, device.courier, device.last, [fix], now, shift)


def _password(headers: Headers) -> str:
    """The password of Basic authorization; empty for any other header."""
    scheme, _, text = (headers.get("Authorization") or "").partition(" ")
    try:
        decoded = base64.b64decode(text, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return decoded.partition(":")[2]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
