"""The outbox: messages that the topic refuses."""

from datetime import timedelta

import pytest

from shared.contracts.messages.orders import (
    OrderPlaced,
)
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured
from stack.mariadb import MariaDB
from tests.support.broker import Broker
from tests.support.outbox import Clock, NewEnvironments, announce, order, subjects, sweep, unsent
from tests.support.queues import Inbox


@pytest.mark.parametrize("mode", ["refuse entry", "refuse batch"])
def test_a_message_that_the_topic_refuses_holds_up_only_its_own_subject(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB, mode: str
) -> None:
    """However it refuses, and however old the refused one is."""
    writer = another_env(events_topic="")
    for number in range(120):
        announce(writer, f"order/{number}", 1, 2)
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM messages WHERE subject = 'order/0' AND sequence = 1")
        [broker.poison] = cursor.fetchone()
    broker.mode = mode
    clock = Clock()
    env = another_env(aws_endpoint=broker.url, clock=clock)
    assert sweep(env) == 238
    came = subjects(inbox.take())
    assert set(came) == {f"order/{number}" for number in range(1, 120)}
    assert all(numbers == [1, 2] for numbers in came.values())
    assert unsent(database) == 2
    broker.asked.clear()
    assert sweep(env) == 0
    assert not broker.asked.is_set()  # it is not tried again at once
    broker.mode = "pass"
    clock.ahead = timedelta(minutes=3)
    assert sweep(env) == 2
    assert subjects(inbox.take()) == {"order/0": [1, 2]}


def test_what_is_announced_together_leaves_in_one_call_and_in_order(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox
) -> None:
    announce(another_env(aws_endpoint=broker.url), "order/1", 1, 2, 3)
    assert broker.published == 1
    assert subjects(inbox.take()) == {"order/1": [1, 2, 3]}


def test_of_what_leaves_in_one_call_a_refused_message_is_kept_and_comes_late(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    clock = Clock()
    env = another_env(aws_endpoint=broker.url, clock=clock)
    broker.mode, broker.poison = "refuse entry", '"pickup_number":1,'
    announce(env, "order/1", 1, 2)
    assert subjects(inbox.take()) == {"order/1": [2]}
    assert unsent(database) == 1
    broker.mode = "pass"
    clock.ahead = timedelta(minutes=3)
    assert sweep(env) == 1
    assert subjects(inbox.take()) == {"order/1": [1]}


def test_a_topic_that_takes_nothing_of_ours_is_for_a_person(env: Environment, another_env: NewEnvironments) -> None:
    announce(another_env(events_topic=""), "order/1", 1)
    wrong = another_env(events_topic=env.settings.events_topic + "-gone")
    with pytest.raises(Misconfigured):
        sweep(wrong)
    assert env.outbox.unsent()[0] == 1


@pytest.mark.parametrize("number", [0, 12, 24])
def test_a_large_message_that_the_topic_refuses_holds_up_no_other(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB, number: int
) -> None:
    """It fills a call of its own."""
    writer = another_env(events_topic="")
    for at in range(25):
        with writer.outbox.work("test") as work:
            large = order().model_copy(update={"table": "x" * (254_500 if at == number else 1)})
            work.announce(OrderPlaced(order=large), subject=f"order/{at}", sequence=1)
    broker.mode, broker.poison = "refuse batch", "x" * 254_500
    env = another_env(aws_endpoint=broker.url)
    assert sweep(env) == 24
    assert set(subjects(inbox.take())) == {f"order/{at}" for at in range(25) if at != number}
    assert unsent(database) == 1
    broker.asked.clear()
    assert sweep(env) == 0
    assert not broker.asked.is_set()  # it is not tried again at once
