"""Every hour → idempotency keys that nobody can be retrying any more are dropped, and secret replies with their end."""

from datetime import datetime, timedelta

from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.idempotency import DELETE_OLD_KEYS, DELETE_OLD_SECRET_REPLIES

# Callers are promised 24 hours; a till that was offline over a weekend is still right.
KEPT_FOR = timedelta(days=7)


def drop_old(env: Environment, until: datetime) -> None:
    """In chunks, so that no transaction is long; what is left is for the next hour."""
    now = env.clock()
    secrets = _drop(env, DELETE_OLD_SECRET_REPLIES, now, until)
    keys = _drop(env, DELETE_OLD_KEYS, now - KEPT_FOR, until)
    log.logger().info("dropped old idempotency keys", extra={"dropped": keys, "secret_replies": secrets})


def _drop(env: Environment, statement: str, before: datetime, until: datetime) -> int:
    dropped, chunk = 0, 1
    while chunk and env.clock() < until:
        with env.db.transaction() as transaction:
            chunk = transaction.execute(statement, (before,))
        dropped += chunk
    return dropped


handler = entry.timer(drop_old)
