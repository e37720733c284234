"""docs/operate/cost.md: the arithmetic by hand, the limit of the sum, and a current table."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from generate import cost
from generate.compiled_functions import Function, Resource
from generate.cost import MOST_USD, Row
from generate.cost_usage import PRICES, Usage, read_assumptions, read_measured
from generate.pages import with_generated
from tests.support.compiled import ALARMED, IN_A_VPC, ROOT, compile_stage

MONTH = {"hours_a_month": 730, "stores": 140, "orders_a_store_and_day": 115, "connections_a_store": 1}


@cache
def templates() -> dict[str, Resource]:
    compiled = compile_stage(ROOT, **IN_A_VPC, **ALARMED)
    return {stack: template.document for stack, template in compiled.stacks.items()}


@pytest.fixture
def rows() -> dict[str, Row]:
    usage = Usage(templates(), read_measured(), read_assumptions())
    return {row.service: row for row in cost.month(usage)}


def stack_of(*resources: tuple[str, Mapping[str, Any]]) -> dict[str, Resource]:
    """A template with resources of these types and properties."""
    entries = {f"R{n}": {"Type": f"AWS::{name}", "Properties": entry} for n, (name, entry) in enumerate(resources)}
    return {"tea": {"Resources": entries}}


def consumer(*mapping: tuple[str, Any]) -> dict[str, Resource]:
    """A function of 1,024 MB with a queue of `tea.brewed`."""
    queue, function = {"Fn::GetAtt": ["Queue", "Arn"]}, {"Fn::GetAtt": ["R0", "Arn"]}
    return stack_of(
        ("Lambda::Function", {"FunctionName": "dumbwaiter-prod-tea_pour", "MemorySize": 1024}),
        ("SNS::Subscription", {"Endpoint": queue, "FilterPolicy": {"type": ["tea.brewed"]}}),
        ("Lambda::EventSourceMapping", {"EventSourceArn": queue, "FunctionName": function, **dict(mapping)}),
    )


def test_the_page_is_current() -> None:
    page = cost.PAGE.read_text(encoding="utf-8")
    assert page == with_generated(page, cost.render(templates())), "run python -m generate.cost"


def test_a_month_without_integrators_costs_at_most_forty_dollars_with_free_tiers() -> None:
    assert MOST_USD == 40
    assert sum(row.with_free_tiers for row in cost.month(cost.usage_without(templates()))) <= MOST_USD


def test_what_integrators_add_is_told() -> None:
    without, full = (cost.totals(cost.month(of(templates()))) for of in (cost.usage_without, cost.usage_of))
    assert full > without
    sentence = cost.render(templates()).splitlines()[-1]
    assert all(f"{amount:.2f}" in sentence for amount in (*without, *full))


def test_the_page_s_sums_are_those_of_its_rows() -> None:
    rendered = cost.render(templates()).splitlines()[2:]
    lines = [line.strip("| ").split(" | ") for line in rendered if line.startswith("|")]
    *services, total = [[float(cell.strip("*")) for cell in line[-2:]] for line in lines]
    for column in (0, 1):
        assert sum(row[column] for row in services) == pytest.approx(total[column], abs=0.15)


def test_a_row_costs_only_the_amount_over_the_free_tier() -> None:
    row = Row("Lambda", 3_000_000, "runs", 0.0000002, 1_000_000)
    assert row.without_free_tiers == pytest.approx(0.60)
    assert row.with_free_tiers == pytest.approx(0.40)
    assert Row("Lambda", 900_000, "runs", 0.0000002, 1_000_000).with_free_tiers == 0


@pytest.mark.parametrize(("mapping", "usd"), [([], 0.105), ([("ScalingConfig", {"MaximumConcurrency": 2})], 0.263)])
def test_an_idle_queue_costs_its_pollers(mapping: list[tuple[str, Any]], usd: float) -> None:
    # 730 h × 3,600 s ÷ 20 s = 131,400 polls of one poller; 0.40 USD a million.
    usage = Usage(consumer(*mapping), {}, MONTH)
    assert usage.polls * cost.read_prices()["sqs_requests"]["usd"] == pytest.approx(usd, abs=0.001)


def test_a_message_costs_three_requests() -> None:
    # 140 × 115 × 730 ÷ 24 = 489,708 orders; half a message an order; three requests.
    usage = Usage(consumer(), {"messages.tea.brewed": 0.5}, MONTH)
    assert usage.queue_requests == pytest.approx(734_562, abs=1)


def test_snapstart_costs_3_95_a_gigabyte() -> None:
    function = {"FunctionName": "dumbwaiter-prod-tea_api", "MemorySize": 2048, "SnapStart": {}}
    usage = Usage(stack_of(("Lambda::Function", function)), {}, MONTH)
    cached = usage.snapstart_gigabytes * usage.seconds
    assert cached * cost.read_prices()["snapstart_cache"]["usd"] == pytest.approx(7.91, abs=0.01)


def test_140_agents_beat_every_two_minutes() -> None:
    # 140 × 2,628,000 s ÷ 120 s
    assert Usage({}, {}, MONTH).beats == pytest.approx(3_066_000)
    # 140 × 43,800 minutes at 0.25 USD a million
    minutes = Usage({}, {}, MONTH).connection_minutes
    assert minutes * cost.read_prices()["websocket_minutes"]["usd"] == pytest.approx(1.533)


def test_a_function_with_less_memory_takes_longer() -> None:
    # 10 ms of processor time × 1,769 ÷ 512, and 25 ms for the database.
    assumptions = {**MONTH, "waiting_milliseconds": 25}
    usage = Usage({}, {"durations.tea_pour_processor": 10.0}, assumptions)
    assert usage.milliseconds(Function("tea_pour", 512, has_snapstart=False, secrets=frozenset())) == pytest.approx(
        59.55, abs=0.01
    )
    assert usage.milliseconds(Function("tea_pour", 3008, has_snapstart=False, secrets=frozenset())) == pytest.approx(35)


@pytest.mark.parametrize(
    ("schedule", "runs"), [("rate(1 minute)", 43_800), ("rate(1 hour)", 730), ("cron(30 3 * * ? *)", 30.4)]
)
def test_a_timer_runs_by_its_schedule(schedule: str, runs: float) -> None:
    timer = Function("tea_brew", 512, has_snapstart=False, secrets=frozenset(), schedule=schedule)
    assert Usage({}, {}, MONTH).runs(timer) == pytest.approx(runs, abs=0.1)


def test_only_ipv4_in_a_vpc_needs_a_nat_gateway() -> None:
    def needs_nat(network: dict[str, Any]) -> bool:
        return Usage(stack_of(("Lambda::Function", {"VpcConfig": network})), {}, MONTH).needs_nat

    assert needs_nat({"SubnetIds": ["subnet-1"]})
    assert not needs_nat({"SubnetIds": ["subnet-1"], "Ipv6AllowedForDualStack": True})


def test_alarms_and_metrics_are_those_of_the_stacks(rows: dict[str, Row]) -> None:
    texts = json.dumps(templates())
    assert rows["CloudWatch, alarms"].amount == texts.count('"AWS::CloudWatch::Alarm"')
    # The outbox's age and the watcher's count, beside the failures of each concern.
    assert rows["CloudWatch, custom metrics"].amount == texts.count('"AWS::Logs::MetricFilter"') + 2


def test_each_price_names_its_page_and_the_file_its_date() -> None:
    document = json.loads(PRICES.read_text(encoding="utf-8"))
    assert date.fromisoformat(document["date"]) >= date(2026, 11, 29)
    assert all(price["page"].startswith("https://aws.amazon.com/") for price in document["prices"].values())


def test_the_bench_has_measured_every_function_that_an_order_wakes() -> None:
    measured = read_measured()
    assert measured["durations.printing_ws_message_runs"] > 1
    assert measured["durations.orders_api_runs"] >= 1
