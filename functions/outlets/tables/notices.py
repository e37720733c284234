"""SQL of the table `outlet_notices`: one row for each version of an order and its outlet."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.outlets.states import OPEN, NoticeState
from shared.spine.db import Row, Transaction

COLUMNS = """notice_id, chain_id, store_id, order_id, version, state, evidence, language, document, created_at,
    limit_at, sent_at, delivered_at, read_at, ended_at, ready_minutes, reason, answered_by, sequence"""
INSERT_NOTICE = """
    INSERT IGNORE INTO outlet_notices
        (notice_id, chain_id, store_id, order_id, version, state, language, document, created_at, limit_at, sequence)
    VALUES (%(id)s, %(chain)s, %(store)s, %(order)s, %(version)s, 'queued', %(language)s, %(document)s, %(created_at)s,
        %(limit_at)s, 1)"""
SELECT_NOTICE = f"SELECT {COLUMNS} FROM outlet_notices WHERE notice_id = %(notice)s"  # noqa: S608 - of a constant
LOCK_NOTICE = f"{SELECT_NOTICE} FOR UPDATE"
SELECT_NOTICES = f"SELECT {COLUMNS} FROM outlet_notices WHERE notice_id IN %(notices)s"  # noqa: S608 - of a constant
LOCK_NOTICES = f"{SELECT_NOTICES} ORDER BY notice_id FOR UPDATE"
LOCK_OF_ORDER = f"""
    SELECT {COLUMNS} FROM outlet_notices WHERE order_id = %(order)s ORDER BY version FOR UPDATE"""  # noqa: S608
UPDATE_NOTICE = """
    UPDATE outlet_notices
    SET state = %(state)s, evidence = %(evidence)s, sent_at = %(sent_at)s, delivered_at = %(delivered_at)s,
        read_at = %(read_at)s, ended_at = %(ended_at)s, ready_minutes = %(ready_minutes)s, reason = %(reason)s,
        answered_by = %(answered_by)s, sequence = %(sequence)s
    WHERE notice_id = %(id)s"""
UPDATE_SEQUENCES = "UPDATE outlet_notices SET sequence = sequence + 1 WHERE notice_id IN %(notices)s"
UPDATE_SENT_FIRST = """
    UPDATE outlet_notices SET state = 'sent', evidence = %(evidence)s, sent_at = %(now)s, sequence = sequence + 1
    WHERE notice_id IN %(notices)s"""
SELECT_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM outlet_notices
    WHERE chain_id = %(chain)s AND state IN %(states)s AND notice_id < %(before)s
    ORDER BY notice_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_OLDEST_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM outlet_notices
    WHERE chain_id = %(chain)s AND state IN %(states)s AND notice_id > %(after)s
    ORDER BY notice_id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_OF_STORES = f"""
    SELECT {COLUMNS} FROM outlet_notices
    WHERE store_id IN %(stores)s AND state IN %(states)s AND notice_id < %(before)s
    ORDER BY notice_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_OLDEST_OF_STORES = f"""
    SELECT {COLUMNS} FROM outlet_notices
    WHERE store_id IN %(stores)s AND state IN %(states)s AND notice_id > %(after)s
    ORDER BY notice_id LIMIT %(limit)s"""  # noqa: S608 - of a constant
COUNT_STATES = """
    SELECT state, COUNT(*) AS notices FROM outlet_notices WHERE chain_id = %(chain)s AND notice_id >= %(since)s
    GROUP BY state"""
LAST_ID = "7" + "Z" * 25
DELETE_OLD = "DELETE FROM outlet_notices WHERE notice_id < %(before)s LIMIT 1000"
SELECT_ERASED = """
    SELECT DISTINCT e.order_id FROM order_erasures e JOIN outlet_notices n ON n.order_id = e.order_id
    WHERE n.document <> '' LIMIT 1000"""
UPDATE_ERASED = "UPDATE outlet_notices SET document = '' WHERE order_id IN %(orders)s"


@dataclass(frozen=True)
class Notice:
    """A version of an order that its outlet is told about. `limit_at`: the order is lost without an answer by then."""

    id: str
    chain: str
    store: str
    order: str
    version: int
    language: str
    document: str = field(repr=False)
    created_at: datetime
    limit_at: datetime
    state: NoticeState = NoticeState.QUEUED
    evidence: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    ended_at: datetime | None = None
    ready_minutes: int | None = None
    reason: str | None = None
    answered_by: str | None = None
    sequence: int = 1


def insert_notice(transaction: Transaction, notice: Notice) -> bool:
    """Whether this version of the order is new."""
    values = {name: getattr(notice, name) for name in _INSERTED}
    return transaction.execute(INSERT_NOTICE, values) > 0


