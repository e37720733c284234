"""Every day → what is old is deleted, and the documents of forgotten guests are emptied."""

from collections.abc import Callable
from datetime import datetime, timedelta

from functions.outlets.tables.alerts import delete_old_alerts
from functions.outlets.tables.events import delete_old_events
from functions.outlets.tables.guest_consents import delete_old_rights
from functions.outlets.tables.guest_contacts import delete_contacts, read_unused_contacts
from functions.outlets.tables.guest_pushes import delete_old_pushes, delete_old_results
from functions.outlets.tables.holds import delete_old_holds
from functions.outlets.tables.messages import delete_old_messages
from functions.outlets.tables.notices import delete_old_notices, erase_documents
from functions.outlets.tables.requests import delete_old_requests
from functions.outlets.tables.steps import delete_old_steps
from shared.contracts.ids import first_id
from shared.spine import entry
from shared.spine.db import Transaction
from shared.spine.env import Environment

Deletion = Callable[[Transaction], int]
# A service repeats a callback for a week. A dispute with a platform takes a month.
GUESTS_KEPT = timedelta(days=400)
EVENTS_KEPT, NOTICES_KEPT = timedelta(days=7), timedelta(days=60)


def drop_old_notices(env: Environment, until: datetime) -> None:
    """Delete in transactions of at most a thousand rows, until nothing old is there or the time ends."""
    now = env.clock()
    oldest = first_id(now - NOTICES_KEPT)
    deletions: list[Deletion] = [
        erase_documents,
        lambda transaction: delete_old_events(transaction, now - EVENTS_KEPT),
        lambda transaction: delete_old_messages(transaction, oldest),
        lambda transaction: delete_old_steps(transaction, oldest),
        lambda transaction: delete_old_notices(transaction, oldest),
        lambda transaction: delete_old_alerts(transaction, now - NOTICES_KEPT),
        lambda transaction: delete_old_requests(transaction, oldest),
        lambda transaction: delete_old_pushes(transaction, oldest),
        lambda transaction: delete_old_results(transaction, now - EVENTS_KEPT),
        lambda transaction: delete_old_rights(transaction, now - NOTICES_KEPT),
        lambda transaction: _delete_unused_contacts(transaction, now - GUESTS_KEPT),
        lambda transaction: delete_old_holds(transaction, now - EVENTS_KEPT),
    ]
    for delete in deletions:
        deleted = 1
        while deleted and env.clock() < until:
            with env.db.transaction() as transaction:
                deleted = delete(transaction)


def _delete_unused_contacts(transaction: Transaction, before: datetime) -> int:
    contacts = read_unused_contacts(transaction, before)
    delete_contacts(transaction, contacts)
    return len(contacts)


handler = entry.timer(drop_old_notices)
