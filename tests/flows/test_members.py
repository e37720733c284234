"""A tag's function that is killed or never ends, in the deployed stack: its queue waits, the others go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from signal import SIGKILL, SIGSTOP
from typing import Any

import pytest

from functions.members.tags.registry import TAGS
from shared.contracts.ids import member_id
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.orders import MENU, SETTINGS, an_order, paid
from tests.support.processes import signal_workers
from tests.support.waiting import on_this_machine, wait_until

FUNCTION = "dumbwaiter-local-members_tier"
# Not of these orders: no city, and no model of the chain.
OTHERS = set(TAGS) - {"tier", "city", "churn", "future_value"}


@pytest.fixture
def call(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.place.http, stack.place.keys["head_office"])
    with caller.http:
        yield caller


@contextmanager
def hasty(stack: Stack) -> Iterator[None]:
    """The tier's function has one second, which is less than it waits for a row."""
    client = stack.emulator.client("lambda")
    before = client.get_function_configuration(FunctionName=FUNCTION)["Timeout"]
    client.update_function_configuration(FunctionName=FUNCTION, Timeout=1)
    yield
    client.update_function_configuration(FunctionName=FUNCTION, Timeout=before)


@contextmanager
def frozen(stack: Stack) -> Iterator[None]:
    """The tier's function stands still where it waits for a row, lock and all, and is killed there."""
    wait_until(lambda: stuck(stack), stack.emulator.running)
    signal_workers(stack.root, FUNCTION, SIGSTOP)
    yield
    signal_workers(stack.root, FUNCTION, SIGKILL)


@pytest.fixture
def impatient(stack: Stack) -> Iterator[Any]:
    """The tier's queue, which has messages of a killed function again after 3 s instead of minutes: (client, URL)."""
    sqs = stack.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=FUNCTION)["QueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "3"})
    yield sqs, url
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": before})


@pytest.mark.parametrize("ends", [frozen, hasty])
def test_a_tag_whose_function_never_ends_waits_in_its_queue_and_loses_nothing(
    stack: Stack, call: Caller, impatient: Any, ends: Callable[[Stack], AbstractContextManager[None]]
) -> None:
    sqs, url = impatient
    store = f"m-{time.time_ns():x}"
    call("PUT", f"/v1/stores/{store}", SETTINGS).raise_for_status()
    call("PUT", f"/v1/stores/{store}/menu", MENU).raise_for_status()

    def of(name: str) -> Any:
        return an_order(store, guest={"member": name}, payments=paid(1325))

    def order(*names: str) -> float:
        """Seconds until all tags but the tier's are there."""
        started_at = time.monotonic()
        for name in names:
            call("POST", "/v1/orders", of(name)).raise_for_status()
        members = [member_id("demo", name) for name in names]
        wait_until(lambda: all(set(tags_of(stack, member)) >= OTHERS for member in members), stack.emulator.running)
        return time.monotonic() - started_at

    names = [f"{store}-{n}" for n in range(3)]
    ids = [member_id("demo", name) for name in names]
    order(f"{store}-first")  # what functions load once
    unhindered = order(f"{store}-second")
    with stack.db.owner.connect() as blocking, blocking.cursor() as cursor:
        for member in ids:  # rows that nobody sees, and the tier's function waits for
            cursor.execute("INSERT INTO member_tags VALUES (%s, 'tier', '', NOW(), 0, 0, NULL, '', NULL, 0)", (member,))
        call("POST", "/v1/orders", of(names[0])).raise_for_status()
        with ends(stack):
            assert order(*names) < on_this_machine(unhindered + 10)
            wait_until(lambda: waiting(sqs, url) >= len(ids), stack.emulator.running)
        wait_until(lambda: stuck(stack), stack.emulator.running)  # it is tried again
        assert waiting(sqs, url) >= len(ids)
        assert not any("tier" in tags_of(stack, member) for member in ids)
        blocking.rollback()
    wait_until(lambda: all("tier" in tags_of(stack, member) for member in ids), stack.emulator.running)
    wait_until(lambda: not waiting(sqs, url), stack.emulator.running)
    assert [tags_of(stack, member)["tier"] for member in ids] == ["bronze"] * len(ids)
    assert waiting(sqs, sqs.get_queue_url(QueueName="dumbwaiter-local-members-dead")["QueueUrl"]) == 0


def stuck(stack: Stack) -> bool:
    """Whether a function waits for a row of the tier's."""
    with stack.db.functions.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM information_schema.PROCESSLIST WHERE id <> CONNECTION_ID()"
            """ AND info LIKE '%INSERT INTO member_tags%"tier"%'"""
        )
        return bool(cursor.fetchall())


def tags_of(stack: Stack, member: str) -> dict[str, str]:
    """{tag: value} of a member, of those that are committed."""
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tag, value FROM member_tags WHERE member_id = %s", (member,))
        return dict(cursor.fetchall())


def waiting(sqs: Any, url: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


def test_the_age_of_each_tag_s_queue_is_alarmed(stack: Stack) -> None:
    """The watcher reads the limit of each queue from its tag, and one alarm rings for all queues."""
    sqs, cloudwatch = stack.emulator.client("sqs"), stack.emulator.client("cloudwatch")
    for queue in (f"dumbwaiter-local-members_{tag}" for tag in TAGS):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        assert sqs.list_queue_tags(QueueUrl=url)["Tags"]["oldest-seconds"] == "60"
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["dumbwaiter-local-outbox-late-work"])["MetricAlarms"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("LateWork", 0)
