"""The delivery as a guest wants it: the person at the door, its place, gift, card and wishes."""

import re
from typing import Annotated, Any

from pydantic import Field, model_validator

from functions.orders.pricing.cleaner import Cleaner
from shared.contracts.models import Input
from shared.contracts.moments import AnyMoment
from shared.contracts.text import PHONE_PATTERN, Name, Note, Phone

MAX_PHONE = 40
MOST_LAT, MOST_LON = 90.0, 180.0


class GuestDeliveryIn(Input):
    """The delivery as the guest wants it. `name` and `phone` are of the recipient, where it is another person.

    `lat` and `lon` are the door's, in degrees of WGS-84. Of a `gift` the recipient sees neither sender nor price. A
    `surprise` is not announced. `card` is the text on the card. `wishes` are for the courier. With `wanted_for` of the
    order, `wanted_until` ends the window. With `may_leave` the goods may be left at the door or with a neighbour.
    """

    name: str | None = None
    phone: str | None = None
    lat: float | None = None
    lon: float | None = None
    gift: bool = False
    surprise: bool = False
    may_leave: bool = False
    card: str | None = None
    wishes: str | None = None
    wanted_until: AnyMoment | None = None


class StrictGuestDelivery(GuestDeliveryIn):
    """The form that a mini-program's order must have."""

    name: Name | None = None
    phone: Phone | None = None
    lat: Annotated[float, Field(ge=-MOST_LAT, le=MOST_LAT)] | None = None
    lon: Annotated[float, Field(ge=-MOST_LON, le=MOST_LON)] | None = None
    card: Note | None = None
    wishes: Note | None = None

    @model_validator(mode="after")
    def _whole_place(self) -> "StrictGuestDelivery":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a place has both lat and lon")
        return self


def clean_delivery(cleaner: Cleaner, stated: GuestDeliveryIn | None) -> GuestDeliveryIn | None:
    """The delivery of a sale, with what can be kept."""
    if stated is None:
        return None
    path = "guest.delivery"
    fields: dict[str, Any] = {
        "name": cleaner.text(f"{path}.name", stated.name),
        "phone": cleaner.text(f"{path}.phone", stated.phone, MAX_PHONE),
        "card": cleaner.text(f"{path}.card", stated.card),
        "wishes": cleaner.text(f"{path}.wishes", stated.wishes),
        "wanted_until": cleaner.wanted(f"{path}.wanted_until", stated.wanted_until),
    }
    if fields["phone"] and not re.fullmatch(PHONE_PATTERN, fields["phone"]):
        cleaner.note(f"{path}.phone", "phone_format")
    if not _is_place(stated.lat, stated.lon):
        cleaner.note(f"{path}.lat", "place_malformed")
        fields |= {"lat": None, "lon": None}
    changed = {name: value for name, value in fields.items() if value != getattr(stated, name)}
    return stated.model_copy(update=changed) if changed else stated


def _is_place(lat: float | None, lon: float | None) -> bool:
    """Whether it is a place on Earth, or none at all."""
    if lat is None or lon is None:
        return lat is None and lon is None
    return -MOST_LAT <= lat <= MOST_LAT and -MOST_LON <= lon <= MOST_LON
