"""A env whose outbox is left alone: what is announced is read from its table."""

from collections.abc import Iterator

import pytest

from shared.spine import env as env_module
from stack.mariadb import MariaDB
from tests.functions.members.kit import Town


@pytest.fixture
def town(database: MariaDB, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    del function_environment
    monkeypatch.setenv("EVENTS_TOPIC_ARN", "")
    env_module.environment.cache_clear()
    env = env_module.environment()
    found = Town(env, database)
    found.open_store("s1")
    yield found
    env.close()
    env_module.environment.cache_clear()
