"""docs/benchmarks: the page is current, shows the newest results alone, and each result is complete."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from generate.benchmarks_page import FOLDER, RESULTS, SUBJECTS, Figure, Run, newest, read_runs, render

RUNS = read_runs(RESULTS)
OLD = Run("orders", "2026-01-01", 1, "aaa", "make bench", "2 cores", (Figure("a", 1, "s"), Figure("b", 2, "s")))
NEW = replace(OLD, date="2026-01-02", figures=(Figure("a", 3, "s"), Figure("c", 4, "s")))
PARTIAL = replace(
    OLD, date="2026-01-03", figures=(Figure("a", 1234.5, "s", 1000, 1.234, "≤ 1", ok=False),), partial=True
)


def test_the_page_is_current() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert page == render(RUNS), "Run .venv/bin/python -m generate.benchmarks_page"


def test_a_subject_shows_its_newest_complete_run_and_later_partial_runs() -> None:
    assert newest([OLD, NEW, PARTIAL], "orders") == [NEW, PARTIAL]
    page = render([OLD, NEW, PARTIAL])
    rows = [line for line in page.splitlines() if re.match(r"\| [abc] \|", line)]
    assert rows == [
        "| a | 1,234.5 | s | 1,000 | 1.234 | ≤ 1 | MISSED | 2026-01-03 |",
        "| c | 4 | s |  |  |  |  | 2026-01-02 |",
    ]


def test_a_subject_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="weather"):
        render([replace(OLD, subject="weather")])


def test_every_subject_has_a_complete_run() -> None:
    assert {run.subject for run in RUNS if not run.partial} == set(SUBJECTS)


@pytest.mark.parametrize("file", sorted(RESULTS.glob("*.json")), ids=lambda file: file.stem)
def test_a_result_is_complete(file: Path) -> None:
    run = json.loads(file.read_text(encoding="utf-8"))
    repeat = f"-{run['run']}" if run["run"] > 1 else ""
    assert file.stem == f"{run['date']}-{run['subject']}{repeat}"
    assert re.fullmatch(r"[0-9a-f]{7,}", run["commit"])
    assert run["machine"]
    assert run["command"]
    names = [figure["name"] for figure in run["figures"]]
    assert len(set(names)) == len(names) > 0
    for figure in run["figures"]:
        assert figure["value"] is not None or figure["ratio"]
        assert ("bar" in figure) == ("ok" in figure)


def test_figures_of_the_earlier_page_are_in_the_results() -> None:
    """Copied by hand from the page of 2026-11-29, which had no JSON beside it."""
    figures = {(run.subject, run.date, figure.name): figure for run in RUNS for figure in run.figures}
    intake = figures["orders", "2026-11-24", "orders.intake"]
    assert (intake.value, intake.floor, intake.ratio, intake.spread) == (
        513.94,
        808.213,
        0.651,
        "0.61 to 0.75 in 9 pairs",
    )
    assert figures["cold", "2026-11-26", "cold.forecast_train_part"].value == 1124
    assert figures["drill", "2026-11-26", "drill.jobs"].value == 32029
    assert figures["members-300000", "2026-11-26", "members.backfill_all"].ratio == 1.87
    assert figures["forecast", "2026-11-26", "forecast.1115_stores_refresh_share"].value == 0.093
    assert figures["printing", "2026-11-26", "printing.10_a_second_from_begun_p50"].ok is False
