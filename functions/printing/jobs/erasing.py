"""Orders whose guest was erased: their tickets and plans lose the guest, in every state."""

from datetime import datetime, timedelta

from functions.printing.tables.erasures import (
    read_orders_with_plans,
    read_orders_with_tickets,
    update_plans_without_guest,
    update_tickets_without_guest,
)
from shared.spine import log
from shared.spine.db import Locked
from shared.spine.env import Environment

# A transaction that read the order's message before the erasure has ended by then. A later one reads the erasure.
ERASED_SINCE = timedelta(days=1)
ORDERS_PER_TRANSACTION = 200


def erase_guests(env: Environment, until: datetime) -> None:
    """Erase guests, for a quarter of the time until `until`. The rest of the time is for printing."""
    until = env.clock() + (until - env.clock()) / 4
    try:
        while env.clock() < until and _erase_batch(env):
            pass
    except Locked:
        log.logger().info("erased guests' tickets are left for the next run")


def _erase_batch(env: Environment) -> bool:
    """False where no order is left."""
    since = env.clock() - ERASED_SINCE
    with env.db.transaction() as transaction:
        with_tickets = read_orders_with_tickets(transaction, since, ORDERS_PER_TRANSACTION)
        with_plans = read_orders_with_plans(transaction, since, ORDERS_PER_TRANSACTION)
        update_tickets_without_guest(transaction, with_tickets)
        update_plans_without_guest(transaction, with_plans)
    return bool(with_tickets or with_plans)
