"""How wide the interval gets from errors of a known spread, window by window."""

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from functions.forecast.engine.models.conformal_intervals import Intervals, Misses
from functions.forecast.engine.models.ensemble_weights import MEMBERS, Pool
from functions.forecast.engine.models.lightgbm_models import Sample
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.panel import Rows
from functions.forecast.engine.signals.week_regimes import Turn

Floats = NDArray[np.float64]
USUAL = 0.25  # its root is the unit that errors are counted in
TENTH = float(norm.ppf(0.9))  # so many deviations lie between the middle and P90


def deviates(rows: int) -> Floats:
    found: Floats = norm.ppf((np.arange(rows) + 0.5) / rows)
    return found


def turn(chance: float, up: float, down: float, rows: int = 1) -> Turn:
    return Turn(*(np.full(rows, each, np.float32) for each in (chance, up, down)))


def calibrated(errors: Floats, window: NDArray[np.int64], of: Turn, ahead: int = 1) -> Intervals:
    """From errors of a day after each window's origin, which is a Sunday; windows are weeks apart."""
    unit, one = np.full(len(errors), np.sqrt(USUAL), np.float32), np.ones(len(errors), int)
    logs = np.zeros((len(errors), len(MEMBERS)), np.float32)
    pool = Pool(logs, logs[:, 0], unit, np.resize(np.arange(ahead) + 1, len(errors)), one, 7 * window, of.up, of.down)
    usual = lightgbm.train({"verbose": -1}, lightgbm.Dataset(np.zeros((50, 1)), np.full(50, USUAL)), 1)
    return Intervals(usual).calibrated(errors.astype(np.float32), pool, 0.8)


def around(made: Intervals, of: Turn, ahead: int = 1) -> Floats:
    """P10, P50, P90 of a day's logarithm, of which 0 was forecast."""
    nothing = np.zeros(1, np.float32)
    return np.log(np.concatenate(made.around(nothing, nothing[:, None], np.array([ahead]), of)))


def shares(*spreads: float, rows: int = 1000) -> Floats:
    """P10, P50, P90 where each window's errors were normal with so much spread, and weeks had no turns."""
    errors = np.concatenate([spread * deviates(rows) for spread in spreads])
    window = np.repeat(np.arange(len(spreads)), rows)
    return around(calibrated(errors, window, turn(0, 0, 0, len(errors))), turn(0, 0, 0))


def test_windows_alike_give_the_quantiles_of_their_errors() -> None:
    assert shares(0.1, 0.1, 0.1) == pytest.approx([-0.1 * TENTH, 0, 0.1 * TENTH], abs=0.002)


@pytest.mark.parametrize("odd", [0.01, 0.8])
def test_one_window_that_was_unlike_the_others_does_not_decide_the_width(odd: float) -> None:
    low, _, high = shares(0.1, 0.1, odd, 0.1, 0.1)
    assert (low, high) == pytest.approx((-0.1 * TENTH, 0.1 * TENTH), rel=0.05)


def test_of_two_windows_none_is_in_the_middle_and_both_count() -> None:
    assert 0.15 * TENTH < shares(0.1, 0.4)[2] < 0.4 * TENTH


def test_of_nine_errors_eight_are_held_as_a_tenth_would_be_one_of_two_more() -> None:
    low, _, high = shares(0.1, 0.1, 0.1, rows=9)  # (9 + 1) * 0.8
    errors = 0.1 * deviates(9)
    assert ((errors >= low - 1e-6) & (errors <= high + 1e-6)).sum() >= 8


def test_the_unit_of_a_trials_errors_has_not_seen_them() -> None:
    rng = np.random.default_rng(5)
    day, restless = rng.integers(0, 300, 4000), rng.integers(0, 2, 4000)
    features = np.stack([day, restless], axis=1).astype(np.float32)
    far = np.where(restless, 0.4, 0.1).astype(np.float32)
    rows = Rows(np.zeros_like(day), day - 1, day)
    sample = Sample(rows, features, far, far, np.ones_like(far), ("day", "restless"))
    ahead = np.array([[290, 0], [290, 1]], np.float32)

    settings, none = Settings(rounds=60, threads=1), turn(0, 0, 0, 2)
    calm = Misses(sample, far, settings, 1).usual(200).scale(ahead, none)
    wild = Misses(sample, np.where(day > 200, 1, far), settings, 1).usual(200).scale(ahead, none)

    assert calm == pytest.approx(np.sqrt([0.1, 0.4]), rel=0.1)
    assert wild == pytest.approx(calm)


