"""SQL of the view `order_rows`, which `orders` publishes. A cursor is a receipt id; the newest orders come first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.spine.db import Row, Transaction

# A page ends after so many orders were read, even if few of them match.
LOOK_THROUGH = 1_000
# Greater than any ULID.
NEWEST = "8"
_COLUMNS = """
    SELECT id, receipt_id, chain_id, store_id, source_kind, source_id, source_number, business_day, pickup_number,
        table_name, payment_status, fulfilment_status, bill_status, total, paid, refunded, currency, placed_at,
        received_at, differs
    FROM order_rows"""
_FILTERS = """(%(source)s IS NULL OR source_kind = %(source)s)
        AND (%(status)s IS NULL OR fulfilment_status = %(status)s)
        AND (%(payment)s IS NULL OR payment_status = %(payment)s)"""
_PAGE = f"AND receipt_id < %(cursor)s AND receipt_id >= %(until)s AND {_FILTERS}"
_NEWEST_FIRST = "ORDER BY receipt_id DESC LIMIT %(limit)s"
_END = """
    SELECT receipt_id FROM order_rows WHERE {where} AND receipt_id < %(cursor)s
    ORDER BY receipt_id DESC LIMIT 1 OFFSET %(look)s"""
SELECT_OF_CHAIN = f"{_COLUMNS} WHERE chain_id = %(chain)s {_PAGE} {_NEWEST_FIRST}"
SELECT_OF_STORES = f"{_COLUMNS} WHERE chain_id = %(chain)s {_PAGE} AND store_id IN %(stores)s {_NEWEST_FIRST}"
SELECT_OF_STORE = f"{_COLUMNS} WHERE store_id = %(store)s {_PAGE} {_NEWEST_FIRST}"
SELECT_END_OF_CHAIN = _END.format(where="chain_id = %(chain)s")
SELECT_END_OF_STORE = _END.format(where="store_id = %(store)s")
SELECT_ORDER = f"{_COLUMNS} WHERE id = %(order)s"
SELECT_BY_NUMBER = f"{_COLUMNS} WHERE chain_id = %(chain)s AND source_number = %(q)s {_NEWEST_FIRST}"
SELECT_BY_NUMBER_OF_STORE = f"{_COLUMNS} WHERE store_id = %(store)s AND source_number = %(q)s {_NEWEST_FIRST}"
SELECT_BY_PHONE = f"{_COLUMNS} WHERE chain_id = %(chain)s AND phone_ending = %(q)s {_NEWEST_FIRST}"
# An index has all that the inner statement reads, so that orders of other stores cost little.
_FOUND_IN_STORES = f"""
    {_COLUMNS} JOIN (
        SELECT id AS found_id FROM order_rows
        WHERE chain_id = %(chain)s AND {{field}} = %(q)s AND store_id IN %(stores)s {_NEWEST_FIRST}
    ) found ON found.found_id = id
    ORDER BY receipt_id DESC"""  # noqa: S608 - of constants
SELECT_BY_NUMBER_OF_STORES = _FOUND_IN_STORES.format(field="source_number")
SELECT_BY_PHONE_OF_STORES = _FOUND_IN_STORES.format(field="phone_ending")
SELECT_BY_PICKUP = f"""
    {_COLUMNS} WHERE store_id = %(store)s AND business_day IN %(days)s AND pickup_number = %(q)s
    ORDER BY receipt_id DESC"""


@dataclass(frozen=True)
class OrderFilter:
    """Which orders of a chain to list. `cursor`: the receipt id of the last order of the page before."""

    chain: str
    source: str | None
    status: str | None
    payment: str | None
    cursor: str | None
    limit: int

    def values(self) -> dict[str, Any]:
        """The parameters of a statement."""
        return vars(self) | {"cursor": self.cursor or NEWEST, "look": LOOK_THROUGH - 1}


@dataclass(frozen=True)
class OrderPage:
    """Orders, and the cursor of the next page; None after the last one."""

    rows: list[Row]
    next: str | None


def read_orders(transaction: Transaction, query: OrderFilter, stores: Sequence[str], few: int) -> OrderPage:
    """A page of a chain's orders, of these stores, or without any of the whole chain.

    Up to `few` stores are read one by one, so that the orders of other stores are not in the way.
    """
    if stores and len(stores) <= few:
        return _merged([_of_store(transaction, query, store) for store in stores], query.limit)
    values = query.values()
    end = transaction.row(SELECT_END_OF_CHAIN, values)
    values["until"] = end["receipt_id"] if end else ""
    if stores:
        rows = transaction.rows(SELECT_OF_STORES, values | {"stores": tuple(stores)})
    else:
        rows = transaction.rows(SELECT_OF_CHAIN, values)
    return _page(rows, query.limit, values["until"])


def _of_store(transaction: Transaction, query: OrderFilter, store: str) -> OrderPage:
    values = query.values() | {"store": store}
    end = transaction.row(SELECT_END_OF_STORE, values)
    values["until"] = end["receipt_id"] if end else ""
    return _page(transaction.rows(SELECT_OF_STORE, values), query.limit, values["until"])


def _page(rows: list[Row], limit: int, until: str) -> OrderPage:
    return OrderPage(rows, rows[-1]["receipt_id"] if len(rows) == limit else until or None)


def _merged(pages: Sequence[OrderPage], limit: int) -> OrderPage:
    """The pages of several stores as one. Orders beyond the end of an unfinished page would leave a gap."""
    end = max((page.next for page in pages if page.next), default="")
    rows = sorted((row for page in pages for row in page.rows), key=lambda row: row["receipt_id"], reverse=True)
    certain = [row for row in rows if row["receipt_id"] >= end]
    if len(certain) > limit:
        return OrderPage(certain[:limit], certain[limit - 1]["receipt_id"])
    return OrderPage(certain, end or None)


def read_order(transaction: Transaction, order: str) -> Row | None:
    """One order."""
    return transaction.row(SELECT_ORDER, {"order": order})


def read_by_number(
    transaction: Transaction, chain: str, stores: Sequence[str], number: str, limit: int, few: int
) -> list[Row]:
    """The orders with this number of their source, of these stores, or without any of the whole chain.

    Up to `few` stores are read one by one, because tills of all stores may count alike. Each gives at most `limit`.
    """
    values = {"chain": chain, "q": number, "limit": limit}
    if stores and len(stores) <= few:
        by_store = (transaction.rows(SELECT_BY_NUMBER_OF_STORE, values | {"store": store}) for store in stores)
        return [row for rows in by_store for row in rows]
    if stores:
        return transaction.rows(SELECT_BY_NUMBER_OF_STORES, values | {"stores": tuple(stores)})
    return transaction.rows(SELECT_BY_NUMBER, values)


def read_by_phone(transaction: Transaction, chain: str, stores: Sequence[str], ending: str, limit: int) -> list[Row]:
    """The orders of guests whose phone number ends so, of these stores, or without any of the whole chain."""
    values = {"chain": chain, "q": ending, "limit": limit}
    if stores:
        return transaction.rows(SELECT_BY_PHONE_OF_STORES, values | {"stores": tuple(stores)})
    return transaction.rows(SELECT_BY_PHONE, values)


def read_by_pickup(transaction: Transaction, store: str, days: Sequence[date], number: int) -> list[Row]:
    """The orders of a store with this pickup number on one of the days."""
    return transaction.rows(SELECT_BY_PICKUP, {"store": store, "days": tuple(days), "q": number}) if days else []
