"""The chain that nights are run for, and calls to its forecasts."""

from collections.abc import Iterator

import pytest

from functions.forecast import api
from functions.forecast.engine.models import champion_challenger
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.functions.forecast import chains
from tests.functions.forecast.nights import DAYS, FIRST, STORES, Chain, sales
from tests.support.environments import environment_of_process
from tests.support.orders import Caller, new_key

RIGHTS = ["forecast:read", "forecast:write"]


@pytest.fixture
def chain(
    database: MariaDB, emulator: Emulator, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Chain]:
    """Three stores with 140 days of orders, of a week's shape that is known, the third closed on Mondays."""
    del function_environment
    emulator.client("s3").create_bucket(Bucket="models")
    monkeypatch.setenv("EVENTS_TOPIC_ARN", "")
    monkeypatch.setenv("MODELS_BUCKET", "models")
    monkeypatch.setattr(
        champion_challenger, "SETTINGS", chains.SMALL
    )  # fewer trees: seconds instead of a minute a night
    with environment_of_process() as env:
        chain_with_orders = Chain(env, database)
        chain_with_orders.open_stores(STORES)
        chain_with_orders.sell(sales(FIRST, DAYS))
        yield chain_with_orders


@pytest.fixture
def call(chain: Chain) -> Caller:
    return Caller(api.handler, new_key(chain.env, chain.database.owner.url, RIGHTS))
