"""A fleet is asked: the delivery is offered to a courier of the fleet, and its booking is stored with it."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from functions.delivery.booking.changes import change_delivery
from functions.delivery.fleets import FLEETS
from functions.delivery.fleets.rule import LEAD, MOST_BOOKINGS, FleetRule
from functions.delivery.life.act import Refused, Request
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import Action, BookingState, Carriage
from functions.delivery.tables.bookings import Booking, insert_booking, read_bookings_of
from functions.delivery.tables.couriers import Courier, upsert_courier
from functions.delivery.tables.deliveries import lock_delivery, read_unassigned
from functions.delivery.tables.fleets import StoredFleet, read_fleets
from functions.delivery.tables.stores import StoreHome, StoreSettings, read_home, read_with_fleet
from functions.delivery.tracking.geometry import metres_between
from shared.contracts.ids import new_id, split_key, store_key
from shared.kit.isolation import Isolation, in_turn
from shared.spine.db import Duplicate, Transaction
from shared.spine.env import Environment

BY_RULE = "fleet-rule"
RANDOM_BITS = 10
# So long after its promise a delivery without a courier waits for a person alone.
ASKED_FOR = timedelta(days=1)


def ask_fleets(env: Environment, until: datetime) -> int:
    """Ask fleets by the rules of the stores, chain by chain. Returns the number of bookings.

    A chain that fails does not stop the others.
    """
    with env.db.transaction() as transaction:
        stores = read_with_fleet(transaction)
    chains: dict[str, list[StoreSettings]] = defaultdict(list)
    for settings in stores:
        chains[settings.chain].append(settings)
    bookings = 0
    with Isolation() as isolation:
        for chain in in_turn(sorted(chains), env.clock()):
            if env.clock() >= until:
                break
            with isolation.isolate(f"fleets of {chain}"):
                bookings += _ask_for_chain(env, chains[chain])
    return bookings


def _ask_for_chain(env: Environment, settings: Sequence[StoreSettings]) -> int:
    now, stores = env.clock(), {store.store: store for store in settings}
    with env.db.transaction() as transaction:
        deliveries = read_unassigned(transaction, sorted(stores), now + LEAD, now - ASKED_FOR)
        if not deliveries:
            return 0
        homes = read_home(transaction, sorted({delivery.store for delivery in deliveries}))
        earlier = Counter(
            booking.delivery for booking in read_bookings_of(transaction, [delivery.id for delivery in deliveries])
        )
        fleets = read_fleets(transaction, sorted(map(fleet_key_of, settings)))
    bookings = 0
    for delivery in deliveries:
        fleet = fleets.get(fleet_key_of(stores[delivery.store]))
        is_free = fleet and fleet.enabled and earlier[delivery.id] < MOST_BOOKINGS
        if fleet and is_free and is_due(delivery, stores[delivery.store], homes.get(delivery.store), now):
            bookings += _ask(env, delivery.id, fleet, now)
    return bookings


def is_due(delivery: Delivery, settings: StoreSettings, home: StoreHome | None, now: datetime) -> bool:
    """Whether the rule of the store asks the fleet now. A store that is not published yet asks none."""
    metres, rule = way_of(delivery, settings), settings.fleet_rule
    if metres is None or rule is None or home is None:
        return False
    return rule.is_asked(metres, _local(home, now), delivery.ready_at, now)


def held_for_fleets(
    deliveries: Sequence[Delivery], stores: Mapping[str, StoreSettings], homes: Mapping[str, StoreHome], now: datetime
) -> set[str]:
    """Deliveries that a fleet gets before any own courier. One that a fleet had and lost is free for all."""
    return {
        delivery.id
        for delivery in deliveries
        if not delivery.refused_by and _is_taken(delivery, stores.get(delivery.store), homes, now)
    }


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
