"""A simulated ERP on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Iterator

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.erp import Erp
from tests.support.sync import Sync, base


@pytest.fixture
def function_stage() -> str:
    """Services on loopback are called in this stage alone."""
    return "local"


@pytest.fixture
def erp() -> Iterator[Erp]:
    with Erp() as erp:
        yield erp


@pytest.fixture
def sync(env: Environment, database: MariaDB, erp: Erp, store: str) -> Sync:
    """The ERP as a system of the chain, with all codes, and the flow of sales."""
    made = Sync(env, database.owner.url)
    erp.base(base(store))
    made.add_system(erp.url, erp.user, erp.secret)
    made.map_codes(store)
    made.begin()
    return made
