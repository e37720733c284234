"""A delivery as the trip that a fleet is asked for."""

import re

from functions.delivery.fleets.contract import Item, Stop, Trip
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import Goods
from functions.delivery.tables.bookings import Booking
from functions.delivery.tables.stores import StoreHome, StoreSettings

_SEPARATORS = re.compile(r"[ ()./-]")
# A name for a person without one, at the door.
NO_NAME = "-"


class NoTrip(Exception):
    """The delivery lacks something that every fleet needs; the text says what."""


def trip_of(booking: Booking, delivery: Delivery, settings: StoreSettings, home: StoreHome) -> Trip:
    """The trip of a booking. Raises `NoTrip`. A gift's sender, price and card are not in it."""
    recipient, rule = delivery.details.recipient, settings.fleet_rule
    if rule is None or settings.lat is None or settings.lon is None:
        raise NoTrip("the store has no place, or no settings of a fleet")
    if recipient.lat is None or recipient.lon is None or not recipient.address or not recipient.phone:
        raise NoTrip("the door has no place, no address or no phone number")
    scheduled_from = delivery.wanted_from if _is_scheduled(delivery) else None
    return Trip(
        id=booking.id,
        number=booking.number,
        order=delivery.id,
        fleet_store_id=rule.fleet_store_id or "",
        label=f"#{delivery.number}",
        pickup=Stop(home.name, plain_phone(rule.phone), rule.address, settings.lat, settings.lon, rule.note or ""),
        door=Stop(
            recipient.name or NO_NAME,
            plain_phone(recipient.phone),
            recipient.address,
            recipient.lat,
            recipient.lon,
            delivery.details.wishes or "",
        ),
        items=[Item(str(line["name"]), int(line["quantity"])) for line in delivery.lines],
        ready_at=delivery.ready_at,
        deliver_by=delivery.wanted_until,
        deliver_from=scheduled_from,
        value=rule.value,
        currency=home.currency,
    )


def keys_of(booking: Booking, delivery: Delivery) -> Trip:
    """The trip by its keys alone: enough to follow or to cancel one, also after its persons were erased."""
    nowhere = Stop(NO_NAME, "", "", 0.0, 0.0)
    return Trip(
        id=booking.id,
        number=booking.number,
        order=delivery.id,
        fleet_store_id="",
        label=f"#{delivery.number}",
        pickup=nowhere,
        door=nowhere,
        items=(),
        ready_at=delivery.ready_at,
        deliver_by=delivery.wanted_until,
    )


def plain_phone(phone: str) -> str:
    """The phone number without separators, as E.164 has it where it begins with `+`."""
    return _SEPARATORS.sub("", phone)


def _is_scheduled(delivery: Delivery) -> bool:
    return delivery.wanted_from > delivery.times.get(Goods.TO_PICK.value, delivery.created_at)
