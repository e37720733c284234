"""The operator's command on queues that tests make and fill, through ordinary credentials, as in a real account."""

import json
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.__main__ import main
from ops.account import cloud_account
from ops.dead_letters import Redrive
from ops.queues import find_queue
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.support.waiting import on_this_machine

EVENT = {
    "specversion": "1.0",
    "id": "01KAJX5T0000000000000PA1D1",
    "type": "order.paid",
    "subject": "01KAJX5T0000000000000RDER1",
    "time": "2026-11-21T12:30:05Z",
}
REASON = {"error": "unknown_store: no store s9", "kind": "Rejected", "tries": "1"}


@dataclass
class Stage:
    """A stage with one concern, `print`, and one consumer in it, `print_on_order_paid`."""

    name: str
    sqs: Any
    sns: Any
    url: str
    dead_url: str

    def bury(self, body: str, consumer: str = "print_on_order_paid", **attributes: str) -> str:
        """A dead letter as its function puts it away; its id in the queue. No consumer: as the topic does."""
        if consumer:
            attributes["consumer"] = f"dumbwaiter-{self.name}-{consumer}"
        described = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        sent = self.sqs.send_message(QueueUrl=self.dead_url, MessageBody=body, MessageAttributes=described)
        return str(sent["MessageId"])

    def do(self, command: str, *more: str) -> int:
        if command == "outbox":
            return main(["outbox", "--stage", self.name, *more])
        return main(["queues", "--stage", self.name, command, *more])

    def messages(self, url: str) -> list[dict[str, Any]]:
        """What could be received now, seen by the emulator's own window into its queues."""
        window = f"{self.sqs.meta.endpoint_url}/_ministack/sqs/messages"
        accounts = httpx.get(window, params={"QueueUrl": url}, trust_env=False).json()["messages"].values()
        [messages] = [messages for regions in accounts for queues in regions.values() for messages in queues.values()]
        return [message for message in messages if message["IsVisible"]]

    def bodies(self, url: str) -> list[str]:
        return sorted(message["Body"] for message in self.messages(url))

    def add_consumer(self, name: str, *types: str) -> str:
        """One more of the concern, with a subscription to these types; the address of its queue."""
        url, _ = make_queues(self.sqs, self.name, name)
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = self.sns.create_topic(Name=f"dumbwaiter-{self.name}-events")["TopicArn"]
        policy = {"FilterPolicy": json.dumps({"type": types})}
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=policy)
        return url


def make_queues(sqs: Any, stage: str, consumer: str = "print_on_order_paid") -> tuple[str, str]:
    name = f"dumbwaiter-{stage}-{consumer}"
    dead_url = sqs.create_queue(QueueName=f"dumbwaiter-{stage}-{consumer.partition('_')[0]}-dead")["QueueUrl"]
    dead = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "6"})
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "180"})["QueueUrl"]
    return url, dead_url


@pytest.fixture
def stage(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)
    sqs = emulator.client("sqs")
    name = f"t{secrets.token_hex(4)}"
    url, dead_url = make_queues(sqs, name)
    yield Stage(name, sqs, emulator.client("sns"), url, dead_url)
    sqs.delete_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=dead_url)


def rows(shown: str) -> list[list[str]]:
    return [line.split() for line in shown.splitlines()]


def test_list_shows_what_waits_what_is_at_work_and_what_is_dead(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for body in "abc":
        stage.sqs.send_message(QueueUrl=stage.url, MessageBody=body)
    stage.sqs.receive_message(QueueUrl=stage.url)
    stage.bury("d")
    assert stage.do("list") == 0
    [_, shown] = rows(capsys.readouterr().out)
    assert shown == ["print_on_order_paid", "2", "1", "-", "1", f"dumbwaiter-{stage.name}-print-dead"]


def test_list_shows_the_newest_age_that_cloudwatch_has(
    stage: Stage, emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    dimensions = [{"Name": "QueueName", "Value": f"dumbwaiter-{stage.name}-print_on_order_paid"}]
    emulator.client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {"MetricName": "ApproximateAgeOfOldestMessage", "Dimensions": dimensions, "Timestamp": at, "Value": value}
            for at, value in [(now - timedelta(minutes=4), 900.0), (now - timedelta(minutes=2), 42.0)]
        ],
    )
    assert stage.do("list") == 0
    [_, shown] = rows(capsys.readouterr().out)
    assert shown[3:5] == ["42", "s"]


