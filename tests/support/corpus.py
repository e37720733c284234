"""The corpus of old requests: scenarios of steps, each with the request and the reply of its day."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.spine.env import Environment
from stack.gateway_event import Answer
from tests.support.environments import caller
from tests.support.orders import Caller, new_key
from tests.support.paths import ROOT

FOLDER = ROOT / "tests/functions/orders/corpus"


@dataclass(frozen=True)
class Scenario:
    """Requests that follow each other on an empty database, and the keys that sign them."""

    name: str
    keys: Mapping[str, Mapping[str, Any]]
    steps: list[dict[str, Any]]


def read_scenarios() -> Iterator[Scenario]:
    """Every scenario of the corpus."""
    for path in sorted(FOLDER.glob("*.json")):
        for name, scenario in json.loads(path.read_text(encoding="utf-8")).items():
            yield Scenario(f"{path.stem}: {name}", scenario["keys"], scenario["steps"])


@dataclass
class Clock:
    """A clock that stands at the moment of the present step."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now


def replay(scenario: Scenario, env: Environment, clock: Clock, url: str) -> list[str]:
    """Send every step at its own moment. Returns the differences from the recorded replies."""
    keys = {
        name: new_key(env, url, key["grants"], "", key["rate"], key["sources"]) for name, key in scenario.keys.items()
    }
    handler = caller(env, {}).handler
    found: list[str] = []
    for number, step in enumerate(scenario.steps):
        clock.now = datetime.fromisoformat(step["at"])
        answer = _send(Caller(handler, keys[step["key"]], step["signed_at"]), step)
        place = f"{scenario.name}, step {number} {step['method']} {step['target']}"
        found += [f"{place}: {difference}" for difference in differences_of(step, answer)]
    return found


def _send(call: Caller, step: Mapping[str, Any]) -> Answer:
    body = step.get("body")
    if "text" in step:
        body = step["text"].encode()
    elif "base64" in step:
        body = base64.b64decode(step["base64"])
    return call(step["method"], step["target"], body, key=step.get("idempotency_key"), headers=step.get("headers", {}))


def differences_of(step: Mapping[str, Any], answer: Answer) -> list[str]:
    """The points in which a reply takes something away from the recorded one. A new field is no difference."""
    if answer.status != step["status"]:
        return [f"status {answer.status} instead of {step['status']}: {answer.text[:300]}"]
    if not answer.text:
        return [] if step["reply"] == "" else ["the reply is empty"]
    return list(_missing("", step["reply"], answer.json))


def _missing(path: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name, value in old.items():
            if name not in new:
                yield f"{path}.{name} is gone"
            else:
                yield from _missing(f"{path}.{name}", value, new[name])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (old_item, new_item) in enumerate(zip(old, new, strict=True)):
            yield from _missing(f"{path}[{number}]", old_item, new_item)
    elif old != new or type(old) is not type(new):
        yield f"{path} is {new!r} instead of {old!r}"
