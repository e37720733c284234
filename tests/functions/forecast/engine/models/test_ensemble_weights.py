"""How members that were off by known shares are weighed; the expected weights are worked out by hand."""

import numpy as np
import pytest

from functions.forecast.engine.models.ensemble_weights import MEMBERS, Pool, weigh

FIRST, SECOND, THIRD = MEMBERS[:3]


def pool(*off: float) -> Pool:
    """Forty store-days of 100, in two windows, that the first members missed by so much each."""
    rows = np.arange(40)
    said = np.full((40, len(MEMBERS)), 300.0)
    said[:, : len(off)] = 100 * (1 + np.array(off))
    return Pool(
        members=np.log(said).astype(np.float32),
        truth=np.full(40, np.log(100), np.float32),
        scale=np.ones(40, np.float32),
        horizon=rows % 10 + 1,
        store=rows % 2,
        origin=rows // 20,
        up=np.zeros(40, np.float32),
        down=np.zeros(40, np.float32),
    )


def test_members_alike_share_alike_but_for_the_quarter_that_goes_to_who_lowers_the_error() -> None:
    weights = weigh(pool(0.1, 0.1), (FIRST, SECOND))
    assert weights[FIRST] == pytest.approx(0.375 + 0.25)
    assert weights[SECOND] == pytest.approx(0.375)


def test_a_member_four_percent_behind_gets_half_of_the_best_one_s_share() -> None:
    weights = weigh(pool(0.1, 0.1 * 1.0443), (FIRST, SECOND))  # 1.0443 ** 16 = 2
    assert weights[FIRST] == pytest.approx(0.75 * 2 / 3 + 0.25, abs=1e-3)
    assert weights[SECOND] == pytest.approx(0.75 / 3, abs=1e-3)


def test_a_member_far_behind_is_dropped_even_where_it_would_cancel_the_others_errors() -> None:
    assert weigh(pool(0.1, -0.13), (FIRST, SECOND))[SECOND] == 0


def test_two_that_miss_on_opposite_sides_share_the_quarter() -> None:
    weights = weigh(pool(0.1, -0.1), (FIRST, SECOND))
    assert weights[FIRST] == pytest.approx(0.5, abs=0.05)


def test_the_weights_add_up_and_those_not_allowed_have_none() -> None:
    weights = weigh(pool(0.1, 0.11, 0.05), (FIRST, SECOND))
    assert sum(weights.values()) == pytest.approx(1)
    assert weights[THIRD] == 0


def test_members_that_miss_nothing_are_weighed_too() -> None:
    assert weigh(pool(0.0, 0.0), (FIRST, SECOND))[SECOND] == pytest.approx(0.375)
