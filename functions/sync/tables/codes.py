"""SQL of the table `sync_codes`: our codes of stores, items, tenders, taxes and units in those of an outside system."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from shared.spine.db import Transaction

SELECT_CODES = "SELECT kind, ours, theirs FROM sync_codes WHERE system_key = %(system)s ORDER BY kind, ours"
SELECT_PAGE = """
    SELECT ours, theirs FROM sync_codes WHERE system_key = %(system)s AND kind = %(kind)s AND ours > %(after)s
    ORDER BY ours LIMIT %(limit)s"""
UPSERT_CODES = """
    INSERT INTO sync_codes (system_key, kind, ours, theirs) VALUES (%(system)s, %(kind)s, %(ours)s, %(theirs)s)
    ON DUPLICATE KEY UPDATE theirs = VALUES(theirs)"""
DELETE_CODES = "DELETE FROM sync_codes WHERE system_key = %(system)s AND kind = %(kind)s AND ours IN %(ours)s"


def read_codes(transaction: Transaction, system: str) -> dict[str, dict[str, str]]:
    """All codes of a system: theirs by ours, by kind."""
    codes: dict[str, dict[str, str]] = defaultdict(dict)
    for row in transaction.rows(SELECT_CODES, {"system": system}):
        codes[row["kind"]][row["ours"]] = row["theirs"]
    return codes


def read_codes_page(transaction: Transaction, system: str, kind: str, after: str, limit: int) -> dict[str, str]:
    """Codes of one kind by key: theirs by ours."""
    values = {"system": system, "kind": kind, "after": after, "limit": limit}
    return {row["ours"]: row["theirs"] for row in transaction.rows(SELECT_PAGE, values)}


def upsert_codes(transaction: Transaction, system: str, kind: str, codes: Mapping[str, str]) -> None:
    """Store codes. A code that is stored already is replaced."""
    rows = [{"system": system, "kind": kind, "ours": ours, "theirs": theirs} for ours, theirs in codes.items()]
    if rows:
        transaction.execute_many(UPSERT_CODES, rows)


def delete_codes(transaction: Transaction, system: str, kind: str, ours: Sequence[str]) -> None:
    """Delete codes."""
    if ours:
        transaction.execute(DELETE_CODES, {"system": system, "kind": kind, "ours": tuple(ours)})
