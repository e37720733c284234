"""docs/decisions: five lines a page, numbers without gaps, links between decisions, and a current index."""

import re
from itertools import pairwise

import pytest

from generate.decisions_index import FIELDS, FOLDER, Decision, read_decisions, render

DECISIONS = read_decisions(FOLDER)
STATUS = re.compile(r"holds(, amended by LINK(, LINK)*)?|superseded by LINK")
LINK = re.compile(r"\[(\d{4})\]\((\1-[a-z0-9-]+\.md)\)")


def test_the_index_is_current() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert page == render(DECISIONS), "Run .venv/bin/python -m generate.decisions_index"


def test_numbers_have_no_gap_and_dates_do_not_go_back() -> None:
    assert [decision.number for decision in DECISIONS] == [f"{n:04d}" for n in range(1, len(DECISIONS) + 1)]
    dates = [decision.fields["Date"] for decision in DECISIONS]
    assert all(earlier <= later for earlier, later in pairwise(dates))


def test_no_decision_of_the_first_page_is_lost() -> None:
    assert len(DECISIONS) >= 102


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.number)
def test_a_page_has_its_five_lines(decision: Decision) -> None:
    assert list(decision.fields) == FIELDS
    assert decision.file.startswith(f"{decision.number}-")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", decision.fields["Date"])
    assert STATUS.fullmatch(LINK.sub("LINK", decision.fields["Status"]))
    text = (FOLDER / decision.file).read_text(encoding="utf-8")
    assert len(re.findall(r"^\S", text, re.MULTILINE)) == len(FIELDS) + 1


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.number)
def test_a_status_names_a_later_decision(decision: Decision) -> None:
    files = {later.file for later in DECISIONS if later.number > decision.number}
    assert {file for _, file in LINK.findall(decision.fields["Status"])} <= files
