"""When a record that failed comes again, on a real queue."""

import io
import json
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderPaid
from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.errors import Rejected, Unavailable
from stack.emulator import Emulator
from stack.gateway_event import Context

SAMPLE = json.loads(Path("events/console/on_order_paid.json").read_text(encoding="utf-8"))["Records"][0]["body"]
Handle = Callable[[Message[OrderPaid], Environment], None]


@dataclass
class Queue:
    sqs: Any
    url: str
    arn: str

    def records(self, tries: int = 1) -> list[dict[str, Any]]:
        """What is in the queue as Lambda hands it over, given for the so-manieth time."""
        found: list[dict[str, Any]] = []
        while some := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            found += some
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": str(tries)},
                "eventSource": "aws:sqs",
                "eventSourceARN": self.arn,
            }
            for message in found
        ]

    def put(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def messages(self) -> list[dict[str, Any]]:
        """All of them, seen by the emulator's own window, to the second."""
        window = f"{self.sqs.meta.endpoint_url}/_ministack/sqs/messages"
        accounts = httpx.get(window, params={"QueueUrl": self.url}, trust_env=False).json()["messages"].values()
        [found] = [messages for regions in accounts for queues in regions.values() for messages in queues.values()]
        return list(found)

    def seconds_away(self) -> list[int]:
        """How long each stays hidden from now on."""
        return [round(message["VisibleAt"] - time.time()) for message in self.messages()]


@pytest.fixture
def new_queue(emulator: Emulator) -> Iterator[Callable[[], Queue]]:
    sqs, made = emulator.client("sqs"), []

    def make() -> Queue:
        url = sqs.create_queue(QueueName=f"q{secrets.token_hex(4)}", Attributes={"VisibilityTimeout": "900"})[
            "QueueUrl"
        ]
        made.append(url)
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return Queue(sqs, url, arn)

    yield make
    for url in made:
        sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def queue(new_queue: Callable[[], Queue]) -> Queue:
    return new_queue()


@pytest.fixture
def dead(new_queue: Callable[[], Queue], env: Environment) -> Queue:
    """The dead-letter queue of this process's environment, which gives each record six tries."""
    found = new_queue()
    env.settings = replace(env.settings, dead_letter_queue=found.url, max_receives=6)
    return found


def unavailable(_message: Message[OrderPaid], _env: Environment) -> None:
    raise Unavailable("away", "it is away")


def run(handle: Handle, records: list[dict[str, Any]], context: Context | None = None) -> int:
    """How many records go back."""
    reply = entry.queue(OrderPaid, handle)({"Records": records}, context or Context())
    return len(reply["batchItemFailures"])


@pytest.mark.parametrize(("tries", "seconds"), [(1, 5), (2, 20), (3, 80), (4, 300), (5, 600)])
def test_a_failed_record_comes_again_the_later_the_more_often_it_came(
    queue: Queue, dead: Queue, tries: int, seconds: int
) -> None:
    queue.put(SAMPLE)
    assert run(unavailable, queue.records(tries)) == 1
    assert queue.seconds_away()[0] in (seconds - 1, seconds)
    assert dead.messages() == []


def test_every_failed_record_of_a_large_batch_comes_again_soon_and_no_other_is_touched(
    queue: Queue, dead: Queue
) -> None:
    del dead
    queue.put(*[SAMPLE] * 25)
    calls = iter(range(25))

    def fail_but_two(message: Message[OrderPaid], env: Environment) -> None:
        if next(calls) not in (3, 14):
            unavailable(message, env)

    assert run(fail_but_two, queue.records()) == 23
    assert sorted(away > 10 for away in queue.seconds_away()) == [False] * 23 + [True] * 2


def test_the_last_try_ends_among_the_dead_letters(queue: Queue, dead: Queue) -> None:
    queue.put(SAMPLE)
    assert run(unavailable, queue.records(tries=6)) == 0
    [letter] = dead.messages()
    assert letter["Body"] == SAMPLE
    reason = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    name = queue.arn.rpartition(":")[2]
    assert reason == {"error": "away: it is away", "kind": "Unavailable", "tries": "6", "consumer": name}


def test_a_bug_s_dead_letter_does_not_quote_what_it_says(queue: Queue, dead: Queue) -> None:
    def bug(_message: Message[OrderPaid], _env: Environment) -> None:
        raise KeyError("+49 30 1234567")

    queue.put(SAMPLE)
    run(bug, queue.records(tries=6))
    [letter] = dead.messages()
    assert letter["MessageAttributes"]["kind"]["StringValue"] == "KeyError"
    assert "1234567" not in json.dumps(letter["MessageAttributes"])


def test_a_reason_that_no_queue_would_carry_is_still_told(queue: Queue, dead: Queue) -> None:
    def reject(_message: Message[OrderPaid], _env: Environment) -> None:
        raise Rejected("name_wrong", "this name: a\x00b\x1b" + "🍍" * 1_000)

    queue.put(SAMPLE)
    assert run(reject, queue.records()) == 0
    [letter] = dead.messages()
    assert letter["MessageAttributes"]["error"]["StringValue"].startswith("name_wrong: this name: ab🍍")


def test_what_a_batch_has_no_time_left_for_comes_again_untouched(queue: Queue, dead: Queue) -> None:
    seen: list[str] = []
    context = Context(milliseconds=20_000)

    def slow(message: Message[OrderPaid], _env: Environment) -> None:
        seen.append(message.id)
        context.milliseconds -= 8_000

    queue.put(*[SAMPLE] * 5)
    assert run(slow, queue.records(), context) == 3
    assert len(seen) == 2
    assert sorted(queue.seconds_away())[:3] in ([4, 4, 4], [4, 4, 5], [4, 5, 5], [5, 5, 5])
    assert dead.messages() == []


def test_a_batch_is_reported_though_the_queue_does_not_answer(queue: Queue, dead: Queue) -> None:
    del dead
    queue.put(SAMPLE)
    records = queue.records()
    records[0]["eventSourceARN"] += "-gone"
    assert run(unavailable, records) == 1


def test_every_line_about_a_record_names_its_message_and_the_invocation(
    queue: Queue, dead: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    del dead
    written = io.StringIO()
    monkeypatch.setattr(log.logger().registered_handler, "stream", written)
    queue.put(SAMPLE, "unreadable")
    records = queue.records()
    run(unavailable, records)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    [unreadable] = [record["messageId"] for record in records if record["body"] == "unreadable"]
    assert {line["message_id"] for line in lines} == {json.loads(SAMPLE)["id"], unreadable}
    assert {line["request"] for line in lines} == {"request-1"}
    assert [line.get("subject") for line in lines if line["message_id"] == unreadable] == [None]
