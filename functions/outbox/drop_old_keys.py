"""Every hour → idempotency keys that nobody can be retrying any more are dropped, and secret replies with their end."""

from datetime import datetime, timedelta

from shared import entry, log
from shared.environment import Environment
from shared.idempotency import DELETE_OLD_KEYS, DELETE_OLD_SECRET_REPLIES

# Callers are promised 24 hours; a till that was offline over a weekend is still right.
KEPT_FOR = timedelta(days=7)


def drop_old(house: Environment, until: datetime) -> None:
    """In chunks, so that no transaction is long; what is left is for the next hour."""
    now = house.clock()
    secrets = _drop(house, DELETE_OLD_SECRET_REPLIES, now, until)
    keys = _drop(house, DELETE_OLD_KEYS, now - KEPT_FOR, until)
    log.logger().info("dropped old idempotency keys", extra={"dropped": keys, "secret_replies": secrets})


def _drop(house: Environment, statement: str, before: datetime, until: datetime) -> int:
    dropped, chunk = 0, 1
    while chunk and house.clock() < until:
        with house.db.transaction() as transaction:
            chunk = transaction.execute(statement, (before,))
        dropped += chunk
    return dropped


handler = entry.timer(drop_old)
