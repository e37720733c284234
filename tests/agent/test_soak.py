"""The short version of `python -m tests.simulators.soak`."""

import asyncio
import os

import pytest

from tests.simulators.soak import soak

SEEDS = range(int(os.environ.get("SOAK_SEEDS", "1")))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_ticket_is_on_paper_once_or_somebody_is_told(seed: int) -> None:
    verdict = asyncio.run(soak(seed, 1000, seconds=90))
    assert verdict.wrong == []
    assert verdict.states["printed"] >= 900
    assert sum(verdict.faults.values()) >= 20
