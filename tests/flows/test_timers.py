"""Timers of the deployed stage: all are listed, a pause survives a deploy, and a killed run shows a hang."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from demo import pizzaplace
from stack.cloudformation import Stacks
from stack.concerns import read_functions
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.every_chain import head_office_of_all
from tests.support.waiting import wait_until

CHAIN = {"chain": pizzaplace.CHAIN}
QUERY = f"chain={pizzaplace.CHAIN}"
TIMER = "outbox_drop_old_keys"
NAME = f"dumbwaiter-local-{TIMER}"


@pytest.fixture
def head_office(stack: Stack) -> Iterator[Caller]:
    caller = head_office_of_all(stack, pizzaplace.CHAIN)
    with caller.http:
        yield caller


def runs(head_office: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        head_office("GET", f"/v1/timers/{TIMER}/runs?{QUERY}").raise_for_status().json()["runs"]
    )
    return found


def change(head_office: Caller, action: str) -> Any:
    return head_office("POST", f"/v1/timers/{TIMER}/{action}", CHAIN).raise_for_status().json()


def fire(stack: Stack) -> None:
    """The call that EventBridge makes at the time of an enabled rule."""
    stack.emulator.client("lambda").invoke(FunctionName=NAME, Payload=b"{}")


def deploy_again(stack: Stack) -> None:
    """A deploy that changes the timer's rule: another text in its template. So CloudFormation writes the whole rule."""
    stacks = Stacks(stack.emulator)
    template = stacks._template("outbox")
    [rule] = [
        found["Properties"]
        for found in template["Resources"].values()
        if found.get("Properties", {}).get("Name") == NAME
    ]
    about = json.loads(rule["Description"])
    rule["Description"] = json.dumps(about | {"seconds": about["seconds"] + 1})
    assert stacks.put("outbox", json.dumps(template))


def state(stack: Stack) -> str:
    rule: dict[str, str] = stack.emulator.client("events").describe_rule(Name=NAME)
    return rule["State"]


def test_every_timer_of_the_functions_yml_appears_by_itself(stack: Stack, head_office: Caller) -> None:
    del stack
    listed = head_office("GET", f"/v1/timers?{QUERY}").raise_for_status().json()["timers"]
    timers = {key for key, entry in read_functions().items() if any("schedule" in event for event in entry["events"])}
    assert {timer["timer"] for timer in listed} == timers
    assert all(timer["does"] and timer["applied"] for timer in listed)


def test_a_person_runs_a_timer_now_and_reads_its_lines(stack: Stack, head_office: Caller) -> None:
    del stack
    before = len(runs(head_office))
    change(head_office, "run")
    wait_until(lambda: [run["outcome"] for run in runs(head_office)[: -before or None]] == ["done"])
    run = runs(head_office)[0]
    assert (run["cause"], run["seconds"] >= 0) == ("person", True)
    log = f"/v1/timers/{TIMER}/runs/{run['id']}/log?{QUERY}"
    wait_until(lambda: bool(head_office("GET", log).raise_for_status().json()["lines"]))
    # The emulator writes lines of its own beside those of the function.
    lines = [json.loads(line) for line in head_office("GET", log).json()["lines"] if line.startswith("{")]
    assert "dropped old idempotency keys" in [line["message"] for line in lines]


def test_a_paused_timer_does_not_run_survives_a_deploy_and_runs_when_resumed(stack: Stack, head_office: Caller) -> None:
    assert change(head_office, "pause")["paused"] is True
    try:
        assert state(stack) == "DISABLED"
        deploy_again(stack)
        assert state(stack) == "ENABLED"  # the deploy knows nothing of the pause
        before = runs(head_office)
        fire(stack)
        assert runs(head_office) == before
        keeper = "dumbwaiter-local-timers_keep_timers"
        stack.emulator.client("lambda").invoke(FunctionName=keeper, Payload=b"{}")
        assert state(stack) == "DISABLED"
        shown = head_office("GET", f"/v1/timers/{TIMER}?{QUERY}").raise_for_status().json()["timer"]
        assert (shown["paused"], shown["applied"], shown["next_at"]) == (True, True, None)
    finally:
        assert change(head_office, "resume")["paused"] is False
    assert state(stack) == "ENABLED"
    fire(stack)
    assert [run["outcome"] for run in runs(head_office)[: -len(before) or None]] == ["done"]


def test_the_emulator_s_own_clock_leaves_a_paused_timer_alone(stack: Stack, head_office: Caller) -> None:
    """A timer of each minute: paused over more than a minute it has no run, and resumed it has one."""
    timer, path = "members_expire_tags", "/v1/timers/members_expire_tags"

    def count() -> int:
        return len(head_office("GET", f"{path}/runs?{QUERY}&limit=200").raise_for_status().json()["runs"])

    del stack
    head_office("POST", f"{path}/pause", CHAIN).raise_for_status()
    paused = count()
    try:
        time.sleep(65)
        assert count() == paused, timer
    finally:
        head_office("POST", f"{path}/resume", CHAIN).raise_for_status()
    wait_until(lambda: count() > paused)
