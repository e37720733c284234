"""sync.stock_pulled → items go on the sold-out list of a store, or come off it."""

from dataclasses import replace

from functions.stores.resources.revision import announce
from functions.stores.tables.job_marks import is_newer, upsert_mark
from functions.stores.tables.stores import lock_store, update_store
from shared.contracts.ids import store_key
from shared.contracts.messages import Message
from shared.contracts.messages.sync import SyncStockPulled
from shared.contracts.store_record import Store
from shared.spine import entry
from shared.spine.env import Environment


def change_items(message: Message[SyncStockPulled], env: Environment) -> None:
    """A message that comes again, or late, changes nothing."""
    data = message.data
    key = store_key(data.chain, data.store)
    source = message.subject.rpartition("/")[2]
    with env.outbox.work("stores") as work:
        before = lock_store(work, key)
        if before is None or not is_newer(work, key, source, message.sequence):
            return
        sold_out = (before.sold_out - frozenset(data.available)) | frozenset(data.sold_out)
        if sold_out != before.sold_out:
            after = _next(before, sold_out, env)
            announce(work, before, after, update_store(work, before, after))
        upsert_mark(work, key, source, message.sequence)


def _next(before: Store, sold_out: frozenset[str], env: Environment) -> Store:
    # Clocks of environments differ, but no revision ends before it began.
    changed_at = max(env.clock(), before.changed_at or env.clock())
    return replace(before, sold_out=sold_out, revision=before.revision + 1, changed_at=changed_at)


handler = entry.queue(SyncStockPulled, change_items)
