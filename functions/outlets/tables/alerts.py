"""SQL of the table `outlet_alerts`: what is wrong, and whether the operations chat was told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.spine.db import Row, Transaction

COLUMNS = "chain_id, kind, subject, detail, began_at, ended_at, told"
# An alert that ended and was told begins anew. One that is open stays as it is.
INSERT_ALERT = """
    INSERT INTO outlet_alerts (chain_id, kind, subject, detail, began_at, told)
    VALUES (%(chain)s, %(kind)s, %(subject)s, %(detail)s, %(now)s, 0)
    ON DUPLICATE KEY UPDATE
        told = IF(ended_at IS NULL, told, 0), told_in = IF(ended_at IS NULL, told_in, NULL),
        began_at = IF(ended_at IS NULL, began_at, VALUES(began_at)),
        detail = VALUES(detail), ended_at = NULL"""
UPDATE_ENDED = """
    UPDATE outlet_alerts SET ended_at = %(now)s, told = IF(told = 0, 2, 0), told_in = NULL
    WHERE chain_id = %(chain)s AND kind = %(kind)s AND subject = %(subject)s AND ended_at IS NULL"""
SELECT_UNTOLD_CHAINS = """
    SELECT chain_id FROM outlet_alerts WHERE told = 0 AND (told_in IS NULL OR told_in < %(before)s)
    GROUP BY chain_id"""
LOCK_UNTOLD = f"""
    SELECT {COLUMNS} FROM outlet_alerts WHERE told = 0 AND chain_id = %(chain)s
        AND (told_in IS NULL OR told_in < %(before)s)
    ORDER BY kind, subject LIMIT 500 FOR UPDATE"""  # noqa: S608 - of a constant
UPDATE_TOLD = """
    UPDATE outlet_alerts SET told = 1, told_in = %(source)s
    WHERE told = 0 AND chain_id = %(chain)s AND kind = %(kind)s AND subject IN %(subjects)s"""
UPDATE_UNTOLD = """
    UPDATE outlet_alerts SET told = 0 WHERE chain_id = %(chain)s AND told = 1 AND told_in = %(source)s"""
SELECT_OPEN = f"""
    SELECT {COLUMNS} FROM outlet_alerts WHERE chain_id = %(chain)s AND ended_at IS NULL
    ORDER BY began_at LIMIT 500"""  # noqa: S608 - of a constant
SELECT_OPEN_OF_KINDS = f"""
    SELECT {COLUMNS} FROM outlet_alerts WHERE ended_at IS NULL AND kind IN %(kinds)s
    ORDER BY began_at LIMIT 1000"""  # noqa: S608 - of a constant
DELETE_OLD = "DELETE FROM outlet_alerts WHERE ended_at < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Alert:
    """Something that is wrong since `began_at`, until `ended_at`."""

    chain: str
    kind: str
    subject: str
    detail: str
    began_at: datetime
    ended_at: datetime | None = None
    told: int = 0


def insert_alert(transaction: Transaction, chain: str, kind: str, subject: str, detail: str, now: datetime) -> None:
    """Something is wrong. An open alert stays one alert."""
    values = {"chain": chain, "kind": kind, "subject": subject[:300], "detail": detail[:200], "now": now}
    transaction.execute(INSERT_ALERT, values)


def update_alert_ended(transaction: Transaction, chain: str, kind: str, subject: str, now: datetime) -> bool:
    """Whether an alert was open until now."""
    values = {"chain": chain, "kind": kind, "subject": subject[:300], "now": now}
    return transaction.execute(UPDATE_ENDED, values) > 0


def read_untold_chains(transaction: Transaction, before: str) -> list[str]:
    """The chains whose operations chat has something to hear. One that was told since the id `before` waits."""
    return [row["chain_id"] for row in transaction.rows(SELECT_UNTOLD_CHAINS, {"before": before})]


def lock_untold(transaction: Transaction, chain: str, before: str) -> list[Alert]:
    """Alerts that the operations chat of a chain has not heard, locked. One told since the id `before` waits."""
    return [_alert(row) for row in transaction.rows(LOCK_UNTOLD, {"chain": chain, "before": before})]


def update_told(transaction: Transaction, chain: str, kind: str, subjects: Sequence[str], source: str) -> None:
    """The operations chat hears of these by the messages of this source."""
    if subjects:
        values = {"chain": chain, "kind": kind, "subjects": tuple(subjects), "source": source}
        transaction.execute(UPDATE_TOLD, values)


def update_untold(transaction: Transaction, chain: str, source: str) -> None:
    """No message of this source has reached an operations chat."""
    transaction.execute(UPDATE_UNTOLD, {"chain": chain, "source": source})


def read_open_alerts(transaction: Transaction, chain: str) -> list[Alert]:
    """Open alerts, the oldest first."""
    return [_alert(row) for row in transaction.rows(SELECT_OPEN, {"chain": chain})]


def read_open_of_kinds(transaction: Transaction, kinds: Collection[str]) -> list[Alert]:
    """Open alerts of these kinds of all chains, the oldest first, at most a thousand."""
    return [_alert(row) for row in transaction.rows(SELECT_OPEN_OF_KINDS, {"kinds": tuple(kinds)})]


def delete_old_alerts(transaction: Transaction, before: datetime) -> int:
    """Delete at most a thousand that ended before this time."""
    return transaction.execute(DELETE_OLD, {"before": before})


def _alert(row: Row) -> Alert:
    ended_at = row["ended_at"] and row["ended_at"].replace(tzinfo=UTC)
    began_at = row["began_at"].replace(tzinfo=UTC)
    return Alert(row["chain_id"], row["kind"], row["subject"], row["detail"], began_at, ended_at, row["told"])
