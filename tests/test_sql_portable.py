"""SQL that MySQL and MariaDB both take, told by its text where the suite has one of them alone."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.compiled import ROOT

# What one of the two refuses; the manuals' pages are named in the reasons.
REFUSED = {
    r"\bseq_\d+_to_\d+": "MySQL has no sequence engine",
    r"\bRETURNING\b": "MySQL has no RETURNING (its INSERT, REPLACE and DELETE statements)",
    r"\bFOR SHARE\b": "MariaDB takes LOCK IN SHARE MODE alone (its SELECT statement)",
    r"\bFOR UPDATE OF\b": "MariaDB locks all tables of a SELECT (its SELECT statement)",
    r"\bAS new\b.*ON DUPLICATE KEY": "MariaDB has no alias of inserted rows (its INSERT statement)",
    # MySQL locks what a locking SELECT reads, and answers 3569 to a JSON_TABLE there: "Table … is not suitable".
    r"(?<!SELECT \* FROM )JSON_TABLE.*(?:LOCK IN SHARE MODE|FOR UPDATE)": "MySQL locks no JSON_TABLE: SELECT from it",
}


def texts() -> Iterator[tuple[str, str]]:
    """(place, text) of all strings of the product's code that are SQL."""
    for path in sorted([*(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and re.match(
                r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)\b", str(node.value)
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", str(node.value)


@pytest.mark.parametrize("pattern", REFUSED)
def test_no_statement_is_for_one_server_alone(pattern: str) -> None:
    statements = list(texts())
    assert len(statements) > 100, "the scan must see the statements there are"
    assert [place for place, text in statements if re.search(pattern, text, re.DOTALL)] == [], REFUSED[pattern]
