"""Covariates by store and day: values as entered, and NaN for a day without one."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates
from shared.spine.errors import Rejected


def test_entries_are_by_store_and_day_and_a_day_without_one_is_missing() -> None:
    table = pd.DataFrame(
        {"store_id": ["a", "b", "z"], "date": ["2024-01-02", "2024-01-01", "2024-01-01"], "promo": [1, 0, 1]}
    )
    inputs = covariates.build("US", ["a", "b"], date(2024, 1, 1), date(2024, 1, 3), table)
    np.testing.assert_array_equal(inputs.columns["promo"], [[np.nan, 1, np.nan], [0, np.nan, np.nan]])
    later = inputs.column("promo", date(2024, 1, 2), 4)
    np.testing.assert_array_equal(later[0], [1, np.nan, np.nan, np.nan])


def test_words_of_state_holiday_become_ranks() -> None:
    table = pd.DataFrame(
        {"store_id": ["a"] * 3, "date": pd.date_range("2024-01-01", periods=3), "state_holiday": ["0", "b", "a"]}
    )
    inputs = covariates.build("DE", ["a"], date(2024, 1, 1), date(2024, 1, 3), table)
    np.testing.assert_array_equal(inputs.columns["state_holiday"], [[0, 2, 1]])


def openings(*words: object) -> list[float]:
    dates = pd.date_range("2024-01-01", periods=len(words))
    table = pd.DataFrame({"store_id": ["a"] * len(words), "date": dates, "open": words})
    inputs = covariates.build("DE", ["a"], date(2024, 1, 1), dates[-1].date(), table)
    return [float(value) for value in inputs.columns["open"][0]]


def test_yes_and_no_are_1_and_0_and_an_unknown_word_is_refused() -> None:
    assert openings("Yes", "no", "TRUE", " false", "closed", 1, "0") == [1, 0, 1, 0, 0, 1, 0]
    with pytest.raises(Rejected, match="perhaps"):
        openings("yes", "perhaps")


def test_fixed_properties_are_by_store_in_the_order_of_the_stores() -> None:
    statics = pd.DataFrame({"store_id": ["b", "a"], "seats": [20, 80]})
    inputs = covariates.build("US", ["a", "b"], date(2024, 1, 1), date(2024, 1, 3), statics=statics)
    assert inputs.of(["b", "a"]).statics["seats"].tolist() == [20, 80]
