"""A house whose outbox is left alone: what is announced is read from its table."""

from collections.abc import Iterator

import pytest

from local.mariadb import MariaDB
from shared import environment as environment_module
from tests.functions.members.kit import Town


@pytest.fixture
def town(database: MariaDB, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    del function_environment
    monkeypatch.setenv("EVENTS_TOPIC_ARN", "")
    environment_module.environment.cache_clear()
    house = environment_module.environment()
    found = Town(house, database)
    found.open_store("s1")
    yield found
    house.close()
    environment_module.environment.cache_clear()
