"""Forecasts in their table."""

from datetime import date

from functions.forecast.tables.forecasts import Forecast, read_forecasts, upsert_forecasts
from shared.spine.env import Environment

ORIGIN, DAY = date(2026, 3, 1), date(2026, 3, 2)


def test_a_store_is_found_by_its_own_id_whatever_is_in_it(env: Environment) -> None:
    ids = ["a_b", "axb", "a.b", "a-b"]
    rows = [Forecast(store, DAY, ORIGIN, "0" * 26, 1, 1, 1, 1, "mean", "", {}) for store in ids]
    with env.db.transaction() as transaction:
        upsert_forecasts(transaction, "c", rows)
        for store in ids:
            assert [row.store for row in read_forecasts(transaction, "c", ORIGIN, store)] == [store]
        assert sorted(row.store for row in read_forecasts(transaction, "c", ORIGIN)) == sorted(ids)
