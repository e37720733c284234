"""A real browser that walks through the pages: journeys are JavaScript, tests/web/*.mjs."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.waiting import on_this_machine

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PICTURES = ROOT / ".local/screenshots"
# Seconds for a journey, and for each step of it, on a machine that does nothing else.
JOURNEY_SECONDS, STEP_SECONDS = 240, 40
LONGEST_SECONDS = 600


def find_browser() -> str:
    """The path of Chromium or Chrome. Without one the test is skipped, or fails under CI."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    reason = "No Chromium or Chrome was found to open the pages with: apt-get install chromium"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def journeys_of(script: Path, pattern: str = r"[a-z]\w+") -> list[str]:
    """The names of a script's journeys: its async functions with one argument."""
    names = re.findall(rf"^async function ({pattern})\(page\)", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert names, script
    return names


def walk(script: Path, name: str, journey: dict[str, Any]) -> str:
    """Walk one journey; its output. A step waits for what it needs, longer on a machine that does much else."""
    patience = min(on_this_machine(STEP_SECONDS), LONGEST_SECONDS / 2)
    done = subprocess.run(
        ["node", script, name],
        env={**os.environ, "JOURNEY": json.dumps({"patience": int(patience * 1_000), **journey})},
        capture_output=True,
        text=True,
        check=False,
        timeout=min(on_this_machine(JOURNEY_SECONDS), LONGEST_SECONDS),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
