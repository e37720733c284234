"""An environment whose outbox sends nothing: a test reads announced messages from the table."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.members.calculator import calculate
from functions.members.tables.tags import upsert_tags
from functions.members.tags.registry import TAGS
from shared.spine.env import Environment
from shared.spine.settings import read_settings
from stack.mariadb import MariaDB
from tests.support.environments import environment_of_process
from tests.support.members import NOON, Town, Work, at


@pytest.fixture
def town(database: MariaDB, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    del function_environment
    monkeypatch.setenv("EVENTS_TOPIC_ARN", "")
    with environment_of_process() as env:
        town = Town(env, database)
        town.open_store("s1")
        yield town


@pytest.fixture
def slow(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Work, Callable[[], Any]], None]]:
    """Work of another environment that reads facts before `meanwhile` runs, and writes tags after it."""
    env = Environment(read_settings(), clock=lambda: NOON)

    def work_slowly(work: Work, meanwhile: Callable[[], Any]) -> None:
        def write_late(*arguments: Any) -> None:
            monkeypatch.setattr(calculate, "upsert_tags", upsert_tags)
            with at(town.env, NOON):
                meanwhile()
            upsert_tags(*arguments)

        monkeypatch.setattr(calculate, "upsert_tags", write_late)
        work(env)

    yield work_slowly
    env.close()


@pytest.fixture
def broken_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tag `tier` fails in timers. The handler of its queue keeps the tag that it was made with."""
    monkeypatch.setitem(TAGS, "tier", replace(TAGS["tier"], value=lambda *_: 1 / 0))
