"""Milliseconds and runs of each function while demo orders are taken and printed: the input of docs/operate/cost.md."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.figures import Figure, told
from demo import pizzaplace
from demo.printers import printers
from demo.run import open_stores, take_sale
from stack.cloudformation import SERVICE, STAGE
from stack.stack import Stack

ORDERS = 400
QUIET_SECONDS = 8
REPORT = re.compile(r"REPORT RequestId: (\S+)\tDuration: (\d+(?:\.\d+)?) ms")


@dataclass
class Runs:
    """Of one function: the milliseconds of each run, and the bytes that it logs."""

    milliseconds: list[float] = field(default_factory=list)
    log_bytes: int = 0


def bench(stack: Stack) -> Iterator[Figure]:
    """Means over the runs of real orders through the local stack, warm and cold."""
    open_stores(stack.place)
    with printers(stack.root, list(pizzaplace.STORES)):
        started_ms = int(time.time() * 1000)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda sale: take_sale(stack.place, sale), pizzaplace.sales()[:ORDERS]))
        _wait_until_quiet(stack)
        functions = _runs(stack.emulator.client("logs"), started_ms)
    for function, runs in sorted(functions.items()):
        mean = sum(runs.milliseconds) / len(runs.milliseconds)
        yield told(f"durations.{function}", mean, "ms", f"{len(runs.milliseconds)} runs for {ORDERS} orders")
        yield told(f"durations.{function}_runs", len(runs.milliseconds) / ORDERS, "runs an order")
        yield told(f"durations.{function}_log", runs.log_bytes / ORDERS, "bytes an order")
    for message_type, count in _messages(stack):
        yield told(f"messages.{message_type}", count / ORDERS, "messages an order")


def _wait_until_quiet(stack: Stack) -> None:
    """Until the record of messages has not grown for some seconds, and all of it is sent."""
    before, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        [(count, unsent)] = _rows(stack, "SELECT COUNT(*), COALESCE(SUM(sent_at IS NULL), 0) FROM messages")
        if count != before or unsent:
            before, since = count, time.monotonic()
        time.sleep(0.5)


def _messages(stack: Stack) -> list[Any]:
    return _rows(stack, "SELECT type, COUNT(*) FROM messages GROUP BY type ORDER BY type")


def _rows(stack: Stack, statement: str) -> list[Any]:
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _runs(logs: Any, started_ms: int) -> dict[str, Runs]:
    """By function, from the platform's REPORT lines and the functions' own lines of the same request."""
    milliseconds: dict[str, float] = {}
    functions: dict[str, str] = {}
    sizes: dict[str, int] = defaultdict(int)
    for line in _lines(logs, started_ms):
        if report := REPORT.match(line):
            milliseconds[report[1]] = float(report[2])
        elif line.startswith("{"):
            entry = json.loads(line)
            function = str(entry.get("function", "")).removeprefix(f"{SERVICE}-{STAGE}-")
            if function:
                functions[entry["request"]] = function
                sizes[function] += len(line.encode())
    runs: dict[str, Runs] = defaultdict(Runs)
    for request, function in functions.items():
        if request in milliseconds:
            runs[function].milliseconds.append(milliseconds[request])
            runs[function].log_bytes = sizes[function]
    return runs


def _lines(logs: Any, started_ms: int) -> Iterator[str]:
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/{SERVICE}-{STAGE}")
    for name in [group["logGroupName"] for page in groups for group in page["logGroups"]]:
        for stream in logs.get_paginator("describe_log_streams").paginate(logGroupName=name):
            for entry in stream["logStreams"]:
                yield from _events(logs, name, entry["logStreamName"], started_ms)


def _events(logs: Any, group: str, stream: str, started_ms: int) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(
            logGroupName=group, logStreamName=stream, startTime=started_ms, startFromHead=True, **token
        )
        for event in page["events"]:
            yield from event["message"].splitlines()
        if not page["events"] or page.get("nextForwardToken") == token.get("nextToken"):
            return
        token = {"nextToken": page["nextForwardToken"]}
