"""Week regimes are detected from revenue alone; a chain without regimes has none."""

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.forecast.engine.signals.week_regimes import WeekRegimes, detect

WEEKS = 60
WEEKDAY = np.arange(7 * WEEKS) % 7
NO_HOLIDAY = np.zeros(7 * WEEKS, bool)
LIFT = np.array([0.5, 0.4, 0.3, 0.3, 0.2, 0.0, 0.0])  # none on weekends


def log_revenue(regimes: list[int], seed: int = 1, noise: float = 0.1) -> NDArray[np.float64]:
    """[store, day] of ten stores; `regimes` is repeated, 1 is a high week."""
    return of_weeks(np.resize(regimes, WEEKS).tolist(), seed, noise)


def of_weeks(regimes: list[int], seed: int = 1, noise: float = 0.1) -> NDArray[np.float64]:
    rng, days = np.random.default_rng(seed), 7 * len(regimes)
    lift = np.repeat(regimes, 7) * np.resize(LIFT, days)
    logs: NDArray[np.float64] = 7 + rng.normal(0, 0.5, (10, 1)) + lift + rng.normal(0, noise, (10, days))
    return logs


@pytest.mark.parametrize("regimes", [[1, 0], [1, 1, 0], [1, 0, 0]])
def test_regimes_are_expected_to_continue(regimes: list[int]) -> None:
    detected = detect(log_revenue(regimes), WEEKDAY, NO_HOLIDAY)
    sunday = 7 * 45 + 6
    next_weeks = np.resize(regimes, WEEKS)[46:50]
    np.testing.assert_allclose(detected.probability[sunday, 1:5], next_weeks, atol=0.25)
    # of the lifts .5 .4 .3 .3 .2 each against their mean, .34
    np.testing.assert_allclose(detected.weekday_share[sunday], [1.47, 1.18, 0.88, 0.88, 0.59, 0, 0], atol=0.12)


def test_a_high_week_is_recognised_on_its_monday() -> None:
    regimes = [1, 0]
    detected = detect(log_revenue(regimes), WEEKDAY, NO_HOLIDAY)
    mondays = np.arange(7 * 40, 7 * WEEKS, 7)
    np.testing.assert_allclose(detected.probability[mondays, 0], np.resize(regimes, WEEKS)[40:], atol=0.05)


def test_lift_and_drop_are_measured_from_the_expected_value() -> None:
    days, weekday_share = np.arange(14), np.array([1.5, 1, 1, 1, 0.5, 0, 0], np.float32)
    probability = np.zeros((14, 7), np.float32)
    probability[6, 1] = 0.75  # on Sunday, of the week that begins tomorrow
    regimes = WeekRegimes(np.zeros(14, np.float32), probability, np.tile(weekday_share, (14, 1)))
    regime = regimes.regime(np.array([6, 6]), np.array([7, 12]), days % 7, np.full(2, 0.4, np.float32))
    # Of 0.75 is expected 0.75³ / (0.75³ + 0.25³) = 27 / 28 of a Monday's one and a half times 0.4.
    np.testing.assert_allclose(regime.probability, 0.75)
    np.testing.assert_allclose(regime.lift, [0.6 / 28, 0], rtol=1e-5)
    np.testing.assert_allclose(regime.drop, [-0.6 * 27 / 28, 0], rtol=1e-5)


def probabilities(regimes: list[int], week: int) -> NDArray[np.float32]:
    """The probabilities of a week and the weeks after it, on the day before it."""
    days = 7 * week
    detected = detect(of_weeks(regimes[:week]), np.arange(days) % 7, np.zeros(days, bool))
    next_weeks: NDArray[np.float32] = detected.probability[-1, 1:]
    return next_weeks


def test_an_exception_of_last_year_is_expected_again() -> None:
    # Regimes alternate, but weeks 20 and 28 are as the week before; the first that repeats shows the yearly plan.
    year = [1, 0] * 10 + [0, 1] * 4 + [1, 0] * 12
    np.testing.assert_array_equal(probabilities(year + year, 52 + 26)[:5] > 0.5, [0, 1, 1, 0, 1])


def test_regimes_out_of_step_with_last_year_continue() -> None:
    last_year, this_year = [1, 0] * 26, [0, 1] * 26
    np.testing.assert_allclose(probabilities(last_year + this_year, 52 + 30)[:4], [0, 1, 0, 1], atol=0.25)


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_regimes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(0, 0.15, WEEKS), 7)
    detected = detect(log_revenue([0], seed) + shared, WEEKDAY, NO_HOLIDAY)
    assert not detected.probability.any()
    assert not detected.current.any()


def test_later_days_change_nothing() -> None:
    logs, day = log_revenue([1, 0]), 7 * 40 + 2
    changed = logs.copy()
    changed[:, day + 1 :] += 3
    before, after = detect(logs, WEEKDAY, NO_HOLIDAY), detect(changed, WEEKDAY, NO_HOLIDAY)
    for name in ("current", "probability", "weekday_share"):
        np.testing.assert_array_equal(getattr(before, name)[: day + 1], getattr(after, name)[: day + 1])


def test_a_short_history_has_no_regimes_yet() -> None:
    detected = detect(log_revenue([1, 0])[:, :70], WEEKDAY[:70], NO_HOLIDAY[:70])
    assert not detected.probability.any()
