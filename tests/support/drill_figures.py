"""Figures of a long drill, a JSON line each in the file that DRILL_FIGURES names. Without it they go nowhere."""

import json
import os
from pathlib import Path


def note_figure(name: str, value: float, unit: str, bar: str = "", note: str = "") -> None:
    """Keep a figure that a test has already held to its bar."""
    if file := os.environ.get("DRILL_FIGURES"):
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"name": name, "value": value, "unit": unit, "bar": bar, "note": note}) + "\n")
