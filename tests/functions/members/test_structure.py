"""The rooms of members, and the arrows between them, read from the imports.

A room is a module or a package of the concern. All handlers on top are one room.
"""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.support.compiled import ROOT

CONCERN = ROOT / "functions/members"
PACKAGE = "functions.members"
LARGEST_NUMBER_OF_ARROWS = 33


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a module, by the parts of its name under the concern."""
    top = parts[0]
    module = CONCERN / f"{top}.py"
    return "handlers" if module.exists() and "\nhandler = " in module.read_text(encoding="utf-8") else top


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of the concern that a file imports, also for types alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            yield from ((alias.name,) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{PACKAGE}."):
            yield tuple(node.module.removeprefix(f"{PACKAGE}.").split("."))
        elif isinstance(node, ast.Import):
            assert not [alias.name for alias in node.names if alias.name.startswith(PACKAGE)], path


def arrows() -> set[tuple[str, str]]:
    """(room, room that it imports)."""
    files = [path for path in CONCERN.rglob("*.py") if path != CONCERN / "__init__.py"]
    pairs = {
        (room_of(path.relative_to(CONCERN).with_suffix("").parts), room_of(target))
        for path in files
        for target in imported(path)
    }
    return {(source, target) for source, target in pairs if source != target}


def test_members_have_few_arrows_between_their_rooms_and_no_circle() -> None:
    graph: dict[str, set[str]] = {}
    for source, target in arrows():
        graph.setdefault(source, set()).add(target)
    assert set(TopologicalSorter(graph).static_order()) >= {"handlers", "resources", "tables", "facts"}
    assert len(arrows()) <= LARGEST_NUMBER_OF_ARROWS, sorted(arrows())


def test_facts_and_states_are_below_the_sql() -> None:
    assert {target for source, target in arrows() if source == "tables"} == {"facts", "states"}
