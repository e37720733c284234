"""A store with an account at a fake fleet on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Iterator

import pytest

from shared.spine.env import Environment
from tests.simulators.fleets.fleets import FLEETS, fake_fleet
from tests.support.deliveries import World
from tests.support.fleets import FleetWorld


@pytest.fixture
def function_stage() -> str:
    """Services on loopback are called in this stage alone."""
    return "local"


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