def normal(chance: float, up: float, down: float, spread: float) -> list[float]:
    """P10, P50, P90 of what is normal about `up` by that chance, and else about `down`."""

    def below(at: float) -> float:
        return float(chance * norm.cdf((at - up) / spread) + (1 - chance) * norm.cdf((at - down) / spread))

    return [brentq(lambda at, level=level: below(at) - level, -3, 3) for level in (0.1, 0.5, 0.9)]


@pytest.mark.parametrize(
    ("chance", "up", "down"), [(0.97, 0.0, -0.4), (0.7, 0.03, -0.37), (0.5, 0.2, -0.2), (0.04, 0.4, 0.0)]
)
def test_where_either_kind_of_week_may_come_the_tenths_are_those_of_both(chance: float, up: float, down: float) -> None:
    # The first window's week came as was expected, the second's otherwise.
    errors = np.concatenate([0.1 * deviates(4000) + came for came in (up, down, up)])
    found = around(
        calibrated(errors, np.repeat(np.arange(3), 4000), turn(chance, up, down, 12_000)), turn(chance, up, down)
    )
    wider = np.sqrt((USUAL + 2 * chance * (1 - chance) * 0.4) / USUAL)
    assert found == pytest.approx(normal(chance, up, down, 0.1 * wider), abs=0.005)


def test_weeks_that_came_otherwise_do_not_widen_what_is_sure() -> None:
    errors = np.concatenate([0.1 * deviates(1000) + came for came in (0.0, -0.5, 0.0, -0.5)])
    made = calibrated(errors, np.repeat(np.arange(4), 1000), turn(0.9, 0, -0.5, 4000))
    assert around(made, turn(1, 0, -0.5)) == pytest.approx(np.array([-0.1, 0, 0.1]) * TENTH, abs=0.002)


def test_rows_of_all_horizons_and_turns_are_each_what_they_are_alone() -> None:
    spread = np.repeat([0.1, 0.2, 0.3], [7, 7, 16])  # by block of horizons
    noise = np.tile(np.repeat(deviates(200), 30), 3) * np.tile(spread, 600)
    ahead = np.array([1, 1, 1, 9, 9, 20, 20, 20])
    made = calibrated(noise, np.repeat(np.arange(3), 6000), turn(0, 0, 0, len(noise)), ahead=30)
    kinds = Turn(*np.array([  # chance, up, down
        [0.95, 0, 0.2, 0.7, 0, 0.95, 0.5, 0.3],
        [0, 0, 0.5, -0.1, 0, 0, 0.2, 0.4],
        [-0.5, 0, -0.1, 0.4, 0, -0.3, -0.2, 0.1],
    ], np.float32))  # fmt: skip
    nothing = np.zeros(8, np.float32)
    together = np.log(made.around(nothing, nothing[:, None], ahead, kinds))
    for at, day in enumerate(ahead):
        chance, up, down = (float(each[at]) for each in vars(kinds).values())
        assert together[:, at] == pytest.approx(around(made, turn(chance, up, down), day), abs=1e-6)
        wider = np.sqrt((USUAL + 2 * chance * (1 - chance) * abs(up - down)) / USUAL)
        assert together[:, at] == pytest.approx(normal(chance, up, down, spread[day - 1] * wider), abs=0.02)


def test_each_week_of_a_window_is_of_a_kind_of_its_own() -> None:
    ahead = np.resize(np.arange(14) + 1, 2800 * 3)
    noise = np.tile(np.repeat(0.1 * deviates(200), 14), 3)
    errors = noise + np.where(ahead > 7, -0.5, 0.0)
    made = calibrated(errors, np.repeat(np.arange(3), 2800), turn(0.9, 0, -0.5, len(errors)), ahead=14)
    for day in (1, 8):
        assert around(made, turn(1, 0, -0.5), day) == pytest.approx(np.array([-0.1, 0, 0.1]) * TENTH, abs=0.005)
