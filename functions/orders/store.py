"""All the SQL of orders."""

import itertools
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any

from functions.orders import versions
from functions.orders.menu import Store, store_of_texts
from functions.orders.models import OrdersQuery, SourceIn
from functions.orders.states import Account
from functions.orders.store_erasure import is_forgotten
from shared.contracts.ids import first_id, member_id, moment_begins, moment_ends, split_key
from shared.contracts.messages.orders import FulfilmentStatus, Order, Payment, PaymentStatus, Refund
from shared.spine.auth import Scope, Reach
from shared.spine.db import Row, Transaction

# Without a store no index has just the orders that are asked for: a page ends after looking at so many.
LOOK_THROUGH = 1_000
# A till that begins at 1 every morning has a row a day under it, and none asks after a retry of months ago.
LOOK_BACK = timedelta(days=31)
# Lambda sends 6 MB, and the reply as a string within its JSON may have twice the bytes.
PAGE_BYTES = 3_000_000
# Seconds. No consumer of `member.forgotten` looks for orders sooner after the member was forgotten.
AT_ONCE = 0.005

SELECT_STORE = """
    SELECT id, revision, changed_at, settings, opening_hours, menu, sold_out FROM stores WHERE id = %s"""
LOCK_STORE = f"{SELECT_STORE} FOR UPDATE"
INSERT_STORE = """
    INSERT INTO stores (id, chain_id, region_id, revision, changed_at, settings, opening_hours, menu, sold_out)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
UPDATE_STORE = """
    UPDATE stores SET chain_id = %s, region_id = %s, revision = %s, changed_at = %s, settings = %s, opening_hours = %s,
        menu = %s, sold_out = %s WHERE id = %s"""
SELECT_ANY_ORDER = "SELECT id FROM orders WHERE store_id = %s LIMIT 1"
# One statement takes the number and says whether the copy of the store that priced the order is still the store:
# no row of `stores` at this revision, nothing inserted. Only the counter of this store and day is locked.
TAKE_PICKUP_NUMBER = """
    INSERT INTO pickup_numbers (store_id, business_day, last_number)
    SELECT id, %s, LAST_INSERT_ID(1) FROM stores WHERE id = %s AND revision = %s
    ON DUPLICATE KEY UPDATE last_number = LAST_INSERT_ID(last_number + 1)"""
# The same for an order that does not say when it was placed. The lowest bit of what comes back says whether the source
# sent the very same under this number on an earlier day: asked here, because a statement of its own is a round trip.
TAKE_NUMBER_AND_LOOK_BACK = """
    INSERT INTO pickup_numbers (store_id, business_day, last_number)
    SELECT s.id, %s, 1 + 0 * LAST_INSERT_ID(2 + earlier.days)
    FROM stores s JOIN (
        SELECT EXISTS (
            SELECT 1 FROM orders WHERE chain_id = %s AND source_kind = %s AND source_id = %s AND source_number = %s
                AND store_id = %s AND source_day >= %s AND source_day < %s AND request_hash = %s) AS days
        ) earlier
    WHERE s.id = %s AND s.revision = %s
    ON DUPLICATE KEY UPDATE last_number = last_number + 1 + 0 * LAST_INSERT_ID(2 * (last_number + 1) + earlier.days)"""
INSERT_ORDER = """
    INSERT INTO orders (id, chain_id, store_id, source_kind, source_id, source_number, source_day, request_hash,
        business_day, pickup_number, placed_at, received_at, member_id, currency, total, paid, refunded, payment_status,
        fulfilment_status, differs, last_sequence, document, rounding, settled_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, {member}, %s, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s)"""
# The same statement says by LAST_INSERT_ID whether the guest is a member who was forgotten: no round trip more. The id
# is kept in any case. Of `IS NULL` the server would know the answer without a look at the members.
OF_NOBODY = INSERT_ORDER.format(member="NULL")
OF_MEMBER = INSERT_ORDER.format(
    member="IF(LAST_INSERT_ID(EXISTS (SELECT 1 FROM forgotten_members f WHERE f.member_id = %s)) > 1, NULL, %s)"
)
SELECT_BY_SOURCE = """
    SELECT id, request_hash, received_at, document FROM orders
    WHERE chain_id = %s AND source_kind = %s AND source_id = %s AND source_number = %s AND store_id = %s
        AND source_day = %s"""
# Waits for one that is being kept.
AWAIT_BY_SOURCE = f"{SELECT_BY_SOURCE} FOR UPDATE"
# The reply to an order's first post is the order as it was placed; see shared.spine.idempotency.
FIND_REPLY = """
    SELECT k.request_hash, k.status, COALESCE(k.reply, o.document) AS reply
    FROM idempotency_keys k LEFT JOIN orders o ON o.id = k.reply_of"""
_ORDER = """
    SELECT o.id, o.store_id, o.paid, o.refunded, o.rounding, o.settled_at, o.payment_status, o.fulfilment_status,
        o.last_sequence, o.document
    FROM orders o"""
SELECT_ORDER = f"{_ORDER} WHERE o.id = %s"
LOCK_ORDER = f"{SELECT_ORDER} FOR UPDATE"
SELECT_ORDERS = f"{_ORDER} WHERE o.id IN %s"
# Left to itself the optimizer walks through all orders by id when few are wanted. A payment has at most 700 bytes in a
# reply and a refund 1,500; those that came with the order are counted twice.
FIND_ORDERS = """
    SELECT o.id, LENGTH(o.document) + 700 * (SELECT COUNT(*) FROM payments p WHERE p.order_id = o.id)
        + 1500 * (SELECT COUNT(*) FROM refunds r WHERE r.order_id = o.id) AS size
    FROM orders o FORCE INDEX ({index}) STRAIGHT_JOIN stores s ON s.id = o.store_id
    WHERE {where} ORDER BY o.id {direction} LIMIT %s"""
LAST_TO_LOOK_AT = """
    SELECT o.id FROM orders o FORCE INDEX (by_chain) WHERE {where} ORDER BY o.id {direction} LIMIT 1 OFFSET %s"""
_FILTERS = {
    "chain": "o.chain_id = %s",
    "chains": "o.chain_id IN %s",
    "store": "o.store_id = %s",
    "since": "o.id >= %s",
    "status": "o.fulfilment_status = %s",
    "source": "o.source_kind = %s",
    "source_id": "o.source_id = %s",
    "number": "o.source_number = %s",
    "cursor": "o.id > %s",
    "until": "o.id <= %s",
}
_NEWEST_FIRST = _FILTERS | {"cursor": "o.id < %s", "until": "o.id >= %s"}
SELECT_PAYMENTS = """
    SELECT order_id, reference, method, amount, taken_at, rounding FROM payments WHERE order_id IN %s
    ORDER BY order_id, taken_at, reference"""
SELECT_REFUNDS = """
    SELECT order_id, reference, amount, reason, refunded_at FROM refunds WHERE order_id IN %s
    ORDER BY order_id, refunded_at, reference"""
INSERT_PAYMENTS = """
    INSERT INTO payments (order_id, reference, method, amount, taken_at, rounding) VALUES (%s, %s, %s, %s, %s, %s)"""
INSERT_REFUND = """
    INSERT INTO refunds (order_id, reference, amount, reason, refunded_at) VALUES (%s, %s, %s, %s, %s)"""
MOVE_ORDER = """
    UPDATE orders SET paid = %s, refunded = %s, rounding = %s, settled_at = %s, payment_status = %s,
        fulfilment_status = %s, last_sequence = %s
    WHERE id = %s"""


def read_store(transaction: Transaction, key: str, *, lock: bool = False) -> Store | None:
    """A store as it is now."""
    row = transaction.row(LOCK_STORE if lock else SELECT_STORE, (key,))
    if row is None:
        return None
    changed_at = row["changed_at"].replace(tzinfo=UTC) if row["changed_at"] else None
    texts = (row["settings"], row["opening_hours"], row["menu"], row["sold_out"])
    return store_of_texts(split_key(row["id"])[1], row["revision"], changed_at, texts)


def add_store(transaction: Transaction, store: Store) -> None:
    """A new store. Raises `Duplicate`."""
    transaction.execute(INSERT_STORE, (store.key, *_row(store)))


def has_orders(transaction: Transaction, key: str) -> bool:
    """Whether the store ever took an order."""
    return transaction.row(SELECT_ANY_ORDER, (key,)) is not None


def keep_store(transaction: Transaction, before: Store, after: Store) -> None:
    """Everything of a store that can change, and what it was before."""
    versions.add_version(transaction, before, after)
    transaction.execute(UPDATE_STORE, (*_row(after), after.key))


def _row(store: Store) -> tuple[object, ...]:
    return (store.settings.chain, store.settings.region, store.revision, store.changed_at, *store.texts())


def take_pickup_number(transaction: Transaction, store: Store, day: date) -> int | None:
    """The store's next number of the business day, or None where the store has changed since it was read."""
    taken = transaction.execute(TAKE_PICKUP_NUMBER, (day, store.key, store.revision))
    return transaction.last_id() if taken else None


