"""Weeks that sell more by turns are found from revenue alone; where there are none, none are seen."""

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.forecast.engine.signals.week_regimes import Cycle, find

WEEKS = 60
WEEKDAY = np.arange(7 * WEEKS) % 7
NO_HOLIDAY = np.zeros(7 * WEEKS, bool)
LIFT = np.array([0.5, 0.4, 0.3, 0.3, 0.2, 0.0, 0.0])  # weekends take no part


def logs(turns: list[int], seed: int = 1, noise: float = 0.1) -> NDArray[np.float64]:
    """Ten stores; `turns` is repeated, 1 a lifted week."""
    return of_weeks(np.resize(turns, WEEKS).tolist(), seed, noise)


def of_weeks(turns: list[int], seed: int = 1, noise: float = 0.1) -> NDArray[np.float64]:
    rng, days = np.random.default_rng(seed), 7 * len(turns)
    lifted = np.repeat(turns, 7) * np.resize(LIFT, days)
    made: NDArray[np.float64] = 7 + rng.normal(0, 0.5, (10, 1)) + lifted + rng.normal(0, noise, (10, days))
    return made


@pytest.mark.parametrize("turns", [[1, 0], [1, 1, 0], [1, 0, 0]])
def test_turns_are_expected_to_go_on(turns: list[int]) -> None:
    cycle = find(logs(turns), WEEKDAY, NO_HOLIDAY)
    sunday = 7 * 45 + 6
    comes = np.resize(turns, WEEKS)[46:50]
    np.testing.assert_allclose(cycle.chance[sunday, 1:5], comes, atol=0.25)
    # of the lifts .5 .4 .3 .3 .2 each in what their mean is, .34
    np.testing.assert_allclose(cycle.part[sunday], [1.47, 1.18, 0.88, 0.88, 0.59, 0, 0], atol=0.12)


def test_a_lifted_week_is_known_on_its_monday() -> None:
    turns = [1, 0]
    cycle = find(logs(turns), WEEKDAY, NO_HOLIDAY)
    mondays = np.arange(7 * 40, 7 * WEEKS, 7)
    np.testing.assert_allclose(cycle.chance[mondays, 0], np.resize(turns, WEEKS)[40:], atol=0.05)


def test_a_turn_says_what_each_kind_of_week_brings_beyond_what_is_expected() -> None:
    days, part = np.arange(14), np.array([1.5, 1, 1, 1, 0.5, 0, 0], np.float32)
    chance = np.zeros((14, 7), np.float32)
    chance[6, 1] = 0.75  # on Sunday, of the week that begins tomorrow
    cycle = Cycle(np.zeros(14, np.float32), chance, np.tile(part, (14, 1)))
    found = cycle.turn(np.array([6, 6]), np.array([7, 12]), days % 7, np.full(2, 0.4, np.float32))
    # Of 0.75 is expected 0.75³ / (0.75³ + 0.25³) = 27 / 28 of a Monday's one and a half times 0.4.
    np.testing.assert_allclose(found.chance, 0.75)
    np.testing.assert_allclose(found.up, [0.6 / 28, 0], rtol=1e-5)
    np.testing.assert_allclose(found.down, [-0.6 * 27 / 28, 0], rtol=1e-5)


def expected(turns: list[int], week: int) -> NDArray[np.float32]:
    """The chances of a week and those after it, on the evening before it."""
    days = 7 * week
    found: NDArray[np.float32] = find(of_weeks(turns[:week]), np.arange(days) % 7, np.zeros(days, bool)).chance[-1, 1:]
    return found


def test_what_breaks_the_turns_is_expected_again_a_year_later() -> None:
    # By turns, but for weeks 20 and 28, which are as the week before; the first that comes again shows the plan.
    year = [1, 0] * 10 + [0, 1] * 4 + [1, 0] * 12
    np.testing.assert_array_equal(expected(year + year, 52 + 26)[:5] > 0.5, [0, 1, 1, 0, 1])


def test_turns_out_of_step_with_last_year_go_on() -> None:
    year, other = [1, 0] * 26, [0, 1] * 26
    np.testing.assert_allclose(expected(year + other, 52 + 30)[:4], [0, 1, 0, 1], atol=0.25)


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_turns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(0, 0.15, WEEKS), 7)
    cycle = find(logs([0], seed) + shared, WEEKDAY, NO_HOLIDAY)
    assert not cycle.chance.any()
    assert not cycle.lifted.any()


def test_nothing_later_is_looked_at() -> None:
    seen, day = logs([1, 0]), 7 * 40 + 2
    other = seen.copy()
    other[:, day + 1 :] += 3
    whole, changed = find(seen, WEEKDAY, NO_HOLIDAY), find(other, WEEKDAY, NO_HOLIDAY)
    for name in ("lifted", "chance", "part"):
        np.testing.assert_array_equal(getattr(whole, name)[: day + 1], getattr(changed, name)[: day + 1])


def test_a_short_history_has_no_turns_yet() -> None:
    cycle = find(logs([1, 0])[:, :70], WEEKDAY[:70], NO_HOLIDAY[:70])
    assert not cycle.chance.any()
