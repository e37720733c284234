"""A bare chain on the local stack: transaction, topic, queue, transaction, POST, with nothing of ours around them.

`in_process` does each step in this process. `to_function` does the second half as the product must: in a function that
the queue wakes.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from bench.bare_function import create_function, create_queue, feed
from bench.chat_service import ChatService
from bench.rig import Rig
from ops.migrate import open_database
from stack.stack import Stack

# Seconds from the begin, and from the end of the first half, until the message is at the service.
Chain = Callable[[], tuple[float, float]]

PATIENCE = 60.0
CREATE = "CREATE TABLE bare_chain (id CHAR(32) PRIMARY KEY, body TEXT NOT NULL, sent_at DATETIME(6) NULL)"
INSERT = "INSERT INTO bare_chain (id, body) VALUES (%s, %s)"
UPDATE = "UPDATE bare_chain SET sent_at = SYSDATE(6) WHERE id = %s"
OPEN = """
import json, os
import pymysql
connection = pymysql.connect(**json.loads(os.environ["DATABASE"]))

def write(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    connection.commit()
"""
# It prints a line, because the emulator keeps the worker of a silent function for 50 ms.
SENDER = f"""{OPEN}
import httpx
http = httpx.Client(headers={{"Authorization": os.environ["AUTHORIZATION"]}}, trust_env=False)

def handler(event, context):
    for record in event["Records"]:
        write({UPDATE!r}, (record["body"],))
        text = {{"to": os.environ["CHAT"], "messages": [{{"type": "text", "text": record["body"]}}]}}
        http.post(os.environ["PUSH"], json=text).raise_for_status()
    print("sent")
"""


@contextmanager
def in_process(stack: Stack, rig: Rig, service: ChatService, chat: str) -> Iterator[Chain]:
    """Each step in this process, one after another."""
    sqs = stack.emulator.client("sqs")
    queue, queue_arn = create_queue(stack, f"bare-{uuid.uuid4().hex[:8]}")
    with (
        _first_half(stack, rig, queue_arn) as first_half,
        rig.bare() as connection,
        httpx.Client(headers={"Authorization": _authorization(service)}, trust_env=False) as http,
    ):

        def chain() -> tuple[float, float]:
            count_before = len(service.of_chat(chat))
            began, placed = first_half()
            [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
            _write(connection, UPDATE, (message["Body"],))
            text = {"to": chat, "messages": [{"type": "text", "text": message["Body"]}]}
            http.post(_push_url(service), json=text).raise_for_status()
            arrived_at = wait_for_arrival(service, chat, count_before)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return arrived_at - began, arrived_at - placed

        yield chain


@contextmanager
def to_function(stack: Stack, rig: Rig, service: ChatService, chat: str) -> Iterator[Chain]:
    """The first half in this process, and the second half in a function of the emulator that the queue wakes."""
    name = f"bare-{uuid.uuid4().hex[:8]}"
    _, queue_arn = create_queue(stack, name)
    variables = {
        "DATABASE": json.dumps(_database(rig.url)),
        "AUTHORIZATION": _authorization(service),
        "PUSH": _push_url(service),
        "CHAT": chat,
    }
    create_function(stack, name, SENDER, variables)
    feed(stack, queue_arn, name)
    with _first_half(stack, rig, queue_arn) as first_half:

        def chain() -> tuple[float, float]:
            count_before = len(service.of_chat(chat))
            began, placed = first_half()
            arrived_at = wait_for_arrival(service, chat, count_before)
            # The function may have sent before the topic's answer was here.
            return arrived_at - began, max(0.001, arrived_at - placed)

        yield chain


@contextmanager
def _first_half(stack: Stack, rig: Rig, queue_arn: str) -> Iterator[Callable[[], tuple[float, float]]]:
    """Transaction and topic. It returns its begin and its end."""
    sns = stack.emulator.client("sns")
    topic: str = sns.create_topic(Name=f"bare-{uuid.uuid4().hex[:8]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    with rig.bare() as connection:

        def place() -> tuple[float, float]:
            key, began = uuid.uuid4().hex, time.monotonic()
            _write(connection, INSERT, (key, json.dumps({"key": key})))
            sns.publish(TopicArn=topic, Message=key)
            return began, time.monotonic()

        yield place


def create_table(rig: Rig) -> None:
    """The table that both chains write."""
    connection = open_database(rig.url)
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
    connection.close()


def wait_for_arrival(service: ChatService, chat: str, count_before: int) -> float:
    """When the message after the `count_before` ones of the chat arrived, by this machine's monotonic clock."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if len(arrivals := service.of_chat(chat)) > count_before:
            return arrivals[count_before].at
        time.sleep(0.002)
    raise AssertionError("no message came")


def _authorization(service: ChatService) -> str:
    return f"Bearer {service.secrets['token']}"


def _push_url(service: ChatService) -> str:
    return f"{service.url}/v2/bot/message/push"


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    names = {"user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    return {"host": parts.hostname, "port": parts.port, "database": parts.path.lstrip("/"), **names}


def _write(connection: Any, statement: str, values: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    connection.commit()
