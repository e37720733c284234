"""An order in doubt: the fleet may have it, and has not said so. After some minutes the desk is told, once."""

from dataclasses import replace
from datetime import timedelta

from functions.delivery.creation.announcing import store_change
from functions.delivery.life.delivery import Delivery
from functions.delivery.tables.bookings import Booking, lock_booking
from functions.delivery.tables.deliveries import lock_delivery, update_delivery
from shared.contracts.ids import split_key
from shared.spine.env import Environment
from shared.spine.outbox import Work

IN_DOUBT = "in_doubt"
TOLD_AFTER = timedelta(minutes=5)
STEP = "fleet_in_doubt"


def tell_of_doubt(env: Environment, booking: Booking) -> None:
    """Tell the desk of a doubt that lasts. The delivery says so until the fleet answers, or the desk acts."""
    now = env.clock()
    if booking.first_sent_at is None or now - booking.first_sent_at < TOLD_AFTER:
        return
    with env.outbox.work("delivery") as work:
        delivery, stored = lock_delivery(work, booking.delivery), lock_booking(work, booking.id)
        if delivery is None or stored is None or stored.failure != IN_DOUBT or delivery.courier != stored.courier:
            return
        if delivery.why.get("code") != STEP:
            fleet = split_key(stored.fleet)[1]
            why = {"code": STEP, "needs_person": True, "fleet": fleet}
            store_change(work, replace(delivery, why=why), [STEP], now, now, reason=fleet)


def without_doubt(work: Work, delivery: Delivery, booking: Booking) -> Delivery:
    """The locked delivery after its fleet has answered."""
    if delivery.why.get("code") != STEP or delivery.courier != booking.courier:
        return delivery
    delivery = replace(delivery, why={"code": "fleet", "fleet": split_key(booking.fleet)[1]})
    update_delivery(work, delivery)
    return delivery
