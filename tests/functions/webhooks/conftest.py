"""A receiver on loopback, and functions in stage `local`, which may send to it."""

from collections.abc import Iterator

import pytest

from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Receiver
from tests.support.queues import Inbox
from tests.support.webhooks import Webhooks, manager


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
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def webhooks(env: Environment, database: MariaDB, inbox: Inbox) -> Webhooks:
    return Webhooks(manager(env, database.owner.url), inbox)
