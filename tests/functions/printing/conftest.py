"""A relay in this process: real database and topic, a gateway that keeps what was pushed, a clock set by hand."""

import hmac
import itertools
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import serverless_wsgi

from functions.printing import api, send_due_jobs, watch_fleet, ws_connect, ws_disconnect, ws_message
from functions.printing.agents import enrolment
from functions.printing.jobs.cancellation import cancel_order
from functions.printing.jobs.order_jobs import print_order
from functions.printing.jobs.shift import Shift
from functions.printing.routing.rules import Routing
from functions.printing.tables.jobs import Job, lock_jobs_of_order, read_job
from functions.printing.tables.setups import read_setup, update_routing
from shared.contracts.messages.orders import Order
from shared.spine.entry import Frame
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.simulators.gateway import Gateway
from tests.support.environments import caller
from tests.support.orders import Caller, an_order, new_key, open_store, paid
from tests.support.queues import Inbox

ONE_KITCHEN = {"stations": [{"id": "kitchen_hot", "name": "Hot kitchen", "printer": "kitchen"}]}
READY = {"state": "ready", "paper": "ok", "cover": "closed", "error": "none", "proof": "echo"}
_numbers = itertools.count(1)


def key_of(store: str) -> str:
    """The key of a store of the chain that tests use, or one that names its chain."""
    return store if ":" in store else f"demo:{store}"


@dataclass
class Hand:
    """An agent whose every frame is written by the test."""

    relay: "Relay"
    id: str
    key: bytes
    store: str
    connection: str = ""
    journal: str = "journal-1"

    def header(self, *, at: datetime | None = None, nonce: str | None = None, key: bytes | None = None) -> str:
        stamp = str(int((at or self.relay.now).timestamp()))
        nonce = nonce or secrets.token_urlsafe(16)
        text = f"dumbwaiter-agent-connect-v1\n{self.id}\n{stamp}\n{nonce}"
        signature = hmac.new(key or self.key, text.encode(), "sha256").hexdigest()
        return f"DUMBWAITER-AGENT-HMAC-SHA256 Agent={self.id}, Time={stamp}, Nonce={nonce}, Signature={signature}"

    def dial(self, header: str | None = None) -> str:
        """A connection that was let in. Raises what the relay raises."""
        connection = f"c{next(_numbers)}="
        headers = {"authorization": header if header is not None else self.header()}
        ws_connect.admit(Frame(connection, "CONNECT", "", "", headers), self.relay.env)
        return connection

    def arrive(self, *printers: str, cursor: dict[str, int] | None = None, **members: Any) -> list[dict[str, Any]]:
        """Connect and say hello; what the relay answers."""
        self.connection = self.dial()
        states = [{"printer": name, **READY} for name in printers or ("kitchen",)]
        hello = {
            "protocol": 1, "oldest": 1, "agent": "0.1.0", "journal": self.journal, "platform": "test",
            "capabilities": ["parts", "confirm", "mark"], "printers": states, "cursor": cursor or {},
        }  # fmt: skip
        return self.say("hello", **hello | members)

    def say(self, kind: str, **members: Any) -> list[dict[str, Any]]:
        return self.text(json.dumps({"type": kind, **members}))

    def text(self, text: str) -> list[dict[str, Any]]:
        ws_message.receive_message(Frame(self.connection, "MESSAGE", text, ""), self.relay.env)
        return self.heard()

    def heard(self) -> list[dict[str, Any]]:
        return self.relay.gateway.take(self.connection)

    def jobs(self) -> list[dict[str, Any]]:
        """The job frames that have come since the last look."""
        return [frame for frame in self.heard() if frame["type"] == "job"]

    def end(self, job: str, state: str = "printed", **members: Any) -> list[dict[str, Any]]:
        proof = {"evidence": "A", "copies": 1} if state == "printed" else {}
        return self.say("result", job=job, state=state, at=self.relay.now.timestamp(), **proof | members)

    def leave(self) -> None:
        ws_disconnect.forget_connection(Frame(self.connection, "DISCONNECT", "", ""), self.relay.env)