def test_list_leaves_out_a_stage_whose_name_begins_alike(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    others = make_queues(stage.sqs, f"{stage.name}-2")
    assert stage.do("list") == 0
    assert len(rows(capsys.readouterr().out)) == 2
    for url in others:
        stage.sqs.delete_queue(QueueUrl=url)


def test_dead_shows_each_letter_with_its_reason_and_leaves_it(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.bury(json.dumps(EVENT), **REASON)
    unreadable = stage.bury("{]")
    assert stage.do("dead", "print_on_order_paid") == 0
    shown = capsys.readouterr().out.splitlines()
    assert re.split(r"\s{2,}", shown[1]) == [
        "01KAJX5T0000000000000PA1D1", "order.paid", "01KAJX5T0000000000000RDER1", "2026-11-21T12:30:05Z",
        "1", "Rejected", "unknown_store: no store s9",
    ]  # fmt: skip
    assert shown[2].startswith(unreadable)
    assert shown[2].endswith("killed, timed out or never delivered: see the function's log")
    assert shown[3] == "2 dead letters of print_on_order_paid. Its concern has about 2."
    assert len(stage.messages(stage.dead_url)) == 2


def test_dead_shows_more_than_a_queue_gives_at_once_and_no_more_than_asked(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(25):
        stage.bury(f"letter {number}")
    assert stage.do("dead", "print_on_order_paid") == 0
    assert len({row[0] for row in rows(capsys.readouterr().out)[1:-1]}) == 25
    assert stage.do("dead", "print_on_order_paid", "--most", "7") == 0
    assert len(rows(capsys.readouterr().out)[1:-1]) == 7


def test_redrive_puts_all_back_as_they_were(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    bodies = sorted(f"letter {number}" for number in range(25))
    for body in bodies:
        stage.bury(body, type="order.paid", **REASON)
    assert stage.do("redrive", "print_on_order_paid") == 0
    assert "25 put back into print_on_order_paid; 0 refused" in capsys.readouterr().out
    assert stage.bodies(stage.dead_url) == []
    back = stage.messages(stage.url)
    assert sorted(message["Body"] for message in back) == bodies
    assert {tuple(message["MessageAttributes"]) for message in back} == {("type",)}


def test_redrive_of_some_leaves_the_others(stage: Stage) -> None:
    stage.bury(json.dumps(EVENT))
    by_queue_id = stage.bury("no event")
    stage.bury("another")
    assert stage.do("redrive", "print_on_order_paid", "--id", EVENT["id"], "--id", by_queue_id) == 0
    assert stage.bodies(stage.dead_url) == ["another"]
    assert stage.bodies(stage.url) == sorted(["no event", json.dumps(EVENT)])
    assert stage.do("redrive", "print_on_order_paid", "--id", "unknown") == 1


def test_redrive_takes_letters_larger_together_than_one_call(stage: Stage) -> None:
    bodies = sorted(letter * 400_000 for letter in "abc")
    for body in bodies:
        stage.bury(body)
    assert stage.do("redrive", "print_on_order_paid") == 0
    assert stage.bodies(stage.url) == bodies


def test_redrive_ends_though_letters_come_back_at_once(stage: Stage) -> None:
    for body in "abc":
        stage.bury(body)
    job = Redrive(stage.sqs, stage.dead_url, lambda _letter: [stage.dead_url], most=1_000)
    job.run()
    assert job.redriven == 3
    assert stage.bodies(stage.dead_url) == ["a", "b", "c"]


class Broken:
    """A client of which one call does not return: before its work is done, or after."""

    def __init__(self, client: Any, call: str, *, after: bool) -> None:
        self._client, self._call, self._after = client, call, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name != self._call:
            return real

        def broken(**given: Any) -> None:
            if self._after:
                real(**given)
            raise KeyboardInterrupt

        return broken


@pytest.mark.parametrize("call", ["send_message_batch", "delete_message_batch"])
@pytest.mark.parametrize("after", [False, True])
def test_a_redrive_that_is_interrupted_loses_nothing_and_holds_nothing(stage: Stage, call: str, *, after: bool) -> None:
    for body in "abc":
        stage.bury(body)
    with pytest.raises(KeyboardInterrupt):
        Redrive(Broken(stage.sqs, call, after=after), stage.dead_url, lambda _letter: [stage.url], most=10).run()
    assert {*stage.bodies(stage.url), *stage.bodies(stage.dead_url)} == {"a", "b", "c"}


def test_consumers_of_a_concern_share_a_queue_and_each_sees_and_moves_its_own_letters_alone(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    other_url = stage.add_consumer("print_on_order_placed", "order.placed")
    stage.bury("paid")
    stage.bury("placed", consumer="print_on_order_placed")
    assert stage.do("list") == 0
    shown = {row[0]: row[4] for row in rows(capsys.readouterr().out)[1:]}
    assert shown == {"print_on_order_paid": "1", "print_on_order_placed": "1"}
    assert stage.do("dead", "print_on_order_placed") == 0
    assert "1 dead letters of print_on_order_placed. Its concern has about 2." in capsys.readouterr().out
    assert stage.do("redrive", "print_on_order_placed") == 0
    assert [stage.bodies(url) for url in (other_url, stage.url, stage.dead_url)] == [["placed"], [], ["paid"]]
    assert stage.do("drop", "print_on_order_placed", "--id", stage.messages(stage.dead_url)[0]["MessageId"]) == 1
    stage.sqs.delete_queue(QueueUrl=other_url)


def test_a_letter_that_the_queue_itself_gave_up_is_its_consumer_s(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.sqs.send_message(QueueUrl=stage.url, MessageBody="killed")
    for _ in range(7):  # six tries, and the look at which the queue gives it up
        stage.sqs.receive_message(QueueUrl=stage.url, VisibilityTimeout=0)
    assert stage.bodies(stage.dead_url) == ["killed"]
    assert stage.do("dead", "print_on_order_paid") == 0
    assert "1 dead letters of print_on_order_paid." in capsys.readouterr().out
    assert stage.do("redrive", "print_on_order_paid") == 0
    assert stage.bodies(stage.url) == ["killed"]


def test_a_letter_that_the_topic_could_not_deliver_goes_to_all_consumers_of_its_type(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    urls = [stage.add_consumer(f"print_consumer_{letter}", "order.paid") for letter in "ab"]
    stage.add_consumer("print_other", "order.placed")
    stage.bury(json.dumps(EVENT), consumer="")
    assert stage.do("list") == 0
    assert ["print", "0", "0", "-", "1"] in [row[:5] for row in rows(capsys.readouterr().out)]
    assert stage.do("redrive", "print_consumer_a") == 0
    assert stage.bodies(urls[0]) == []
    assert stage.do("redrive", "print") == 0
    assert [stage.bodies(url) for url in (*urls, stage.url, stage.dead_url)] == [[json.dumps(EVENT)]] * 2 + [[], []]
    for url in (*urls, stage.sqs.get_queue_url(QueueName=f"dumbwaiter-{stage.name}-print_other")["QueueUrl"]):
        stage.sqs.delete_queue(QueueUrl=url)


def test_what_a_queue_refuses_stays_dead(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.sqs.set_queue_attributes(QueueUrl=stage.url, Attributes={"MaximumMessageSize": "1024"})
    stage.bury("small")
    stage.bury("x" * 2_000)
    assert stage.do("redrive", "print_on_order_paid") == 1
    assert "1 put back into print_on_order_paid; 1 refused" in capsys.readouterr().out
    assert stage.bodies(stage.dead_url) == ["x" * 2_000]


def test_drop_prints_what_it_takes_out_and_only_with_yes(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.bury(json.dumps(EVENT), **REASON)
    stage.bury("another")
    assert stage.do("drop", "print_on_order_paid", "--id", EVENT["id"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert len(stage.messages(stage.dead_url)) == 2
    assert stage.do("drop", "print_on_order_paid", "--id", EVENT["id"], "--yes") == 0
    kept = json.loads(capsys.readouterr().out)
    assert json.loads(kept["body"]) == EVENT
    assert kept["error"] == REASON["error"]
    assert stage.bodies(stage.dead_url) == ["another"]
    assert stage.do("drop", "print_on_order_paid", "--id", EVENT["id"], "--yes") == 1


def test_a_queue_is_found_by_its_full_name_too(stage: Stage) -> None:
    name = f"dumbwaiter-{stage.name}-print_on_order_paid"
    assert find_queue(cloud_account(stage.name), name).url == stage.url


def test_outbox_counts_what_is_unsent_by_type(
    stage: Stage, database: MariaDB, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    rows_kept = [
        (f"01KAJX5T00000000000000000{number}", "order", number, kind, now - timedelta(seconds=ago), "{}", sent)
        for number, kind, ago, sent in [
            (1, "order.paid", 90, None), (2, "order.paid", 5, None), (3, "order.placed", 30, None),
            (4, "order.refunded", 900, now),
        ]
    ]  # fmt: skip
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO messages (id, subject, sequence, type, occurred_at, body, sent_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows_kept,
        )
    monkeypatch.setenv("DATABASE_URL", database.owner.url)
    assert stage.do("outbox") == 0
    [_, first, second, total] = rows(capsys.readouterr().out)
    assert (first[:2], second[:2]) == (["order.paid", "2"], ["order.placed", "1"])
    assert 90 <= int(first[2]) < 100
    assert " ".join(total) == "3 messages are unsent."


def test_a_stage_that_is_not_there_an_unknown_queue_and_no_stack_are_said(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, sentence in [
        (["queues", "--stage", "nowhere"], "No queue is named dumbwaiter-nowhere-"),
        (["queues", "--stage", stage.name, "dead", "tea"], "There is no queue tea. There are: print_on_order_paid"),
        (["queues", "--root", str(tmp_path)], "make up"),
    ]:
        assert main(arguments) == 1
        assert sentence in capsys.readouterr().err


def test_missing_credentials_and_region_are_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert stage.do("list") == 1
    assert "credentials" in capsys.readouterr().err
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert stage.do("list") == 1
    assert "region" in capsys.readouterr().err


def test_an_endpoint_that_does_not_answer_is_said(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    started = time.monotonic()
    assert stage.do("list") == 1
    assert "127.0.0.1:9" in capsys.readouterr().err
    assert time.monotonic() - started < on_this_machine(5)
