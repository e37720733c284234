"""Every hour → old idempotency keys are deleted, and secret replies whose secret has ended."""

from datetime import datetime, timedelta

from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.idempotency import DELETE_OLD_KEYS, DELETE_OLD_SECRET_REPLIES

# Callers are promised 24 hours; a till that was offline over a weekend is still right.
STORED_FOR = timedelta(days=7)


def drop_old_keys(env: Environment, until: datetime) -> None:
    """Delete in small transactions. The next hour deletes the keys that remain."""
    now = env.clock()
    secrets = _delete_old(env, DELETE_OLD_SECRET_REPLIES, now, until)
    keys = _delete_old(env, DELETE_OLD_KEYS, now - STORED_FOR, until)
    log.logger().info("dropped old idempotency keys", extra={"dropped": keys, "secret_replies": secrets})


def _delete_old(env: Environment, statement: str, before: datetime, until: datetime) -> int:
    deleted, rows = 0, 1
    while rows and env.clock() < until:
        with env.db.transaction() as transaction:
            rows = transaction.execute(statement, {"before": before})
        deleted += rows
    return deleted


handler = entry.timer(drop_old_keys)
