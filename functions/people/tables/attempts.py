"""SQL of the table `sign_in_attempts`."""

from collections.abc import Mapping
from datetime import UTC, datetime

from functions.people.sign_in.attempts import Attempts
from shared.spine.db import Transaction

INSERT_SUBJECT = """
    INSERT IGNORE INTO sign_in_attempts (subject, failures, last_at) VALUES (%(subject)s, 0, %(now)s)"""
LOCK_SUBJECTS = """
    SELECT subject, failures, last_at, locked_until FROM sign_in_attempts WHERE subject IN %(subjects)s
    ORDER BY subject FOR UPDATE"""
UPDATE_ATTEMPTS = """
    UPDATE sign_in_attempts SET failures = %(failures)s, last_at = %(last_at)s, locked_until = %(locked_until)s
    WHERE subject = %(subject)s"""
DELETE_SUBJECT = "DELETE FROM sign_in_attempts WHERE subject = %(subject)s"
UPDATE_TAKEN_BACK = """
    UPDATE sign_in_attempts SET failures = failures - 1, locked_until = NULL
    WHERE subject = %(subject)s AND failures > 0"""
DELETE_OLD = "DELETE FROM sign_in_attempts WHERE last_at < %(before)s LIMIT 1000"


def lock_attempts(transaction: Transaction, subjects: tuple[bytes, ...], now: datetime) -> dict[bytes, Attempts]:
    """The attempts of each subject, locked. A subject that is new has none."""
    ordered = sorted(subjects)
    transaction.execute_many(INSERT_SUBJECT, [{"subject": subject, "now": now} for subject in ordered])
    rows = transaction.rows(LOCK_SUBJECTS, {"subjects": ordered})
    return {
        bytes(row["subject"]): Attempts(row["failures"], _utc(row["last_at"]), _utc(row["locked_until"]))
        for row in rows
    }


def update_attempts(transaction: Transaction, attempts: Mapping[bytes, Attempts]) -> None:
    """Store the attempts of each subject."""
    for subject, counted in attempts.items():
        transaction.execute(UPDATE_ATTEMPTS, vars(counted) | {"subject": subject})


def delete_attempts(transaction: Transaction, subject: bytes) -> None:
    """Forget the attempts of a subject."""
    transaction.execute(DELETE_SUBJECT, {"subject": subject})


def take_attempt_back(transaction: Transaction, subject: bytes) -> None:
    """One attempt was no failure."""
    transaction.execute(UPDATE_TAKEN_BACK, {"subject": subject})


def delete_old_attempts(transaction: Transaction, before: datetime) -> int:
    """Delete attempts of before a moment, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD, {"before": before})


def _utc(moment: datetime | None) -> datetime:
    return moment.replace(tzinfo=UTC) if moment else None  # type: ignore[return-value]
