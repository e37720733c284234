"""Every hour → idempotency keys that nobody can be retrying any more are dropped."""

from datetime import datetime, timedelta

from shared import entry, log
from shared.environment import Environment
from shared.idempotency import DELETE_OLD_KEYS

# Callers are promised 24 hours; a till that was offline over a weekend is still right.
KEPT_FOR = timedelta(days=7)


def drop_old(house: Environment, until: datetime) -> None:
    """In chunks, so that no transaction is long; what is left is for the next hour."""
    dropped, chunk = 0, 1
    while chunk and house.clock() < until:
        with house.db.transaction() as transaction:
            chunk = transaction.execute(DELETE_OLD_KEYS, (house.clock() - KEPT_FOR,))
        dropped += chunk
    log.logger().info("dropped old idempotency keys", extra={"dropped": dropped})


handler = entry.timer(drop_old)
