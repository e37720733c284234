"""A fleet is asked: the delivery is offered to a courier of the fleet, and its booking is stored with it."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.delivery.booking.changes import change_delivery
from functions.delivery.fleets import FLEETS
from functions.delivery.fleets.rule import MOST_BOOKINGS, FleetRule
from functions.delivery.life.act import Refused, Request
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import Action, BookingState, Carriage
from functions.delivery.tables.bookings import Booking, insert_booking, read_bookings_of
from functions.delivery.tables.couriers import Courier, upsert_courier
from functions.delivery.tables.deliveries import lock_delivery, read_open
from functions.delivery.tables.fleets import StoredFleet, read_fleets
from functions.delivery.tables.stores import StoreHome, StoreSettings, read_home, read_with_fleet
from functions.delivery.tracking.geometry import metres_between
from shared.contracts.ids import new_id, split_key, store_key
from shared.spine.db import Duplicate, Transaction
from shared.spine.env import Environment

BY_RULE = "fleet-rule"
RANDOM_BITS = 10


def ask_fleets(env: Environment) -> int:
    """Ask fleets by the rules of the stores. Returns the number of bookings."""
    with env.db.transaction() as transaction:
        stores = {settings.store: settings for settings in read_with_fleet(transaction)}
        deliveries = [one for one in read_open(transaction, list(stores)) if one.carriage == Carriage.UNASSIGNED]
        if not deliveries:
            return 0
        homes = read_home(transaction, sorted({one.store for one in deliveries}))
        earlier = read_bookings_of(transaction, [one.id for one in deliveries])
        keys = {fleet_key_of(settings) for settings in stores.values()}
        fleets = read_fleets(transaction, sorted(keys))
    now, asked = env.clock(), 0
    for delivery in deliveries:
        settings = stores[delivery.store]
        fleet = fleets.get(fleet_key_of(settings))
        count = sum(booking.delivery == delivery.id for booking in earlier)
        if fleet and fleet.enabled and count < MOST_BOOKINGS and is_due(delivery, settings, homes[delivery.store], now):
            asked += _ask(env, delivery.id, fleet, now)
    return asked


def is_due(delivery: Delivery, settings: StoreSettings, home: StoreHome, now: datetime) -> bool:
    """Whether the rule of the store asks the fleet now."""
    metres, rule = way_of(delivery, settings), settings.fleet_rule
    return metres is not None and rule is not None and rule.is_asked(metres, _local(home, now), delivery.ready_at, now)


def held_for_fleets(
    deliveries: Sequence[Delivery], stores: Mapping[str, StoreSettings], homes: Mapping[str, StoreHome], now: datetime
) -> set[str]:
    """Deliveries that a fleet gets before any own courier. One that a fleet had and lost is free for all."""
    return {one.id for one in deliveries if not one.refused_by and _is_taken(one, stores.get(one.store), homes, now)}


def _is_taken(
    delivery: Delivery, settings: StoreSettings | None, homes: Mapping[str, StoreHome], now: datetime
) -> bool:
    if settings is None or settings.fleet_rule is None or delivery.store not in homes:
        return False
    metres = way_of(delivery, settings)
    return metres is not None and settings.fleet_rule.takes(metres, _local(homes[delivery.store], now))


def way_of(delivery: Delivery, settings: StoreSettings) -> float | None:
    """Metres from the store to the door as the crow flies; None where one of them is unknown."""
    recipient = delivery.details.recipient
    if recipient.lat is None or recipient.lon is None or settings.lat is None or settings.lon is None:
        return None
    return metres_between((settings.lat, settings.lon), (recipient.lat, recipient.lon))


def fleet_key_of(settings: StoreSettings) -> str:
    """The key of the account that the store asks; empty without a rule."""
    rule: FleetRule | None = settings.fleet_rule
    return store_key(settings.chain, rule.fleet) if rule else ""


def new_booking(transaction: Transaction, delivery: Delivery, fleet: StoredFleet, by: str, now: datetime) -> Booking:
    """Store a booking of a locked delivery and a courier for it. Raises `Refused` while another one is open."""
    booking_id = new_id(now)
    courier = Courier(
        chain=delivery.chain,
        id=f"fleet-{booking_id}",
        client=None,
        name=FLEETS[fleet.kind].title,
        phone=None,
        vehicle="scooter",
        capacity=1,
        stores=(split_key(delivery.store)[1],),
        changed_at=now,
        fleet=fleet.id,
    )
    booking = Booking(
        id=booking_id,
        number=int(now.timestamp() * 1000) << RANDOM_BITS | secrets.randbits(RANDOM_BITS),
        delivery=delivery.id,
        store=delivery.store,
        fleet=fleet.key,
        courier=courier.id,
        state=BookingState.ASKED,
        due_at=now,
        asked_by=by,
        created_at=now,
    )
    try:
        insert_booking(transaction, booking)
    except Duplicate:
        raise Refused("fleet_busy", "an earlier booking of a fleet is still open; wait until it has ended") from None
    upsert_courier(transaction, courier)
    return booking


def _ask(env: Environment, delivery_id: str, fleet: StoredFleet, now: datetime) -> bool:
    with env.outbox.work("delivery") as work:
        delivery = lock_delivery(work, delivery_id)
        if delivery is None or delivery.carriage != Carriage.UNASSIGNED:
            return False
        try:
            booking = new_booking(work, delivery, fleet, BY_RULE, now)
        except Refused:
            return False
        why = {"code": "fleet", "fleet": fleet.id}
        request = Request(Action.OFFER, now, expected=Carriage.UNASSIGNED, courier=booking.courier, why=why)
        return change_delivery(work, delivery, request, fleet.id, now) is not None


def _local(home: StoreHome, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(home.timezone))
