"""What the functions log, as JSON lines, oldest first: `python -m ops.logs [FUNCTION] [--request ID]`.

Works on the stack of this machine or, with --stage, on the AWS account whose credentials and region are set as for any
AWS tool. A problem document's `request` finds what one request logged; an order's id or any other word does too.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.exceptions

from ops.account import Account, here, there
from stack.addresses import ROOT
from stack.mariadb import CannotStart

EMULATOR_GIVES = 10_000


def main() -> int:
    """1 where nothing was found, or something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.logs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("function", nargs="?", default="", help="a function's name or the first part of it; else all")
    parser.add_argument("--request", default="", metavar="ID", help="only lines with this in them")
    parser.add_argument("--minutes", type=float, default=15, help="how far to look back (default: 15)")
    parser.add_argument("--stage", help="a stage in the cloud, in place of this machine's")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds the stack (default: .local)")
    arguments = parser.parse_args()
    try:
        account = there(arguments.stage) if arguments.stage else here(arguments.root)
        found = sorted(lines(account, arguments.function, arguments.request, time.time() - arguments.minutes * 60))
    except (CannotStart, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
        print(failure, file=sys.stderr)
        return 1
    for _, line in found:
        print(line)
    if not found:
        print("No function has logged that.", file=sys.stderr)
    return 0 if found else 1


def lines(account: Account, function: str, word: str, since: float) -> Iterator[tuple[int, str]]:
    """(milliseconds since 1970, a line) of every function whose name begins so."""
    logs = account.client("logs")
    prefix = f"/aws/lambda/{account.prefix}{function}"
    for groups in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        for group in groups["logGroups"]:
            for event in _events(logs, group["logGroupName"], word, int(since * 1000)):
                # The platform's own START, END and REPORT lines are no JSON.
                found = [line for line in event["message"].splitlines() if line.startswith("{") and word in line]
                yield from ((event["timestamp"], line) for line in found)


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


if __name__ == "__main__":
    sys.exit(main())
