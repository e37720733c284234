"""Invalid rows of history are corrected by a stated rule, or the file is refused."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import history
from shared.spine.errors import Rejected
from tests.functions.forecast.chains import NEVER


def table(*lines: tuple[object, ...], columns: tuple[str, ...] = ("store_id", "date", "revenue")) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=list(columns), dtype=object)


def test_a_day_without_a_row_is_closed_between_first_and_last_and_unknown_outside() -> None:
    read = history.read(
        table(("a", "2024-02-28", "10"), ("a", "2024-03-01", "30"), ("b", "2024-02-27", 5), ("b", "2024-02-29", 7)),
        NEVER,
    )
    assert read.stores == ("a", "b")
    assert (read.first_day, read.last_day) == (date(2024, 2, 27), date(2024, 3, 1))
    np.testing.assert_array_equal(read.revenue, [[np.nan, 10, 0, 30], [5, 0, 7, np.nan]])


@pytest.mark.parametrize(
    ("lines", "reason", "revenue"),
    [
        ([("a", "2024-01-01", "5"), ("a", "2024-01-01", "5"), ("a", "2024-01-02", "6")], "row_repeated", [5, 6]),
        ([("a", "2024-01-01", "5"), ("a", "2024-01-02", "-6")], "negative_revenue", [5, np.nan]),
        ([("a", "2024-01-01", "5"), ("a", "2024-01-02", "")], "revenue_empty", [5, np.nan]),
    ],
)
def test_a_correction_names_its_reason(lines: list[tuple[object, ...]], reason: str, revenue: list[float]) -> None:
    read = history.read(table(*lines), NEVER)
    assert [correction.reason for correction in read.corrections] == [reason]
    assert read.corrections[0].store == "a"
    np.testing.assert_array_equal(read.revenue, [revenue])


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("a", "2024-01-01", "5"), ("a", "2024-01-01", "6")], "day_twice"),
        ([("a", "2024-01-01", "five")], "revenue_unreadable"),
        ([("a", "2024-01-01", "inf")], "revenue_unreadable"),
        ([("a", "the first", "5")], "date_unreadable"),
        ([("a", "2024-06-02", "5")], "date_in_future"),
        ([], "history_empty"),
    ],
)
def test_a_file_with_an_invalid_row_is_refused(lines: list[tuple[object, ...]], code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        history.read(table(("b", "2024-01-01", "5"), *lines) if lines else table(), today=date(2024, 6, 1))
    assert refusal.value.code == code


def test_future_days_without_revenue_are_left_out_with_a_correction() -> None:
    lines = [("a", "2024-05-31", "5"), ("a", "2024-06-30", "0"), ("b", "2024-06-01", "7"), ("b", "2024-06-02", "")]
    read = history.read(table(*lines), today=date(2024, 6, 1))
    assert (read.first_day, read.last_day) == (date(2024, 5, 31), date(2024, 6, 1))
    np.testing.assert_array_equal(read.revenue, [[5, np.nan], [np.nan, 7]])
    assert [(change.store, change.day, change.reason, change.was) for change in read.corrections] == [
        ("a", date(2024, 6, 30), "date_in_future", "0"),
        ("b", date(2024, 6, 2), "date_in_future", ""),
    ]


def test_a_file_of_future_days_alone_is_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        history.read(table(("a", "2024-06-30", "0")), today=date(2024, 6, 1))
    assert refusal.value.code == "history_empty"


def test_a_refusal_names_column_row_store_day_and_value() -> None:
    with pytest.raises(Rejected) as refusal:
        history.read(table(("b", "2024-01-01", "5"), ("a", "2024-01-01", "12 €")), NEVER)
    [fault] = refusal.value.faults
    assert (fault.path, fault.code) == ("rows[1].revenue", "revenue_unreadable")
    assert "12 €" in fault.detail
    assert refusal.value.detail == (
        "Column revenue, row 2 (store a, 2024-01-01): '12 €' is not a number; use digits and a decimal point. "
        "This fault is in 1 of 2 rows."
    )


def test_a_history_in_two_currencies_is_refused() -> None:
    columns = ("store_id", "date", "revenue", "currency")
    with pytest.raises(Rejected, match="EUR, USD"):
        history.read(table(("a", "2024-01-01", 5, "EUR"), ("a", "2024-01-02", 5, "USD"), columns=columns), NEVER)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Rejected, match="revenue"):
        history.read(pd.DataFrame({"store_id": ["a"], "date": ["2024-01-01"]}), NEVER)


def test_after_a_silence_of_four_weeks_a_store_is_closed_while_another_has_a_row() -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 32)]
    read = history.read(table(("a", "2024-01-02", 5), ("b", "2024-01-03", 6), *(("c", day, 7) for day in days)), NEVER)
    revenue = read.closed_since_last_row().revenue
    np.testing.assert_array_equal(revenue[0], [np.nan, 5, *[0] * 29])  # the third to the 31st
    np.testing.assert_array_equal(revenue[1], [np.nan, np.nan, 6, *[np.nan] * 28])


def test_after_its_last_row_a_store_is_unknown_while_another_has_one() -> None:
    read = history.read(
        table(
            *(("a", f"2024-01-{day:02}", 5) for day in (1, 2)), ("b", "2024-01-03", 7), ("b", "2024-01-05", 7),
            ("c", "2024-01-02", 6), ("c", "2024-01-05", "-6"),
        ),
        NEVER,
    )  # fmt: skip
    # b has no row on the fourth and is closed; c has one on the fifth, with an unknown value.
    np.testing.assert_array_equal(
        read.closed_since_last_row().revenue,
        [[5, 5, *[np.nan] * 3], [np.nan, np.nan, 7, 0, 7], [np.nan, 6, 0, 0, np.nan]],
    )
    cut = read.until(date(2024, 1, 3)).closed_since_last_row()
    np.testing.assert_array_equal(cut.revenue, [[5, 5, np.nan], [np.nan, np.nan, 7], [np.nan, 6, 0]])


def test_a_cut_ends_on_its_day_and_has_at_most_the_stated_days() -> None:
    read = history.read(table(*(("a", f"2024-01-{day:02}", day) for day in range(1, 31))), NEVER)
    cut = read.until(date(2024, 1, 20), most_days=5)
    assert (cut.first_day, cut.last_day) == (date(2024, 1, 16), date(2024, 1, 20))
    np.testing.assert_array_equal(cut.revenue, [[16, 17, 18, 19, 20]])
