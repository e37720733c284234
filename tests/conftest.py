"""The real things that tests stand on: a private MariaDB, MiniStack, the deployed stack."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.migrate import migrate
from shared.spine.env import Environment
from shared.spine.settings import read_settings
from stack.emulator import Emulator
from stack.keys import keys
from stack.mariadb import MariaDB
from stack.mysql import private_server
from stack.stack import Stack
from tests.support import order_api
from tests.support.another_server import AnotherServer
from tests.support.environments import environment_of_process
from tests.support.orders import Caller, new_key, open_store
from tests.support.queues import Inbox

# A function's environment variables, as serverless.yml gives them; AWS_ENDPOINT_URL and the keys come with MiniStack.
FUNCTION = {
    "STAGE": "test",
    "DATABASE_SECRET": "dumbwaiter/test/database",
    "KEYRING_SECRET": "dumbwaiter/test/keyring",
    "POWERTOOLS_SERVICE_NAME": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "Dumbwaiter",
    "AWS_URL_SUFFIX": "invalid",
}


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("local")


@pytest.fixture(scope="session")
def mariadb(root: Path) -> Iterator[MariaDB]:
    """A private server of the kind that DATABASE names, or TEST_DATABASE_URL's, with the product's schema."""
    another = os.environ.get("TEST_DATABASE_URL")
    with AnotherServer(root, another) if another else private_server(root, durable=False) as server:
        migrate(server.owner.url)
        yield server


@pytest.fixture(scope="session")
def emulator(root: Path) -> Iterator[Emulator]:
    with Emulator(root) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything, deployed by osls as `make up` does it."""
    with Stack(tmp_path_factory.mktemp("stack"), durable=False) as stack:
        yield stack


@pytest.fixture(scope="session")
def function_environment(mariadb: MariaDB, emulator: Emulator, root: Path) -> Iterator[dict[str, str]]:
    """The variables of a deployed function, in this process and for the programs that it starts."""
    account = mariadb.functions
    database = {"host": account.host, "port": account.port, "username": account.user, "password": account.password}
    manager = emulator.client("secretsmanager")
    for name, content in {
        FUNCTION["DATABASE_SECRET"]: database | {"dbname": account.database, "tls": False},
        FUNCTION["KEYRING_SECRET"]: {"keys": keys(root).keyring},
    }.items():
        manager.create_secret(Name=name, SecretString=json.dumps(content))
    topic = emulator.client("sns").create_topic(Name="events")["TopicArn"]
    variables = {**FUNCTION, **emulator.environment, "EVENTS_TOPIC_ARN": topic}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield {**os.environ, **variables}


@pytest.fixture
def database(mariadb: MariaDB) -> MariaDB:
    """The server with every table empty."""
    with mariadb.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND table_name NOT LIKE '%yoyo%'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM `{table}`")
    return mariadb


@pytest.fixture
def function_stage() -> str:
    """The stage of the functions. A folder may have another one."""
    return FUNCTION["STAGE"]


@pytest.fixture
def env(
    database: MariaDB, function_environment: dict[str, str], function_stage: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environment]:
    """An execution environment in this process; handlers called in this test get it too."""
    del database, function_environment
    monkeypatch.setenv("STAGE", function_stage)
    with environment_of_process() as made:
        yield made


@pytest.fixture
def another_env(env: Environment) -> Iterator[Callable[..., Environment]]:
    """Further environments beside `env`, with settings or a clock of their own."""
    made: list[Environment] = []

    def make(**different: Any) -> Environment:
        clock = different.pop("clock", env.clock)
        made.append(Environment(replace(read_settings(), **different), clock=clock))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def moved_clock(env: Environment) -> Callable[[float], None]:
    """Moves the clock of the functions ahead, by seconds."""

    def move(seconds: float) -> None:
        clock = env.clock
        env.clock = lambda: clock() + timedelta(seconds=seconds)
        # It holds the clock that it was made with.
        vars(env).pop("outbox", None)

    return move


@pytest.fixture
def inbox(emulator: Emulator, env: Environment) -> Iterator[Inbox]:
    """A queue that gets everything the topic gets."""
    found = Inbox(emulator, env.settings.events_topic, f"inbox-{secrets.token_hex(4)}")
    yield found
    found.close()


@pytest.fixture
def call(env: Environment, database: MariaDB) -> Caller:
    """Signed calls to order intake in this process, with every right over the chain `demo`."""
    return Caller(order_api.handler, new_key(env, database.owner.url))


@pytest.fixture
def store(call: Caller) -> str:
    """A store that sells the pizzas of tests.support.orders.MENU."""
    return open_store(call)


@pytest.fixture
def server(call: Caller, env: Environment, database: MariaDB) -> Caller:
    """The server of a chain's mini-program: its key makes guest tokens, and does nothing else."""
    key = new_key(env, database.owner.url, ["guests:token"], sources=["mini_program:app"])
    return Caller(call.handler, key)
