"""`python -m generate.flow_table` → the table of docs/develop/functions.md, by functions.yml and the handlers."""

import ast
from pathlib import Path
from typing import Any

from stack.concerns import read_functions

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/develop/functions.md"
HEADINGS = ("function", "woken by", "does", "announces")


# By concern and trigger: functions that differ in nothing but their subject are one row, to keep the table to a screen.
FAMILIES = {("members", "`member.purchased`"): "one tag of the member each, by [its definition](../guide/tags.md)"}


def main() -> None:
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), render()), encoding="utf-8")


def render() -> str:
    """The table as Markdown."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for key, entry in read_functions().items():
        name, *rest = _row(key, entry)
        alike.setdefault((rest[0], rest[1], rest[2]), []).append(name)
    rows = [(", ".join(names), *rest) for rest, names in alike.items()]
    lines = [HEADINGS, ("---",) * 4, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_table(page: str, table: str, marker: str = "flow") -> str:
    """The page with the table between its markers. Raises ValueError where it has none."""
    opening, closing = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    before, _, behind = page.partition(opening)
    _, found, after = behind.partition(closing)
    if not found:
        raise ValueError(f"The page needs the lines {opening} and {closing} around the table")
    return f"{before}{opening}\n{table}\n{closing}{after}"


def module_of(entry: dict[str, Any]) -> Path:
    """The file of a function entry's handler, from the root."""
    return Path(entry["handler"]).with_suffix(".py")


def first_line(module: Path) -> str:
    """The first line of a module's docstring, which says trigger → effect."""
    docstring = ast.get_docstring(ast.parse((ROOT / module).read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].strip()


def _row(key: str, entry: dict[str, Any]) -> tuple[str, str, str, str]:
    module = module_of(entry)
    _, _, effect = first_line(module).partition(" → ")
    woken_by = "<br>".join(dict.fromkeys(_trigger(event) for event in entry["events"]))
    announces = ", ".join(f"`{message}`" for message in entry.get("announces", []))
    effect = FAMILIES.get((key.partition("_")[0], woken_by), effect.rstrip("."))
    return f"[{key}](../../{module.as_posix()})", woken_by, effect, announces


def _trigger(event: dict[str, Any]) -> str:
    [(kind, value)] = event.items()
    if kind == "message":
        return ", ".join(f"`{message}`" for message in value["types"])
    if kind == "httpApi":
        return f"`{value.removesuffix('/{proxy+}')}`"  # a path and what is below it are one line
    return f"`{value}`"


if __name__ == "__main__":
    main()
