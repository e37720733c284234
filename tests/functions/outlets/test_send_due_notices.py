"""The timer rests after a round of announcements, and not after one of orders."""

from datetime import timedelta

import pytest

from functions.outlets import send_due_notices
from functions.outlets.send_due_notices import LONGEST_REST, LOOK_SECONDS
from functions.outlets.sending.sender import Sent
from shared.spine.env import Environment


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