_INSERTED = ("id", "chain", "store", "order", "version", "language", "document", "created_at", "limit_at")


def read_notice(transaction: Transaction, notice: str) -> Notice | None:
    """One notice."""
    row = transaction.row(SELECT_NOTICE, {"notice": notice})
    return _notice(row) if row else None


def lock_notice(transaction: Transaction, notice: str) -> Notice | None:
    """One notice, locked."""
    row = transaction.row(LOCK_NOTICE, {"notice": notice})
    return _notice(row) if row else None


def read_notices(transaction: Transaction, notices: Collection[str]) -> dict[str, Notice]:
    """These notices by id."""
    rows = transaction.rows(SELECT_NOTICES, {"notices": tuple(notices)}) if notices else []
    return {row["notice_id"]: _notice(row) for row in rows}


def lock_notices(transaction: Transaction, notices: Collection[str]) -> dict[str, Notice]:
    """These notices by id, locked in the order of their ids."""
    rows = transaction.rows(LOCK_NOTICES, {"notices": tuple(notices)}) if notices else []
    return {row["notice_id"]: _notice(row) for row in rows}


def lock_notices_of_order(transaction: Transaction, order: str) -> list[Notice]:
    """The notices of an order, the oldest version first, locked."""
    return [_notice(row) for row in transaction.rows(LOCK_OF_ORDER, {"order": order})]


def update_notice(transaction: Transaction, notice: Notice) -> None:
    """Store the state of a locked notice."""
    transaction.execute(UPDATE_NOTICE, vars(notice))


def update_sequences(transaction: Transaction, notices: Collection[str]) -> None:
    """One more message about each of these locked notices."""
    if notices:
        transaction.execute(UPDATE_SEQUENCES, {"notices": tuple(notices)})


def update_sent_first(transaction: Transaction, notices: Collection[str], evidence: str, now: datetime) -> None:
    """These locked notices were queued, and are sent now."""
    if notices:
        transaction.execute(UPDATE_SENT_FIRST, {"notices": tuple(notices), "evidence": evidence, "now": now})


@dataclass(frozen=True)
class NoticePage:
    """A page of notices in these states: the newest before an id, or with `oldest` the oldest after an id."""

    states: Collection[NoticeState]
    limit: int
    before: str = LAST_ID
    after: str = ""
    oldest: bool = False


def read_notices_of_chain(transaction: Transaction, chain: str, page: NoticePage) -> list[Notice]:
    """Notices of a chain."""
    values = vars(page) | {"chain": chain, "states": tuple(page.states or OPEN)}
    statement = SELECT_OLDEST_OF_CHAIN if page.oldest else SELECT_OF_CHAIN
    return [_notice(row) for row in transaction.rows(statement, values)]


def read_notices_of_stores(transaction: Transaction, stores: Collection[str], page: NoticePage) -> list[Notice]:
    """Notices of these outlets."""
    values = vars(page) | {"stores": tuple(stores), "states": tuple(page.states or OPEN)}
    statement = SELECT_OLDEST_OF_STORES if page.oldest else SELECT_OF_STORES
    return [_notice(row) for row in transaction.rows(statement, values)] if stores else []


def read_state_counts(transaction: Transaction, chain: str, since: str) -> dict[str, int]:
    """The number of notices in each state, of those from the id `since`."""
    rows = transaction.rows(COUNT_STATES, {"chain": chain, "since": since})
    return {row["state"]: row["notices"] for row in rows}


def delete_old_notices(transaction: Transaction, before: str) -> int:
    """Delete at most a thousand notices with ids before this one."""
    return transaction.execute(DELETE_OLD, {"before": before})


def erase_documents(transaction: Transaction) -> int:
    """Empty the documents of orders whose guest was forgotten. Returns the number of orders."""
    orders = tuple(row["order_id"] for row in transaction.rows(SELECT_ERASED))
    if orders:
        transaction.execute(UPDATE_ERASED, {"orders": orders})
    return len(orders)


def _notice(row: Row) -> Notice:
    return Notice(
        id=row["notice_id"],
        chain=row["chain_id"],
        store=row["store_id"],
        order=row["order_id"],
        version=row["version"],
        language=row["language"],
        document=row["document"],
        created_at=row["created_at"].replace(tzinfo=UTC),
        limit_at=row["limit_at"].replace(tzinfo=UTC),
        state=NoticeState(row["state"]),
        evidence=row["evidence"],
        sent_at=_utc(row["sent_at"]),
        delivered_at=_utc(row["delivered_at"]),
        read_at=_utc(row["read_at"]),
        ended_at=_utc(row["ended_at"]),
        ready_minutes=row["ready_minutes"],
        reason=row["reason"],
        answered_by=row["answered_by"],
        sequence=row["sequence"],
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
