"""A made-up but plausible chain: levels, weekdays, seasons, holidays, noise and closings from one seed."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd

from bench.rig import Rig
from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.holidays.holiday_calendar import holidays_of
from functions.forecast.engine.settings import HORIZON
from functions.forecast.pipeline.inputs import REFUND_DAYS
from functions.forecast.score_forecasts import SCORED_DAYS_AT_TRAINING
from functions.forecast.tables.scores import upsert_changed_scores
from functions.forecast.tables.stores import read_stores
from shared.contracts.ids import store_key

FIRST = date(2024, 1, 1)
OPEN_STORE = """
    INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out) VALUES (%s, %s, 'bench', 1, %s, '[]')"""
KEEP_DAY = """
    INSERT INTO forecast_history (store_id, day, source, chain_id, currency, revenue)
    VALUES (%s, %s, 'orders', %s, 'USD', %s)"""
SELL = """
    INSERT INTO orders (id, chain_id, store_id, source_kind, source_id, source_number, source_day, request_hash,
        business_day, pickup_number, placed_at, received_at, settled_at, currency, total, paid, refunded,
        payment_status, fulfilment_status, differs, last_sequence, document)
    VALUES (%s, %s, %s, 'till', 't', %s, %s, '', %s, 1, %s, %s, %s, 'USD', %s, %s, 0, 'paid', 'placed', 0, 1, '{}')"""
# As many evenings sooner, and right about what is known: one that was not would ask for a full training.
MADE_SOONER = """
    INSERT INTO forecasts (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model, reasons, drivers)
    SELECT f.store_id, f.day - INTERVAL %(sooner)s DAY, f.origin - INTERVAL %(sooner)s DAY, f.chain_id, f.model_id,
        COALESCE(h.revenue, g.mean), COALESCE(h.revenue, g.p10), COALESCE(h.revenue, g.p50), COALESCE(h.revenue, g.p90),
        f.lead_model, f.reasons, f.drivers
    FROM forecasts f
    LEFT JOIN forecast_history h ON h.store_id = f.store_id AND h.day = f.day - INTERVAL %(sooner)s DAY
    LEFT JOIN forecasts g ON g.store_id = f.store_id AND g.day = f.day - INTERVAL %(sooner)s DAY AND g.origin = f.origin
    WHERE f.chain_id = %(chain)s AND f.origin = %(first)s"""
WEEK = np.array([-0.15, -0.1, -0.05, 0.0, 0.15, 0.2, -0.05])


def a_chain(stores: int, days: int, seed: int = 1) -> Snapshot:
    """Its snapshot, in minor units; a twentieth of the stores opened within the last year."""
    rng = np.random.default_rng(seed)
    last = FIRST + timedelta(days=days - 1)
    names = tuple(f"s{n:04d}" for n in range(stores))
    calendar = covariates.build("US", names, FIRST, last + timedelta(days=HORIZON))
    public = holidays_of("US", FIRST, days).public
    day = np.arange(days)
    logs = np.log(300_000) + rng.normal(0, 0.5, (stores, 1)) + rng.normal(0, 0.1, (stores, 1)) * day / 365
    logs = logs + WEEK[(FIRST.weekday() + day) % 7] * rng.uniform(0.5, 1.5, (stores, 1))
    logs += 0.1 * np.sin(2 * np.pi * day / 365.25) + public * rng.normal(-0.3, 0.2, (stores, 1))
    logs += rng.normal(0, 0.1, (stores, days))
    revenue = np.rint(np.exp(logs))
    revenue[rng.random((stores, days)) < 0.005] = 0  # noqa: PLR2004 - two days of a year
    young = rng.random(stores) < 0.05  # noqa: PLR2004 - a twentieth
    revenue[np.ix_(young, day < days - 200)] = np.nan
    covariate = np.full((stores, HORIZON), np.nan, np.float32)
    return Snapshot(History(names, FIRST, revenue), calendar, covariate)


def open_chain(rig: Rig, chain: str, stores: int, days: int, later: int) -> date:
    """The same in a database: history of `days`, and orders of the `later` days and the fortnight before; the last day.

    As after years of nights: of each day an order that stands for all of them.
    """
    history = a_chain(stores, days + later).history
    dates = [FIRST + timedelta(days=day) for day in range(days + later)]
    revenues = [(at, day, int(history.revenue[at, day])) for at, day in np.argwhere(np.isfinite(history.revenue))]
    settings = json.dumps({"timezone": "America/New_York", "currency": "USD", "name": "x", "day_ends_at": "04:00"})
    with rig.bare() as connection, connection.cursor() as cursor:
        keys = [store_key(chain, name) for name in history.stores]
        cursor.executemany(OPEN_STORE, [(key, chain, settings) for key in keys])
        cursor.executemany(
            KEEP_DAY, [(keys[at], dates[day], chain, amount) for at, day, amount in revenues if day < days]
        )
        recent = [(at, day, amount) for at, day, amount in revenues if day >= days - REFUND_DAYS and amount]
        cursor.executemany(
            SELL,
            [
                (f"{day:010d}{at:016d}", chain, keys[at], f"{at}/{day}", *[dates[day]] * 5, amount, amount)
                for at, day, amount in recent
            ],
        )
        connection.commit()
    return dates[days - 1]


def forecast_before(rig: Rig, chain: str, first: date) -> None:
    """As if the night of `first` had not been the chain's first: forecasts of the month before it, and their scores."""
    with rig.bare() as connection, connection.cursor() as cursor:
        for sooner in range(1, HORIZON + 1):
            cursor.execute(MADE_SOONER, {"sooner": sooner, "chain": chain, "first": first})
            connection.commit()
    with rig.env.db.transaction() as transaction:
        stores = read_stores(transaction, chain)
    first_day = first - timedelta(days=SCORED_DAYS_AT_TRAINING)
    for store in stores:
        with rig.env.db.transaction() as transaction:
            upsert_changed_scores(transaction, chain, [store.store], first_day, first)


def as_table(stores: int, days: int) -> pd.DataFrame:
    """The same as mlforecast takes it: unique_id, ds, y."""
    history = a_chain(stores, days).history
    dates = pd.date_range(history.first_day, periods=days)
    table = pd.DataFrame(
        {
            "unique_id": np.repeat(history.stores, days),
            "ds": np.tile(dates, stores),
            "y": history.revenue.ravel(),
        }
    )
    return table.dropna()
