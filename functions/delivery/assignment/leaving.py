"""A courier goes home, by own word, by the desk's or by the clock: the desk hears of each open delivery, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.delivery.inbox.status import tell
from functions.delivery.life.delivery import Delivery
from functions.delivery.tables.couriers import Courier, lock_courier, read_left, update_told
from functions.delivery.tables.deliveries import lock_delivery, read_of_courier
from shared.kit.isolation import Isolation
from shared.spine.db import Transaction
from shared.spine.env import Environment

# The desk is told of a shift that ended so long ago at the most.
LEFT_WITHIN = timedelta(days=1)


def lock_with_deliveries(
    transaction: Transaction, chain: str, courier_id: str
) -> tuple[Courier | None, list[Delivery]]:
    """A courier with its open deliveries, all locked. Deliveries come first, as in a round: no deadlock."""
    locked = [lock_delivery(transaction, delivery.id) for delivery in read_of_courier(transaction, chain, courier_id)]
    courier = lock_courier(transaction, chain, courier_id)
    return courier, [
        delivery for delivery in locked if delivery and delivery.is_open and delivery.courier == courier_id
    ]


def told_of_leaving(
    transaction: Transaction, courier: Courier, deliveries: Sequence[Delivery], now: datetime
) -> Courier:
    """Tell the desk of each delivery that its courier went home. The delivery stays the courier's.

    Returns the courier, as one of whose leaving the desk knows.
    """
    for delivery in deliveries:
        tell(transaction, delivery, "courier_left", now, courier.name)
    return replace(courier, told_until=courier.shift_until)


def tell_of_ended_shifts(env: Environment, until: datetime) -> int:
    """Tell of the shifts that the clock has ended. Returns the number of couriers."""
    now, count = env.clock(), 0
    with env.db.transaction() as transaction:
        ended = read_left(transaction, now - LEFT_WITHIN, now)
    with Isolation() as isolation:
        for chain, courier in ended:
            if env.clock() >= until:
                break
            with isolation.isolate(f"courier {chain}:{courier}"):
                count += _tell(env, chain, courier, now)
    return count


def _tell(env: Environment, chain: str, courier_id: str, now: datetime) -> bool:
    with env.db.transaction() as transaction:
        courier, deliveries = lock_with_deliveries(transaction, chain, courier_id)
        if courier is None or courier.shift_until is None or courier.shift_until > now:
            return False
        if courier.told_until == courier.shift_until:
            return False
        update_told(transaction, told_of_leaving(transaction, courier, deliveries, now))
        return True
