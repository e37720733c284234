"""The business day on which money moved, and whether a close of a day counts it."""

from datetime import date, datetime, timedelta

from shared.contracts.messages.orders import Order
from shared.contracts.store_record import OFFLINE_AT_MOST, Store

# A close looks this far back from the close before it. Money that is recorded later counts on the day of its recording.
LOOK_BACK = timedelta(days=31)
# The close number of imported history.
NO_CLOSE = 0


def is_history(order: Order, moved_at: datetime) -> bool:
    """Whether `moved_at` is of an imported order, and from before the import: another system's close has counted it.

    A part of a split bill is as new as the split.
    """
    return order.split_from is None and max(order.placed_at, moved_at) < order.received_at - OFFLINE_AT_MOST


def day_moved(store: Store, moved_at: datetime, now: datetime, *, history: bool = False) -> date:
    """The store's business day of `moved_at`, which no clock ahead of ours moves into the future."""
    late = now - moved_at > LOOK_BACK and not history
    return store.day_of(now if late else min(moved_at, now))
