"""Log lines of the functions, as JSON, from one machine's emulator or from CloudWatch Logs."""

import time
from collections.abc import Iterator
from typing import Any

from ops.account import Account

EMULATOR_GIVES = 10_000


def newest_lines(account: Account, function: str, word: str, minutes: float) -> list[str]:
    """The lines of the last minutes with the word in them, oldest first."""
    return [line for _, line in sorted(lines(account, function, word, time.time() - minutes * 60))]


def lines(account: Account, function: str, word: str, since: float) -> Iterator[tuple[int, str]]:
    """(milliseconds since 1970, a line) of every function whose name begins so, or of a whole concern."""
    logs = account.client("logs")
    concern, underscore, _ = function.partition("_")
    own = f'"function":"{account.prefix}{function}' if underscore else ""
    prefix = f"/aws/lambda/{account.prefix}{concern}"
    for groups in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        for group in groups["logGroups"]:
            for event in _events(logs, group["logGroupName"], word, int(since * 1000)):
                # The platform's own START, END and REPORT lines are no JSON.
                json_lines = (line for line in event["message"].splitlines() if line.startswith("{"))
                matching = [line for line in json_lines if word in line and own in line]
                yield from ((event["timestamp"], line) for line in matching)


def _events(logs: Any, group: str, word: str, since: int) -> Iterator[dict[str, Any]]:
    pattern = {"filterPattern": f'"{word}"'} if word else {}
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since, **pattern)
        events = [event for page in pages for event in page["events"]]
        yield from events
        # The emulator gives the oldest so many, and no token for what comes after.
        if len(events) < EMULATOR_GIVES:
            return
        since = events[-1]["timestamp"] + 1
