"""job.items_due, and what an outlet's chat asked for → sold-out lists, closed days and pauses of stores."""

from datetime import date, datetime

from functions.stores.changing.changes import Change, changed
from functions.stores.resources.revision import announce
from functions.stores.tables.job_marks import is_newer, upsert_mark
from functions.stores.tables.stores import lock_store, update_store
from shared.contracts.ids import Ulid, store_key
from shared.contracts.messages import Message, MessageData
from shared.contracts.messages.jobs import JobItemsDue
from shared.contracts.messages.outlets import OutletChangeConfirmed, OutletPauseChanged
from shared.spine import entry
from shared.spine.env import Environment

# The pauses of a store have one mark: the newest one holds.
PAUSE = "pause"


class StoreChangeDue(MessageData):
    """The stores that change, and their changes, in any of the messages."""

    chain: str
    store: str | None = None
    stores: list[str] = []
    request: Ulid | None = None
    on: list[str] = []
    off: list[str] = []
    sold_out: list[str] = []
    closed_on: date | None = None
    paused_until: datetime | None = None

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """The types of these messages."""
        return (JobItemsDue.type, OutletChangeConfirmed.type, OutletPauseChanged.type)


def change_stores(message: Message[StoreChangeDue], env: Environment) -> None:
    """Change each store in a transaction of its own. A message that comes again, or late, changes nothing."""
    for store in [message.data.store] if message.data.store else message.data.stores:
        _change_store(store_key(message.data.chain, store), message, env)


def _change_store(key: str, message: Message[StoreChangeDue], env: Environment) -> None:
    change = _change(message)
    mark = PAUSE if change.pauses else message.data.request or message.subject
    with env.outbox.work("stores") as work:
        before = lock_store(work, key)
        if before is None or not is_newer(work, key, mark, message.sequence):
            return
        after = changed(before, change, env.clock())
        if after != before:
            announce(work, before, after, update_store(work, before, after))
        upsert_mark(work, key, mark, message.sequence)


def _change(message: Message[StoreChangeDue]) -> Change:
    data = message.data
    return Change(
        on=frozenset(data.on),
        off=frozenset([*data.off, *data.sold_out]),
        closed_on=data.closed_on,
        pauses=message.type == OutletPauseChanged.type,
        paused_until=data.paused_until,
    )


handler = entry.queue(StoreChangeDue, change_stores)
