"""SQL of the alerts that messages open, and of the open alerts of timers that `timers` publishes."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.spine.db import Row, Transaction

# A message that is older than the row's changes nothing. The sequence is set last, because the others compare with it.
UPSERT_ALERT = """
    INSERT INTO alerts (id, chain_id, store_id, kind, subject, since, sequence, facts)
    VALUES (%(id)s, %(chain)s, %(store)s, %(kind)s, %(subject)s, %(since)s, %(sequence)s, %(facts)s)
    ON DUPLICATE KEY UPDATE facts = IF(VALUES(sequence) > alerts.sequence, VALUES(facts), alerts.facts),
        since = IF(VALUES(sequence) > alerts.sequence, VALUES(since), alerts.since),
        resolved_at = IF(VALUES(sequence) > alerts.sequence, NULL, alerts.resolved_at),
        sequence = GREATEST(alerts.sequence, VALUES(sequence))"""
# The end may come before the beginning. Then the row is stored as one that has ended.
UPSERT_END = """
    INSERT INTO alerts (id, chain_id, store_id, kind, subject, since, sequence, facts, resolved_at)
    VALUES (%(id)s, %(chain)s, %(store)s, %(kind)s, %(subject)s, %(since)s, %(sequence)s, '{}', %(since)s)
    ON DUPLICATE KEY UPDATE
        resolved_at = IF(VALUES(sequence) > alerts.sequence, VALUES(resolved_at), alerts.resolved_at),
        sequence = GREATEST(alerts.sequence, VALUES(sequence))"""
END_ALERTS = """
    UPDATE alerts SET resolved_at = %(now)s
    WHERE chain_id = %(chain)s AND kind = %(kind)s AND subject IN %(subjects)s AND resolved_at IS NULL"""
# Of the view that `outlets` publishes.
SELECT_ENDED_NOTICES = "SELECT notice_id FROM notice_states WHERE notice_id IN %(notices)s AND state IN %(states)s"
# Of the view that `delivery` publishes. An index finds the late ones.
_LATE = """
    SELECT id, order_id, number, store_id, carriage, wanted_until FROM open_deliveries
    WHERE wanted_until < %(now)s AND {of} ORDER BY wanted_until DESC LIMIT %(limit)s"""
SELECT_LATE = _LATE.format(of="store_id > %(first)s AND store_id < %(last)s")
SELECT_LATE_OF_STORES = _LATE.format(of="store_id IN %(stores)s")
_OPEN = """
    SELECT id, store_id, kind, subject, since, facts FROM alerts
    WHERE {of} AND kind = %(kind)s AND resolved_at IS NULL ORDER BY since DESC LIMIT %(limit)s"""
SELECT_OPEN = _OPEN.format(of="chain_id = %(chain)s")
SELECT_OPEN_OF_STORES = _OPEN.format(of="store_id IN %(stores)s")
LOCK_ALERT = """
    SELECT id, chain_id, store_id, kind, subject, since, facts, resolved_at, resolved_by FROM alerts
    WHERE id = %(id)s FOR UPDATE"""
UPDATE_RESOLVED = """
    UPDATE alerts SET resolved_at = %(now)s, resolved_by = %(by)s, remark = %(remark)s WHERE id = %(id)s"""
SELECT_TIMERS = "SELECT id, name, kind, began_at, acts FROM open_timer_alerts ORDER BY began_at LIMIT %(limit)s"


@dataclass(frozen=True)
class AlertRow:
    """An alert of a message. `store_id` is the store's key, None for an alert of the whole chain."""

    id: str
    chain_id: str
    store_id: str | None
    kind: str
    subject: str
    since: datetime
    facts: Mapping[str, Any]
    resolved_at: datetime | None = None
    resolved_by: str | None = None


def upsert_alert(transaction: Transaction, alert: AlertRow, sequence: int, *, ended: bool) -> None:
    """Open an alert, or end it, by the message with this number."""
    values = {
        "id": alert.id,
        "chain": alert.chain_id,
        "store": alert.store_id,
        "kind": alert.kind,
        "subject": alert.subject,
        "since": alert.since,
        "sequence": sequence,
        "facts": json.dumps(alert.facts, ensure_ascii=False),
    }
    transaction.execute(UPSERT_END if ended else UPSERT_ALERT, values)


def read_open_alerts(
    transaction: Transaction, chain: str, kind: str, stores: Sequence[str], limit: int
) -> list[AlertRow]:
    """The newest open alerts of a kind, of these stores, or without any of the whole chain."""
    values = {"chain": chain, "kind": kind, "limit": limit} | ({"stores": tuple(stores)} if stores else {})
    rows = transaction.rows(SELECT_OPEN_OF_STORES if stores else SELECT_OPEN, values)
    return [_alert(row | {"chain_id": chain}) for row in rows]


def end_alerts(transaction: Transaction, chain: str, kind: str, subjects: Collection[str], now: datetime) -> None:
    """End the alerts about these subjects, where there are any."""
    if subjects:
        values = {"chain": chain, "kind": kind, "subjects": tuple(subjects), "now": now}
        transaction.execute(END_ALERTS, values)


def read_ended_notices(transaction: Transaction, notices: Collection[str], ends: Collection[str]) -> set[str]:
    """Of these notices those in one of the states."""
    if not notices:
        return set()
    rows = transaction.rows(SELECT_ENDED_NOTICES, {"notices": tuple(notices), "states": tuple(ends)})
    return {row["notice_id"] for row in rows}


def read_late_deliveries(
    transaction: Transaction, chain: str, stores: Sequence[str], now: datetime, limit: int
) -> list[Row]:
    """Open deliveries whose promised time has passed, the newest first; without `stores` of the whole chain."""
    values = {"now": now, "limit": limit}
    if stores:
        return transaction.rows(SELECT_LATE_OF_STORES, values | {"stores": tuple(stores)})
    return transaction.rows(SELECT_LATE, values | {"first": f"{chain}:", "last": f"{chain};"})


def lock_alert(transaction: Transaction, alert: str) -> AlertRow | None:
    """An alert of a message, locked."""
    row = transaction.row(LOCK_ALERT, {"id": alert})
    return _alert(row) if row else None


def update_resolved(transaction: Transaction, alert: str, by: str, remark: str | None, now: datetime) -> None:
    """A person has seen to it."""
    transaction.execute(UPDATE_RESOLVED, {"id": alert, "by": by, "remark": remark, "now": now})


def read_timer_alerts(transaction: Transaction, limit: int) -> list[Row]:
    """id, name, kind, began_at and acts of the open alerts of timers, the oldest first."""
    return transaction.rows(SELECT_TIMERS, {"limit": limit})


def _alert(row: Row) -> AlertRow:
    resolved_at = row.get("resolved_at")
    times = {
        "since": row["since"].replace(tzinfo=UTC),
        "resolved_at": resolved_at.replace(tzinfo=UTC) if resolved_at else None,
    }
    return AlertRow(**row | times | {"facts": json.loads(row["facts"])})
