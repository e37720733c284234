"""Windows hold for all workers together, by the times at which messages were sent."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Scope
from functions.outlets.sending.windows import Pace, paces, seconds_to_wait, take_slots
from functions.outlets.tables.slots import update_slots_stamped
from shared.spine.env import Environment

WINDOW = Pace("demo:bot|robot1", 5, 5, 1_000_000)


def most_in_a_window(moments: list[float], seconds: float) -> int:
    ordered = sorted(moments)
    return max(sum(begin <= moment < begin + seconds for moment in ordered) for begin in ordered)


def test_six_workers_never_exceed_the_window(another_env: Callable[..., Environment]) -> None:
    workers = [another_env() for _ in range(6)]
    until = time.monotonic() + 4

    def work(number: int) -> list[float]:
        sent: list[float] = []
        while time.monotonic() < until:
            with workers[number].db.statements() as statements:
                token = number + 1
                if take_slots(statements, [WINDOW], 2, token):
                    sent.append(time.monotonic())
                    time.sleep(0.02 * (number % 3))
                    update_slots_stamped(statements, [WINDOW.key], token)
        return sent

    with ThreadPoolExecutor(6) as threads:
        moments = [moment for sent in threads.map(work, range(6)) for moment in sent]
    # Each moment stands for one or two messages: half a window of moments at the least is in use.
    assert len(moments) >= 5
    assert most_in_a_window(moments, 0.999) <= 5


def test_slots_of_a_window_that_is_full_elsewhere_go_back(env: Environment) -> None:
    wide, narrow = Pace("demo:bot|robot60", 10, 10, 60_000_000), Pace("demo:bot|robot1", 2, 2, 60_000_000)
    with env.db.statements() as statements:
        assert take_slots(statements, [wide, narrow], 5, 1) == 2
        assert take_slots(statements, [wide, narrow], 5, 2) == 0
        # Two of ten are in use.
        assert take_slots(statements, [wide], 10, 3) == 8
        # A call may be answered at once. A slot is free a window after that.
        assert 59 < seconds_to_wait(statements, [wide]) <= 60


def test_a_slot_counts_from_the_answer(env: Environment) -> None:
    pace = Pace("demo:bot|robot0.2", 1, 1, 200_000)
    with env.db.statements() as statements:
        assert take_slots(statements, [pace], 1, 1) == 1
        assert 0 < seconds_to_wait(statements, [pace]) <= 0.2
        time.sleep(0.25)
        assert take_slots(statements, [pace], 1, 2) == 0
        update_slots_stamped(statements, [pace.key], 1)
        assert 0 < seconds_to_wait(statements, [pace]) <= 0.2
        time.sleep(0.25)
        assert take_slots(statements, [pace], 1, 2) == 1


def test_announcements_leave_slots_for_orders_and_keep_a_distance() -> None:
    for_orders = paces(CHANNELS["wecom_robot"], "demo:bot", Scope.ROBOT, "", announces=False)
    for_announcements = paces(CHANNELS["wecom_robot"], "demo:bot", Scope.ROBOT, "", announces=True)
    assert [(pace.slots, pace.share) for pace in for_orders] == [(20, 20)]
    assert [(pace.slots, pace.share) for pace in for_announcements] == [(20, 12), (1, 1)]
    assert for_announcements[1].window == pytest.approx(5_000_000)
    of_chat = paces(CHANNELS["telegram"], "demo:bot", Scope.CHAT, "群聊", announces=False)
    assert of_chat
    assert all(pace.key.isascii() for pace in of_chat)
