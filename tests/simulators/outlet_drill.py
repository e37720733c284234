"""The long drills of outlets: `python -m tests.simulators.outlet_drill [pacing orders looks races steps dead_chats …]`.

Each is a test that pytest runs at full length. `--short` runs it as `make test` does. The figures are printed, and with
`--save` they become a file of docs/benchmarks/results.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.results import current_commit
from tests.support.paths import ROOT

TESTS = "tests/functions/outlets"
RESULTS = ROOT / "docs/benchmarks/results"
COMMAND = "python -m tests.simulators.outlet_drill"
# Each drill: its tests, and the variables that make it long.
DRILLS: dict[str, tuple[str, dict[str, str]]] = {
    "pacing": ("sending/test_pacing_drill.py", {"DRILL_SEEDS": "20", "DRILL_WORKERS": "16"}),
    "orders": (
        "notices/test_orders_drill.py",
        {"DRILL_SEEDS": "20", "DRILL_ORDERS": "1000", "DRILL_WORKERS": "6"},
    ),
    "looks": ("resources/test_confirm_drill.py", {"DRILL_LOOKS": "10000", "DRILL_PRESSES": "200"}),
    "races": ("escalation/test_answer_drill.py::test_nothing_follows_an_answer", {"DRILL_RACES": "10000"}),
    "steps": (
        "escalation/test_answer_drill.py::test_steps_are_made_within_two_seconds_of_their_time",
        {"DRILL_STEPS": "1000", "DRILL_SPREAD": "120"},
    ),
    "dead_chats": ("sending/test_dead_chats_drill.py", {"DRILL_CHATS": "500"}),
    "consents": ("guests/test_consents.py", {}),
}


def run(name: str, figures: Path, *, short: bool) -> bool:
    """Whether the tests of a drill passed. Their figures are added to the file."""
    tests, variables = DRILLS[name]
    environment = {**os.environ, "DRILL_FIGURES": str(figures), **({} if short else variables)}
    command = [sys.executable, "-m", "pytest", f"{TESTS}/{tests}", "-q", "-p", "no:cacheprovider", "--show-capture=no"]
    return subprocess.run([*command, "-o", "timeout=0"], cwd=ROOT, env=environment, check=False).returncode == 0


def read_figures(file: Path) -> Iterator[dict[str, Any]]:
    """The figures that the tests kept, as a result has them."""
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        figure = {key: value for key, value in json.loads(line).items() if value != ""}
        yield figure | ({"ok": True} if "bar" in figure else {})


def save(figures: list[dict[str, Any]], names: list[str]) -> Path:
    """The file of this run."""
    now = datetime.now(UTC)
    load = os.getloadavg()[0]
    document = {
        "subject": "outlets-drill",
        "date": f"{now:%Y-%m-%d}",
        "run": 1,
        "partial": False,
        "commit": current_commit(),
        "command": f"{COMMAND} {' '.join(names)}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "conditions": [f"The load of the machine was {load:.0f} at the end."],
        "figures": figures,
        "tables": [],
        "notes": [],
    }
    file = RESULTS / f"{now:%Y-%m-%d}-outlets-drill.json"
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """1 where a drill failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("drills", nargs="*", default=[], help=", ".join(DRILLS))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--save", action="store_true")
    arguments = parser.parse_args()
    names = arguments.drills or list(DRILLS)
    if unknown := set(names) - set(DRILLS):
        parser.error(f"{', '.join(sorted(unknown))} is no drill. It must be one of: {', '.join(DRILLS)}.")
    with tempfile.TemporaryDirectory() as folder:
        file, began, failed = Path(folder) / "figures.jsonl", time.monotonic(), []
        for name in names:
            failed += [] if run(name, file, short=arguments.short) else [name]
        figures = list(read_figures(file))
    for figure in figures:
        say(f"  {figure['name']}: {figure['value']:,} {figure['unit']} {figure.get('note', '')}")
    say(f"{len(names)} drills in {time.monotonic() - began:.0f} s, failed: {', '.join(failed) or 'none'}")
    if arguments.save and not failed:
        say(str(save(figures, names)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
