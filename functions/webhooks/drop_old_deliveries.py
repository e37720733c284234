"""Every hour → deliveries are deleted by their age, and those of deleted endpoints."""

from datetime import datetime, timedelta

from functions.webhooks.states import DeliveryState
from functions.webhooks.tables.deliveries import delete_of_endpoint, delete_old, read_endpoints_with_deliveries
from functions.webhooks.tables.endpoints import read_endpoints
from shared.contracts.ids import first_id
from shared.spine import entry
from shared.spine.db import Transaction
from shared.spine.env import Environment

# By the time of the message. Delivered ones stay longer than `intake.EARLIER`.
KEPT = {DeliveryState.DELIVERED: timedelta(days=14), DeliveryState.FAILED: timedelta(days=30)}


def drop_old_deliveries(env: Environment, until: datetime) -> None:
    """Delete in transactions of at most 1,000 rows a state, until nothing old is there or the time ends."""
    with env.db.transaction() as transaction:
        ids = read_endpoints_with_deliveries(transaction)
        present = read_endpoints(transaction, ids)
    for endpoint in ids:
        deleted = 1
        while deleted and env.clock() < until:
            with env.db.transaction() as transaction:
                deleted = _delete_some(transaction, endpoint, env.clock(), exists=endpoint in present)


def _delete_some(transaction: Transaction, endpoint: str, now: datetime, *, exists: bool) -> int:
    if not exists:
        return delete_of_endpoint(transaction, endpoint)
    return sum(delete_old(transaction, endpoint, state, first_id(now - age)) for state, age in KEPT.items())


handler = entry.timer(drop_old_deliveries)
