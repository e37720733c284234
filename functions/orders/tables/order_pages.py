"""SQL of the list of orders: a page at a time, in the order of receipt. A cursor is a receipt id."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from functions.orders.tables.orders import COLUMNS, orders_of_rows
from shared.contracts.ids import first_id, moment_begins, moment_ends
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus, Order, SourceKind
from shared.spine.db import Row, Transaction
from shared.spine.rights import Reach, Scope

# Without a store no index has just the orders of the query: a page ends after reading this many orders.
LOOK_THROUGH = 1_000
# Lambda sends 6 MB, and the reply as a string within its JSON may have twice the bytes.
PAGE_BYTES = 3_000_000

SELECT_ORDERS = f"{COLUMNS} WHERE o.id IN %(orders)s"
# By itself the optimizer walks through all orders by id when the limit is small. Without its lists and
# metadata a payment has at most 700 bytes in a reply, and a refund 1,500. Payments of a new order are counted twice.
SELECT_PAGE = """
    SELECT o.id, o.receipt_id, LENGTH(o.document) + COALESCE(LENGTH(o.bill), 0)
        + (SELECT COALESCE(SUM(700 + COALESCE(LENGTH(p.metadata), 0)), 0) FROM payments p WHERE p.order_id = o.id)
        + (SELECT COALESCE(SUM(1500 + COALESCE(LENGTH(r.metadata), 0) + COALESCE(LENGTH(r.lines_json), 0)
            + COALESCE(LENGTH(r.parts), 0)), 0) FROM refunds r WHERE r.order_id = o.id) AS size
    FROM orders o FORCE INDEX ({index}) STRAIGHT_JOIN store_places s ON s.store_id = o.store_id
    WHERE {where} ORDER BY o.receipt_id {direction} LIMIT %s"""
SELECT_LAST_OF_LOOK = """
    SELECT o.receipt_id FROM orders o FORCE INDEX (by_chain)
    WHERE {where} ORDER BY o.receipt_id {direction} LIMIT 1 OFFSET %s"""
CONDITIONS = {
    "chain": "o.chain_id = %s",
    "chains": "o.chain_id IN %s",
    "store": "o.store_id = %s",
    "since": "o.receipt_id >= %s",
    "status": "o.fulfilment_status = %s",
    "source": "o.source_kind = %s",
    "source_id": "o.source_id = %s",
    "number": "o.source_number = %s",
    "day": "o.business_day = %s",
    "pickup_number": "o.pickup_number = %s",
    "table": "o.table_name = %s",
    "phone_ending": "o.phone_ending = %s",
    "bill": "o.bill_status = %s",
    "member": "o.member_id = %s",
    "cursor": "o.receipt_id > %s",
    "until": "o.receipt_id <= %s",
}
CONDITIONS_NEWEST_FIRST = CONDITIONS | {"cursor": "o.receipt_id < %s", "until": "o.receipt_id >= %s"}


@dataclass(frozen=True)
class PageFilter:
    """The orders of a page. `store` is the store that the query names; None for all stores in reach."""

    limit: int
    newest_first: bool
    store: Scope | None = None
    since: datetime | None = None
    status: FulfilmentStatus | None = None
    source: SourceKind | None = None
    source_id: str | None = None
    number: str | None = None
    cursor: str | None = None
    day: date | None = None
    pickup_number: int | None = None
    table: str | None = None
    phone_ending: str | None = None
    bill: BillStatus | None = None
    member: str | None = None

    @property
    def direction(self) -> str:
        """The direction of the sort, in SQL."""
        return "DESC" if self.newest_first else "ASC"

    def where(self, names: Iterable[str]) -> str:
        """The conditions of these names, in SQL."""
        conditions = CONDITIONS_NEWEST_FIRST if self.newest_first else CONDITIONS
        return " AND ".join(conditions[name] for name in names)

    def values(self, chains: tuple[str, ...]) -> dict[str, object]:
        """The value of each condition that applies, by its name."""
        values: dict[str, object] = {
            # The optimizer walks an index in the order of its ids only when a single value leads to them.
            **({"chain": chains[0]} if len(chains) == 1 else {"chains": chains}),
            "since": first_id(self.since) if self.since else None,
            "status": self.status,
            "source": self.source,
            "source_id": self.source_id,
            "number": self.number,
            "cursor": self.cursor,
            "store": self.store.key if self.store else None,
            **{
                name: getattr(self, name)
                for name in ("day", "pickup_number", "table", "phone_ending", "bill", "member")
            },
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Page:
    """Orders of a page, and the cursor of the next page; None after the last page."""

    orders: list[Order]
    next: str | None


def read_page(transaction: Transaction, reach: Reach, page_filter: PageFilter) -> Page:
    """A page of the orders within `reach`. No cursor reveals an order out of reach."""
    allowed, scopes = reach.condition("s.chain_id", "s.region_id", "s.store_id")
    if not scopes:
        return Page([], None)
    store = page_filter.store
    chains = (store.chain,) if store else reach.all_chains
    values = page_filter.values(chains)
    until = None
    if not (page_filter.number or page_filter.member or store):
        until = _end_of_look(transaction, chains, page_filter, values)
        values |= {"until": until} if until else {}
    statement = SELECT_PAGE.format(
        index=_index(page_filter),
        where=f"{page_filter.where(values)} AND {allowed}",
        direction=page_filter.direction,
    )
    rows = transaction.rows(statement, [*values.values(), *scopes, page_filter.limit + 1])
    page_rows = _rows_of_one_reply(rows[: page_filter.limit])
    orders = _read_orders(transaction, [row["id"] for row in page_rows])
    return Page(orders, page_rows[-1]["receipt_id"] if len(page_rows) < len(rows) else until)


def _index(page_filter: PageFilter) -> str:
    if page_filter.number:
        return "by_source_number"
    if page_filter.member:
        return "by_member"
    if page_filter.day:
        return "by_pickup_number"
    if page_filter.store:
        return "by_fulfilment" if page_filter.status else "by_store"
    return "by_chain"


def _end_of_look(
    transaction: Transaction, chains: tuple[str, ...], page_filter: PageFilter, values: dict[str, object]
) -> str | None:
    """The last receipt id that a page without a store reads, or None when fewer orders follow.

    It is no order's receipt id but the end of its millisecond, because the caller may not read that order.
    """
    bounds = {name: values[name] for name in ("since", "cursor") if name in values}
    where = page_filter.where(["chain", *bounds])
    statement = SELECT_LAST_OF_LOOK.format(where=where, direction=page_filter.direction)
    rows = [transaction.row(statement, [chain, *bounds.values(), LOOK_THROUGH - 1]) for chain in chains]
    ids = [row["receipt_id"] for row in rows if row]
    if not ids:
        return None
    return moment_begins(max(ids)) if page_filter.newest_first else moment_ends(min(ids))


def _rows_of_one_reply(rows: Sequence[Row]) -> list[Row]:
    """Rows of the first orders that fit into one reply, at least one."""
    sizes = list(itertools.accumulate(row["size"] for row in rows))
    return [row for row, size in zip(rows, sizes, strict=True) if size <= max(PAGE_BYTES, sizes[0])]


def _read_orders(transaction: Transaction, ids: Sequence[str]) -> list[Order]:
    """The orders, in the order of `ids`."""
    rows = transaction.rows(SELECT_ORDERS, {"orders": tuple(ids)}) if ids else []
    orders = {order.id: order for order in orders_of_rows(transaction, rows)}
    return [orders[order_id] for order_id in ids]
