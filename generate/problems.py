"""`python -m generate.problems` → the tables of docs/api/problems.md, from the source and generate/problems.toml."""

import ast
import tomllib
from collections.abc import Iterator
from http import HTTPStatus

from generate.pages import ROOT, table, write
from shared.spine import db, errors

PAGE = ROOT / "docs/api/problems.md"
TEXTS = ROOT / "generate/problems.toml"
SOURCES = ("shared", "functions")
FAULTS = "Faults"
KINDS = {kind.__name__: kind.status for kind in (errors.Rejected, errors.NotFound, errors.Conflict, db.Locked)} | {
    "Unavailable": errors.Unavailable.status,
    "DumbwaiterError": errors.DumbwaiterError.status,
    "_unauthorized": HTTPStatus.UNAUTHORIZED,
}
# `refuse(rows, faults, code)` raises Rejected for rows of a file.
REFUSE, REFUSE_CODE = "refuse", 2

Texts = dict[str, dict[str, list[str]]]


def main() -> None:
    write(PAGE, render())


def render() -> str:
    """A table of problems for each subject, then the table of faults."""
    texts: Texts = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    statuses = raised_statuses()
    faults = texts.pop(FAULTS)
    tables = [f"## {subject}\n\n{_problem_table(codes, statuses)}" for subject, codes in texts.items()]
    rows = [(f"`{code}`", meaning, remedy) for code, (meaning, remedy) in faults.items()]
    introduction = "`errors` also has codes of pydantic, such as `extra_forbidden` or `string_pattern_mismatch`."
    fault_table = table(("code", "meaning", "remedy"), rows)
    return "\n\n".join((*tables, f"## In `errors`\n\n{introduction}\n\n{fault_table}"))


def raised_statuses() -> dict[str, set[HTTPStatus]]:
    """The HTTP statuses of each code that the source raises as a constant."""
    statuses: dict[str, set[HTTPStatus]] = {}
    for call in _calls():
        code = _code(call)
        if code is not None:
            statuses.setdefault(code, set()).add(_status(call))
    return statuses


def _problem_table(codes: dict[str, list[str]], statuses: dict[str, set[HTTPStatus]]) -> str:
    rows = []
    for code, (meaning, remedy, *declared) in codes.items():
        numbers = declared[0] if declared else ", ".join(str(int(status)) for status in sorted(statuses.get(code, ())))
        if not numbers:
            raise ValueError(f"No source raises {code} of generate/problems.toml. Delete it, or add its status.")
        rows.append((f"`{code}`", numbers, meaning, remedy))
    return table(("code", "status", "meaning", "remedy"), rows)


def _calls() -> Iterator[ast.Call]:
    paths = (path for source in SOURCES for path in sorted((ROOT / source).rglob("*.py")))
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def _code(call: ast.Call) -> str | None:
    position = REFUSE_CODE if _name(call) == REFUSE else 0 if _name(call) in KINDS else len(call.args)
    argument = call.args[position] if position < len(call.args) else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _status(call: ast.Call) -> HTTPStatus:
    for keyword in call.keywords:
        if keyword.arg == "status" and isinstance(keyword.value, ast.Attribute):
            return HTTPStatus[keyword.value.attr]
    return KINDS.get(_name(call), HTTPStatus.UNPROCESSABLE_ENTITY)


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


if __name__ == "__main__":
    main()