def take_number_and_look_back(
    transaction: Transaction, store: Store, day: date, source: SourceIn, source_day: date, request_hash: bytes
) -> tuple[int, bool] | None:
    """(the number, whether this source sent the same request in the month before `source_day`), or None as above."""
    earlier = (*_source_key(store, source), source_day - LOOK_BACK, source_day, request_hash)
    values = (day, *earlier, store.key, store.revision)
    if not transaction.execute(TAKE_NUMBER_AND_LOOK_BACK, values):
        return None
    number, repeated = divmod(transaction.last_id(), 2)
    return number, bool(repeated)


def add_order(
    transaction: Transaction, order: Order, source_day: date, request_hash: bytes, last_sequence: int, document: str
) -> bool:
    """Keep a new order with its payments; whether its guest is a member who was forgotten.

    Raises `Duplicate` by_source_number.
    """
    member = order.guest.member if order.guest else None
    values = (
        order.id, order.chain, order.store_key, order.source.kind, order.source.id, order.source.number, source_day,
        request_hash, order.business_day, order.pickup_number, order.placed_at, order.received_at,
        *((member_id(order.chain, member), member) if member else ()), order.currency, order.total, order.paid,
        order.payment, order.fulfilment, bool(order.differences), last_sequence, document, order.rounding,
        order.settled_at,
    )  # fmt: skip
    begun = time.monotonic()
    transaction.execute(OF_MEMBER if member else OF_NOBODY, values)
    forgotten = bool(member and transaction.last_id())
    if member and time.monotonic() - begun > AT_ONCE:
        # It waited for another order: meanwhile the member may have been forgotten, and the orders been looked through.
        forgotten = is_forgotten(transaction, order.chain, member)
    if order.payments:
        rows = [(order.id, p.reference, p.method, p.amount, p.taken_at, p.rounding) for p in order.payments]
        transaction.execute_many(INSERT_PAYMENTS, rows)
    return forgotten


