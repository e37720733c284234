"""The glossary as data, and the forbidden names that the code still binds.

`python -m tests.support.glossary` prints each forbidden name with its places.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/develop/glossary.md"
CODE = ("agent", "backtest", "bench", "demo", "functions", "generate", "ops", "shared", "stack")
COLUMNS = 5


@dataclass(frozen=True)
class Term:
    """A row of the glossary. `folders` are those in which the names of `never` are forbidden."""

    name: str
    meaning: str
    never: frozenset[str]
    folders: tuple[str, ...]


def terms() -> list[Term]:
    """All rows of the tables that have a line `Folders:` before them. Raises ValueError for a malformed row."""
    rows = []
    folders: tuple[str, ...] = ()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            folders = ()
        elif line.startswith("Folders: "):
            folders = tuple(re.findall(r"`([^`]+)`", line)) or CODE
        elif folders and line.startswith("| ") and not line.startswith(("| Term", "| ---")):
            rows.append(_term(line, folders))
    return rows


def _term(line: str, folders: tuple[str, ...]) -> Term:
    cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
    if len(cells) != COLUMNS:
        raise ValueError(f"A row of the glossary has {len(cells)} cells and needs {COLUMNS}: {line}")
    return Term(cells[0], cells[1], frozenset(re.findall(r"`([^`]+)`(?! \()", cells[-1])), folders)


@cache
def names(path: Path) -> tuple[tuple[str, int], ...]:
    """Each name that a module defines or binds, with its line."""
    return tuple(_names(ast.parse(path.read_text(encoding="utf-8"))))


def _names(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno


def forbidden() -> Iterator[str]:
    """A line for each forbidden name that is bound, with its place and the term to use."""
    for term in terms():
        for path in (path for folder in term.folders for path in sorted((ROOT / folder).rglob("*.py"))):
            for name, line in names(path):
                if name in term.never:
                    yield f"{path.relative_to(ROOT)}:{line}: {name}: the glossary says {term.name}"


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in forbidden()))
