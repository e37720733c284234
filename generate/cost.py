"""`python -m generate.cost` → docs/operate/cost.md: the month in USD, from the stacks of production and a bench."""

import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generate.compiled_functions import Resource, of_type
from generate.cost_usage import PRICES, ROOT, Usage, read_assumptions, read_measured
from generate.pages import table, write
from stack.concerns import read_functions as read_entries

PAGE = ROOT / "docs/operate/cost.md"
TEMPLATES = ROOT / "build/template/us-east-1"
# Those of `npm run template-lint`, which shares the compiled stacks.
NETWORK = {"subnetIds": "subnet-00000000,subnet-11111111", "securityGroupIds": "sg-00000000"}
ALARMS = {"alarmTopicArn": "arn:aws:sns:us-east-1:000000000000:alarms"}
MOST_USD = 40
# Stacks that serve systems of others, outlets without devices, and couriers. The bar is for a chain without them.
INTEGRATORS = ("delivery", "outlets", "sync", "webhooks")


@dataclass(frozen=True)
class Row:
    """`free` is the part of `amount` that AWS always gives for nothing."""

    service: str
    amount: float
    unit: str
    usd: float
    free: float = 0

    @property
    def without_free_tiers(self) -> float:
        """USD."""
        return self.amount * self.usd

    @property
    def with_free_tiers(self) -> float:
        """USD."""
        return max(0.0, self.amount - self.free) * self.usd


def main() -> None:
    """Compile the stacks and write the page."""
    write(PAGE, render(compile_templates()))


def compile_templates() -> dict[str, Resource]:
    """The stacks of production in us-east-1, in private subnets with IPv6."""
    parameters = [f"{name}={value}" for name, value in {**NETWORK, **ALARMS}.items()]
    command = ["node", "wiring/compile.js", str(TEMPLATES), "prod", "us-east-1", *parameters]
    subprocess.run(command, cwd=ROOT, check=True)
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(TEMPLATES.glob("*.json"))}


def render(templates: Mapping[str, Resource]) -> str:
    """The table as Markdown."""
    rows = month(usage_of(templates))
    cells = [(row.service, f"{row.amount:,.4g}" if row.amount < 1 else f"{row.amount:,.0f}", row.unit) for row in rows]
    figures = [(f"{row.without_free_tiers:.2f}", f"{row.with_free_tiers:.2f}") for row in rows]
    lines: list[tuple[str, ...]] = [(*cell, *figure) for cell, figure in zip(cells, figures, strict=True)]
    lines.append(("**sum**", "", "", *(f"**{total:.2f}**" for total in totals(rows))))
    head = ("service", "a month", "unit", "USD without free tiers", "USD with always-free tiers")
    full, base = (
        f"{total:.2f} and {free:.2f} USD" for total, free in (totals(rows), totals(month(usage_without(templates))))
    )
    named = " and ".join(f"`{stack}`" for stack in INTEGRATORS)
    sentence = f"Without the stacks {named} the sums are {base} instead of {full}."
    return (
        f"{table(head, lines)}\n\nA queue that hears only stacks that are left out is left out with them.\n{sentence}"
    )


def usage_of(templates: Mapping[str, Resource]) -> Usage:
    """The use of these stacks."""
    return Usage(templates, read_measured(), read_assumptions())


def usage_without(templates: Mapping[str, Resource], stacks: Sequence[str] = INTEGRATORS) -> Usage:
    """The use of the same chain without some stacks, and without the queues that hear them alone."""
    entries = read_entries()
    announced = {
        kind
        for key, entry in entries.items()
        if key.partition("_")[0] not in stacks
        for kind in entry.get("announces", ())
    }
    return usage_of({name: _heard(template, announced) for name, template in templates.items() if name not in stacks})


def _heard(template: Resource, announced: Collection[str]) -> Resource:
    """The template without the queues for which nothing of `announced` comes."""
    resources = template["Resources"]
    silent = [
        subscription["Endpoint"]
        for _, subscription in of_type(resources, "SNS::Subscription")
        if (kinds := subscription.get("FilterPolicy", {}).get("type")) and not set(kinds) & set(announced)
    ]

    def is_silent(resource: Resource) -> bool:
        properties = resource.get("Properties", {})
        return properties.get("EventSourceArn") in silent or properties.get("Endpoint") in silent

    return {**template, "Resources": {name: value for name, value in resources.items() if not is_silent(value)}}


