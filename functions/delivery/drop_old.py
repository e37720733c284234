"""Every hour → messages of more than 30 days ago are deleted from the inboxes."""

from datetime import datetime, timedelta

from functions.delivery.tables.inbox import delete_old
from shared.spine import entry
from shared.spine.env import Environment

MESSAGES_LAST = timedelta(days=30)
AT_ONCE = 1_000


def drop_old(env: Environment, until: datetime) -> None:
    """At most about a thousand rows a transaction, so that none is long."""
    before, deleted = env.clock() - MESSAGES_LAST, 1
    while deleted and env.clock() < until:
        with env.db.transaction() as transaction:
            deleted = delete_old(transaction, before, AT_ONCE)


handler = entry.timer(drop_old)
