"""Waits of tests end when the condition holds or can't hold any more, and at no time of the clock."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.simulators.agent_process import AgentProcess
from tests.support import waiting
from tests.support.waiting import on_this_machine, until, until_in_thread, wait_until


@pytest.fixture(autouse=True)
def _ask_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "ALIVE_SECONDS", 0.0)


def test_a_wait_ends_when_the_condition_holds() -> None:
    event = threading.Event()
    threading.Timer(0.2, event.set).start()
    assert wait_until(event.is_set) >= 0.1
    assert asyncio.run(until(event.is_set)) >= 0
    assert asyncio.run(until_in_thread(event.is_set)) >= 0


def test_a_wait_fails_when_the_process_that_it_waits_for_has_ended(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    with pytest.raises(AssertionError, match="can't come true any more"):
        wait_until((tmp_path / "file").exists, lambda: process.poll() is None)
    with pytest.raises(AssertionError, match="can't come true any more"):
        asyncio.run(until((tmp_path / "file").exists, lambda: process.poll() is None))


def test_a_condition_that_came_true_just_before_the_end_holds() -> None:
    answers = iter([False, True])
    assert wait_until(lambda: next(answers), lambda: False) >= 0


def test_a_condition_that_blocks_leaves_the_loop_to_the_task_that_it_waits_for() -> None:
    event = threading.Event()

    async def run() -> None:
        asyncio.get_running_loop().call_later(0.05, event.set)
        await until_in_thread(lambda: event.wait(5))

    asyncio.run(run())


def test_a_bar_is_raised_by_the_load_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(waiting, "_runnable", lambda: 1)
    monkeypatch.setattr("os.getloadavg", lambda: (1.0, 1.0, 1.0))
    assert on_this_machine(3) == 3
    monkeypatch.setattr("os.getloadavg", lambda: (26.0, 1.0, 1.0))
    assert on_this_machine(3) == 39


def test_an_agent_that_ends_by_itself_ends_the_test(tmp_path: Path) -> None:
    async def run() -> None:
        async with AgentProcess(tmp_path / "missing.toml"):
            await until(lambda: False)

    with pytest.raises(asyncio.CancelledError, match="ended by itself"):
        asyncio.run(run())
