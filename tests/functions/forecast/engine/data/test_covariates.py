"""Covariates by store and day: values as given, and NaN where none is given."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates
from shared.spine.errors import Rejected


def test_what_people_said_is_kept_by_store_and_day_and_nothing_is_made_up_for_the_rest() -> None:
    known = pd.DataFrame(
        {"store_id": ["a", "b", "z"], "date": ["2024-01-02", "2024-01-01", "2024-01-01"], "promo": [1, 0, 1]}
    )
    calendar = covariates.build("US", ["a", "b"], date(2024, 1, 1), date(2024, 1, 3), known)
    np.testing.assert_array_equal(calendar.known["promo"], [[np.nan, 1, np.nan], [0, np.nan, np.nan]])
    later = calendar.column("promo", date(2024, 1, 2), 4)
    np.testing.assert_array_equal(later[0], [1, np.nan, np.nan, np.nan])


def test_kinds_of_a_holiday_become_numbers() -> None:
    known = pd.DataFrame(
        {"store_id": ["a"] * 3, "date": pd.date_range("2024-01-01", periods=3), "state_holiday": ["0", "b", "a"]}
    )
    calendar = covariates.build("DE", ["a"], date(2024, 1, 1), date(2024, 1, 3), known)
    np.testing.assert_array_equal(calendar.known["state_holiday"], [[0, 2, 1]])


def test_yes_and_no_are_one_and_nothing_and_other_words_are_refused() -> None:
    def said(*words: object) -> list[float]:
        dates = pd.date_range("2024-01-01", periods=len(words))
        known = pd.DataFrame({"store_id": ["a"] * len(words), "date": dates, "open": words})
        calendar = covariates.build("DE", ["a"], date(2024, 1, 1), dates[-1].date(), known)
        return [float(each) for each in calendar.known["open"][0]]

    assert said("Yes", "no", "TRUE", " false", "closed", 1, "0") == [1, 0, 1, 0, 0, 1, 0]
    with pytest.raises(Rejected, match="perhaps"):
        said("yes", "perhaps")
