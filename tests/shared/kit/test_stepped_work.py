"""Kinds of long work take turns, a step each, and a piece that fails does not stop the others."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest

from shared.kit.isolation import Isolation
from shared.kit.stepped_work import SteppedWork, run_steps
from shared.spine.env import Environment
from shared.spine.settings import read_settings

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
EVER = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def env(function_environment: dict[str, str]) -> Environment:
    del function_environment
    return Environment(read_settings(), clock=lambda: NOON)


def work(log: list[str], remaining: dict[str, int], broken: str = "") -> SteppedWork[str]:
    """Pieces with a number of remaining steps. The piece `broken` fails in each step."""

    def claim(env: Environment, failed: Collection[str]) -> str | None:
        del env
        return next((name for name, steps in remaining.items() if steps and name not in failed), None)

    def step(env: Environment, piece: str) -> None:
        del env
        log.append(piece)
        if piece == broken:
            raise ZeroDivisionError
        remaining[piece] -= 1

    return SteppedWork(claim=claim, name=str, step=step)


def test_kinds_take_turns_until_no_kind_has_work(env: Environment) -> None:
    log: list[str] = []
    kinds = [work(log, {"backfill": 3}), work(log, {"export": 1})]
    with Isolation() as isolation:
        run_steps(env, EVER, isolation, kinds)
    assert log == ["backfill", "export", "backfill", "backfill"]


def test_a_piece_that_fails_is_not_claimed_again_and_the_others_end(env: Environment) -> None:
    log: list[str] = []
    remaining = {"first": 1, "second": 2}
    with pytest.raises(ZeroDivisionError), Isolation() as isolation:
        run_steps(env, EVER, isolation, [work(log, remaining, broken="first")])
    assert (log, remaining) == (["first", "second", "second"], {"first": 1, "second": 0})


def test_no_step_begins_after_the_end_of_the_time(env: Environment) -> None:
    log: list[str] = []
    moments = iter(NOON + timedelta(seconds=second) for second in range(100))
    env.clock = lambda: next(moments)
    with Isolation() as isolation:
        run_steps(env, NOON + timedelta(seconds=3), isolation, [work(log, {"backfill": 9})])
    assert log == ["backfill"] * 3
