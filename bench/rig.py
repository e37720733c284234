"""Execution environments in this process, over databases of their own on a durable private server."""

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from unittest import mock

import pymysql

from demo import pizzaplace
from demo.seed import DEMO_CLIENTS, DEMO_SOURCES
from functions.orders import api as orders
from functions.stores import api as stores
from ops.clients import Clients
from ops.migrate import migrate, open_database
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import app_maker
from shared.spine.settings import Settings, read_settings
from stack.emulator import Emulator
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from stack.signed_requests import signed_headers

KEYRING = "bench/keyring"


@contextmanager
def environment_variables(emulator: Emulator) -> Iterator[None]:
    """Those of a function, for this process and its children."""
    variables = {**emulator.environment, "STAGE": "bench", "DATABASE_SECRET": "bench/none", "KEYRING_SECRET": KEYRING}
    variables |= {"POWERTOOLS_SERVICE_NAME": "bench", "POWERTOOLS_METRICS_NAMESPACE": "Dumbwaiter", "LOG_LEVEL": "INFO"}
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def a_topic(emulator: Emulator) -> str:
    """A topic with one queue, as the smallest real one."""
    sns, sqs = emulator.client("sns"), emulator.client("sqs")
    topic: str = sns.create_topic(Name="bench")["TopicArn"]
    url = sqs.create_queue(QueueName="bench")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    return topic


class Rig:
    """One database with a store that sells pizzas, one environment over it, and a client that calls its handler."""

    def __init__(self, server: MariaDB, emulator: Emulator, keyring: list[str]) -> None:
        name = f"dumbwaiter_{uuid.uuid4().hex[:8]}"
        self.emulator, self.keyring = emulator, keyring
        self.url = server.owner.url.rpartition("/")[0] + f"/{name}"
        account = server.functions
        self.secret: dict[str, Any] = {
            "host": account.host,
            "port": account.port,
            "username": account.user,
            "password": account.password,
        }
        self.secret |= {"dbname": name, "tls": False}
        with server.owner.connect(database=None) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        migrate(self.url)
        manager = emulator.client("secretsmanager")
        manager.create_secret(Name=name, SecretString=json.dumps(self.secret))
        emulator.client("s3").create_bucket(Bucket=name.replace("_", "-"))
        self.settings = Settings(
            **{
                **vars(read_settings()),
                "database_secret": name,
                "events_topic": "",
                "exports_bucket": name.replace("_", "-"),
            }
        )
        self.env = Environment(self.settings)
        self.handler = entry.http(app_maker("orders", [*orders.OPERATIONS, *stores.OPERATIONS]))
        clients = Clients(self.url, keyring)
        grants = [f"{right}@chain:{pizzaplace.CHAIN}" for right in DEMO_CLIENTS["head_office"]]
        self.key = clients.create("bench", grants, 1_000_000, DEMO_SOURCES["head_office"])
        clients.close()

    def bare(self) -> "pymysql.Connection[Any]":
        """A connection as a function's, with nothing of ours around it."""
        secret = self.secret
        connection: pymysql.Connection[Any] = pymysql.connect(
            host=secret["host"], port=int(secret["port"]), user=secret["username"], password=secret["password"],
            database=secret["dbname"], charset="utf8mb4", autocommit=False, ssl_disabled=True,
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return connection

    def count(self, statement: str) -> Any:
        """The one value of a SELECT."""
        connection = open_database(self.url)
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
        connection.close()
        return row[0] if row else None

    def event(self, method: str, target: str, body: Any, key: str | None = None) -> dict[str, Any]:
        """The signed API gateway event of a request."""
        content = json.dumps(body).encode()
        headers = {name.lower(): value for name, value in signed_headers(self.key, method, target, content).items()}
        headers |= {"host": "api", "content-type": "application/json"} | ({"idempotency-key": key} if key else {})
        return event(method, target, headers, content)

    def open_stores(self) -> None:
        """The demo chain's stores with their menu."""
        for store in pizzaplace.STORES:
            self.call(self.event("PUT", f"/v1/stores/{store}", pizzaplace.settings_of(store)), 201)
            self.call(self.event("PUT", f"/v1/stores/{store}/menu", pizzaplace.menu()), 200)

    def posts(self, sales: Iterable[pizzaplace.Sale], store: str = "harbour", **different: Any) -> list[dict[str, Any]]:
        """The events that post these sales to a store, in the order of the sales."""
        bodies = [pizzaplace.order_of(sale, store, **different) for sale in sales]
        return [self.event("POST", "/v1/orders", body, key="{id} {number}".format(**body["source"])) for body in bodies]

    def take(self, posts: Iterable[dict[str, Any]]) -> None:
        """Call the handler of order intake with each."""
        context = Context()
        with mock.patch.object(entry, "environment", self._environment):
            replies = [self.handler(post, context) for post in posts]
        for reply in replies:
            _require(answer_of(reply), HTTPStatus.CREATED)

    def call(self, post: dict[str, Any], expected_status: int) -> str:
        """The reply's body. Raises AssertionError for another status."""
        with mock.patch.object(entry, "environment", self._environment):
            reply = answer_of(self.handler(post, Context()))
        _require(reply, expected_status)
        return reply.text

    def _environment(self) -> Environment:
        return self.env


def _require(reply: Answer, expected_status: int) -> None:
    if reply.status != expected_status:
        raise AssertionError(f"{reply.status} instead of {expected_status}: {reply.text[:500]}")
