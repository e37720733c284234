"""job.items_due → items go on the sold-out lists of stores, or come off them."""

from dataclasses import replace

from functions.stores.resources.revision import announce
from functions.stores.tables.job_marks import is_newer, upsert_mark
from functions.stores.tables.stores import lock_store, update_store
from shared.contracts.ids import store_key
from shared.contracts.messages import Message
from shared.contracts.messages.jobs import JobItemsDue
from shared.contracts.store_record import Store
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.outbox import Work


def change_items(message: Message[JobItemsDue], env: Environment) -> None:
    """Change each store in a transaction of its own. A message that comes again, or late, changes nothing."""
    for store in message.data.stores:
        with env.outbox.work("stores") as work:
            _change_store(work, store_key(message.data.chain, store), message, env)


def _change_store(work: Work, key: str, message: Message[JobItemsDue], env: Environment) -> None:
    before = lock_store(work, key)
    if before is None or not is_newer(work, key, message.subject, message.sequence):
        return
    sold_out = (before.sold_out - frozenset(message.data.on)) | frozenset(message.data.off)
    if sold_out != before.sold_out:
        after = _next(before, sold_out, env)
        announce(work, before, after, update_store(work, before, after))
    upsert_mark(work, key, message.subject, message.sequence)


def _next(before: Store, sold_out: frozenset[str], env: Environment) -> Store:
    # Clocks of environments differ, but no revision ends before it began.
    changed_at = max(env.clock(), before.changed_at or env.clock())
    return replace(before, sold_out=sold_out, revision=before.revision + 1, changed_at=changed_at)


handler = entry.queue(JobItemsDue, change_items)
