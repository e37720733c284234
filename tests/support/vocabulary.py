"""Counts bound names that say nothing of the thing they are bound to.

`python -m tests.support.vocabulary [FOLDER ...]` prints the share of each room and its vague names.
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAGUE = frozenset(
    {
        "found",
        "told",
        "said",
        "each",
        "one",
        "ones",
        "some",
        "kept",
        "known",
        "wanted",
        "made",
        "taken",
        "beyond",
        "odd",
        "moved",
        "given",
        "left",
        "other",
        "others",
        "rest",
        "whole",
        "thing",
        "things",
        "stuff",
        "done",
        "got",
        "asked",
        "seen",
        "meant",
        "held",
        "begun",
        "gone",
        "came",
        "put",
        "shown",
        "both",
        "another",
        "same",
        "such",
        "theirs",
        "ours",
        "it",
        "this",
        "that",
        "what",
    }
)
LARGEST_SHARE = 0.015
CONCERNS = sorted(path.name for path in (ROOT / "functions").iterdir() if (path / "__init__.py").exists())
ROOMS = (
    *(f"functions/{concern}" for concern in CONCERNS),
    "shared",
    "agent",
    *("stack", "ops", "bench", "backtest", "demo", "generate"),
)


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Variables and parameters with their lines. Attributes and imports are not bound here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, node.lineno


def is_vague(name: str) -> bool:
    return name.strip("_") in VAGUE


def names_of(folder: Path) -> list[tuple[str, str]]:
    """(name, file:line) of every bound name under the folder."""
    return [
        (name, f"{path.relative_to(ROOT)}:{line}")
        for path in sorted(folder.rglob("*.py"))
        for name, line in bound_names(ast.parse(path.read_text(encoding="utf-8")))
    ]


def vague_share(folder: Path) -> float:
    names = names_of(folder)
    return sum(is_vague(name) for name, _ in names) / max(len(names), 1)


def main() -> None:
    for room in sys.argv[1:] or ROOMS:
        names = names_of(ROOT / room)
        vague = Counter(name for name, _ in names if is_vague(name))
        sys.stdout.write(f"{room:22} {sum(vague.values()):4} of {len(names):5} {vague_share(ROOT / room):6.1%}  ")
        sys.stdout.write(", ".join(f"{name} {count}" for name, count in vague.most_common(12)) + "\n")
        if sys.argv[1:]:
            sys.stdout.write("".join(f"  {place}: {name}\n" for name, place in names if is_vague(name)))


if __name__ == "__main__":
    main()
