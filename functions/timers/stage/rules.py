"""The timers of a stage: one rule each, described by the wiring (wiring/timers.js). No other list names them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.timers.schedules.bounds import Bounds, bounds_of
from functions.timers.schedules.schedule import Schedule, parse_schedule, rule_expression
from shared.spine import log
from shared.spine.aws import Aws
from shared.spine.errors import DumbwaiterError

KEY = re.compile(r"[a-z]+_\w+")


@dataclass(frozen=True)
class Timer:
    """A timer with its rule. `default` is its template's schedule; `expression` and `is_enabled` are the rule's."""

    name: str
    key: str
    does: str
    default: Schedule
    bounds: Bounds
    seconds: int
    overlaps: bool
    is_pausable: bool
    expression: str
    is_enabled: bool
    description: str

    @property
    def concern(self) -> str:
        """The folder of its function."""
        return self.key.partition("_")[0]


def read_timers(aws: Aws, prefix: str, key: str = "") -> dict[str, Timer]:
    """All timers of the stage whose keys begin with `key`, by name. One call of AWS."""
    rules = [rule for rule in aws.rules(f"{prefix}{key}") if rule.get("ScheduleExpression")]
    timers = [timer for rule in sorted(rules, key=_name) if (timer := _timer(rule, prefix))]
    return {timer.name: timer for timer in timers}


def _name(rule: Mapping[str, Any]) -> str:
    return str(rule["Name"])


def _timer(rule: Mapping[str, Any], prefix: str) -> Timer | None:
    """The timer of a rule; None for a rule that is not of the wiring, or of a stage `prod-2` for `prod`."""
    key = rule["Name"].removeprefix(prefix)
    if not KEY.fullmatch(key):
        return None
    try:
        about = json.loads(rule.get("Description", ""))
        default = parse_schedule(about["schedule"])
        slowest = parse_schedule(about["slowest"]) if "slowest" in about else None
    except (ValueError, KeyError, TypeError):
        return None
    return Timer(
        name=rule["Name"],
        key=key,
        does=about["does"],
        default=default,
        bounds=bounds_of(default, slowest),
        seconds=about["seconds"],
        overlaps=about["overlaps"],
        is_pausable=about["pausable"],
        expression=rule["ScheduleExpression"],
        is_enabled=rule.get("State") == "ENABLED",
        description=rule["Description"],
    )


def is_applied(timer: Timer, schedule: Schedule, *, paused: bool, now: datetime) -> bool:
    """Whether the rule is as people decided."""
    return timer.is_enabled != paused and timer.expression == rule_expression(schedule, now)


def apply_rule(aws: Aws, timer: Timer, schedule: Schedule, *, paused: bool, now: datetime) -> bool:
    """Make the rule as people decided. False when AWS did not take it: the keeper tries again each minute.

    Until then the timer itself looks at its pause at each begin.
    """
    if is_applied(timer, schedule, paused=paused, now=now):
        return True
    try:
        aws.put_rule(timer.name, rule_expression(schedule, now), timer.description, enabled=not paused)
    except DumbwaiterError as failure:
        log.logger().error("a rule is not as decided", extra={"timer": timer.name, "error": str(failure)})
        return False
    return True