@dataclass
class Relay:
    """The relay's functions over one environment; `now` is its clock."""

    database: MariaDB
    gateway: Gateway
    call: Caller
    now: datetime
    env: Environment = field(init=False)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def tick(self) -> None:
        """Both timers run once."""
        until = self.now + timedelta(seconds=40)
        watch_fleet.watch_fleet(self.env, until)
        send_due_jobs.send_due_jobs(self.env, until)

    def later(self, **time: float) -> None:
        """Time passes, and the timers run."""
        self.wait(**time)
        self.tick()

    def store(self, routing: dict[str, Any] = ONE_KITCHEN) -> str:
        """A store that prints."""
        store = open_store(self.call)
        self.route(store, routing)
        return store

    def route(self, store: str, routing: dict[str, Any]) -> None:
        with self.env.db.transaction() as transaction:
            update_routing(transaction, key_of(store), Routing.model_validate_json(json.dumps(routing)))

    @contextmanager
    def shift(self, store: str) -> Iterator[Shift]:
        """A shift of the store, as a resource of the API has one."""
        with self.env.outbox.work("printing") as work:
            setup = read_setup(work, key_of(store))
            assert setup
            yield Shift(self.env, work, setup, self.now)

    def agent(self, store: str, name: str = "till-1") -> Hand:
        """Enrolled, not connected."""
        key = secrets.token_bytes(32)
        with self.env.db.transaction() as transaction:
            code, _ = enrolment.make_code(transaction, key_of(store), "head office", self.now)
            encoded = urlsafe_b64encode(key).decode()
            enrolled, _ = enrolment.enrol(self.env, transaction, code, encoded, name, "0.1.0")
        return Hand(self, enrolled.id, key, store)

    def order(self, store: str, **parts: Any) -> Order:
        """Placed and paid, and nobody has heard of it yet."""
        placed = self.call("POST", "/v1/orders", an_order(store, **{"payments": paid(1325)} | parts))
        assert placed.status == 201, placed.text
        return Order.model_validate_json(placed.text)

    def paid(self, order: Order) -> None:
        print_order(self.env, order, self.now, paid=True)

    def placed(self, order: Order) -> None:
        print_order(self.env, order, self.now, paid=False)

    def cancelled(self, order: Order, reason: str = "guest left") -> None:
        cancel_order(self.env, order, reason, self.now)

    def printed(self, store: str) -> str:
        """An order's only job."""
        order = self.order(store)
        self.paid(order)
        [job] = self.jobs(order)
        return job.id

    def jobs(self, order: Order) -> list[Job]:
        with self.env.db.transaction() as transaction:
            return lock_jobs_of_order(transaction, order.id)

    def job(self, store: str, job: str) -> Job:
        with self.env.db.transaction() as transaction:
            job_record = read_job(transaction, key_of(store), job)
        assert job_record
        return job_record

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


@pytest.fixture
def gateway(emulator: Emulator) -> Iterator[Gateway]:
    gateway_server = Gateway(emulator.endpoint)
    yield gateway_server
    gateway_server.close()


@pytest.fixture
def relay(env: Environment, database: MariaDB, gateway: Gateway, another_env: Callable[..., Environment]) -> Relay:
    """At noon of a day, with nobody enrolled."""
    relay = Relay(database, gateway, None, datetime.now(UTC))  # type: ignore[arg-type]  # made below, on its clock
    clock = lambda: relay.now  # noqa: E731
    relay.env = another_env(aws_endpoint=gateway.url, websocket_api="print", clock=clock)
    relay.call = caller(env, new_key(env, database.owner.url))
    return relay


@pytest.fixture
def announced(inbox: Inbox) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """(type, data) of every message about printing since the last look."""
    return lambda: [(m["type"], m["data"]) for m in inbox.take() if m["type"].startswith("print")]


@dataclass
class Office:
    """Calls to printing on the relay's clock, with one key."""

    relay: Relay
    caller: Caller

    def __call__(self, method: str, target: str, body: Any = None, **more: Any) -> Answer:
        self.relay.wait(seconds=1)  # the same again within a second is the same request
        at = int(self.relay.now.timestamp())
        return replace(self.caller, at=at)(method, f"/v1/printing{target}", body, **more)


@pytest.fixture
def office_with(relay: Relay, database: MariaDB) -> Callable[..., Office]:
    app = api.make_app(relay.env)

    def handler(request: dict[str, Any], context: Any) -> Any:
        return serverless_wsgi.handle_request(app, request | {"cookies": []}, context)

    def make(rights: list[str] | None = None, at: str = "chain:demo") -> Office:
        return Office(relay, Caller(handler, new_key(relay.env, database.owner.url, rights, at)))

    return make


@pytest.fixture
def office(office_with: Callable[..., Office]) -> Office:
    return office_with()
