"""status.json, as a running agent writes it → lines for a person, and whether all is well."""

import json
import time
from pathlib import Path
from typing import Any

# The agent writes when something changes, and every 10 s.
STALE_SECONDS = 30.0


def read(data: Path) -> dict[str, Any] | None:
    """The status that the agent wrote last, or None."""
    try:
        document = json.loads((data / "status.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def report(document: dict[str, Any] | None, now: float | None = None) -> tuple[list[str], bool]:
    """(lines, whether the store can print)."""
    if document is None:
        return ["The agent has not run here yet."], False
    age = (time.time() if now is None else now) - document["at"]
    running = -STALE_SECONDS < age < STALE_SECONDS
    lines = [
        f"agent {document['agent']} of store {document['store']}, version {document['version']}, {document['role']}",
        "running" if running else f"NOT RUNNING (last sign {age:.0f} s ago)",
        f"connected to {document['relay']}" if document["relay"] else f"NOT CONNECTED: {document['trouble']}",
    ]
    if abs(document["clock_offset"]) > STALE_SECONDS:
        lines.append(f"this machine's clock is wrong by {-document['clock_offset']:.0f} s (harmless, but mend it)")
    good = running and bool(document["relay"])
    if document["role"] == "standby":
        return [*lines, "another agent of the store prints; the printers are left to it"], good
    if document.get("left"):
        lines.append(f"the printers are let go: {document['left']}")
        good = False
    for name, printer in document["printers"].items():
        why = f" ({printer['trouble']})" if printer["trouble"] else ""
        proof = printer["proof"] or "not seen yet"
        lines.append(f"  {name}: {printer['state']}{why}, proof: {proof}, waiting: {printer['waiting']}")
        good = good and printer["state"] in {"ready", "mute", "unchecked"}
    return lines, good
