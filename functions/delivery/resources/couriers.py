"""/v1/couriers: couriers of a chain, their shifts and breaks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import Field, model_validator

from functions.delivery.assignment.leaving import lock_with_deliveries, told_of_leaving
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Vehicle
from functions.delivery.life.device_time import corrected, error_of_clock
from functions.delivery.resources.access import CARRY, MANAGE, READ
from functions.delivery.tables.couriers import (
    Courier,
    read_chains_of_client,
    read_courier_of,
    read_couriers,
    read_fleet_couriers,
    upsert_courier,
)
from functions.delivery.tables.deliveries import read_loads
from functions.delivery.tables.positions import Position, read_positions
from functions.delivery.tables.stores import read_scopes
from shared.contracts.ids import store_key
from shared.contracts.models import Input, Output, Query
from shared.contracts.moments import AnyMoment
from shared.contracts.text import Id, Name, Phone
from shared.spine.db import Duplicate, Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class CourierPath(Query):
    """A courier by its id."""

    courier: Id


class ChainQuery(Query):
    """A chain."""

    chain: Id


class CourierIn(Input):
    """A courier of stores of a chain. `client` is the person (`p-…`) or the key that acts for the courier.

    `capacity` is the number of orders that the courier carries at once.
    """

    chain: Id
    name: Name
    phone: Phone | None = None
    client: Id | None = None
    vehicle: Vehicle = "scooter"
    capacity: int = Field(default=3, ge=1, le=50)
    stores: list[Id] = Field(min_length=1, max_length=50)
    shift_from: AnyMoment | None = None
    shift_until: AnyMoment | None = None
    break_until: AnyMoment | None = None
    active: bool = True

    @model_validator(mode="after")
    def _ordered(self) -> "CourierIn":
        if (self.shift_from is None) != (self.shift_until is None):
            raise ValueError("a shift has both a begin and an end")
        if self.shift_from and self.shift_until and self.shift_from >= self.shift_until:
            raise ValueError("a shift ends after it begins")
        return self


class ShiftIn(Input):
    """A courier's own word: the shift goes on until `shift_until`, and a break lasts until `break_until`.

    A time in the past ends the shift, or the break, now. A field that is left out stays. Both times are by the
    device's clock, and `sent_at` corrects that clock.
    """

    shift_until: AnyMoment | None = None
    break_until: AnyMoment | None = None
    sent_at: AnyMoment | None = None


class CourierPlace(Output):
    """The last place of a courier: degrees of WGS-84, `accuracy` in metres, `at` by the device."""

    lat: float
    lon: float
    accuracy: float
    at: datetime


class CourierDocument(Output):
    """A courier. `on_shift`: the shift has begun and not ended. `fleet`: the outside fleet that sent the courier.

    In the list alone, `load` is the number of open deliveries, offers among them. `place` is shown there on shift, and
    while the courier has one of them.
    """

    id: str
    chain: str
    name: str
    phone: str | None
    client: str | None
    vehicle: Vehicle
    capacity: int
    stores: list[str]
    shift_from: datetime | None
    shift_until: datetime | None
    break_until: datetime | None
    on_shift: bool
    active: bool
    revision: int
    load: int = 0
    place: CourierPlace | None = None
    fleet: str | None = None


class CourierList(Output):
    """The active couriers whose stores the caller may see."""

    couriers: list[CourierDocument]


def put_courier(call: Call, path: CourierPath, body: CourierIn) -> Reply:
    """Store a courier. It takes the right over each of its stores, also over those that it leaves."""
    with call.once() as (work, stored):
        before, deliveries = lock_with_deliveries(work, body.chain, path.courier)
        _require_stores(call, work, body.chain, {*body.stores, *(before.stores if before else ())})
        if before and before.fleet:
            raise Conflict("fleet_courier", "an outside fleet keeps this courier")
        if body.client and body.chain not in (read_chains_of_client(work, body.client) or {body.chain}):
            raise _client_taken()
        fields = body.model_dump(exclude={"stores"}) | {"stores": tuple(sorted(set(body.stores)))}
        revision, now = before.revision + 1 if before else 1, call.env.clock()
        courier = Courier(id=path.courier, changed_at=now, revision=revision, **fields)
        if before:
            courier = _with_told(work, before, courier, deliveries, now)
        try:
            upsert_courier(work, courier)
        except Duplicate:
            raise _client_taken() from None
        stored.reply = _document(courier, call.env.clock()).model_dump_json()
    return Reply(stored.reply)


def _client_taken() -> Conflict:
    """One answer for both causes: no chain learns of the people and keys of another."""
    return Conflict("client_taken", "this person or key acts for another courier, or is of another chain")


def list_couriers(call: Call, query: ChainQuery) -> Reply:
    """List couriers."""
    if not any(call.client.reach(right).within(query.chain).all_chains for right in (READ, MANAGE)):
        call.client.require(READ, Scope(query.chain))
    now = call.env.clock()
    with call.env.db.transaction() as transaction:
        couriers = [*read_couriers(transaction, query.chain), *read_fleet_couriers(transaction, query.chain)]
        keys = sorted({store_key(query.chain, store) for courier in couriers for store in courier.stores})
        scopes = read_scopes(transaction, keys)
        seen = {scope.store for scope in scopes.values() if _may_see(call, scope)}
        couriers = [courier for courier in couriers if seen & set(courier.stores)]
        loads = read_loads(transaction, query.chain, [courier.id for courier in couriers])
        positions = read_positions(transaction, query.chain)
    listed = [_listed(one, now, loads.get(one.id, 0), positions.get(one.id)) for one in couriers]
    return Reply(CourierList(couriers=listed))


def get_own_shift(call: Call) -> Reply:
    """The courier who asks, with shift and break."""
    with call.env.db.transaction() as transaction:
        courier = own_courier(call, transaction)
    return Reply(_document(courier, call.env.clock()))


def change_own_shift(call: Call, body: ShiftIn) -> Reply:
    """Begin or end the own shift, or a break. A courier who goes home keeps what is picked up, and gets no offers."""
    now = call.env.clock()
    with call.once() as (work, stored):
        own = own_courier(call, work)
        before, deliveries = lock_with_deliveries(work, own.chain, own.id)
        before = before or own
        courier = _with_told(work, before, _with_shift(before, body, now), deliveries, now)
        upsert_courier(work, courier)
        stored.reply = _document(courier, now).model_dump_json()
    return Reply(stored.reply)


def _with_told(
    transaction: Transaction, before: Courier, after: Courier, deliveries: Sequence[Delivery], now: datetime
) -> Courier:
    """The changed courier. Where the change ends the shift, the desk is told."""
    was_here, is_here = (one.active and one.is_on_shift(now) for one in (before, after))
    if was_here and not is_here:
        return told_of_leaving(transaction, after, deliveries, now)
    return replace(after, told_until=before.told_until)


def own_courier(call: Call, transaction: Transaction) -> Courier:
    """The courier for whom the caller acts, with the right to carry in its chain. Raises `NotFound`."""
    courier = read_courier_of(transaction, call.client.id)
    if courier is None or not courier.active or not call.client.reach(CARRY).within(courier.chain).all_chains:
        raise NotFound("unknown_courier", "you are no courier")
    return courier


def _with_shift(courier: Courier, body: ShiftIn, now: datetime) -> Courier:
    changes: dict[str, Any] = {}
    error = error_of_clock(body.sent_at, now)
    if body.break_until:
        break_until = corrected(body.break_until, error)
        changes["break_until"] = break_until if break_until > now else None
    if body.shift_until:
        begins = courier.shift_from if courier.is_on_shift(now) else now
        ends = max(corrected(body.shift_until, error), now)
        if begins is not None and begins >= ends:
            begins = None
        changes |= {"shift_from": begins, "shift_until": ends if begins else None}
    return replace(courier, changed_at=now, revision=courier.revision + 1, **changes)


def _require_stores(call: Call, transaction: Transaction, chain: str, stores: set[str]) -> None:
    scopes = read_scopes(transaction, [store_key(chain, store) for store in sorted(stores)])
    for store in sorted(stores):
        scope = scopes.get(store_key(chain, store))
        call.client.require(MANAGE, scope or Scope(chain))
        if scope is None:
            raise Rejected("unknown_store", f"there is no store {store}", status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _may_see(call: Call, scope: Scope) -> bool:
    return call.client.may(READ, scope) or call.client.may(MANAGE, scope)


def _listed(courier: Courier, now: datetime, load: int, position: Position | None) -> CourierDocument:
    """With the load, and with the place. The place of a courier off duty is private."""
    place = None
    if position and (load or courier.is_on_shift(now)):
        place = CourierPlace(lat=position.lat, lon=position.lon, accuracy=position.accuracy, at=position.fixed_at)
    return _document(courier, now).model_copy(update={"load": load, "place": place})


def _document(courier: Courier, now: datetime) -> CourierDocument:
    values = vars(courier) | {"stores": list(courier.stores), "on_shift": courier.is_on_shift(now)}
    return CourierDocument.model_validate(
        {name: values[name] for name in CourierDocument.model_fields if name in values}
    )
