"""A job's states are those of docs/develop/print-link.md: every move that its table names, and no other."""

import re
from itertools import product
from pathlib import Path

import pytest

from functions.printing.states import MOVES, JobState, move
from shared.spine.errors import Conflict

PAGE = Path("docs/develop/print-link.md").read_text(encoding="utf-8")
ENDS = {"printed", "failed", "unknown", "expired", "cancelled"}


def specified() -> set[tuple[str, str]]:
    """(from, to) of each row of the page's table."""
    table = PAGE.partition("| from | to | moved by | when |")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    moves = [(before, after) for before, after, *_ in rows if before.isascii()]
    return {pair for before, after in moves for pair in product(before.split(", "), after.split(", "))}


def test_every_move_that_the_page_names_is_made() -> None:
    for before, after in specified():
        assert move(JobState(before), JobState(after)) == after


def test_no_other_move_is_made() -> None:
    for before, after in set(product(JobState, JobState)) - specified():
        with pytest.raises(Conflict):
            move(before, after)


def test_the_ends_are_final() -> None:
    assert {state.value for state in JobState if state.final} == ENDS
    assert not any(MOVES[state] for state in JobState if state in ENDS)


def test_the_page_is_read() -> None:
    assert ("queued", "sent") in specified()
    assert len(re.findall(r"\| moved by \|", PAGE)) == 1
