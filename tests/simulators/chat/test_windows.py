"""Sliding windows against counts by hand."""

from hypothesis import given
from hypothesis import strategies as st

from tests.simulators.chat.windows import Window, Windows, most_in_a_window


def test_third_message_waits_until_the_first_leaves() -> None:
    windows = Windows([Window(2, 10, "robot")])
    assert [windows.take("r", "c", at) for at in (0, 4, 7, 10, 13)] == [0, 0, 3, 0, 1]


def test_refused_message_of_one_window_takes_no_place_in_another() -> None:
    windows = Windows([Window(2, 10, "robot"), Window(1, 10, "chat")])
    assert [windows.take("r", chat, 0) for chat in ("a", "a", "b")] == [0, 10, 0]


def test_window_of_groups_leaves_people_alone() -> None:
    windows = Windows([Window(1, 10, "group")])
    assert [windows.take("r", "c", 0, group=group) for group in (True, True, False, False)] == [0, 10, 0, 0]


def test_ban_lasts_longer_than_the_window() -> None:
    windows = Windows([Window(1, 1, "robot")], ban=600)
    windows.take("r", "c", 0)
    windows.take("r", "c", 0.5)
    assert (windows.banned("r", 100.5), windows.banned("other", 100.5)) == (500, 0)


def test_judge_counts_half_open_windows() -> None:
    assert most_in_a_window([0, 30, 59.9, 60, 90], 60) == 3
    assert most_in_a_window([], 60) == 0


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=40))
def test_windows_never_let_more_pass_than_the_judge_allows(times: list[float]) -> None:
    windows = Windows([Window(3, 10, "robot")])
    passed = [at for at in sorted(times) if not windows.take("r", "c", at)]
    assert most_in_a_window(passed, 10) <= 3
