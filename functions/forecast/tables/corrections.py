"""Corrections of history: by which import or run, for which reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.contracts.ids import store_key
from shared.spine.db import Transaction

NUMBERS_PER_BATCH = 1 << 20  # more than a batch has days; the numbers of 4,096 batches fit the column
LONGEST_VALUE = 64
INSERT_CORRECTION = """
    INSERT INTO forecast_corrections (source, number, chain_id, store_id, day, reason, was, became)
    VALUES (%(source)s, %(number)s, %(chain)s, %(store_key)s, %(day)s, %(reason)s, %(was)s, %(became)s)
    ON DUPLICATE KEY UPDATE reason = VALUES(reason)"""
SELECT_CORRECTIONS = """
    SELECT source, SUBSTRING_INDEX(store_id, ':', -1) AS store, day, reason, was, became FROM forecast_corrections
    WHERE chain_id = %(chain)s ORDER BY source DESC, number LIMIT 500"""


@dataclass(frozen=True)
class StoredCorrection:
    """One correction; `source` is the id of the import or run, no `day` means all days of the store."""

    source: str
    store: str
    day: date | None
    reason: str
    was: str
    became: str


def insert_corrections(
    transaction: Transaction, chain: str, corrections: Iterable[StoredCorrection], batch: int = 0
) -> None:
    """Insert the corrections of one source; each batch of a run has numbers of its own."""
    rows = [
        {
            **vars(correction),
            "chain": chain,
            "number": number,
            "store_key": store_key(chain, correction.store),
            "was": correction.was[:LONGEST_VALUE],
            "became": correction.became[:LONGEST_VALUE],
        }
        for number, correction in enumerate(corrections, start=batch * NUMBERS_PER_BATCH)
    ]
    if rows:
        transaction.execute_many(INSERT_CORRECTION, rows)


def read_corrections(transaction: Transaction, chain: str) -> list[StoredCorrection]:
    """The newest 500 of the chain."""
    return [StoredCorrection(**row) for row in transaction.rows(SELECT_CORRECTIONS, {"chain": chain})]