def order_by_source(
    transaction: Transaction, store: Store, source: SourceIn, source_day: date, *, wait: bool = False
) -> Row | None:
    """The order that has this source and number in the store, of that day: id, request_hash, received_at, document."""
    statement = AWAIT_BY_SOURCE if wait else SELECT_BY_SOURCE
    return transaction.row(statement, (*_source_key(store, source), source_day))


def _source_key(store: Store, source: SourceIn) -> tuple[str, ...]:
    return (store.settings.chain, source.kind, source.id, source.number, store.key)


def read_order(transaction: Transaction, order_id: str, *, lock: bool = False) -> tuple[Order, int] | None:
    """(the order as it stands, the number of its last message)."""
    row = transaction.row(LOCK_ORDER if lock else SELECT_ORDER, (order_id,))
    if row is None:
        return None
    return _orders(transaction, [row])[0], row["last_sequence"]


def list_orders(
    transaction: Transaction, reach: Reach, query: OrdersQuery, store: Scope | None
) -> tuple[list[Order], str | None]:
    """A page of the orders within `reach`, by receipt, and the cursor of what may follow it.

    `store` is the one that the query names, or None for all. No cursor tells the id of an order out of reach.
    """
    allowed, ids = reach.condition("s.chain_id", "s.region_id", "s.id")
    if not ids:
        return [], None
    newest = query.order == "newest"
    filters, direction = (_NEWEST_FIRST, "DESC") if newest else (_FILTERS, "ASC")
    chains = (store.chain,) if store else reach.all_chains
    given = _given(query, chains, store)
    looked_through = None
    if query.number:
        index = "by_source_number"
    elif store:
        index = "by_fulfilment" if query.status else "by_store"
    else:
        index, looked_through = "by_chain", _look_through(transaction, chains, given, newest=newest)
        given |= {"until": looked_through} if looked_through else {}
    where = " AND ".join([*(filters[name] for name in given), allowed])
    statement = FIND_ORDERS.format(index=index, where=where, direction=direction)
    rows = transaction.rows(statement, [*given.values(), *ids, query.limit + 1])
    page = _fitting(rows[: query.limit])
    orders = _orders(transaction, transaction.rows(SELECT_ORDERS, (tuple(page),))) if page else []
    orders.sort(key=lambda order: order.id, reverse=newest)
    return orders, page[-1] if len(page) < len(rows) else looked_through


