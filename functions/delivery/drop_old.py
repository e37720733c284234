"""Every hour → places of a day ago, and tracks, messages, proofs and browsers of 30 days ago, are deleted."""

from datetime import datetime, timedelta

from functions.delivery.tables import bookings, devices, inbox, positions, proofs
from shared.spine import entry
from shared.spine.env import Environment

MESSAGES_LAST = timedelta(days=30)
TRACKS_LAST, POSITIONS_LAST = timedelta(days=30), timedelta(days=1)
# The bucket deletes the objects themselves at this age: functions.yml.
PROOFS_LAST = timedelta(days=30)
# A page registers its browser again at each start.
DEVICES_LAST = timedelta(days=30)
# A callback is good for some minutes. Prices of fleets are kept for the accounts.
CALLBACKS_LAST, BOOKINGS_LAST = timedelta(days=1), timedelta(days=400)
AT_ONCE = 1_000


def drop_old(env: Environment, until: datetime) -> None:
    """At most about a thousand rows of a table a transaction, so that none is long."""
    now, deleted = env.clock(), 1
    while deleted and env.clock() < until:
        with env.db.transaction() as transaction:
            deleted = inbox.delete_old(transaction, now - MESSAGES_LAST, AT_ONCE)
            deleted += devices.delete_old(transaction, now - DEVICES_LAST, AT_ONCE)
            deleted += proofs.delete_old(transaction, now - PROOFS_LAST, AT_ONCE)
            deleted += bookings.delete_old(transaction, now - CALLBACKS_LAST, now - BOOKINGS_LAST)
            deleted += positions.delete_old(transaction, now - POSITIONS_LAST, now - TRACKS_LAST)


handler = entry.timer(drop_old)
