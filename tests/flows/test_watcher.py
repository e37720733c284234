"""The watcher in the deployed stage: a paused consumer is late, and the watcher says so by itself."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ops.account import local_account
from ops.logs import lines
from stack.stack import Stack

CONSUMER = "dumbwaiter-local-console_on_order_paid"
TRIES = 10
WATCHER = "dumbwaiter-local-outbox_watch_queues_and_timers"


@pytest.fixture
def paused(stack: Stack) -> Iterator[None]:
    """A consumer that is paused, of a queue that bears no waiting; with one message in it."""
    sqs, mappings = stack.emulator.client("sqs"), stack.emulator.client("lambda")
    [mapping] = mappings.list_event_source_mappings(FunctionName=CONSUMER)["EventSourceMappings"]
    url = sqs.get_queue_url(QueueName=CONSUMER)["QueueUrl"]
    tags = sqs.list_queue_tags(QueueUrl=url)["Tags"]
    mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    sqs.tag_queue(QueueUrl=url, Tags={"oldest-seconds": "0"})
    # The emulator's round over all queues that is under way may still take a message.
    for _ in range(TRIES):
        sqs.send_message(QueueUrl=url, MessageBody="{}")
        if stays(sqs, url):
            break
    yield
    sqs.tag_queue(QueueUrl=url, Tags=tags)
    sqs.purge_queue(QueueUrl=url)
    mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def stays(sqs: Any, url: str) -> bool:
    """Whether the queue holds a message for three seconds."""
    for _ in range(6):
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        if attributes["Attributes"]["ApproximateNumberOfMessages"] == "0":
            return False
        time.sleep(0.5)
    return True


def watch(stack: Stack) -> list[dict[str, Any]]:
    """What the watcher logs in a run of its own."""
    since = time.time()
    reply = stack.emulator.client("lambda").invoke(FunctionName=WATCHER, Payload=b"{}")
    assert "FunctionError" not in reply
    return [json.loads(line) for _, line in lines(local_account(stack.root), WATCHER.split("-")[2], "", since)]


def test_a_paused_consumer_is_late(stack: Stack, paused: None) -> None:
    del paused
    watch(stack)  # a message is a minute old only if the run before has seen it
    late = [line for line in watch(stack) if line["message"] == "late work"]
    assert ("queue-age", CONSUMER) in [(line["page"], line["late"]) for line in late]


def test_every_timer_of_the_stage_is_expected(stack: Stack) -> None:
    watch(stack)
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM timer_runs WHERE name LIKE 'dumbwaiter-local-%'")
        names = {name for (name,) in cursor.fetchall()}
    rules = stack.emulator.client("events").list_rules(NamePrefix="dumbwaiter-local-")["Rules"]
    assert names >= {rule["Name"] for rule in rules} >= {WATCHER, "dumbwaiter-local-outbox_send_due_messages"}
