"""SQL of the table `sync_codes`: our codes of stores, items, tenders, taxes and units in those of an outside system."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from shared.spine.db import Transaction

SELECT_CODES = "SELECT kind, code, target_code FROM sync_codes WHERE system_key = %(system)s ORDER BY kind, code"
SELECT_PAGE = """
    SELECT code, target_code FROM sync_codes WHERE system_key = %(system)s AND kind = %(kind)s AND code > %(after)s
    ORDER BY code LIMIT %(limit)s"""
UPSERT_CODES = """
    INSERT INTO sync_codes (system_key, kind, code, target_code)
    VALUES (%(system)s, %(kind)s, %(code)s, %(target_code)s)
    ON DUPLICATE KEY UPDATE target_code = VALUES(target_code)"""
DELETE_CODES = "DELETE FROM sync_codes WHERE system_key = %(system)s AND kind = %(kind)s AND code IN %(codes)s"


def read_codes(transaction: Transaction, system: str) -> dict[str, dict[str, str]]:
    """All codes of a system: theirs by ours, by kind."""
    codes: dict[str, dict[str, str]] = defaultdict(dict)
    for row in transaction.rows(SELECT_CODES, {"system": system}):
        codes[row["kind"]][row["code"]] = row["target_code"]
    return codes


def read_codes_page(transaction: Transaction, system: str, kind: str, after: str, limit: int) -> dict[str, str]:
    """Codes of one kind by key: theirs by ours."""
    values = {"system": system, "kind": kind, "after": after, "limit": limit}
    return {row["code"]: row["target_code"] for row in transaction.rows(SELECT_PAGE, values)}


def upsert_codes(transaction: Transaction, system: str, kind: str, codes: Mapping[str, str]) -> None:
    """Store codes. A code that is stored already is replaced."""
    rows = [
        {"system": system, "kind": kind, "code": code, "target_code": target_code}
        for code, target_code in codes.items()
    ]
    if rows:
        transaction.execute_many(UPSERT_CODES, rows)


def delete_codes(transaction: Transaction, system: str, kind: str, codes: Sequence[str]) -> None:
    """Delete codes."""
    if codes:
        transaction.execute(DELETE_CODES, {"system": system, "kind": kind, "codes": tuple(codes)})
