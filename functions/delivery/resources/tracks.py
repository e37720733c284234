"""GET /v1/deliveries/{delivery}/track: where the courier was with a delivery, for the desk."""

from datetime import UTC, datetime

from functions.delivery.resources.access import MANAGE, DeliveryPath, caller_of, unknown_delivery
from functions.delivery.states import Role
from functions.delivery.tables.deliveries import read_delivery
from functions.delivery.tables.positions import read_track
from functions.delivery.tables.stores import read_scopes
from functions.delivery.tracking.track import decoded, without_jumps
from functions.delivery.tracking.window import is_in_window
from shared.contracts.models import Output
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class TrackFix(Output):
    """A place of the courier, in degrees of WGS-84."""

    at: datetime
    lat: float
    lon: float


class DeliveryTrack(Output):
    """The places from the pickup to the end at the door, in order, without jumps. They are kept for 30 days."""

    fixes: list[TrackFix]


def get_delivery_track(call: Call, path: DeliveryPath) -> Reply:
    """The way of a delivery, for the desk. A person needs `personal:read`, too: the way ends at a home."""
    with call.env.db.transaction() as transaction:
        delivery = read_delivery(transaction, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        scope = read_scopes(transaction, [delivery.store]).get(delivery.store, Scope(delivery.chain))
        if Role.DESK not in caller_of(call, transaction, delivery).roles:
            call.client.require(MANAGE, scope)
        if not call.client.sees_personal(scope):
            call.client.require("personal:read", scope)
        track = decoded(read_track(transaction, delivery.id))
    own = without_jumps([fix for fix in track if is_in_window(delivery, fix.second)])
    fixes = [TrackFix(at=datetime.fromtimestamp(fix.second, UTC), lat=fix.lat, lon=fix.lon) for fix in own]
    return Reply(DeliveryTrack(fixes=fixes))
