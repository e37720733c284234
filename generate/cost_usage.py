"""The use of AWS in a month of orders: runs, messages and polls, from the compiled templates and the newest bench."""

import ast
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from functions.printing.routing.rules import Routing
from generate.compiled_functions import Function, Resource, of_type, read_functions
from shared.spine.env import SECRET_CACHED_FOR

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs/benchmarks/results"
PRICES = ROOT / "generate/prices.json"
MINUTES = {"minute": 1, "hour": 60, "day": 1440}
ONE_VCPU_MEGABYTES = 1769
POLL_SECONDS = 20
# The topic sends a message into the queue, Lambda receives it and deletes it.
REQUESTS_A_MESSAGE = 3
WATCHER = "outbox_watch_queues_and_timers"
FRAMES = "printing_ws_message"
PUSHERS = ("printing_on_order_placed", "printing_on_order_paid", "printing_on_order_cancelled")
TRAINING = "forecast_train_part"


def read_assumptions() -> dict[str, Any]:
    """The numbers that no template and no bench knows."""
    assumptions: dict[str, Any] = json.loads(PRICES.read_text(encoding="utf-8"))["assumptions"]
    return assumptions


def read_measured(folder: Path = RESULTS) -> dict[str, float]:
    """The values of the newest bench of durations by name."""
    newest = max(folder.glob("*-durations*.json"))
    return {figure["name"]: figure["value"] for figure in json.loads(newest.read_text(encoding="utf-8"))["figures"]}


def emitted_metrics(folders: Iterable[Path] = (ROOT / "functions", ROOT / "shared")) -> set[str]:
    """The names of the metrics that code writes into its log: `log.measure("NAME", …)`."""
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    return {name for file in files for name in _measured_names(ast.parse(file.read_text(encoding="utf-8")))}


def _measured_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "measure"
        if is_call and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


