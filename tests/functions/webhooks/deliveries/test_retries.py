"""A message that fails is sent again; an endpoint that fails is paused, then disabled, and reported."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.webhooks import send_due_deliveries
from functions.webhooks.drop_old_deliveries import drop_old_deliveries
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.orders import Caller, an_order, paid
from tests.support.webhooks import Webhooks


@dataclass
class Time:
    """The clock of the environment and of its callers; `pass_by` moves it and lets the timer run."""

    env: Environment
    callers: list[Caller]
    offset: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def move(self, duration: timedelta) -> None:
        self.offset += duration
        for caller in self.callers:
            caller.at = int(self().timestamp())

    def pass_by(self, **duration: float) -> None:
        self.move(timedelta(**duration))
        send_due_deliveries.handler({}, Context(milliseconds=50_000))


@pytest.fixture
def time(env: Environment, webhooks: Webhooks, call: Caller) -> Time:
    time = Time(env, [webhooks.manage, call])
    env.clock = time
    return time


@pytest.fixture
def place(call: Caller, store: str) -> Callable[..., str]:
    def place(**different: Any) -> str:
        order: str = call("POST", "/v1/orders", an_order(store, **different)).json["id"]
        return order

    return place


def test_a_failed_message_comes_again_under_the_same_id_and_the_later_one_after_it(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time
) -> None:
    webhook = webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(500)
    order = place(payments=paid(1325))
    webhooks.pump()
    assert [(r.message["sequence"], r.status) for r in receiver.requests] == [(1, 500)]
    receiver.answer = lambda _path, _message: Answer(200)
    time.pass_by(seconds=10)
    assert len(receiver.requests) == 1
    time.pass_by(seconds=30)
    assert receiver.accepted_by_subject() == {f"order/{order}": [1, 2]}
    assert receiver.requests[0].id == receiver.requests[1].id
    assert len(receiver.verified(webhook["secret"])) == 3
    shown = webhooks.read(webhook["id"])
    assert (shown["failures"], shown["failing_since"]) == (0, None)


def test_an_endpoint_that_is_away_is_asked_seldom_and_gets_everything_when_it_is_back(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time
) -> None:
    webhook = webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(503)
    orders = [place() for _ in range(20)]
    webhooks.pump()
    asked = len(receiver.requests)
    assert asked <= 20
    paused = webhooks.read(webhook["id"])
    assert paused["failures"] >= 5
    assert paused["paused_until"] is not None
    orders += [place() for _ in range(10)]
    webhooks.pump()
    assert len(receiver.requests) == asked
    time.pass_by(minutes=20)
    assert len(receiver.requests) == asked + 1
    receiver.answer = lambda _path, _message: Answer(200)
    time.pass_by(minutes=20)
    assert receiver.accepted_by_subject() == {f"order/{order}": [1] for order in orders}
    assert {d["state"] for d in webhooks.deliveries(webhook["id"])} == {"delivered"}


def test_the_first_accepted_message_after_a_pause_makes_all_others_due(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time, database: MariaDB
) -> None:
    webhook = webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(503)
    orders = [place() for _ in range(6)]
    webhooks.pump()
    assert webhooks.read(webhook["id"])["paused_until"] is not None
    # After hours of failures the orders wait for times of their own, up to four hours ahead.
    with database.owner.connect() as connection, connection.cursor() as cursor:
        later = (time() + timedelta(hours=3)).replace(tzinfo=None)
        cursor.execute("UPDATE webhook_deliveries SET next_at = %s WHERE subject <> %s", (later, f"order/{orders[0]}"))
        connection.commit()
    receiver.answer = lambda _path, _message: Answer(200)
    time.pass_by(minutes=20)
    assert receiver.accepted_by_subject() == {f"order/{order}": [1] for order in orders}


def test_messages_that_are_sent_again_by_hand_do_not_wait_for_the_timer(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str]
) -> None:
    webhook = webhooks.create(receiver.url(), types=["order.*", "webhook.*"])
    order = place()
    webhooks.pump()
    [sent] = receiver.accepted()
    path = f"/v1/webhooks/{webhook['id']}/redeliveries"
    assert webhooks.manage("POST", path, {"message": sent.id}).status == 202
    webhooks.pump()
    assert [request.id for request in receiver.accepted()] == [sent.id, sent.id]
    # What wakes the function is no message to an integrator, though it subscribes to the group.
    assert receiver.accepted_by_subject() == {f"order/{order}": [1, 1]}


def test_one_order_that_is_always_refused_neither_stops_the_others_nor_disables_the_endpoint(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time
) -> None:
    webhook = webhooks.create(receiver.url())
    refused = place()
    receiver.answer = lambda _, message: Answer(400 if message["subject"] == f"order/{refused}" else 200)
    webhooks.pump()
    for _ in range(8):
        order = place()
        webhooks.pump()
        assert receiver.accepted_by_subject()[f"order/{order}"] == [1]
        time.pass_by(hours=10)
    shown = webhooks.read(webhook["id"])
    assert shown["status"] == "enabled"
    states = {d["subject"]: d["state"] for d in webhooks.deliveries(webhook["id"])}
    assert states.pop(f"order/{refused}") == "failed"
    assert set(states.values()) == {"delivered"}


def test_an_endpoint_that_fails_for_three_days_is_disabled_and_reported(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time
) -> None:
    webhook = webhooks.create(receiver.url("/dead"))
    webhooks.create(receiver.url("/alive"), types=["webhook.disabled"])
    receiver.answer = lambda path, _: Answer(500 if path == "/dead" else 200)
    place()
    webhooks.pump()
    for _ in range(12):
        time.pass_by(hours=6.5)
    shown = webhooks.read(webhook["id"])
    assert (shown["status"], shown["reason"]) == ("disabled", "failing")
    webhooks.pump()
    [told] = [request for request in receiver.requests if request.path == "/alive"]
    assert told.message["data"] == {"webhook": webhook["id"], "chain": "demo", "reason": "failing"}
    asked = len(receiver.requests)
    place()
    webhooks.pump()
    time.pass_by(hours=6)
    assert len(receiver.requests) == asked
    assert {d["state"] for d in webhooks.deliveries(webhook["id"])} == {"failed"}


def test_a_410_disables_at_once(webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time) -> None:
    webhook = webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(410)
    place()
    webhooks.pump()
    shown = webhooks.read(webhook["id"])
    assert (shown["status"], shown["reason"]) == ("disabled", "gone")
    time.pass_by(days=1)
    assert len(receiver.requests) == 1


def test_retry_after_is_obeyed(webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time) -> None:
    webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(429, {"Retry-After": "3600"})
    place()
    webhooks.pump()
    receiver.answer = lambda _path, _message: Answer(200)
    time.pass_by(minutes=59)
    assert len(receiver.requests) == 1
    time.pass_by(minutes=2)
    assert [request.status for request in receiver.requests] == [429, 200]


def test_failed_messages_are_sent_again_by_hand_one_or_all_since_a_time(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time
) -> None:
    webhook = webhooks.create(receiver.url())
    path = f"/v1/webhooks/{webhook['id']}"
    receiver.answer = lambda _path, _message: Answer(410)
    orders = [place(payments=paid(1325)) for _ in range(3)]
    webhooks.pump()
    receiver.answer = lambda _path, _message: Answer(200)
    settings = {"url": receiver.url(), "types": ["order.*"]}
    again = {"failed_since": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    assert webhooks.manage("POST", f"{path}/redeliveries", again).json["code"] == "webhook_disabled"
    assert webhooks.manage("PUT", path, settings).status == 200
    failed = webhooks.deliveries(webhook["id"], "?state=failed")
    assert len(failed) == 6
    first = min(failed, key=lambda delivery: (delivery["sequence"], delivery["message"]))
    one = webhooks.manage("POST", f"{path}/redeliveries", {"message": first["message"]})
    assert (one.status, one.json["messages"]) == (202, 1)
    time.pass_by(seconds=1)
    assert [request.id for request in receiver.accepted()] == [first["message"]]
    assert webhooks.manage("POST", f"{path}/redeliveries", again).json["messages"] == 5
    time.pass_by(seconds=1)
    assert receiver.accepted_by_subject() == {f"order/{order}": [1, 2] for order in orders}
    # A delivered message can be sent once more, too.
    webhooks.manage("POST", f"{path}/redeliveries", {"message": first["message"]})
    time.pass_by(seconds=1)
    assert [request.id for request in receiver.accepted()].count(first["message"]) == 2
    assert webhooks.manage("POST", f"{path}/redeliveries", {}).status == 422
    unknown = webhooks.manage("POST", f"{path}/redeliveries", {"message": "01M8J9KY00FSGS55BSE92F2JJ8"})
    assert (unknown.status, unknown.json["code"]) == (404, "unknown_delivery")


def test_a_test_message_reaches_its_endpoint_alone(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str]
) -> None:
    webhook = webhooks.create(receiver.url("/mine"), types=["order.paid"])
    webhooks.create(receiver.url("/other"), types=["order.*"])
    sent = webhooks.manage("POST", f"/v1/webhooks/{webhook['id']}/tests")
    assert sent.status == 202
    webhooks.pump()
    [request] = receiver.requests
    assert (request.path, request.id, request.message["type"]) == ("/mine", sent.json["message"], "webhook.tested")
    assert receiver.fits(request, webhook["secret"])
    del place


def test_old_deliveries_are_deleted_by_their_age_and_those_of_deleted_endpoints(
    webhooks: Webhooks, receiver: Receiver, place: Callable[..., str], time: Time, database: MariaDB
) -> None:
    def count() -> int:
        with database.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM webhook_deliveries")
            [(number,)] = cursor.fetchall()
        return int(number)

    def drop() -> None:
        drop_old_deliveries(time.env, time() + timedelta(minutes=1))

    delivered = webhooks.create(receiver.url("/good"))
    webhooks.create(receiver.url("/gone"))
    receiver.answer = lambda path, _: Answer(410 if path == "/gone" else 200)
    place()
    webhooks.pump()
    assert count() == 2
    for days, left in [(13.9, 2), (0.2, 1), (15.7, 1), (0.3, 0)]:
        time.move(timedelta(days=days))
        drop()
        assert count() == left
    time.move(-time.offset)
    place()
    webhooks.pump()
    assert count() == 1
    webhooks.manage("DELETE", f"/v1/webhooks/{delivered['id']}")
    drop()
    assert count() == 0
