"""Every concern has the same floor plan: `ls` says what wakes it, what it offers, what it owns."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generate.concern_map import HEADINGS, MARKER, read_concern, render, render_details
from generate.flow_table import PAGE, with_table
from stack import concerns
from tests.support.paths import ROOT
from tests.support.structure import arrows, circle, has_handler
from tests.support.tables import owners

CONCERNS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))
ROOMS = [*(f"functions/{concern}" for concern in CONCERNS), "shared", "print_link", "agent"]
TOOLS = ["stack", "ops", "bench", "backtest", "demo", "generate"]
MOST_LINES = 400
MOST_FUNCTION_LINES = 15  # at the 90th percentile
SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE)\s")
# Verbs that any handler could have. A traceback must say which one it was.
VAGUE_VERBS = {"take", "run", "handle", "main", "process"}

every_concern = pytest.mark.parametrize("concern", CONCERNS)


def wiring_of(concern: str) -> dict[str, dict[str, Any]]:
    """Entries of functions.yml by key."""
    entries: dict[str, dict[str, Any]] = concerns.read_concern(concern)["functions"]
    return entries


def folder(concern: str) -> Path:
    return ROOT / "functions" / concern


@every_concern
def test_only_handlers_and_states_stand_on_top(concern: str) -> None:
    modules = {path.stem for path in folder(concern).glob("*.py") if not has_handler(path)}
    assert modules <= {"__init__", "states"}


@every_concern
def test_a_package_has_a_purpose_and_modules(concern: str) -> None:
    for package in (path for path in folder(concern).iterdir() if path.is_dir() and path.name != "__pycache__"):
        assert (package / "__init__.py").exists(), package
        assert ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))), package


@every_concern
def test_the_owned_tables_are_those_of_the_migrations(concern: str) -> None:
    owned = {table for table, owner in owners().items() if owner == concern}
    assert set(read_concern(folder(concern) / "__init__.py").owns) == owned


@every_concern
def test_what_it_hears_is_what_wakes_it(concern: str) -> None:
    triggers = {trigger for entry in wiring_of(concern).values() for trigger in _triggers(entry)}
    assert set(read_concern(folder(concern) / "__init__.py").hears) == triggers


@every_concern
def test_what_it_says_is_what_its_functions_announce(concern: str) -> None:
    announced = {message for entry in wiring_of(concern).values() for message in entry.get("announces", [])}
    assert set(read_concern(folder(concern) / "__init__.py").says) == announced


def _triggers(entry: dict[str, Any]) -> Iterator[str]:
    for event in entry["events"]:
        [(kind, value)] = event.items()
        if kind == "message":
            yield from value["types"]
        elif kind == "httpApi":
            yield re.sub(r"/\{proxy\+\}$", "", value)
        elif kind == "schedule":
            yield value["rate"][0] if isinstance(value, dict) else value
        else:
            yield value


@every_concern
def test_an_api_has_its_resources_in_modules(concern: str) -> None:
    serves = any("httpApi" in event for entry in wiring_of(concern).values() for event in entry["events"])
    assert not serves or any((folder(concern) / "resources").glob("[a-z]*.py"))


@every_concern
def test_sql_is_in_tables(concern: str) -> None:
    strangers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in folder(concern).rglob("*.py")
        if "tables" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert strangers == []


@every_concern
def test_a_handler_is_named_for_what_it_does(concern: str) -> None:
    for path in folder(concern).rglob("*.py"):
        if has_handler(path):
            functions = {
                node.name
                for node in ast.parse(path.read_text(encoding="utf-8")).body
                if isinstance(node, ast.FunctionDef)
            }
            assert not functions & VAGUE_VERBS, path


@every_concern
def test_imports_between_its_rooms_make_no_circle(concern: str) -> None:
    assert circle(arrows(concern)) == []


@every_concern
def test_tests_mirror_the_folders(concern: str) -> None:
    # `tables` may be tested through the handlers and resources alone.
    packages = {path.name for path in folder(concern).iterdir() if path.is_dir()} - {"__pycache__", "tables"}
    for package in packages:
        tests = ROOT / "tests/functions" / concern / package
        assert any(tests.rglob("test_*.py")), tests


@pytest.mark.parametrize("readme", HEADINGS)
def test_the_map_of_the_readme_is_made_from_the_concerns(readme: str) -> None:
    page = (ROOT / readme).read_text(encoding="utf-8")
    assert with_table(page, render(readme), MARKER) == page, "python -m generate.concern_map"


def test_the_tables_and_messages_of_concerns_are_those_of_their_packages() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page, render_details(), MARKER) == page, "python -m generate.concern_map"


@pytest.mark.parametrize("folders", [*([room] for room in ROOMS), TOOLS], ids=[*ROOMS, "tools"])
def test_nine_of_ten_functions_of_a_room_are_short(folders: list[str]) -> None:
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1 - _docstring_lines(node)
        for name in folders
        for path in (ROOT / name).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(lengths) < 2 or statistics.quantiles(lengths, n=10)[-1] <= MOST_FUNCTION_LINES


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    if ast.get_docstring(node) is None:
        return 0
    return (node.body[0].end_lineno or 0) - node.body[0].lineno + 1


def test_no_file_is_too_long() -> None:
    folders = [*ROOMS, *TOOLS, "tests", "wiring"]
    paths = [path for name in folders for path in (ROOT / name).rglob("*") if path.suffix in {".py", ".js", ".mjs"}]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert [f"{path.relative_to(ROOT)}: {lines}" for path, lines in lengths.items() if lines > MOST_LINES] == []