@dataclass(frozen=True)
class Usage:
    """Amounts of a month."""

    templates: Mapping[str, Resource]
    measured: Mapping[str, float]
    assumptions: Mapping[str, Any]

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By key."""
        return {function.key: function for function in read_functions(self.templates)}

    @property
    def seconds(self) -> float:
        """Of the month."""
        return float(self.assumptions["hours_a_month"] * 3600)

    @property
    def days(self) -> float:
        """Of the month."""
        return self.seconds / 86_400

    @property
    def orders(self) -> float:
        """Of all stores."""
        return float(self.assumptions["stores"] * self.assumptions["orders_a_store_and_day"] * self.days)

    @property
    def connections(self) -> float:
        """Open WebSocket connections."""
        return float(self.assumptions["stores"] * self.assumptions["connections_a_store"])

    @property
    def beats(self) -> float:
        """Of all agents, by the default heartbeat of a single agent."""
        return self.connections * self.seconds / Routing().heartbeat_for(confirms=False)

    @property
    def connects(self) -> float:
        """How often agents open a connection, by the default lifetime."""
        return self.connections * self.seconds / Routing().lifetime

    def messages(self, function: Function) -> float:
        """That the topic sends into the function's queue."""
        return self.orders * sum(self.measured.get(f"messages.{name}", 0.0) for name in function.types)

    def runs(self, function: Function) -> float:
        """Each message without a filter is its own run at most: at night and in the morning no batch fills."""
        if function.schedule:
            return self._timer_runs(function.schedule)
        if function.types and not function.is_filtered:
            return self.messages(function)
        by_orders = self.orders * self.measured.get(f"durations.{function.key}_runs", 0.0)
        return by_orders + self._runs_beside_orders(function.key)

    def _timer_runs(self, schedule: str) -> float:
        rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule)
        return self.seconds / 60 / (int(rate[1]) * MINUTES[rate[2]]) if rate else self.days

    def _runs_beside_orders(self, key: str) -> float:
        if key == FRAMES:
            return self.beats + self.connects
        if key in ("printing_ws_connect", "printing_ws_disconnect"):
            return self.connects
        return float(self.assumptions["http_requests_beside_orders"].get(key, 0)) * self.days

    def milliseconds(self, function: Function) -> float:
        """Of one run. Lambda gives a function processor time by its memory."""
        processor = self.measured.get(f"durations.{function.key}_processor")
        if processor is None:
            return float(self.assumptions["unmeasured_milliseconds"])
        return processor * max(1.0, ONE_VCPU_MEGABYTES / function.memory_megabytes) + float(
            self.assumptions["waiting_milliseconds"]
        )

    @property
    def gigabyte_seconds(self) -> float:
        """Of all runs, and of the nightly training."""
        runs = sum(
            self.runs(function) * self.milliseconds(function) / 1000 * function.memory_megabytes / 1024
            for function in self.functions.values()
        )
        training_gigabytes = self.functions[TRAINING].memory_megabytes / 1024
        return runs + self.days * float(self.assumptions["training_seconds"]) * training_gigabytes

    @property
    def all_runs(self) -> float:
        """Of all functions."""
        return sum(map(self.runs, self.functions.values()))

    @property
    def snapstart_gigabytes(self) -> float:
        """Memory of the functions with SnapStart: one version of each."""
        return sum(function.memory_megabytes / 1024 for function in self.functions.values() if function.has_snapstart)

    @property
    def polls(self) -> float:
        """Of idle queues."""
        return sum(function.pollers for function in self.functions.values()) * self.seconds / POLL_SECONDS

    @property
    def queue_requests(self) -> float:
        """For the messages in the queues."""
        return REQUESTS_A_MESSAGE * sum(map(self.messages, self.functions.values()))

    @property
    def publishes(self) -> float:
        """Calls of the topic."""
        return self.orders * self.measured["messages.publish_calls"]

    @property
    def http_requests(self) -> float:
        """Of the HTTP API."""
        beside_orders = self.assumptions["http_requests_beside_orders"]
        keys = {"orders_api", *beside_orders}
        return sum(self.runs(self.functions[key]) for key in keys)

    @property
    def frames(self) -> float:
        """WebSocket messages of both directions. The relay answers `beat`, `hello` and `result`, and pushes jobs."""
        results = self.orders * self.measured.get("messages.print.job_printed", 0.0)
        pushes = sum(self.runs(self.functions[key]) for key in PUSHERS)
        return self.runs(self.functions[FRAMES]) + self.beats + self.connects + results + pushes

    @property
    def connection_minutes(self) -> float:
        """Of all agents."""
        return self.connections * self.seconds / 60

    @property
    def log_gigabytes(self) -> float:
        """By the bytes of a run."""
        bytes_of_runs = sum(self.runs(function) * self._log_bytes(function.key) for function in self.functions.values())
        return bytes_of_runs / 1e9

    def _log_bytes(self, key: str) -> float:
        runs = self.measured.get(f"durations.{key}_runs")
        if not runs:
            return float(self.assumptions["unmeasured_log_bytes"])
        return self.measured[f"durations.{key}_log"] / runs

    @property
    def open_share(self) -> float:
        """Of the month: the hours with orders."""
        return float(self.assumptions["open_hours_a_day"]) / 24

    @property
    def filled_queues(self) -> float:
        """The mean number of queues that hold a message now and held one a minute ago, by Poisson's distribution."""
        queues = [function for function in self.functions.values() if function.types]
        return self.open_share * sum(self._chance_of_a_message(queue) ** 2 for queue in queues)

    def _chance_of_a_message(self, queue: Function) -> float:
        """In the open hours."""
        messages_a_second = self.messages(queue) / (self.seconds * self.open_share)
        return 1 - math.exp(-messages_a_second * float(self.assumptions["seconds_in_queue"]))

    @property
    def watcher_queue_requests(self) -> float:
        """ListQueues, GetQueueAttributes of each queue, and ListQueueTags of the filled queues."""
        queues = sum(1 for function in self.functions.values() if function.types)
        return self.runs(self.functions[WATCHER]) * (1 + queues + self.filled_queues)

    @property
    def metrics_read(self) -> float:
        """The account's throttles, and the age of each filled queue."""
        return self.runs(self.functions[WATCHER]) * (1 + self.filled_queues)

    @property
    def timer_events(self) -> float:
        """Of all schedules."""
        return sum(self.runs(function) for function in self.functions.values() if function.schedule)

    @property
    def secret_names(self) -> frozenset[str]:
        """Of the functions' secrets."""
        return frozenset(name for function in self.functions.values() for name in function.secrets)

    @property
    def secret_reads(self) -> float:
        """An environment in use reads each of its secrets again after a while."""
        return sum(len(function.secrets) * self._reads_of_a_secret(function) for function in self.functions.values())

    def _reads_of_a_secret(self, function: Function) -> float:
        hours = 1.0 if function.schedule or function.key == FRAMES else self.open_share
        return min(self.runs(function), hours * self.seconds / SECRET_CACHED_FOR)

    @property
    def key_requests(self) -> float:
        """SNS asks KMS twice for each publishing role and period: AWS's formula for encrypted topics."""
        roles = sum(
            "sns:Publish" in json.dumps(role)
            for template in self.templates.values()
            for _, role in of_type(template["Resources"], "IAM::Role")
        )
        return self.seconds / float(self.assumptions["key_reuse_seconds"]) * 2 * roles

    def count(self, resource_type: str) -> int:
        """Resources of a type in all stacks."""
        return sum(1 for template in self.templates.values() for _ in of_type(template["Resources"], resource_type))

    @property
    def custom_metrics(self) -> int:
        """Of metric filters and of the code."""
        return self.count("Logs::MetricFilter") + len(emitted_metrics())

    @property
    def needs_nat(self) -> bool:
        """Whether a function in a VPC has only IPv4."""
        networks = [
            function["VpcConfig"]
            for template in self.templates.values()
            for _, function in of_type(template["Resources"], "Lambda::Function")
            if "VpcConfig" in function
        ]
        return any(not network.get("Ipv6AllowedForDualStack") for network in networks)
