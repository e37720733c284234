"""SQL of the table `pickup_numbers`: a counter per store and business day."""

from dataclasses import dataclass
from datetime import date, timedelta

from functions.orders.pricing.order_request import SourceIn
from functions.orders.tables.orders import source_values
from shared.contracts.store_record import Store
from shared.spine.db import Transaction

# A till that begins at 1 every morning has a row a day under each number; no source retries after a month.
LOOK_BACK = timedelta(days=31)

# One statement takes the number and checks that the copy of the store that priced the order, and its list of counted
# items, are at their present revisions: without a row of these nothing is inserted. Only the counter of this store and
# day is locked.
TAKE_PICKUP_NUMBER = """
    INSERT INTO pickup_numbers (store_id, business_day, last_number)
    SELECT s.store_id, %(business_day)s, LAST_INSERT_ID(1)
    FROM store_records s LEFT JOIN stock_revisions k ON k.store_id = s.store_id
    WHERE s.store_id = %(store)s AND s.revision = %(revision)s AND COALESCE(k.revision, 0) = %(stock)s
    ON DUPLICATE KEY UPDATE last_number = LAST_INSERT_ID(last_number + 1)"""
# The same for an order without `placed_at`. The lowest bit of LAST_INSERT_ID says whether the source sent the same
# request under this number on an earlier day. One statement asks both, because each statement is a round trip.
TAKE_NUMBER_AND_LOOK_BACK = """
    INSERT INTO pickup_numbers (store_id, business_day, last_number)
    SELECT s.store_id, %(business_day)s, 1 + 0 * LAST_INSERT_ID(2 + earlier.days)
    FROM store_records s LEFT JOIN stock_revisions k ON k.store_id = s.store_id JOIN (
        SELECT EXISTS (
            SELECT 1 FROM orders WHERE chain_id = %(chain)s AND source_kind = %(kind)s AND source_id = %(source)s
                AND source_number = %(number)s AND store_id = %(store)s AND source_day >= %(since)s
                AND source_day < %(day)s AND request_hash = %(request_hash)s) AS days
        ) earlier
    WHERE s.store_id = %(store)s AND s.revision = %(revision)s AND COALESCE(k.revision, 0) = %(stock)s
    ON DUPLICATE KEY UPDATE last_number = last_number + 1 + 0 * LAST_INSERT_ID(2 * (last_number + 1) + earlier.days)"""


@dataclass(frozen=True)
class PickupNumber:
    """A pickup number. `repeated`: the source sent the same request under its own number on an earlier day."""

    number: int
    repeated: bool = False


def take_pickup_number(transaction: Transaction, store: Store, day: date) -> PickupNumber | None:
    """The store's next number of the business day. None when the store has changed since it was read."""
    values = {
        "business_day": day,
        "store": store.key,
        "revision": store.revision,
        "stock": store.stock_revision,
    }
    inserted = transaction.execute(TAKE_PICKUP_NUMBER, values)
    return PickupNumber(transaction.last_id()) if inserted else None


def take_number_and_look_back(
    transaction: Transaction, store: Store, day: date, source: SourceIn, source_day: date, request_hash: bytes
) -> PickupNumber | None:
    """The same, with a search for the same request in the month before `source_day`."""
    values = source_values(store, source) | {
        "business_day": day,
        "since": source_day - LOOK_BACK,
        "day": source_day,
        "request_hash": request_hash,
        "revision": store.revision,
        "stock": store.stock_revision,
    }
    if not transaction.execute(TAKE_NUMBER_AND_LOOK_BACK, values):
        return None
    number, repeated = divmod(transaction.last_id(), 2)
    return PickupNumber(number, bool(repeated))
