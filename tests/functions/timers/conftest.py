"""A stage of its own in the emulator, with rules as the wiring makes them."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from functions.timers import api
from shared.spine import timers
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import environment_of_process
from tests.support.orders import Caller, new_key, open_store

LIMIT = timedelta(seconds=50)
RIGHTS = ["timers:read", "timers:manage", "jobs:read", "jobs:manage", "stores:write", "menu:write", "menu:read"]


@dataclass
class Stage:
    """The timers `tea_*` of a stage. `prefix` begins the names of its rules."""

    emulator: Emulator
    prefix: str
    env: Environment = field(init=False)

    def add(self, key: str, schedule: str = "rate(1 minute)", **about: Any) -> str:
        """A timer with its rule; its name."""
        document = {"schedule": schedule, "seconds": 50, "overlaps": False, "pausable": True, "does": f"Time → {key}."}
        self.events.put_rule(
            Name=f"{self.prefix}{key}",
            ScheduleExpression=schedule,
            State="ENABLED",
            Description=json.dumps(document | about),
        )
        return f"{self.prefix}{key}"

    @property
    def events(self) -> Any:
        return self.emulator.client("events")

    def rule(self, key: str) -> tuple[str, str]:
        """(schedule, state) of a rule."""
        rule = self.events.describe_rule(Name=f"{self.prefix}{key}")
        return rule["ScheduleExpression"], rule["State"]

    def run(self, key: str, error: str | None = None, **when: Any) -> None:
        """A run that ended, now or at `at`."""
        began_at = when.get("at", self.env.clock())
        run = timers.a_run(f"{self.prefix}{key}", began_at, began_at + LIMIT, f"request-{key}", when.get("by"))
        assert timers.begin_run(self.env.db, run, overlaps=False) == "running"
        if not when.get("killed"):
            timers.end_run(self.env.db, run, began_at, error)


class ClockedCaller(Caller):
    """Signs with the time of the environment, a microsecond later each time. So no request is a repetition."""

    env: Environment
    calls: int = 0

    def __call__(self, method: str, target: str, body: Any = None, *, key: str | None = None, **more: Any) -> Answer:
        self.calls += 1
        self.at = f"{self.env.clock().timestamp() + self.calls / 1_000_000:.6f}"
        return super().__call__(method, target, body, key=key, **more)


def clocked(env: Environment, handler: Any, key: Mapping[str, str]) -> ClockedCaller:
    """A caller with the clock of an environment."""
    caller = ClockedCaller(handler, key)
    caller.env = env
    return caller


@pytest.fixture
def stage(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    found = Stage(emulator, f"dumbwaiter-t{secrets.token_hex(4)}-")
    monkeypatch.setenv("WATCHED_PREFIX", found.prefix)
    yield found
    for rule in found.events.list_rules(NamePrefix=found.prefix)["Rules"]:
        found.events.delete_rule(Name=rule["Name"])


@pytest.fixture
def env(stage: Stage, database: MariaDB, function_environment: dict[str, str]) -> Iterator[Environment]:
    del database, function_environment
    with environment_of_process() as stage.env:
        yield stage.env


@pytest.fixture
def operator(env: Environment, database: MariaDB) -> Caller:
    """A client with every right over timers and jobs of the chain `demo`."""
    return clocked(env, api.handler, new_key(env, database.owner.url, RIGHTS))


@pytest.fixture
def demo(env: Environment, call: Caller) -> str:
    """A store of the chain `demo`, in America/New_York."""
    return open_store(clocked(env, call.handler, call.key))
