"""docs/develop/glossary.md is a table that a program can read, and one word names one thing."""

import re
from collections import Counter

from tests.support.glossary import CODE, COLUMNS, PAGE, ROOT, forbidden, terms


def test_a_term_has_one_row_and_a_meaning_of_one_sentence() -> None:
    counts = Counter(term.name for term in terms())
    assert len(counts) > 60
    assert [name for name, count in counts.items() if count > 1] == []
    assert [term.name for term in terms() if term.meaning.count(". ") or not term.meaning.endswith(".")] == []


def test_every_folder_of_the_glossary_exists() -> None:
    assert [folder for term in terms() for folder in term.folders if not (ROOT / folder).exists()] == []
    assert {folder for term in terms() for folder in term.folders} >= set(CODE)


def test_every_term_forbids_a_synonym() -> None:
    rows = PAGE.read_text(encoding="utf-8").splitlines()
    bodies = [row for row in rows if row.count(" | ") == COLUMNS - 1 and not row.startswith(("| Term", "| ---"))]
    assert [row for row in bodies if not re.search(r"`[^`]+`[^|]*\|$", row)] == []


def test_no_term_is_forbidden_in_its_own_folders() -> None:
    everything = terms()
    names = {(term.name, folder) for term in everything for folder in term.folders}
    assert [
        (name, folder)
        for term in everything
        for name in term.never
        for folder in term.folders
        if (name, folder) in names
    ] == []


def test_the_cloud_code_binds_no_forbidden_name() -> None:
    in_the_cloud = ("functions/", "shared/", "agent/")
    assert [line for line in forbidden() if line.startswith(in_the_cloud)] == []
