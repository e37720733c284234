"""A simulated ERP on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.erp import Erp
from tests.support.sync import Sync, base


@pytest.fixture
def env(
    database: MariaDB, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environment]:
    """The environment of stage `local`."""
    del database, function_environment
    monkeypatch.setenv("STAGE", "local")
    env_module.environment.cache_clear()
    made = env_module.environment()
    yield made
    made.close()
    env_module.environment.cache_clear()


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


@pytest.fixture
def moved_clock(env: Environment) -> Callable[[float], None]:
    """Moves the clock of the functions ahead, by seconds."""

    def move(seconds: float) -> None:
        clock = env.clock
        env.clock = lambda: clock() + timedelta(seconds=seconds)
        # It holds the clock that it was made with.
        vars(env).pop("outbox", None)

    return move
