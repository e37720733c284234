"""What is asked of the forecasts' tables."""

from datetime import date

from functions.forecast import store
from functions.forecast.engine.data.history import Correction
from shared.spine.env import Environment

ORIGIN, DAY = date(2026, 3, 1), date(2026, 3, 2)


def test_a_store_is_found_by_its_own_id_whatever_is_in_it(env: Environment) -> None:
    ids = ["a_b", "axb", "a.b", "a-b"]
    rows = [(each, DAY, ORIGIN, "c", "0" * 26, 1, 1, 1, 1, "mean", "", "{}") for each in ids]
    with env.db.transaction() as transaction:
        store.keep_forecasts(transaction, rows)
        for each in ids:
            assert [row["store"] for row in store.forecasts(transaction, "c", ORIGIN, each)] == [each]
        assert sorted(row["store"] for row in store.forecasts(transaction, "c", ORIGIN)) == sorted(ids)


def test_parts_of_a_run_keep_each_their_own_corrections_once(env: Environment) -> None:
    found = [[Correction(each, DAY, "outlier", "1", "unknown")] for each in ("a", "b")]
    with env.db.transaction() as transaction:
        for part in (0, 1, 1, 0):  # a message may come twice
            store.keep_corrections(transaction, "0" * 26, "corrected", found[part], part)
        kept = store.corrections(transaction, "corrected")
    assert sorted(row["store"] for row in kept) == ["a", "b"]
