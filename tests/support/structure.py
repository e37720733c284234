"""The structure of a concern, drawn from its imports: rooms, and the arrows between them.

A room is a top-level module or package of the concern. All handlers together are one room, `handlers`.
`python -m tests.support.structure members` prints the arrows of functions/members.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

HANDLERS = "handlers"


def arrows(concern: str) -> set[tuple[str, str]]:
    """(importing room, imported room), without imports inside a room. Imports for types count, too."""
    return room_arrows(ROOT / "functions" / concern, f"functions.{concern}")


def room_arrows(folder: Path, package: str) -> set[tuple[str, str]]:
    """The arrows between the rooms of any package."""
    handlers = {path.stem for path in folder.glob("*.py") if has_handler(path)}
    edges = set()
    for path in sorted(folder.rglob("*.py")):
        room = _room(path.relative_to(folder).parts[0].removesuffix(".py"), handlers)
        for module in imported_modules(path):
            if module.startswith(f"{package}."):
                target = _room(module.removeprefix(f"{package}.").partition(".")[0], handlers)
                edges.add((room, target))
    return {(room, target) for room, target in edges if room not in (target, "__init__")}


def circle(room_edges: set[tuple[str, str]]) -> list[str]:
    """The rooms of one circle, or an empty list."""
    targets: dict[str, set[str]] = {}
    for room, target in room_edges:
        targets.setdefault(room, set()).add(target)
    for start in sorted(targets):
        if path := _path_back(start, start, targets, []):
            return path
    return []


def _path_back(room: str, start: str, targets: dict[str, set[str]], path: list[str]) -> list[str]:
    for target in sorted(targets.get(room, ())):
        if target == start:
            return [*path, room]
        if target not in path and target != room and (onward := _path_back(target, start, targets, [*path, room])):
            return onward
    return []


def _room(name: str, handlers: set[str]) -> str:
    return HANDLERS if name in handlers else name


def has_handler(path: Path) -> bool:
    """Whether the module exposes `handler` for Lambda."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(target, ast.Name) and target.id == "handler"
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
    )


def imported_modules(path: Path) -> Iterator[str]:
    """Dotted names; `from package import module` gives package.module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def main() -> None:
    for concern in sys.argv[1:]:
        edges = arrows(concern)
        rooms = {room for edge in edges for room in edge}
        sys.stdout.write("".join(f"{room} → {target}\n" for room, target in sorted(edges)))
        sys.stdout.write(f"{concern}: {len(rooms)} rooms, {len(edges)} arrows, circle {circle(edges) or 'none'}\n")


if __name__ == "__main__":
    main()