def totals(rows: list[Row]) -> tuple[float, float]:
    """USD without free tiers and with them."""
    return sum(row.without_free_tiers for row in rows), sum(row.with_free_tiers for row in rows)


def read_prices() -> dict[str, Any]:
    """By name: `usd` of one unit, the units that are always free, and the page of the price."""
    prices: dict[str, Any] = json.loads(PRICES.read_text(encoding="utf-8"))["prices"]
    return prices


def month(usage: Usage) -> list[Row]:
    """The rows of the table."""
    return [
        *_lambda_rows(usage),
        *_message_rows(usage),
        *_gateway_rows(usage),
        *_watch_rows(usage),
        *_other_rows(usage),
    ]


def _row(service: str, amount: float, unit: str, price: str, *, shares_free_tier: bool = True) -> Row:
    entry = read_prices()[price]
    return Row(service, amount, unit, entry["usd"], entry["free"] if shares_free_tier else 0)


def _lambda_rows(usage: Usage) -> list[Row]:
    cached = usage.snapstart_gigabytes * usage.seconds
    restored = usage.snapstart_gigabytes * usage.assumptions["restores_a_day"] * usage.days
    return [
        _row("Lambda, time", usage.gigabyte_seconds, "GB-seconds", "lambda_seconds"),
        _row("Lambda, requests", usage.all_runs, "runs", "lambda_requests"),
        _row("SnapStart, cache", cached, "GB-seconds", "snapstart_cache"),
        _row("SnapStart, restores", restored, "GB", "snapstart_restores"),
    ]


def _message_rows(usage: Usage) -> list[Row]:
    return [
        _row("SQS, polls of idle queues", usage.polls, "requests", "sqs_requests", shares_free_tier=False),
        _row("SQS, messages", usage.queue_requests, "requests", "sqs_requests"),
        _row("SNS", usage.publishes, "requests", "sns_publishes"),
        _row("KMS, key of the topic", usage.key_requests, "requests", "key_requests"),
    ]


def _gateway_rows(usage: Usage) -> list[Row]:
    egress = usage.orders * usage.assumptions["egress_kilobytes_an_order"] / 1e6
    hours = usage.assumptions["hours_a_month"] if usage.needs_nat else 0
    return [
        _row("HTTP API", usage.http_requests, "requests", "http_requests"),
        _row("WebSocket API, messages", usage.frames, "messages", "websocket_messages"),
        _row("WebSocket API, connections", usage.connection_minutes, "minutes", "websocket_minutes"),
        _row("Traffic to the internet", egress, "GB", "egress_gigabytes"),
        _row("NAT gateway", hours, "hours", "nat_hours"),
    ]


def _watch_rows(usage: Usage) -> list[Row]:
    requests = usage.watcher_queue_requests
    return [
        _row("CloudWatch, alarms", usage.count("CloudWatch::Alarm"), "alarms", "alarms"),
        _row("CloudWatch, custom metrics", usage.custom_metrics, "metrics", "custom_metrics"),
        _row("CloudWatch, logs", usage.log_gigabytes, "GB", "log_gigabytes"),
        _row("Watcher, SQS", requests, "requests", "sqs_requests", shares_free_tier=False),
        _row("Watcher, GetMetricData", usage.metrics_read, "metrics", "metrics_read"),
        _row("EventBridge, timers", usage.timer_events, "events", "timer_events"),
    ]


def _other_rows(usage: Usage) -> list[Row]:
    return [
        _row("S3", usage.assumptions["s3_gigabytes"], "GB", "s3_gigabytes"),
        _row("Secrets Manager, secrets", len(usage.secret_names), "secrets", "secrets"),
        _row("Secrets Manager, reads", usage.secret_reads, "requests", "secret_reads"),
    ]


if __name__ == "__main__":
    main()
