"""The files that `make bench` writes to .local/bench: a run a subject, in the form of docs/benchmarks/results."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.figures import Figure
from stack.addresses import CHECKOUT


@dataclass(frozen=True)
class Conditions:
    """How the run was made. `commit` is None outside of a git repository."""

    date: str
    machine: str
    command: str
    commit: str | None


def write_results(figures: Iterable[Figure], conditions: Conditions, folder: Path) -> list[Path]:
    """The written files, by subject. A file of the same day and subject is replaced."""
    by_subject: dict[str, list[Figure]] = {}
    for figure in figures:
        by_subject.setdefault(subject_of(figure.name), []).append(figure)
    members = [figure.value for figure in by_subject.get("members", []) if figure.name == "members.members"]
    if members:
        by_subject[f"members-{members[0]:.0f}"] = by_subject.pop("members")
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(subject, subject_figures, conditions, folder) for subject, subject_figures in by_subject.items()]


def write_list(figures: Iterable[Figure], file: Path) -> None:
    """All figures of one run as one list: name, value, unit, floor, ratio, bar, ok."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(figure) for figure in figures], indent=1, ensure_ascii=False) + "\n")


def subject_of(name: str) -> str:
    """The subject of a figure: the first part of its name, with the storm and the tickets of printing apart."""
    if name.startswith("printing.storm"):
        return "storm"
    return {"ticket": "printing", "messages": "durations"}.get(name.partition(".")[0], name.partition(".")[0])


def current_commit() -> str | None:
    """The short hash of the checked-out commit."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    git = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return git.stdout.strip() or None


def _write(subject: str, figures: list[Figure], conditions: Conditions, folder: Path) -> Path:
    run: dict[str, Any] = {"subject": subject, "run": 1, "partial": False, **asdict(conditions)}
    run |= {"conditions": [], "figures": [_filled(figure) for figure in figures], "tables": [], "notes": []}
    file = folder / f"{conditions.date}-{subject}.json"
    file.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def _filled(figure: Figure) -> dict[str, Any]:
    return {name: value for name, value in asdict(figure).items() if value not in (None, "")}
