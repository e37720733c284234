"""A console in this process: real database, a gateway that keeps what was pushed, a clock set by hand."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import serverless_wsgi

from functions.console import api, ws_live
from functions.console.live.heads import AnyChange
from functions.console.live.push import push_messages
from shared.contracts.messages import read_message
from shared.spine.entry import Frame
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.simulators.gateway import Gateway
from tests.support.orders import Caller, new_key
from tests.support.people import Browser, signed_in

_numbers = itertools.count(1)


@dataclass
class Page:
    """A page in a browser, whose every frame is written by the test."""

    console: "Console"
    call: Caller | Browser
    connection: str = ""

    def ticket(self) -> str:
        reply = self.call("POST", "/v1/live/tickets")
        assert reply.status == 201, reply.text
        ticket: str = reply.json["ticket"]
        return ticket

    def connect(self, ticket: str | None = None) -> "Page":
        """Raises what the console raises."""
        self.connection = f"c{next(_numbers)}="
        query = {"ticket": self.ticket() if ticket is None else ticket}
        ws_live.follow_page(Frame(self.connection, "CONNECT", "", "", {}, query), self.console.env)
        return self

    def text(self, text: str) -> list[dict[str, Any]]:
        ws_live.follow_page(Frame(self.connection, "MESSAGE", text, ""), self.console.env)
        return self.heard()

    def say(self, action: str, **members: Any) -> dict[str, Any]:
        [answer] = self.text(json.dumps({"action": action, **members}))
        return answer

    def watch(self, *topics: str, chain: str = "demo", stores: Sequence[str] | None = None) -> dict[str, Any]:
        return self.say("live", watch=[{"chain": chain, "stores": stores, "topics": topics}])

    def leave(self) -> None:
        ws_live.follow_page(Frame(self.connection, "DISCONNECT", "", ""), self.console.env)

    def heard(self) -> list[dict[str, Any]]:
        return self.console.gateway.take(self.connection)

    def heads(self) -> list[tuple[str, str, str | None]]:
        """(topic, type, store) of the heads since the last look."""
        frames = self.heard()
        assert {frame["kind"] for frame in frames} <= {"changes"}, frames
        return [(head["topic"], head["type"], head["store"]) for frame in frames for head in frame["changes"]]


@dataclass
class Console:
    """The console's functions over one environment; `now` is its clock."""

    database: MariaDB
    gateway: Gateway
    now: datetime
    env: Environment = field(init=False)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def page(self, rights: list[str] | None = None, at: str = "chain:demo") -> Page:
        """A page of a client with these rights, not connected yet."""
        return Page(self, Caller(self.handler, new_key(self.env, self.database.owner.url, rights, at)))

    def person(self, *roles: str) -> Page:
        """A page of a person with these roles, not connected yet."""
        return Page(self, signed_in(self.database.owner.url, *roles, handler=self.handler))

    def handler(self, request: dict[str, Any], context: Any) -> Any:
        app = api.make_app(self.env)
        cookie = request["headers"].get("cookie")
        return serverless_wsgi.handle_request(app, request | {"cookies": [cookie] if cookie else []}, context)

    def announce(self, *messages: dict[str, Any]) -> None:
        """These messages come to the console in one batch."""
        push_messages([read_message(json.dumps(message), AnyChange) for message in messages], self.env)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


@dataclass
class Callers:
    """Callers of the console's API: API clients and people."""

    env: Environment
    url: str

    def key(self, right: str, at: str) -> Caller:
        return Caller(api.handler, new_key(self.env, self.url, [right], at))

    def person(self, *roles: str) -> Browser:
        return signed_in(self.url, *roles, handler=api.handler)


@pytest.fixture
def callers(env: Environment, database: MariaDB) -> Callers:
    return Callers(env, database.owner.url)


@pytest.fixture
def gateway(emulator: Emulator) -> Iterator[Gateway]:
    server = Gateway(emulator.endpoint)
    yield server
    server.close()


@pytest.fixture
def console(env: Environment, database: MariaDB, gateway: Gateway, another_env: Callable[..., Environment]) -> Console:
    """Without a connection."""
    del env
    console = Console(database, gateway, datetime.now(UTC))
    console.env = another_env(aws_endpoint=gateway.url, websocket_api="live", clock=lambda: console.now)
    return console
