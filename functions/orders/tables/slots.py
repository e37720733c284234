"""SQL of the table `slot_counts`: scheduled orders and their pieces by store and slot."""

from datetime import UTC, datetime, timedelta

from shared.contracts.store_settings import SlotRule
from shared.spine.db import Transaction

# No one asks for older slots.
STORED_FOR = timedelta(days=31)
NO_BOUND = 1_000_000_000

TAKE_PLACE = """
    UPDATE slot_counts SET orders = orders + 1, pieces = pieces + %(pieces)s
    WHERE store_id = %(store)s AND begins_at = %(begins_at)s
        AND orders + 1 <= %(most_orders)s AND pieces + %(pieces)s <= %(most_pieces)s"""
# The no-op locks the row of another order. Without it two orders could wait for each other.
INSERT_SLOT = """
    INSERT INTO slot_counts (store_id, begins_at, orders, pieces)
    VALUES (%(store)s, %(begins_at)s, 1, %(pieces)s) ON DUPLICATE KEY UPDATE orders = orders"""
TAKE_BEYOND = """
    INSERT INTO slot_counts (store_id, begins_at, orders, pieces)
    VALUES (%(store)s, %(begins_at)s, 1, %(pieces)s)
    ON DUPLICATE KEY UPDATE orders = orders + 1, pieces = pieces + %(pieces)s"""
TAKE_PIECES = """
    UPDATE slot_counts SET pieces = pieces + %(pieces)s
    WHERE store_id = %(store)s AND begins_at = %(begins_at)s AND pieces + %(pieces)s <= %(most_pieces)s"""
GIVE_BACK = """
    UPDATE slot_counts SET orders = GREATEST(orders - %(orders)s, 0), pieces = GREATEST(pieces - %(pieces)s, 0)
    WHERE store_id = %(store)s AND begins_at = %(begins_at)s"""
SELECT_SLOTS = """
    SELECT begins_at, orders, pieces FROM slot_counts
    WHERE store_id = %(store)s AND begins_at >= %(since)s AND begins_at < %(until)s ORDER BY begins_at"""
DELETE_OLD_SLOTS = "DELETE FROM slot_counts WHERE store_id = %(store)s AND begins_at < %(before)s"


def take_place(transaction: Transaction, store: str, begins_at: datetime, pieces: int, rule: SlotRule) -> bool:
    """Take a place in a slot. Whether there was one."""
    values = {
        "store": store,
        "begins_at": begins_at,
        "pieces": pieces,
        "most_orders": rule.orders or NO_BOUND,
        "most_pieces": rule.pieces or NO_BOUND,
    }
    if transaction.execute(TAKE_PLACE, values):
        return True
    if pieces > (rule.pieces or NO_BOUND):
        return False
    if transaction.execute(INSERT_SLOT, values):
        transaction.execute(DELETE_OLD_SLOTS, {"store": store, "before": begins_at - STORED_FOR})
        return True
    # Another order has just begun the slot.
    return transaction.execute(TAKE_PLACE, values) > 0


def take_place_beyond(transaction: Transaction, store: str, begins_at: datetime, pieces: int) -> None:
    """Count a sale in a slot that is full."""
    transaction.execute(TAKE_BEYOND, {"store": store, "begins_at": begins_at, "pieces": pieces})


def take_pieces(transaction: Transaction, store: str, begins_at: datetime, pieces: int, most: int | None) -> bool:
    """Take room for further pieces of an order that has its place. Whether there was so much. `most` None: no limit."""
    values = {"store": store, "begins_at": begins_at, "pieces": pieces, "most_pieces": most or NO_BOUND}
    return transaction.execute(TAKE_PIECES, values) > 0


def give_back(transaction: Transaction, store: str, begins_at: datetime, *, orders: int, pieces: int) -> None:
    """Give back the places of so many orders, and the room of so many pieces."""
    values = {"store": store, "begins_at": begins_at, "orders": orders, "pieces": pieces}
    transaction.execute(GIVE_BACK, values)


def read_slots(
    transaction: Transaction, store: str, since: datetime, until: datetime
) -> dict[datetime, tuple[int, int]]:
    """(orders, pieces) by the beginning of the slot, of slots that have any."""
    rows = transaction.rows(SELECT_SLOTS, {"store": store, "since": since, "until": until})
    return {row["begins_at"].replace(tzinfo=UTC): (row["orders"], row["pieces"]) for row in rows}
