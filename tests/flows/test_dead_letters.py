"""What cannot be done now, or ever: retried, put aside with its reason, and put back, on the whole stack."""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from stack.mariadb import MariaDB
from stack.stack import Stack
from tests.support.processes import kill_workers
from tests.support.waiting import on_this_machine, wait_until

FUNCTION = "dumbwaiter-local-console_on_order_paid"
SAMPLE = json.loads(Path("events/console/on_order_paid.json").read_text(encoding="utf-8"))["Records"][0]["body"]


@dataclass
class Consumer:
    """console_on_order_paid in the running stack: each message that it takes is one row of `takings`."""

    stack: Stack

    def __post_init__(self) -> None:
        self.sqs, self.sns = self.stack.emulator.client("sqs"), self.stack.emulator.client("sns")
        self.url = self.sqs.get_queue_url(QueueName=FUNCTION)["QueueUrl"]
        self.dead_url = self.sqs.get_queue_url(QueueName="dumbwaiter-local-console-dead")["QueueUrl"]
        [self.topic] = [t["TopicArn"] for t in self.sns.list_topics()["Topics"] if t["TopicArn"].endswith("-events")]

    def publish(self, *bodies: str) -> None:
        """At most ten, in one call, so that they come in one batch."""
        attributes = {"type": {"DataType": "String", "StringValue": "order.paid"}}
        entries = [{"Id": str(n), "Message": body, "MessageAttributes": attributes} for n, body in enumerate(bodies)]
        assert not self.sns.publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=entries).get("Failed")

    def taken(self, orders: set[str]) -> set[str]:
        """Those of the orders that have their row."""
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT entry, amount FROM takings")
            rows = dict(cursor.fetchall())
        return {order for order in orders if rows.get(f"paid/{order}") == 1325}

    def has_taken(self, payments: Iterable[str]) -> bool:
        """Whether all of these orders have their row, and no message waits."""
        orders = set(payments)
        return self.taken(orders) == orders and not self.waiting()

    def wait(self, condition: Callable[[], Any]) -> float:
        """The seconds until it held. It can come true as long as the emulator runs."""
        return wait_until(condition, self.stack.emulator.running, pause=0.1)

    def waiting(self) -> int:
        return self._count(self.url)

    def dead(self) -> int:
        return self._count(self.dead_url)

    def _count(self, url: str) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def do(self, command: str, *more: str) -> int:
        """The operator's command."""
        return main(["queues", "--root", str(self.stack.root), command, "console_on_order_paid", *more])


@pytest.fixture
def consumer(stack: Stack) -> Iterator[Consumer]:
    consumer = Consumer(stack)
    yield consumer
    for url in (consumer.url, consumer.dead_url):
        consumer.sqs.purge_queue(QueueUrl=url)


@pytest.fixture
def settings(consumer: Consumer) -> Iterator[Callable[..., None]]:
    """Other environment variables for the function, for this test."""
    functions = consumer.stack.emulator.client("lambda")
    before = functions.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]

    def change(**variables: str) -> None:
        functions.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": before | variables})

    yield change
    change()


@pytest.fixture
def database(stack: Stack) -> Iterator[MariaDB]:
    """A database that may be stopped."""
    if not isinstance(stack.db, MariaDB):
        pytest.skip("DATABASE_URL names a database that is not ours to stop")
    yield stack.db
    stack.db.start()


def a_payment() -> tuple[str, str]:
    """(order, message) of an order of 13.25 that has just been paid."""
    order = f"01KAJX5T00{secrets.token_hex(8).upper()}"
    message = json.loads(SAMPLE)
    message |= {"id": f"01KAJX5T00{secrets.token_hex(8).upper()}", "subject": order}
    message["data"]["order"]["id"] = order
    return order, json.dumps(message)


def test_a_poison_message_is_put_aside_at_once_with_its_reason_and_its_batch_is_done(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    payments = dict(a_payment() for _ in range(9))
    bodies = list(payments.values())
    consumer.publish(*bodies[:4], '{"specversion": "1.0"}', *bodies[4:])
    consumer.wait(lambda: consumer.dead() and not consumer.waiting())
    assert consumer.taken(set(payments)) == set(payments)
    assert consumer.do("dead") == 0
    _, letter, total = capsys.readouterr().out.splitlines()
    *_, tries, kind, error = re.split(r"\s{2,}", letter)
    assert (tries, kind, error.partition(":")[0]) == ("1", "Rejected", "message_malformed")
    assert total == "1 dead letters of console_on_order_paid. Its concern has about 1."


def test_a_database_that_is_away_for_a_while_delays_messages_and_loses_none(
    consumer: Consumer, database: MariaDB
) -> None:
    payments = dict(a_payment() for _ in range(10))
    database.stop()
    consumer.publish(*payments.values())
    # Failed once and put off: received, and not to be had.
    time.sleep(3)
    assert consumer.waiting() == 10
    database.start()
    # The second try comes 5 s after the first.
    assert consumer.wait(lambda: consumer.has_taken(payments)) < on_this_machine(5)
    assert consumer.dead() == 0


def test_messages_that_failed_too_often_are_put_aside_and_done_once_put_back_after_mending(
    consumer: Consumer,
    database: MariaDB,
    settings: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    payments = dict(a_payment() for _ in range(3))
    settings(MAX_RECEIVES="2")
    database.stop()
    consumer.publish(*payments.values())
    consumer.wait(lambda: consumer.dead() == 3 and not consumer.waiting())
    assert consumer.do("dead") == 0
    letters = [re.split(r"\s{2,}", line) for line in capsys.readouterr().out.splitlines()[1:-1]]
    reason = ("2", "Unavailable", "database_unavailable: the database did not answer")
    assert {(letter[2], *letter[4:]) for letter in letters} == {(order, *reason) for order in payments}

    database.start()
    assert consumer.taken(set(payments)) == set()
    assert consumer.do("redrive") == 0
    consumer.wait(lambda: consumer.has_taken(payments))
    assert consumer.dead() == 0


def test_a_message_that_kills_its_function_is_put_aside_by_the_queue_without_a_reason(
    consumer: Consumer, capsys: pytest.CaptureFixture[str]
) -> None:
    order, body = a_payment()
    policy = consumer.sqs.get_queue_attributes(QueueUrl=consumer.url, AttributeNames=["All"])["Attributes"]
    hasty = {"VisibilityTimeout": "1", "RedrivePolicy": policy["RedrivePolicy"].replace("6", "2")}
    consumer.sqs.set_queue_attributes(QueueUrl=consumer.url, Attributes=hasty)
    with consumer.stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLES takings WRITE")  # so that no function is done before it is killed
        consumer.publish(body)
        consumer.wait(lambda: kill_workers(consumer.stack.root, FUNCTION) and consumer.dead())
    consumer.sqs.set_queue_attributes(
        QueueUrl=consumer.url, Attributes={name: policy[name] for name in ("VisibilityTimeout", "RedrivePolicy")}
    )
    assert consumer.do("dead") == 0
    [letter] = capsys.readouterr().out.splitlines()[1:-1]
    assert order in letter
    assert letter.endswith("killed, timed out or never delivered: see the function's log")
