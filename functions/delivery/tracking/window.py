"""The time in which a courier's fixes belong to a delivery: from the pickup to the end at the door."""

from functions.delivery.life.delivery import Delivery
from functions.delivery.states import UNDERWAY, Carriage

ENDS = {
    Carriage.DELIVERED: Carriage.DELIVERED,
    Carriage.FAILED: Carriage.FAILED,
    Carriage.RETURNING: Carriage.FAILED,
    Carriage.RETURNED: Carriage.FAILED,
}


def is_in_window(delivery: Delivery, second: int) -> bool:
    """Whether a fix of this second since the epoch belongs to the delivery.

    The time from a failure to the retry does not.
    """
    begin = _second(delivery, Carriage.PICKED_UP)
    if begin is None or second < begin:
        return False
    failed, again = _second(delivery, Carriage.FAILED), _second(delivery, Carriage.ON_THE_WAY)
    if failed is not None and again is not None and failed < second < again:
        return False
    if delivery.carriage in UNDERWAY:
        return True
    end = _second(delivery, ENDS.get(delivery.carriage))
    return end is not None and second <= end


def _second(delivery: Delivery, state: Carriage | None) -> float | None:
    moment = delivery.times.get(state.value) if state else None
    return moment.timestamp() if moment else None
