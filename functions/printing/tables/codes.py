"""The SQL of printing's agents: enrolment, tokens, connections, who was seen when."""

from dataclasses import dataclass
from datetime import datetime

from functions.printing.tables.rows import with_utc
from shared.spine.db import Transaction

INSERT_CODE = """
    INSERT INTO print_enrolments (code_hash, store_id, created_by, created_at, expires_at)
    VALUES (%s, %s, %s, %s, %s)"""
LOCK_CODE = """
    SELECT code_hash, store_id, created_by, created_at, expires_at, used_at, key_hash, agent_id FROM print_enrolments
    WHERE code_hash = %s FOR UPDATE"""
UPDATE_USED = "UPDATE print_enrolments SET used_at = %s, key_hash = %s, agent_id = %s WHERE code_hash = %s"
UPDATE_ENDED = """
    UPDATE print_enrolments SET expires_at = %s WHERE store_id = %s AND used_at IS NULL AND expires_at > %s"""


@dataclass(frozen=True)
class Code:
    """A one-time code for a store, kept by its hash alone; `key_hash` is of the key that used it."""

    code_hash: bytes
    store_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    key_hash: bytes | None
    agent_id: str | None


def insert_code(transaction: Transaction, code: Code) -> None:
    """A new one."""
    transaction.execute(INSERT_CODE, (code.code_hash, code.store_id, code.created_by, code.created_at, code.expires_at))


def lock_code(transaction: Transaction, code_hash: bytes) -> Code | None:
    """Locked, so that it is used once."""
    row = transaction.row(LOCK_CODE, (code_hash,))
    return Code(**with_utc(row)) if row else None


def update_code_used(transaction: Transaction, code: Code, agent_id: str, key_hash: bytes, now: datetime) -> None:
    """It made this agent."""
    transaction.execute(UPDATE_USED, (now, key_hash, agent_id, code.code_hash))


def update_codes_ended(transaction: Transaction, store_id: str, now: datetime) -> int:
    """End every code of a store that nobody has used; how many."""
    return transaction.execute(UPDATE_ENDED, (now, store_id, now))
