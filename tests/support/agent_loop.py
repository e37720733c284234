"""Tests of a whole agent: short waits, and a loop for each test."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dumbwaiter_agent import link, relays, reports, uplink


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of a minute would make a test of a minute."""
    for module, name, seconds in (
        (relays, "FIRST_SECONDS", 0.05),
        (relays, "SPREAD_SECONDS", 0.1),
        (relays, "WORTH_SECONDS", 0.15),
        (relays, "REFUSED_SECONDS", 0.5),
        (link, "SLACK_SECONDS", 0.3),
        (uplink, "OVERLAP_SECONDS", 0.2),
        (reports, "RESEND_SECONDS", 0.3),
        (uplink, "RETURN_SECONDS", 0.3),
    ):
        monkeypatch.setattr(module, name, seconds)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await test()

    asyncio.run(awaited())


def ids(count: int) -> list[str]:
    return [f"j{number}" for number in range(1, count + 1)]
