"""SQL of the table `sync_sales`: sales of outside tills, and what became of them at order intake."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.sync.states import Cause, SaleState
from shared.spine.db import Row, Transaction

COLUMNS = """system_key, sale_key, revision, number, store, sold_at, currency, total, state, cause, reason, detail,
    payload_hash, payload, order_id, changed_at"""
LOCK_SALES = f"""
    SELECT {COLUMNS} FROM sync_sales WHERE system_key = %(system)s AND sale_key IN %(keys)s FOR UPDATE"""  # noqa: S608
SELECT_WAITING = f"""
    SELECT {COLUMNS} FROM sync_sales
    WHERE system_key = %(system)s AND state = 'refused' AND cause = 'mapping' AND sale_key > %(after)s
    ORDER BY sale_key LIMIT %(limit)s"""  # noqa: S608 - of a constant
# Sales that a person has mended, here or in the settings.
LOCK_REFUSED = f"""
    SELECT {COLUMNS} FROM sync_sales
    WHERE system_key = %(system)s AND state = 'refused' AND payload IS NOT NULL
        AND (%(key)s IS NULL OR sale_key = %(key)s) AND (%(cause)s IS NULL OR cause = %(cause)s)
        AND (%(reason)s IS NULL OR reason = %(reason)s)
    ORDER BY sale_key LIMIT %(limit)s FOR UPDATE"""  # noqa: S608 - of a constant
SELECT_SALE_COUNTS = """
    SELECT state, cause, reason, COUNT(*) AS documents, MIN(changed_at) AS oldest
    FROM sync_sales WHERE system_key = %(system)s AND state = 'refused' GROUP BY state, cause, reason
    ORDER BY cause, reason"""
SELECT_PAGE_OF_SALES = f"""
    SELECT {COLUMNS} FROM sync_sales
    WHERE system_key = %(system)s AND sale_key > %(after)s AND (%(state)s IS NULL OR state = %(state)s)
    ORDER BY sale_key LIMIT %(limit)s"""  # noqa: S608 - of a constant
UPSERT_SALES = """
    INSERT INTO sync_sales (system_key, sale_key, revision, number, store, sold_at, currency, total, state, cause,
        reason, detail, payload_hash, payload, changed_at)
    VALUES (%(system)s, %(key)s, %(revision)s, %(number)s, %(store)s, %(sold_at)s, %(currency)s, %(total)s, %(state)s,
        %(cause)s, %(reason)s, %(detail)s, %(payload_hash)s, %(payload)s, %(changed_at)s)
    ON DUPLICATE KEY UPDATE revision = VALUES(revision), currency = VALUES(currency), total = VALUES(total),
        state = VALUES(state), cause = VALUES(cause), reason = VALUES(reason), detail = VALUES(detail),
        payload_hash = VALUES(payload_hash), payload = VALUES(payload), changed_at = VALUES(changed_at)"""
# An answer to an earlier content of the sale changes nothing.
UPDATE_PLACED = """
    UPDATE sync_sales
    SET state = 'placed', cause = NULL, reason = NULL, detail = NULL, payload = NULL, order_id = %(order)s,
        changed_at = %(now)s
    WHERE system_key = %(system)s AND sale_key = %(key)s AND revision = %(revision)s"""
UPDATE_REFUSED = """
    UPDATE sync_sales
    SET state = 'refused', cause = %(cause)s, reason = %(reason)s, detail = %(detail)s, changed_at = %(now)s
    WHERE system_key = %(system)s AND sale_key = %(key)s AND revision = %(revision)s"""


@dataclass(frozen=True)
class SaleRow:
    """A sale of a till. `total` is in minor units; `payload` is its content as JSON, None once it is an order."""

    system: str
    key: str
    revision: int
    number: str
    store: str
    sold_at: datetime
    currency: str
    total: int
    state: SaleState
    payload_hash: bytes
    payload: str | None
    changed_at: datetime
    cause: Cause | None = None
    reason: str | None = None
    detail: str | None = None
    order: str | None = None


def lock_sales(transaction: Transaction, system: str, keys: Collection[str]) -> dict[str, SaleRow]:
    """Sales by key, locked until the end of the transaction."""
    if not keys:
        return {}
    rows = transaction.rows(LOCK_SALES, {"system": system, "keys": tuple(keys)})
    return {row["sale_key"]: _sale(row) for row in rows}


def read_waiting(transaction: Transaction, system: str, after: str, limit: int) -> list[SaleRow]:
    """Sales that wait for a code, by key."""
    values = {"system": system, "after": after, "limit": limit}
    return [_sale(row) for row in transaction.rows(SELECT_WAITING, values)]


def lock_refused_sales(
    transaction: Transaction, system: str, limit: int, *, key: str | None, cause: str | None, reason: str | None
) -> list[SaleRow]:
    """Refused sales that can be read, locked until the end of the transaction."""
    values = {"system": system, "limit": limit, "key": key, "cause": cause, "reason": reason}
    return [_sale(row) for row in transaction.rows(LOCK_REFUSED, values)]


def read_sale_counts(transaction: Transaction, system: str) -> list[Row]:
    """Refused sales by cause and reason, with the oldest."""
    return transaction.rows(SELECT_SALE_COUNTS, {"system": system})


def read_sales_page(
    transaction: Transaction, system: str, after: str, limit: int, state: SaleState | None = None
) -> list[SaleRow]:
    """Sales by key."""
    values = {"system": system, "after": after, "limit": limit, "state": state}
    return [_sale(row) for row in transaction.rows(SELECT_PAGE_OF_SALES, values)]


def upsert_sales(transaction: Transaction, sales: Sequence[SaleRow]) -> None:
    """Store sales with their new content."""
    if sales:
        transaction.execute_many(UPSERT_SALES, [vars(sale) for sale in sales])


def update_placed(transaction: Transaction, system: str, key: str, revision: int, order: str, now: datetime) -> None:
    """The sale is an order."""
    values = {"system": system, "key": key, "revision": revision, "order": order, "now": now}
    transaction.execute(UPDATE_PLACED, values)


def update_refused(
    transaction: Transaction, system: str, key: str, revision: int, reason: str, detail: str, now: datetime
) -> None:
    """Order intake refused the sale: the store corrects it."""
    values = {
        "system": system, "key": key, "revision": revision, "cause": Cause.DATA, "reason": reason[:64],
        "detail": detail[:500], "now": now,
    }  # fmt: skip
    transaction.execute(UPDATE_REFUSED, values)


def _sale(row: Row) -> SaleRow:
    return SaleRow(
        system=row["system_key"],
        key=row["sale_key"],
        revision=row["revision"],
        number=row["number"],
        store=row["store"],
        sold_at=row["sold_at"].replace(tzinfo=UTC),
        currency=row["currency"],
        total=row["total"],
        state=SaleState(row["state"]),
        payload_hash=bytes(row["payload_hash"]),
        payload=row["payload"],
        changed_at=row["changed_at"].replace(tzinfo=UTC),
        cause=Cause(row["cause"]) if row["cause"] else None,
        reason=row["reason"],
        detail=row["detail"],
        order=row["order_id"],
    )
