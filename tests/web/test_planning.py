"""The forecast in the console, in a real browser: thirty days of USD 100.00, 80.00 to 130.00, after a week as good."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from shared.contracts.ids import store_key
from stack.stack import Stack
from tests.support.browser import journeys_of, walk
from tests.support.own_chain import OwnChain

SCRIPT = Path(__file__).parent / "planning.mjs"
DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in range(30)]
INSERT_FORECAST = """
    INSERT INTO forecasts
        (store_id, day, origin, chain_id, model_id, mean, p10, p50, p90, lead_model, reasons, drivers)
    VALUES
        (%s, %s, %s, %s, '00000000000000000000000000', 10000, 8000, 10000, 13000, 'smoothed', 'Friday +9 %%', '{}')"""
INSERT_HISTORY = """
    INSERT INTO forecast_history (store_id, day, source, chain_id, currency, revenue)
    VALUES (%s, %s, 'import', %s, 'USD', 10000)"""


@pytest.fixture(scope="module")
def journey(stack: Stack, browser: str, own_chain: OwnChain) -> dict[str, Any]:
    """Another store's forecast is a day older."""
    chain, other = own_chain.id, f"{own_chain.id}-other"
    own_chain.call("PUT", f"/v1/stores/{other}", examples.STORE | {"chain": chain}).raise_for_status()
    stores = {own_chain.store: date(2026, 2, 28), other: date(2026, 2, 27)}
    past = [DAYS[0] - timedelta(days=n) for n in range(1, 8)]
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        rows = [(store_key(chain, store), day, origin, chain) for store, origin in stores.items() for day in DAYS]
        cursor.executemany(INSERT_FORECAST, rows)
        cursor.executemany(INSERT_HISTORY, [(store_key(chain, own_chain.store), day, chain) for day in past])
    return {
        "base": stack.place.http,
        "browser": browser,
        "store": own_chain.store,
        "other": other,
        "person": own_chain.person("Hedy Office", "head_office"),
    }


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_planning(name: str, journey: dict[str, Any]) -> None:
    walk(SCRIPT, name, journey)
