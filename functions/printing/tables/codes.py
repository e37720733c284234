"""The SQL of one-time codes, with which agents enrol."""

from dataclasses import dataclass
from datetime import datetime

from functions.printing.tables.rows import with_utc
from shared.spine.db import Transaction

INSERT_CODE = """
    INSERT INTO print_enrolments (code_hash, store_id, created_by, created_at, expires_at)
    VALUES (%(code_hash)s, %(store_id)s, %(created_by)s, %(created_at)s, %(expires_at)s)"""
LOCK_CODE = """
    SELECT code_hash, store_id, created_by, created_at, expires_at, used_at, key_hash, agent_id FROM print_enrolments
    WHERE code_hash = %(code_hash)s FOR UPDATE"""
UPDATE_USED = """
    UPDATE print_enrolments SET used_at = %(now)s, key_hash = %(key_hash)s, agent_id = %(agent_id)s
    WHERE code_hash = %(code_hash)s"""
UPDATE_ENDED = """
    UPDATE print_enrolments SET expires_at = %(now)s
    WHERE store_id = %(store_id)s AND used_at IS NULL AND expires_at > %(now)s"""


@dataclass(frozen=True)
class Code:
    """A one-time code of a store. The code itself is not stored."""

    code_hash: bytes
    store_id: str
    # The client that asked for the code.
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    # The hash of the key that used the code.
    key_hash: bytes | None = None
    # The agent that the code made.
    agent_id: str | None = None


def insert_code(transaction: Transaction, code: Code) -> None:
    """Store a new code."""
    transaction.execute(INSERT_CODE, vars(code))


def lock_code(transaction: Transaction, code_hash: bytes) -> Code | None:
    """A code, locked, so that it is used once."""
    row = transaction.row(LOCK_CODE, {"code_hash": code_hash})
    return Code(**with_utc(row)) if row else None


def update_code_used(transaction: Transaction, code: Code, agent_id: str, key_hash: bytes, now: datetime) -> None:
    """Store the agent that the code made."""
    values = {"now": now, "key_hash": key_hash, "agent_id": agent_id, "code_hash": code.code_hash}
    transaction.execute(UPDATE_USED, values)


def update_codes_ended(transaction: Transaction, store_id: str, now: datetime) -> int:
    """End every unused code of a store. Returns their number."""
    return transaction.execute(UPDATE_ENDED, {"store_id": store_id, "now": now})
