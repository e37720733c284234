"""A store with an account at a fake fleet on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Iterator

import pytest

from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.fleets.fleets import FLEETS, fake_fleet
from tests.support.deliveries import World
from tests.support.fleets import FleetWorld


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
def uber(world: World, env: Environment) -> Iterator[FleetWorld]:
    """A store that asks Uber Direct."""
    with fake_fleet("uber_direct", hold=True) as fake:
        yield FleetWorld(world, fake, env)


@pytest.fixture(params=sorted(FLEETS))
def fleet(request: pytest.FixtureRequest, world: World, env: Environment) -> Iterator[FleetWorld]:
    """A store that asks each of the fleets."""
    with fake_fleet(request.param, hold=True) as fake:
        yield FleetWorld(world, fake, env)
