"""Waits of tests: for a condition, as long as it can still come true. pytest's own time-out is the last bound."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

Condition = Callable[[], object]
# How often a wait asks whether the condition can still come true.
ALIVE_SECONDS = 1.0


def always() -> bool:
    """For a condition that nothing but a hanging program keeps from coming true."""
    return True


def wait_until(condition: Condition, alive: Condition = always, pause: float = 0.05) -> float:
    """The seconds until the condition held. Fails when `alive` says that it can't hold any more."""
    wait = _Wait(condition, alive)
    while not wait.is_over():
        time.sleep(pause)
    return wait.seconds()


async def until(condition: Condition, alive: Condition = always, pause: float = 0.005) -> float:
    """As `wait_until`, beside the other tasks of this loop."""
    wait = _Wait(condition, alive)
    while not wait.is_over():  # noqa: ASYNC110 - no event comes with a condition
        await asyncio.sleep(pause)
    return wait.seconds()


async def until_in_thread(condition: Condition, alive: Condition = always, pause: float = 0.3) -> float:
    """As `until`, for a condition that blocks: a task of this loop may have to answer it."""
    wait = _Wait(condition, alive)
    while not await asyncio.to_thread(wait.is_over):  # noqa: ASYNC110 - as above
        await asyncio.sleep(pause)
    return wait.seconds()


def on_this_machine(seconds: float) -> float:
    """A bar that holds on a machine that does nothing else, raised by the share of a core that is left for us."""
    load = max(os.getloadavg()[0], _runnable())
    return seconds * max(1.0, load / (os.cpu_count() or 1))


class _Wait:
    def __init__(self, condition: Condition, alive: Condition) -> None:
        self._condition, self._alive = condition, alive
        self._began = self._asked_at = time.monotonic()

    def is_over(self) -> bool:
        """Whether the condition holds."""
        if self._condition():
            return True
        if time.monotonic() - self._asked_at >= ALIVE_SECONDS:
            self._asked_at = time.monotonic()
            if not self._alive():
                # It may have come true just before the end.
                assert self._condition(), "it can't come true any more"
                return True
        return False

    def seconds(self) -> float:
        return time.monotonic() - self._began


def _runnable() -> int:
    """The threads that run or wait for a core now."""
    try:
        return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])
    except FileNotFoundError:  # macOS
        return 0
