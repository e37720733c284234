"""Milliseconds and runs of each function while demo orders are taken and printed: the input of docs/operate/cost.md."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.figures import Figure, told
from bench.processor_time import Sampler
from demo import pizzaplace
from demo.printers import printers
from demo.run import open_stores, take_sale
from stack.cloudformation import SERVICE, STAGE
from stack.stack import Stack

ORDERS = 240
# The busiest hour of 140 stores. A faster pace would fill the batches of the queues, and there would be fewer runs.
ORDERS_A_SECOND = 1.0
QUIET_SECONDS = 8
PREFIX = f"{SERVICE}-{STAGE}-"
LOG_GROUP = "/aws/lambda/"
REPORT = re.compile(r"REPORT RequestId: \S+\tDuration: (\d+(?:\.\d+)?) ms")
# Messages that were sent together have the same time. A call of SNS takes ten.
SENT_TOGETHER = """
    SELECT COALESCE(SUM(CEIL(messages / 10)), 0) FROM (
        SELECT COUNT(*) AS messages FROM messages WHERE sent_at IS NOT NULL GROUP BY sent_at
    ) AS calls"""


@dataclass
class Runs:
    """Of one function: the milliseconds of each run, and the bytes that it logs."""

    milliseconds: list[float] = field(default_factory=list)
    log_bytes: int = 0


def bench(stack: Stack) -> Iterator[Figure]:
    """Means over the runs of real orders through the local stack, warm and cold."""
    open_stores(stack.place)
    _separate_logs(stack.emulator.client("lambda"))
    with printers(stack.root, list(pizzaplace.STORES)), Sampler(stack.emulator.endpoint) as sampler:
        started_ms = int(time.time() * 1000)
        with ThreadPoolExecutor(4) as pool:
            for sale in pizzaplace.sales()[:ORDERS]:
                pool.submit(take_sale, stack.place, sale)
                time.sleep(1 / ORDERS_A_SECOND)
        _wait_until_quiet(stack)
        runs_by_function = _read_runs(stack.emulator.client("logs"), started_ms)
    for function, runs in sorted(runs_by_function.items()):
        count = len(runs.milliseconds)
        name = f"durations.{function}"
        yield told(name, sum(runs.milliseconds) / count, "ms", f"{count} runs for {ORDERS} orders")
        yield told(f"{name}_processor", sampler.milliseconds(PREFIX + function) / count, "ms of processor time")
        yield told(f"{name}_runs", count / ORDERS, "runs an order")
        yield told(f"{name}_log", runs.log_bytes / ORDERS, "bytes an order")
    for message_type, count in _messages(stack):
        yield told(f"messages.{message_type}", count / ORDERS, "messages an order")
    yield told("messages.publish_calls", float(_rows(stack, SENT_TOGETHER)[0][0]) / ORDERS, "calls an order")


def _separate_logs(functions: Any) -> None:
    """Each function logs into a group of its own. In a concern's group, a run without a line has no function."""
    for page in functions.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name = function["FunctionName"]
            functions.update_function_configuration(FunctionName=name, LoggingConfig={"LogGroup": LOG_GROUP + name})


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


def _read_runs(logs: Any, started_ms: int) -> dict[str, Runs]:
    """By function, from the platform's REPORT lines and the function's own lines."""
    groups = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=LOG_GROUP + PREFIX)
    names = [group["logGroupName"] for page in groups for group in page["logGroups"]]
    runs = {name.removeprefix(LOG_GROUP + PREFIX): _runs_of(logs, name, started_ms) for name in names}
    return {function: runs_of_function for function, runs_of_function in runs.items() if runs_of_function.milliseconds}


def _runs_of(logs: Any, group: str, started_ms: int) -> Runs:
    runs = Runs()
    for line in _lines(logs, group, started_ms):
        if report := REPORT.match(line):
            runs.milliseconds.append(float(report[1]))
        elif line.startswith("{"):
            runs.log_bytes += len(line.encode())
    return runs


def _lines(logs: Any, group: str, started_ms: int) -> Iterator[str]:
    for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            yield from _events(logs, group, stream["logStreamName"], started_ms)


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