def _given(query: OrdersQuery, chains: tuple[str, ...], store: Scope | None) -> dict[str, Any]:
    """The query's filters with their values."""
    given: dict[str, Any] = query.model_dump(exclude={"limit", "order", "store", "chain"}, exclude_none=True)
    if query.since:
        given["since"] = first_id(query.since)
    if store:
        given["store"] = store.key
    # The optimizer walks an index in the order of its ids only where a single value leads to them.
    return ({"chain": chains[0]} if len(chains) == 1 else {"chains": chains}) | given


def _look_through(
    transaction: Transaction, chains: tuple[str, ...], given: dict[str, Any], *, newest: bool
) -> str | None:
    """The last id that a page without a store looks at, or None where the orders end before.

    It is no order's id but the end of its millisecond: that order may be one that the caller may not read.
    """
    filters, direction = (_NEWEST_FIRST, "DESC") if newest else (_FILTERS, "ASC")
    bounds = {name: given[name] for name in ("since", "cursor") if name in given}
    where = " AND ".join(["o.chain_id = %s", *(filters[name] for name in bounds)])
    statement = LAST_TO_LOOK_AT.format(where=where, direction=direction)
    rows = [transaction.row(statement, [chain, *bounds.values(), LOOK_THROUGH - 1]) for chain in chains]
    last = [row["id"] for row in rows if row]
    if not last:
        return None
    return moment_begins(max(last)) if newest else moment_ends(min(last))


def _fitting(found: Sequence[Row]) -> list[str]:
    """Ids of the first orders that a reply holds together, at least one."""
    sizes = list(itertools.accumulate(row["size"] for row in found))
    return [row["id"] for row, size in zip(found, sizes, strict=True) if size <= max(PAGE_BYTES, sizes[0])]


def move_order(transaction: Transaction, order: Order, last_sequence: int) -> None:
    """Keep where an order's money and food are now."""
    values = (
        order.paid, order.refunded, order.rounding, order.settled_at, order.payment, order.fulfilment, last_sequence,
        order.id,
    )  # fmt: skip
    transaction.execute(MOVE_ORDER, values)


def add_payment(transaction: Transaction, order_id: str, payment: Payment) -> None:
    """Keep a payment."""
    row = (order_id, payment.reference, payment.method, payment.amount, payment.taken_at, payment.rounding)
    transaction.execute(INSERT_PAYMENTS, row)


def add_refund(transaction: Transaction, order_id: str, refund: Refund) -> None:
    """Keep a refund."""
    row = (order_id, refund.reference, refund.amount, refund.reason, refund.refunded_at)
    transaction.execute(INSERT_REFUND, row)


def _orders(transaction: Transaction, rows: Sequence[Row]) -> list[Order]:
    if not rows:
        return []
    ids = tuple(row["id"] for row in rows)
    payments: dict[str, list[Payment]] = defaultdict(list)
    for row in transaction.rows(SELECT_PAYMENTS, (ids,)):
        row["taken_at"] = row["taken_at"].replace(tzinfo=UTC)
        payments[row["order_id"]].append(Payment(**row))
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for row in transaction.rows(SELECT_REFUNDS, (ids,)):
        row["refunded_at"] = row["refunded_at"].replace(tzinfo=UTC)
        refunds[row["order_id"]].append(Refund(**row))
    return [_standing(row, payments[row["id"]], refunds[row["id"]]) for row in rows]


def _standing(row: Row, payments: list[Payment], refunds: list[Refund]) -> Order:
    order = Order.model_validate_json(row["document"])
    fulfilment = FulfilmentStatus(row["fulfilment_status"])
    account = Account(
        order.total,
        row["paid"],
        row["refunded"],
        row["rounding"],
        row["settled_at"] and row["settled_at"].replace(tzinfo=UTC),
        fulfilment == FulfilmentStatus.CANCELLED,
    )
    standing = {
        **account.fields(),
        "payment": PaymentStatus(row["payment_status"]),
        "fulfilment": fulfilment,
        "payments": payments,
        "refunds": refunds,
    }
    return order.model_copy(update=standing)
