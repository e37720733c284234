"""SQL of the table `orders`: an order as it was placed, and the columns that change after that."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from functions.orders.accounts.account import Account
from functions.orders.accounts.cash_change import with_money
from functions.orders.accounts.day_moved import NO_CLOSE, is_history
from functions.orders.accounts.tips import tip_of
from functions.orders.pricing.order_request import SourceIn
from functions.orders.tables.bills import bill_columns, is_apportioned
from functions.orders.tables.erasure import is_forgotten
from functions.orders.tables.payments import insert_payments, read_moved
from shared.contracts.ids import member_id, new_id
from shared.contracts.messages.orders import FulfilmentStatus, Order, Payment, PaymentStatus, Refund, Source
from shared.contracts.order_record import order_of_texts, payment_of_row
from shared.contracts.store_record import Store
from shared.spine.db import Row, Transaction

# Seconds. The consumer of `member.forgotten` waits for so long before it looks for orders. So it waits for the row of
# an insert that began before the member was forgotten, if that took less.
INSERT_AT_MOST = 0.25

# Keys of which a new order has one that is stored: then the order, or its source's number, is not new.
SAME_SOURCE = {"PRIMARY", "by_source_number"}

INSERT_ORDER = """
    INSERT INTO orders (id, receipt_id, chain_id, store_id, source_kind, source_id, source_number, source_day,
        request_hash, business_day, pickup_number, placed_at, received_at, member_id, currency, total, paid, refunded,
        payment_status, fulfilment_status, differs, last_sequence, document, rounding, settled_at, liabilities,
        close_number, bill_status, table_name, phone_ending)
    VALUES (%(id)s, %(receipt)s, %(chain)s, %(store)s, %(source_kind)s, %(source_id)s, %(source_number)s,
        %(source_day)s, %(request_hash)s, %(business_day)s, %(pickup_number)s, %(placed_at)s, %(received_at)s, {member},
        %(currency)s, %(total)s, %(paid)s, 0, %(payment)s, %(fulfilment)s, %(differs)s, %(last_sequence)s, %(document)s,
        %(rounding)s, %(settled_at)s, %(liabilities)s, %(close)s, %(bill_status)s, %(table)s,
        %(phone_ending)s)"""
INSERT_ORDER_OF_GUEST = INSERT_ORDER.format(member="NULL")
# LAST_INSERT_ID of the same statement says whether the member was forgotten, without a round trip more. The member's id
# is always stored. For `IS NULL` the server would answer without reading the members.
INSERT_ORDER_OF_MEMBER = INSERT_ORDER.format(
    member="IF(LAST_INSERT_ID(EXISTS (SELECT 1 FROM forgotten_members f WHERE f.member_id = %(member_key)s)) > 1, NULL,"
    " %(member)s)"
)
SELECT_BY_SOURCE = """
    SELECT id, request_hash, received_at, document FROM orders
    WHERE chain_id = %(chain)s AND source_kind = %(kind)s AND source_id = %(source)s AND source_number = %(number)s
        AND store_id = %(store)s AND source_day = %(day)s"""
# Waits for an order that another transaction is inserting.
LOCK_BY_SOURCE = f"{SELECT_BY_SOURCE} FOR UPDATE"
# The reply to an order's first request is the order as it was placed; see shared.spine.idempotency.
SELECT_REPLY = """
    SELECT k.request_hash, k.status, COALESCE(k.reply, o.document) AS reply
    FROM idempotency_keys k LEFT JOIN orders o ON o.id = k.reply_of"""
COLUMNS = """
    SELECT o.id, o.store_id, o.paid, o.refunded, o.rounding, o.settled_at, o.payment_status, o.fulfilment_status,
        o.last_sequence, o.document, o.bill, o.close_number
    FROM orders o"""
SELECT_ORDER = f"{COLUMNS} WHERE o.id = %(order)s"
# A row for each payment, so that a change of a paid bill needs no statement for them. The payments are locked too: a
# SELECT that waited for the order would else read them as they were before it waited.
LOCK_ORDER = """
    SELECT o.id, o.store_id, o.paid, o.refunded, o.rounding, o.settled_at, o.payment_status, o.fulfilment_status,
        o.last_sequence, o.document, o.bill, o.close_number,
        p.reference, p.method, p.amount, p.taken_at, p.rounding AS payment_rounding, p.tip, p.tendered,
        p.change_given, p.share, p.day, p.metadata, p.differences,
        EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id) AS has_refunds
    FROM orders o LEFT JOIN payments p ON p.order_id = o.id
    WHERE o.id = %(order)s
    ORDER BY p.taken_at, p.reference FOR UPDATE"""
UPDATE_ORDER = """
    UPDATE orders SET paid = %(paid)s, refunded = %(refunded)s, rounding = %(rounding)s, settled_at = %(settled_at)s,
        payment_status = %(payment)s, fulfilment_status = %(fulfilment)s, last_sequence = %(last_sequence)s
    WHERE id = %(id)s"""


@dataclass(frozen=True)
class StoredOrder:
    """An order at its present state, and the number of its last message.

    `apportioned`: a split or merge gave the bill its amounts. `close_number` is that of the day close that counted it.
    """

    order: Order
    last_sequence: int
    apportioned: bool = False
    close_number: int | None = None

    @property
    def counted(self) -> bool:
        """Whether a day close has counted the order."""
        return bool(self.close_number)


@dataclass(frozen=True)
class FirstRequest:
    """The request that placed an order: its hash and time, and the order as it was placed, as JSON."""

    order_id: str
    request_hash: bytes
    received_at: datetime
    document: str


def insert_order(
    transaction: Transaction,
    order: Order,
    source_day: date,
    request_hash: bytes,
    last_sequence: int,
    document: str,
    failed: Callable[[Exception], None] | None = None,
) -> bool:
    """Store a new order with its payments. Whether its guest is a member who was forgotten.

    The insert may leave with the next statement. Then that raises what `failed` makes of a `Duplicate` for a key of
    `SAME_SOURCE`; see `Transaction.execute_with_next`.
    """
    member = order.guest.member if order.guest else None
    values = _values_of(order) | {
        "source_day": source_day,
        "request_hash": request_hash,
        "last_sequence": last_sequence,
        "document": document,
    }
    forgotten = False
    if member is None:
        transaction.execute_with_next(INSERT_ORDER_OF_GUEST, values, failed)
    else:
        forgotten = _insert_order_of_member(transaction, order.chain, member, values, failed)
    insert_payments(transaction, order, order.payments)
    return forgotten


def _values_of(order: Order) -> dict[str, object]:
    return {
        "id": order.id, "receipt": new_id(order.received_at), "chain": order.chain, "store": order.store_key,
        "source_kind": order.source.kind, "source_id": order.source.id, "source_number": order.source.number,
        "business_day": order.business_day, "pickup_number": order.pickup_number, "placed_at": order.placed_at,
        "received_at": order.received_at, "currency": order.currency, "total": order.total, "paid": order.paid,
        "payment": order.payment, "fulfilment": order.fulfilment, "differs": bool(order.differences),
        "rounding": order.rounding, "settled_at": order.settled_at, "liabilities": order.liabilities,
        "close": NO_CLOSE if is_history(order, order.placed_at) else None, **bill_columns(order),
    }  # fmt: skip


def _insert_order_of_member(
    transaction: Transaction,
    chain: str,
    member: str,
    values: dict[str, object],
    failed: Callable[[Exception], None] | None,
) -> bool:
    """Insert the order of a member. Whether the member was forgotten."""
    begun_at = time.monotonic()
    member_values = {"member": member, "member_key": member_id(chain, member)}
    transaction.execute_with_next(INSERT_ORDER_OF_MEMBER, values | member_values, failed)
    transaction.send_waiting()
    forgotten = bool(transaction.last_id())
    if time.monotonic() - begun_at > INSERT_AT_MOST:
        # The insert waited for another order. Meanwhile the member may have been forgotten, and the orders searched.
        forgotten = is_forgotten(transaction, chain, member)
    return forgotten


def read_by_source(
    transaction: Transaction, store: Store, source: SourceIn | Source, source_day: date
) -> FirstRequest | None:
    """The order of this source and number in the store on that day."""
    return _by_source(transaction, SELECT_BY_SOURCE, store, source, source_day)


def lock_by_source(
    transaction: Transaction, store: Store, source: SourceIn | Source, source_day: date
) -> FirstRequest | None:
    """The same, after waiting for an order that another transaction is inserting."""
    return _by_source(transaction, LOCK_BY_SOURCE, store, source, source_day)


def _by_source(
    transaction: Transaction, statement: str, store: Store, source: SourceIn | Source, source_day: date
) -> FirstRequest | None:
    row = transaction.row(statement, source_values(store, source) | {"day": source_day})
    if row is None:
        return None
    return FirstRequest(row["id"], row["request_hash"], row["received_at"].replace(tzinfo=UTC), row["document"])


def source_values(store: Store, source: SourceIn | Source) -> dict[str, object]:
    """Parameters of a statement that finds orders by their source."""
    return {
        "chain": store.settings.chain,
        "kind": source.kind,
        "source": source.id,
        "number": source.number,
        "store": store.key,
    }


def read_order(transaction: Transaction, order_id: str) -> StoredOrder | None:
    """An order at its present state."""
    row = transaction.row(SELECT_ORDER, {"order": order_id})
    return _stored(row, orders_of_rows(transaction, [row])[0]) if row else None


def lock_order(transaction: Transaction, order_id: str) -> StoredOrder | None:
    """The same, locked until the end of the transaction."""
    rows = transaction.rows(LOCK_ORDER, {"order": order_id})
    if not rows:
        return None
    payments = [
        payment_of_row(row | {"rounding": row["payment_rounding"]}) for row in rows if row["reference"] is not None
    ]
    # A refund of a tip alone leaves `orders.refunded` as it was.
    refunds = read_moved(transaction, [order_id])[1].get(order_id, []) if rows[0]["has_refunds"] else []
    return _stored(rows[0], _present_order(rows[0], payments, refunds))


def _stored(row: Row, order: Order) -> StoredOrder:
    new_piece = order.split_from is not None and row["bill"] is None
    apportioned = new_piece or is_apportioned(row["bill"])
    return StoredOrder(order, row["last_sequence"], apportioned, row["close_number"])


def orders_of_rows(transaction: Transaction, rows: Sequence[Row]) -> list[Order]:
    """The orders in rows of `COLUMNS`, with their payments and refunds."""
    if not rows:
        return []
    # Most open bills have no payment yet: that saves a round trip.
    ids = [row["id"] for row in rows if row["payment_status"] != PaymentStatus.UNPAID or row["paid"]]
    payments, refunds = read_moved(transaction, ids)
    return [_present_order(row, payments.get(row["id"], []), refunds.get(row["id"], [])) for row in rows]


def update_order(transaction: Transaction, order: Order, last_sequence: int) -> None:
    """Store the payment and fulfilment status of an order, and the number of its last message."""
    values = {
        "id": order.id,
        "paid": order.paid,
        "refunded": order.refunded,
        "rounding": order.rounding,
        "settled_at": order.settled_at,
        "payment": order.payment,
        "fulfilment": order.fulfilment,
        "last_sequence": last_sequence,
    }
    transaction.execute_with_next(UPDATE_ORDER, values)


def _present_order(row: Row, payments: list[Payment], refunds: list[Refund]) -> Order:
    order = order_of_texts(row["document"], row["bill"])
    fulfilment = FulfilmentStatus(row["fulfilment_status"])
    account = Account(
        order.total,
        row["paid"],
        row["refunded"],
        row["rounding"],
        row["settled_at"] and row["settled_at"].replace(tzinfo=UTC),
        fulfilment == FulfilmentStatus.CANCELLED,
        order.bill,
    )
    fields = {
        **account.fields(),
        "payment": PaymentStatus(row["payment_status"]),
        "fulfilment": fulfilment,
        "payments": payments,
        "refunds": refunds,
        "tip": tip_of(payments, refunds),
        "differences": with_money(order.differences, payments, refunds),
    }
    return order.model_copy(update=fields)
