"""Corrections of history in their table."""

from datetime import date

from functions.forecast.tables.corrections import StoredCorrection, insert_corrections, read_corrections
from shared.spine.env import Environment

DAY = date(2026, 3, 2)


def test_batches_of_a_run_keep_each_their_own_corrections_once(env: Environment) -> None:
    corrections = [[StoredCorrection("0" * 26, store, DAY, "outlier", "1", "unknown")] for store in ("a", "b")]
    with env.db.transaction() as transaction:
        for batch in (0, 1, 1, 0):  # a message may come twice
            insert_corrections(transaction, "corrected", corrections[batch], batch)
        stored = read_corrections(transaction, "corrected")
    assert sorted(correction.store for correction in stored) == ["a", "b"]
