"""SQL of the tables `person_factors` and `recovery_codes`: the authenticator of a person, and codes for its loss."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.spine.db import Transaction

SELECT_FACTOR = """
    SELECT encrypted, confirmed_at, last_step FROM person_factors WHERE person_id = %(person)s"""
LOCK_FACTOR = f"{SELECT_FACTOR} FOR UPDATE"
REPLACE_FACTOR = """
    INSERT INTO person_factors (person_id, encrypted, made_at, confirmed_at, last_step)
    VALUES (%(person)s, %(encrypted)s, %(now)s, NULL, 0)
    ON DUPLICATE KEY UPDATE encrypted = VALUES(encrypted), made_at = VALUES(made_at), confirmed_at = NULL,
        last_step = 0"""
UPDATE_STEP = """
    UPDATE person_factors SET last_step = %(step)s, confirmed_at = COALESCE(confirmed_at, %(now)s)
    WHERE person_id = %(person)s"""
DELETE_FACTOR = "DELETE FROM person_factors WHERE person_id = %(person)s"
INSERT_CODE = "INSERT INTO recovery_codes (person_id, code_hash) VALUES (%(person)s, %(code_hash)s)"
DELETE_CODES = "DELETE FROM recovery_codes WHERE person_id = %(person)s"
DELETE_CODE = "DELETE FROM recovery_codes WHERE person_id = %(person)s AND code_hash = %(code_hash)s"
COUNT_CODES = "SELECT COUNT(*) AS codes FROM recovery_codes WHERE person_id = %(person)s"


@dataclass(frozen=True)
class Factor:
    """An authenticator. `last_step` is the step of the last code; without `confirmed_at` it is not in use yet."""

    encrypted: bytes
    confirmed_at: datetime | None
    last_step: int


def read_factor(transaction: Transaction, person: str, *, lock: bool = False) -> Factor | None:
    """The person's authenticator, with `lock` locked until the end of the transaction."""
    row = transaction.row(LOCK_FACTOR if lock else SELECT_FACTOR, {"person": person})
    return Factor(bytes(row["encrypted"]), row["confirmed_at"], row["last_step"]) if row else None


def replace_factor(transaction: Transaction, person: str, encrypted: bytes, now: datetime) -> None:
    """Store an authenticator that is not confirmed yet."""
    transaction.execute(REPLACE_FACTOR, {"person": person, "encrypted": encrypted, "now": now})


def update_step(transaction: Transaction, person: str, step: int, now: datetime) -> None:
    """A code of this step was used. The first one confirms the authenticator."""
    transaction.execute(UPDATE_STEP, {"person": person, "step": step, "now": now})


def delete_factor(transaction: Transaction, person: str) -> bool:
    """Delete the authenticator with its recovery codes. Whether there was one."""
    transaction.execute(DELETE_CODES, {"person": person})
    return transaction.execute(DELETE_FACTOR, {"person": person}) > 0


def insert_recovery_codes(transaction: Transaction, person: str, codes: Sequence[str]) -> None:
    """Store the hashes of these codes, in place of all earlier ones."""
    transaction.execute(DELETE_CODES, {"person": person})
    transaction.execute_many(INSERT_CODE, [{"person": person, "code_hash": _hash(code)} for code in codes])


def delete_recovery_code(transaction: Transaction, person: str, code: str) -> bool:
    """Use up a code. Whether it was good."""
    return transaction.execute(DELETE_CODE, {"person": person, "code_hash": _hash(code)}) > 0


def count_recovery_codes(transaction: Transaction, person: str) -> int:
    """How many codes are left."""
    row = transaction.row(COUNT_CODES, {"person": person})
    return int(row["codes"]) if row else 0


def _hash(code: str) -> bytes:
    # A code has 80 random bits: nobody tries them all, so a fast hash is enough.
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
