"""The functions of the compiled templates: memory, timers, queues and secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Resource = dict[str, Any]
# Lambda's pollers of an idle queue. With MaximumConcurrency Lambda keeps five, without it two.
POLLERS, POLLERS_WITH_MAXIMUM = 2, 5


@dataclass(frozen=True)
class Function:
    """`types` are the messages of its queue. `schedule` is empty without a timer."""

    key: str
    memory_megabytes: int
    has_snapstart: bool
    secrets: frozenset[str]
    schedule: str = ""
    types: tuple[str, ...] = ()
    is_filtered: bool = False
    pollers: int = 0


def read_functions(templates: Mapping[str, Resource]) -> list[Function]:
    """The functions of all stacks."""
    return [function for template in templates.values() for function in _functions_of(template["Resources"])]


def _functions_of(resources: Mapping[str, Resource]) -> Iterator[Function]:
    subscriptions = {_target(entry["Endpoint"]): entry for _, entry in of_type(resources, "SNS::Subscription")}
    mappings = {_target(entry["FunctionName"]): entry for _, entry in of_type(resources, "Lambda::EventSourceMapping")}
    schedules = {entry["Name"]: entry["ScheduleExpression"] for _, entry in of_type(resources, "Events::Rule")}
    for logical_id, entry in of_type(resources, "Lambda::Function"):
        mapping = mappings.get(logical_id)
        subscription = subscriptions[_target(mapping["EventSourceArn"])] if mapping else {}
        yield Function(
            key=entry["FunctionName"].split("-", 2)[2],
            memory_megabytes=entry["MemorySize"],
            has_snapstart="SnapStart" in entry,
            secrets=frozenset(_secrets(entry)),
            schedule=schedules.get(entry["FunctionName"], ""),
            types=tuple(subscription.get("FilterPolicy", {}).get("type", ())),
            is_filtered=bool(mapping and "FilterCriteria" in mapping),
            pollers=_pollers(mapping),
        )


def of_type(resources: Mapping[str, Resource], name: str) -> Iterator[tuple[str, Resource]]:
    """Logical ids and properties of all resources of a type."""
    for logical_id, resource in resources.items():
        if resource["Type"] == f"AWS::{name}":
            yield logical_id, resource.get("Properties", {})


def _target(reference: Mapping[str, list[str]]) -> str:
    return reference["Fn::GetAtt"][0]


def _secrets(function: Resource) -> Iterator[str]:
    variables = function.get("Environment", {}).get("Variables", {})
    yield from (value for name, value in variables.items() if name.endswith("_SECRET"))


def _pollers(mapping: Resource | None) -> int:
    if mapping is None:
        return 0
    return POLLERS_WITH_MAXIMUM if "ScalingConfig" in mapping else POLLERS
