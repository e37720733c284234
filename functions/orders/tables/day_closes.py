"""SQL of the tables `day_closes` and `sale_corrections`, and of the marks that a close leaves on the rows it counts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from functions.orders.accounts.day_figures import Figures
from functions.orders.accounts.day_moved import NO_CLOSE
from functions.orders.tables.orders import COLUMNS, orders_of_rows
from functions.orders.tables.payments import PAYMENT_COLUMNS, REFUND_COLUMNS
from shared.contracts.messages.orders import Order, Payment, Refund
from shared.contracts.order_record import payment_of_row, refund_of_row
from shared.spine.db import Row, Transaction

CHUNK = 500

SELECT_LAST_CLOSE = "SELECT number, day FROM day_closes WHERE store_id = %(store)s ORDER BY number DESC LIMIT 1"
SELECT_CLOSE = "SELECT number, report FROM day_closes WHERE store_id = %(store)s AND day = %(day)s"
SELECT_CLOSE_AFTER = """
    SELECT number, day FROM day_closes WHERE store_id = %(store)s AND day > %(day)s ORDER BY day LIMIT 1"""
SELECT_CLOSES = """
    SELECT number, report FROM day_closes WHERE store_id = %(store)s AND number < %(before)s
    ORDER BY number DESC LIMIT %(limit)s"""
INSERT_CLOSE = """
    INSERT INTO day_closes (store_id, number, day, closed_at, report)
    VALUES (%(store)s, %(number)s, %(day)s, %(closed_at)s, '')"""
UPDATE_CLOSE = "UPDATE day_closes SET report = %(report)s WHERE store_id = %(store)s AND number = %(number)s"

# The scan waits for rows that another transaction is inserting. A row that comes behind it is for the next close.
UNCOUNTED = "store_id = %(store)s AND {day} BETWEEN %(since)s AND %(day)s AND close_number IS NULL"
COUNT_ORDERS = f"""
    UPDATE orders FORCE INDEX (by_pickup_number) SET close_number = %(number)s
    WHERE {UNCOUNTED.format(day="business_day")}"""  # noqa: S608 - of this file's constants
COUNT_PAYMENTS = f"""
    UPDATE payments FORCE INDEX (by_day) SET close_number = %(number)s
    WHERE {UNCOUNTED.format(day="day")}"""  # noqa: S608 - of this file's constants
COUNT_REFUNDS = f"""
    UPDATE refunds FORCE INDEX (by_day) SET close_number = %(number)s
    WHERE {UNCOUNTED.format(day="day")}"""  # noqa: S608 - of this file's constants
COUNT_CORRECTIONS = """
    UPDATE sale_corrections SET close_number = %(number)s WHERE store_id = %(store)s AND close_number IS NULL"""
COUNT_CORRECTED_ORDERS = """
    UPDATE orders SET close_number = %(number)s WHERE id IN %(orders)s AND close_number IS NULL"""

# `<=>` is true of two NULLs, so the same statements read what no close has counted.
COUNTED = "store_id = %(store)s AND {day} BETWEEN %(since)s AND %(day)s AND close_number <=> %(number)s"
SELECT_COUNTED_IDS = f"""
    SELECT id FROM orders FORCE INDEX (by_pickup_number) WHERE {COUNTED.format(day="business_day")}"""  # noqa: S608
SELECT_COUNTED_ORDERS = f"{COLUMNS} WHERE o.id IN %(orders)s"
SELECT_COUNTED_PAYMENTS = f"""
    SELECT {PAYMENT_COLUMNS} FROM payments FORCE INDEX (by_day) WHERE {COUNTED.format(day="day")}"""  # noqa: S608
SELECT_COUNTED_REFUNDS = f"""
    SELECT {REFUND_COLUMNS} FROM refunds FORCE INDEX (by_day) WHERE {COUNTED.format(day="day")}"""  # noqa: S608
SELECT_CORRECTIONS = """
    SELECT order_id, counted FROM sale_corrections WHERE store_id = %(store)s AND close_number <=> %(number)s"""
SELECT_OPEN_BILLS = """
    SELECT id FROM orders FORCE INDEX (by_pickup_number)
    WHERE store_id = %(store)s AND business_day BETWEEN %(since)s AND %(day)s AND bill_status = 'open'
        AND fulfilment_status <> 'cancelled'
    ORDER BY business_day, pickup_number LIMIT %(limit)s"""

INSERT_CORRECTION = """
    INSERT INTO sale_corrections (order_id, sequence, store_id, counted)
    VALUES (%(order)s, %(sequence)s, %(store)s, %(counted)s)"""
UNCOUNT_ORDER = "UPDATE orders SET close_number = NULL WHERE id = %(order)s"


@dataclass(frozen=True)
class Close:
    """A close of a day: its number in the store, its day, and its report as JSON."""

    number: int
    day: date
    report: str = ""


@dataclass(frozen=True)
class Span:
    """The rows of a store from `since` to `day` that the close `number` counted; None for those of no close."""

    store: str
    since: date
    day: date
    number: int | None = None

    @property
    def values(self) -> dict[str, object]:
        """Parameters of the statements."""
        return {"store": self.store, "since": self.since, "day": self.day, "number": self.number}


def read_last_close(transaction: Transaction, store: str) -> Close | None:
    """The newest close of the store, without its report."""
    row = transaction.row(SELECT_LAST_CLOSE, {"store": store})
    return Close(row["number"], row["day"]) if row else None


def read_close(transaction: Transaction, store: str, day: date) -> Close | None:
    """The close of this day."""
    row = transaction.row(SELECT_CLOSE, {"store": store, "day": day})
    return Close(row["number"], day, row["report"]) if row else None


def read_close_after(transaction: Transaction, store: str, day: date) -> Close | None:
    """The first close of a later day, without its report."""
    row = transaction.row(SELECT_CLOSE_AFTER, {"store": store, "day": day})
    return Close(row["number"], row["day"]) if row else None


def read_closes(transaction: Transaction, store: str, before: int, limit: int) -> list[Row]:
    """number and report of closes with lower numbers than `before`, newest first."""
    return transaction.rows(SELECT_CLOSES, {"store": store, "before": before, "limit": limit})


def insert_close(transaction: Transaction, store: str, close: Close, now: datetime) -> None:
    """Take the number and the day. Raises `Duplicate` when another close has either."""
    values = {"store": store, "number": close.number, "day": close.day, "closed_at": now}
    transaction.execute(INSERT_CLOSE, values)


def update_close(transaction: Transaction, store: str, close: Close) -> None:
    """Store the report of a close that was inserted in the same transaction."""
    transaction.execute(UPDATE_CLOSE, {"store": store, "number": close.number, "report": close.report})


def update_counted(transaction: Transaction, span: Span) -> int:
    """Mark all rows of the span that no close has counted. Returns the number of orders.

    Orders come first: a change of an order that is under way ends before its correction is looked for.
    """
    orders = transaction.execute(COUNT_ORDERS, span.values)
    if span.number != NO_CLOSE:
        transaction.execute(COUNT_CORRECTIONS, span.values)
        corrected = tuple({order for order, _ in read_corrections(transaction, span)})
        if corrected:
            orders += transaction.execute(COUNT_CORRECTED_ORDERS, span.values | {"orders": corrected})
    transaction.execute(COUNT_PAYMENTS, span.values)
    transaction.execute(COUNT_REFUNDS, span.values)
    return orders


def read_counted_orders(transaction: Transaction, span: Span) -> Iterator[Order]:
    """The orders of the span, and those that were corrected."""
    ids = [row["id"] for row in transaction.rows(SELECT_COUNTED_IDS, span.values)]
    ids = list(dict.fromkeys([*ids, *(order for order, _ in read_corrections(transaction, span))]))
    for start in range(0, len(ids), CHUNK):
        rows = transaction.rows(SELECT_COUNTED_ORDERS, {"orders": tuple(ids[start : start + CHUNK])})
        yield from orders_of_rows(transaction, rows)


def read_counted_payments(transaction: Transaction, span: Span) -> list[Payment]:
    """The payments of the span."""
    return [payment_of_row(row) for row in transaction.rows(SELECT_COUNTED_PAYMENTS, span.values)]


def read_counted_refunds(transaction: Transaction, span: Span) -> list[Refund]:
    """The refunds of the span."""
    return [refund_of_row(row) for row in transaction.rows(SELECT_COUNTED_REFUNDS, span.values)]


def read_corrections(transaction: Transaction, span: Span) -> list[tuple[str, Figures]]:
    """(order id, the figures that an earlier close counted) of each correction."""
    rows = transaction.rows(SELECT_CORRECTIONS, span.values)
    return [(row["order_id"], _figures(row["counted"])) for row in rows]


def _figures(text: str) -> Figures:
    return Figures({tuple(name): amount for name, amount in json.loads(text)})


def read_open_bills(transaction: Transaction, span: Span, limit: int) -> list[str]:
    """Ids of open bills of the span, whether or not a close has counted them."""
    return [row["id"] for row in transaction.rows(SELECT_OPEN_BILLS, span.values | {"limit": limit})]


def insert_correction(transaction: Transaction, order: Order, sequence: int, counted: Figures) -> None:
    """Store the figures that a close counted of an order that changes now. The next close counts the order again."""
    text = json.dumps([[list(name), amount] for name, amount in counted.items()], ensure_ascii=False)
    values = {"order": order.id, "sequence": sequence, "store": order.store_key, "counted": text}
    transaction.execute(INSERT_CORRECTION, values)
    transaction.execute(UNCOUNT_ORDER, {"order": order.id})
