"""`python -m generate.benchmarks_page` → docs/benchmarks/README.md, the newest results of docs/benchmarks/results."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs/benchmarks"
RESULTS = FOLDER / "results"
SUBJECTS = {
    "orders": "Order intake",
    "menus": "Menus of chains",
    "pricing": "Pricing",
    "webhooks": "Webhooks",
    "console": "Views of the console",
    "pages": "Pages of the console in a browser",
    "people": "People who sign in",
    "sync": "Other systems",
    "cold": "Cold starts",
    "outbox": "Outbox",
    "size": "Sizes",
    "gateway": "Gateway",
    "durations": "Runs of the functions for an order",
    "printing": "Printing",
    "storm": "Printing: the storm",
    "drill": "Printing: the drill",
    "members-30000": "Members: 30,000",
    "members-300000": "Members: 300,000",
    "members-loaded": "Members: a loaded machine and a small pool",
    "members-oracle": "Members: the oracle",
    "members-cost": "Members: cost at two sizes",
    "forecast": "Forecast",
    "accuracy": "Forecast: accuracy",
    "delivery": "Deliveries",
    "dispatch": "Delivery: dispatch",
    "outlets": "Outlet chat",
    "outlets-drill": "Outlet chat: the drills",
}
COLUMNS = ("figure", "value", "unit", "floor", "ratio", "spread", "bar", "met", "date", "note")
MET = {True: "met", False: "MISSED", None: ""}
HEAD = """# Benchmarks

This page shows only the newest results. [results](results) has all of them as JSON, and
`.venv/bin/python -m generate.benchmarks_page` makes the page.

`make bench` measures on a private MariaDB with durable commits and on the local emulator. `ONLY=orders` measures one
concern.
Most figures have a floor: the same work without this product, measured in the same run, pair by pair.
Quote ratios. Times include the noise of one machine.

- *ratio* is the value divided by the floor, as the median of the pairs.
- *spread* is the range of the ratios, or of the values.
- *bar* is the limit that the figure must keep. *met* says whether it does.
- *commit* is the commit that recorded the run.

`make bench` writes its results to `.local/bench`, one file for each subject. To publish a run, copy the file to
`results` and make the page again.
"""


@dataclass(frozen=True)
class Figure:
    """`floor` has the unit of `value`. `ok` is None for a figure without a bar."""

    name: str
    value: float | None
    unit: str
    floor: float | None = None
    ratio: float | None = None
    bar: str | None = None
    ok: bool | None = None
    spread: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Run:
    """One file of results. A partial run adds figures to the complete run before it."""

    subject: str
    date: str
    run: int
    commit: str | None
    command: str
    machine: str
    figures: tuple[Figure, ...]
    partial: bool = False
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[Mapping[str, Any], ...] = ()


def main() -> None:
    (FOLDER / "README.md").write_text(render(read_runs(RESULTS)), encoding="utf-8")


def read_runs(folder: Path) -> list[Run]:
    """All runs, the oldest first."""
    runs = [read_run(file) for file in folder.glob("*.json")]
    return sorted(runs, key=lambda run: (run.subject, run.date, run.run))


def read_run(file: Path) -> Run:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    document |= {key: tuple(document[key]) for key in ("conditions", "notes", "tables")}
    document["figures"] = tuple(Figure(**figure) for figure in document["figures"])
    return Run(**document)


def newest(runs: Iterable[Run], subject: str) -> list[Run]:
    """The newest complete run of the subject, and the partial runs after it."""
    chosen: list[Run] = []
    for run in runs:
        if run.subject == subject:
            chosen = [*chosen, run] if run.partial else [run]
    return chosen


def render(runs: Iterable[Run]) -> str:
    """The page as Markdown. Raises ValueError for a subject without a title in SUBJECTS."""
    runs = list(runs)
    unknown = {run.subject for run in runs} - set(SUBJECTS)
    if unknown:
        raise ValueError(f"Add a title to SUBJECTS for these subjects: {', '.join(sorted(unknown))}")
    sections = [section(title, newest(runs, subject)) for subject, title in SUBJECTS.items()]
    return HEAD + "".join(sections)


def section(title: str, runs: list[Run]) -> str:
    """One subject: how it was measured, its figures, and its notes."""
    if not runs:
        return ""
    figures = {figure.name: cells(figure, run.date) for run in runs for figure in run.figures}
    parts = [f"\n## {title}\n"]
    parts += [conditions(run) for run in runs]
    parts.append(figures_table(list(figures.values())))
    parts += [f"{table['title']}:\n\n{markdown_table(table['columns'], table['rows'])}" for table in extra_tables(runs)]
    notes = [f"- {note}" for run in runs for note in run.notes]
    return "\n".join([*parts, *notes]) + "\n" * bool(notes)


def conditions(run: Run) -> str:
    commit = f", commit {run.commit}" if run.commit else ""
    lines = [f"`{run.command}`, {run.date}, {run.machine}{commit}.", *run.conditions]
    return "\n".join(lines) + "\n"


def extra_tables(runs: Iterable[Run]) -> list[Mapping[str, Any]]:
    return [table for run in runs for table in run.tables]


def cells(figure: Figure, date: str) -> list[str]:
    numbers = [number(figure.value), figure.unit, number(figure.floor), number(figure.ratio)]
    texts = [figure.spread or "", figure.bar or "", MET[figure.ok], date, figure.note or ""]
    return [figure.name, *numbers, *texts]


def figures_table(rows: list[list[str]]) -> str:
    """Without the columns that are empty in every row, and without the date if all rows share it."""
    dates = {row[COLUMNS.index("date")] for row in rows}
    filled = [any(column) for column in zip(*rows, strict=True)]
    filled[COLUMNS.index("date")] = len(dates) > 1
    return markdown_table(compress(COLUMNS, filled), [compress(row, filled) for row in rows])


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def markdown_table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    columns = list(columns)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(text, line))} |\n" for line in lines)


def text(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


if __name__ == "__main__":
    main()
