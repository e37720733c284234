"""`python -m generate.connections_table` → the table of connections in docs/operate/capacity.md."""

from typing import Any

import yaml

from generate.flow_table import ROOT, with_table
from stack.concerns import find_concerns, read_concern

PAGE = ROOT / "docs/operate/capacity.md"
KINDS = {"message": "message", "schedule": "timer", "httpApi": "http", "websocket": "socket", "call": "call"}


def main() -> None:
    """Write the table into the page."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), render(), "connections"), encoding="utf-8")


def render() -> str:
    """The table as Markdown."""
    service = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))
    settings, most = service["custom"]["wiring"], service["params"]["default"]["maxConnections"]
    budgets = {concern: read_concern(concern) for concern in find_concerns()}
    rows = [
        (f"`{concern}`", str(entry["connections"]), _functions(entry["functions"], settings["limits"]))
        for concern, entry in budgets.items()
    ]
    people, future = settings["connectionsForPeople"], settings["connectionsForFunctionsToCome"]
    total = sum(int(entry["connections"]) for entry in budgets.values()) + people + future
    rows += [
        ("people and migrations", str(people), "`connectionsForPeople`"),
        ("functions to come", str(future), "`connectionsForFunctionsToCome`"),
        ("sum", str(total), f"`maxConnections` is {most}"),
    ]
    lines = [("concern", "connections", "environments of its functions"), ("---",) * 3, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _functions(entries: dict[str, Any], limits: dict[str, Any]) -> str:
    """Functions with as many environments are named together."""
    keys: dict[int, list[str]] = {}
    for key, entry in entries.items():
        if "database" in entry.get("rights", ()):
            keys.setdefault(environments(entry, limits), []).append(f"`{key}`")
    return "; ".join(f"{', '.join(names)}: {count}" for count, names in sorted(keys.items(), reverse=True)) or "none"


def environments(entry: dict[str, Any], limits: dict[str, Any]) -> int:
    """How many of a function run at once at most."""
    [trigger] = {name for event in entry["events"] for name in event}
    return int(entry.get("reservedConcurrency", limits[KINDS[trigger]]["reservedConcurrency"]))


if __name__ == "__main__":
    main()
