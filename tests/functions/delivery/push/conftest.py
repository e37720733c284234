"""Functions in stage `local`, which may post to a push service on loopback."""

from collections.abc import Iterator

import pytest

from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.chat.push_service import PushService


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
def service() -> Iterator[PushService]:
    """A push service with its browsers."""
    with PushService() as service:
        yield service
