"""Running sums, against sums that are computed day by day."""

import numpy as np

from functions.forecast.engine.signals.running_sums import days_since, running_sums, running_sums_by_weekday

VALUES = np.array([[1.0, np.nan, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]])


def test_a_window_is_the_difference_of_two_entries() -> None:
    sums, counts = running_sums(VALUES)
    assert (sums[0, 4] - sums[0, 0], counts[0, 4] - counts[0, 0]) == (1 + 3 + 4, 3)
    assert sums[0, 0] == 0


def test_sums_by_weekday_have_the_same_weekdays_alone() -> None:
    sums, counts = running_sums_by_weekday(VALUES)
    assert sums[0, 7 + 9] == 10 + 3
    assert (sums[0, 7 + 8], counts[0, 7 + 8]) == (9, 1)  # the day seven days before is missing


def test_days_since_the_last_open_day_do_not_count_unknown_days() -> None:
    open_days = np.array([[False, True, False, False, True, False, False]])
    known = np.array([[True, True, True, True, True, False, True]])
    np.testing.assert_array_equal(days_since(open_days, known), [[np.nan, 0, 1, 2, 0, 0, 1]])
