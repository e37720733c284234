"""Every hour → ended sessions, links and attempts, and audit entries of more than 400 days ago, are deleted."""

from datetime import datetime, timedelta

from functions.people.tables.attempts import delete_old_attempts
from functions.people.tables.links import delete_old_links
from functions.people.tables.passkeys import delete_old_challenges
from functions.people.tables.providers import delete_old_sign_ins
from shared.spine import entry
from shared.spine.audit import delete_old_entries
from shared.spine.env import Environment
from shared.spine.sessions import delete_old_sessions

ENTRIES_LAST, ATTEMPTS_LAST = timedelta(days=400), timedelta(days=2)


def drop_old(env: Environment, until: datetime) -> None:
    """At most a thousand rows a transaction, so that none is long."""
    now = env.clock()
    works = [
        (delete_old_sessions, now),
        (delete_old_links, now),
        (delete_old_sign_ins, now),
        (delete_old_challenges, now),
        (delete_old_attempts, now - ATTEMPTS_LAST),
        (delete_old_entries, now - ENTRIES_LAST),
    ]
    for delete, before in works:
        deleted = 1
        while deleted and env.clock() < until:
            with env.db.transaction() as transaction:
                deleted = delete(transaction, before)


handler = entry.timer(drop_old)
