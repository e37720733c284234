"""The timer rests after a round of announcements alone, and looks for steps whatever else is locked or fails."""

from datetime import timedelta
from itertools import pairwise

import pytest

from functions.outlets import send_due_notices
from functions.outlets.announcing.queue import queue_announcements
from functions.outlets.send_due_notices import LONGEST_REST, LOOK_SECONDS
from functions.outlets.sending.sender import Sent
from shared.spine.db import Locked
from shared.spine.env import Environment
from tests.functions.outlets.announcing.test_queue import announce
from tests.support.orders import open_store
from tests.support.outlets import Outlets


@pytest.mark.usefixtures("outlets")
@pytest.mark.parametrize(
    ("sent", "rests"),
    [
        (Sent(0, 10), True),
        (Sent(1, 10), False),
        (Sent(1, 0), False),
    ],
)
def test_a_round_of_announcements_alone_is_followed_by_a_rest(
    env: Environment, monkeypatch: pytest.MonkeyPatch, sent: Sent, *, rests: bool
) -> None:
    slept: list[float] = []

    def send_round(*_: object, **__: object) -> Sent:
        clock = env.clock
        env.clock = lambda: clock() + timedelta(hours=1)
        return sent

    monkeypatch.setattr(send_due_notices, "send_round", send_round)
    monkeypatch.setattr("functions.outlets.send_due_notices.time.sleep", slept.append)
    send_due_notices.send_due_notices(env, env.clock() + timedelta(minutes=1))
    assert [0 < seconds <= LONGEST_REST < LOOK_SECONDS for seconds in slept] == [True] * rests


@pytest.mark.usefixtures("outlets")
@pytest.mark.parametrize("part", ["settle_lost", "queue_announcements", "tell_alerts", "send_pushes", "make_due_steps"])
def test_a_lock_in_one_part_ends_no_looks(env: Environment, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    looks: list[float] = []
    clock, begin = env.clock, env.clock()

    def send_round(*_: object, **__: object) -> Sent:
        looks.append((clock() - begin).total_seconds())
        return Sent()

    def locked(*_: object, **__: object) -> int:
        raise Locked("locked", "Another transaction holds a row.")

    monkeypatch.setattr(send_due_notices, part, locked)
    monkeypatch.setattr(send_due_notices, "send_round", send_round)
    monkeypatch.setattr(send_due_notices, "LOOK_SECONDS", 0.05)
    send_due_notices.send_due_notices(env, begin + timedelta(seconds=1))
    assert len(looks) > 3
    assert max(later - earlier for earlier, later in pairwise(looks)) < 0.8


@pytest.mark.usefixtures("outlets")
def test_a_failure_of_one_part_is_told_at_the_end(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def send_round(*_: object, **__: object) -> Sent:
        looks.append(1)
        return Sent()

    def broken(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(send_due_notices, "tell_alerts", broken)
    monkeypatch.setattr(send_due_notices, "send_round", send_round)
    monkeypatch.setattr(send_due_notices, "LOOK_SECONDS", 0.05)
    with pytest.raises(ZeroDivisionError):
        send_due_notices.send_due_notices(env, env.clock() + timedelta(seconds=0.5))
    assert len(looks) > 2


def test_steps_are_looked_for_after_each_batch_of_an_announcement(
    outlets: Outlets, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2, 4):
        outlets.add_outlet(open_store(outlets.orders), ("bot", f"100{number}"))
    announce(outlets)
    monkeypatch.setattr("functions.outlets.announcing.queue.BATCH", 1)
    looked: list[int] = []
    assert queue_announcements(env, lambda: looked.append(1)) == 3
    assert len(looked) == 4
