"""People of the chain `demo` before the API of people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import serverless_wsgi

from functions.people import api
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.people import Browser, signed_in


class Moving:
    """A clock that a test moves."""

    def __init__(self, begins: datetime) -> None:
        self.now = begins

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def url(env: Environment, database: MariaDB) -> str:
    del env
    return database.owner.url


@pytest.fixture
def head(url: str) -> Browser:
    """A person of the head office who is signed in."""
    return signed_in(url, "head_office")


@pytest.fixture
def query(database: MariaDB, env: Environment) -> Callable[[str], list[tuple[Any, ...]]]:
    del env

    def run(statement: str) -> list[tuple[Any, ...]]:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    return run


@pytest.fixture
def clock(env: Environment) -> Moving:
    """The clock of the handler of `later`."""
    return Moving(env.clock())


@pytest.fixture
def later(another_env: Callable[..., Environment], clock: Moving) -> Any:
    """The handler of people over `clock`."""
    app = api.make_app(another_env(clock=clock))

    def handler(event: dict[str, Any], context: Any) -> Any:
        cookies = [part for part in event["headers"].get("cookie", "").split("; ") if part]
        return serverless_wsgi.handle_request(app, event | {"cookies": cookies}, context)

    return handler
