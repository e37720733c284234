"""Forecasts by store, day and origin."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shared.contracts.ids import store_key
from shared.spine.db import Row, Transaction

NEWEST_WITHIN = timedelta(days=7)
FORECAST = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, day, origin, model_id AS model, mean, p10, p50, p90, lead_model,
        reasons, drivers"""
UPSERT_FORECAST = """
    INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model, reasons, drivers)
    VALUES (%(store_key)s, %(day)s, %(origin)s, %(chain)s, %(model)s, %(mean)s, %(p10)s, %(p50)s, %(p90)s,
        %(lead_model)s, %(reasons)s, %(drivers)s)
    ON DUPLICATE KEY UPDATE model_id = VALUES(model_id), mean = VALUES(mean), p10 = VALUES(p10), p50 = VALUES(p50),
        p90 = VALUES(p90), lead_model = VALUES(lead_model), reasons = VALUES(reasons), drivers = VALUES(drivers)"""
SELECT_NEWEST_ORIGIN_FORECAST = "SELECT MAX(origin) AS origin FROM forecasts WHERE chain_id = %(chain)s"
FORECASTS = f"{FORECAST} FROM forecasts WHERE chain_id = %(chain)s AND origin = %(origin)s"
SELECT_FORECASTS = f"{FORECASTS} ORDER BY store_id, day"
SELECT_FORECASTS_OF_STORE = f"{FORECASTS} AND store_id = %(store_key)s ORDER BY store_id, day"
# While a run is at work, or if it refused a batch, the newest forecast of a store may have an earlier origin.
NEWEST = """SELECT store_id, MAX(origin) AS origin FROM forecasts
        WHERE chain_id = %(chain)s AND origin BETWEEN %(oldest)s AND %(newest)s"""
SELECT_NEWEST_FORECASTS = f"""
    {FORECAST} FROM forecasts JOIN ({NEWEST} GROUP BY store_id) AS newest USING (store_id, origin)
    ORDER BY store_id, day"""
SELECT_NEWEST_FORECASTS_OF_STORE = f"""
    {FORECAST} FROM forecasts JOIN ({NEWEST} AND store_id = %(store_key)s GROUP BY store_id) AS newest
    USING (store_id, origin) ORDER BY store_id, day"""


@dataclass(frozen=True)
class Forecast:
    """The forecast of a store and day in minor units, by the model set `model`."""

    store: str
    day: date
    origin: date
    model: str
    mean: int
    p10: int
    p50: int
    p90: int
    lead_model: str
    reasons: str
    drivers: dict[str, float]


def upsert_forecasts(transaction: Transaction, chain: str, forecasts: Iterable[Forecast]) -> None:
    """Insert or replace forecasts of stores of the chain."""
    transaction.execute_many(UPSERT_FORECAST, (_values(chain, forecast) for forecast in forecasts))


def read_newest_forecast_origin(transaction: Transaction, chain: str) -> date | None:
    """The newest origin at which the chain has a forecast."""
    row = transaction.row(SELECT_NEWEST_ORIGIN_FORECAST, {"chain": chain})
    return row["origin"] if row else None


def read_forecasts(transaction: Transaction, chain: str, origin: date, store: str | None = None) -> list[Forecast]:
    """Forecasts of one origin, of one store or of all."""
    statement = SELECT_FORECASTS_OF_STORE if store else SELECT_FORECASTS
    return _read(transaction, statement, {"chain": chain, "origin": origin}, store)


def read_newest_forecasts(
    transaction: Transaction, chain: str, newest: date, store: str | None = None
) -> list[Forecast]:
    """The newest forecasts of each store, or of one: with the origin `newest`, or one of the week before it."""
    statement = SELECT_NEWEST_FORECASTS_OF_STORE if store else SELECT_NEWEST_FORECASTS
    return _read(transaction, statement, {"chain": chain, "oldest": newest - NEWEST_WITHIN, "newest": newest}, store)


def _read(transaction: Transaction, statement: str, values: dict[str, Any], store: str | None) -> list[Forecast]:
    if store:
        values["store_key"] = store_key(values["chain"], store)
    return [_forecast(row) for row in transaction.rows(statement, values)]


def _forecast(row: Row) -> Forecast:
    return Forecast(**(row | {"drivers": json.loads(row["drivers"])}))


def _values(chain: str, forecast: Forecast) -> dict[str, Any]:
    drivers = json.dumps(forecast.drivers)
    return {**vars(forecast), "chain": chain, "store_key": store_key(chain, forecast.store), "drivers": drivers}
