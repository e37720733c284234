"""GET /v1/deliveries/{delivery}/fleet-bookings: what outside fleets were asked for, and what they cost."""

from datetime import datetime

from functions.delivery.booking.news import fleet_of
from functions.delivery.fleets.contract import FleetStatus
from functions.delivery.resources.access import MANAGE, READ, DeliveryPath, unknown_delivery
from functions.delivery.states import BookingState
from functions.delivery.tables.bookings import Booking, read_bookings
from functions.delivery.tables.deliveries import read_delivery
from functions.delivery.tables.stores import read_scopes
from shared.contracts.models import Output
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class FleetBooking(Output):
    """A trip that a fleet was asked for. `price` is in the smallest unit of `currency`.

    `failure` is the code of what went wrong last: of the fleet, or of this system. `asked_by` is a client, or the rule
    of the store.
    """

    id: str
    fleet: str
    state: BookingState
    status: FleetStatus | None
    courier: str
    fleet_id: str | None
    price: int | None
    currency: str | None
    failure: str | None
    detail: str | None
    asked_by: str
    created_at: datetime
    heard_at: datetime | None
    ended_at: datetime | None


class FleetBookings(Output):
    """The bookings of a delivery, the oldest first."""

    bookings: list[FleetBooking]


def list_fleet_bookings(call: Call, path: DeliveryPath) -> Reply:
    """List the bookings of a delivery."""
    with call.env.db.transaction() as transaction:
        delivery = read_delivery(transaction, path.delivery)
        scope = read_scopes(transaction, [delivery.store]).get(delivery.store) if delivery else None
        bookings = read_bookings(transaction, path.delivery)
    may_see = scope is not None and _may_see(call, scope)
    if delivery is None or not may_see:
        raise unknown_delivery(path.delivery)
    return Reply(FleetBookings(bookings=[_document(booking) for booking in bookings]))


def _may_see(call: Call, scope: Scope) -> bool:
    return call.client.may(READ, scope) or call.client.may(MANAGE, scope)


def _document(booking: Booking) -> FleetBooking:
    values = vars(booking) | {"fleet": fleet_of(booking)}
    return FleetBooking.model_validate({name: values[name] for name in FleetBooking.model_fields})
