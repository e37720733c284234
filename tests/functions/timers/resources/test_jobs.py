"""/v1/jobs: what can be planned, by whom, and what a plan says."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from functions.timers import api
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.functions.timers.conftest import RIGHTS, Stage, clocked
from tests.support.orders import Caller, new_key, open_store
from tests.support.queues import Inbox

NOON = datetime.fromisoformat("2026-12-01T12:00:00+00:00")
FRIDAY = {"at": "2026-12-04T09:00", "zone": "Asia/Shanghai"}
ANNOUNCE = {"chain": "demo", "title": "Holiday", "action": "announce", "text": "Closed on Sunday.", "when": FRIDAY}


@pytest.fixture(autouse=True)
def noon(env: Environment) -> None:
    env.clock = lambda: NOON


def caller(env: Environment, database: MariaDB, grants: list[str]) -> Caller:
    return clocked(env, api.handler, new_key(env, database.owner.url, grants, at=""))


def plan(operator: Caller, **different: Any) -> Answer:
    return operator("POST", "/v1/jobs", ANNOUNCE | different)


def test_a_job_is_planned_once_and_shows_when_it_occurs(operator: Caller, inbox: Inbox) -> None:
    first = operator("POST", "/v1/jobs", ANNOUNCE, key="k")
    assert first.status == 201, first.text
    assert operator("POST", "/v1/jobs", ANNOUNCE, key="k").json == first.json
    job = first.json
    assert job["coming"] == ["2026-12-04T01:00:00Z"]  # 9:00 in China is 1:00 by UTC
    assert (job["status"], job["created_by"], job["details"]) == (
        "active",
        operator.key["id"],
        {"text": "Closed on Sunday."},
    )
    [said] = inbox.take()
    assert (said["type"], said["subject"], said["data"]["by"]) == ("job.changed", job["id"], operator.key["id"])
    assert operator("GET", f"/v1/jobs/{job['id']}").json == job
    assert operator("GET", "/v1/jobs?chain=demo").json == {"jobs": [job], "next": None}


def test_a_repeating_job_shows_its_next_five_occurrences(operator: Caller) -> None:
    repeat = {"every": "month", "last_day": True}
    job = plan(operator, when={"at": "2026-12-31T09:00", "zone": "Asia/Shanghai", "repeat": repeat}).json
    assert [moment[:10] for moment in job["coming"]] == [
        "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30",
    ]  # fmt: skip


def test_without_a_zone_a_job_is_in_that_of_the_chain(operator: Caller, demo: str) -> None:
    del demo  # in America/New_York
    job = plan(operator, when={"at": "2026-12-04T09:00"}).json
    assert (job["when"]["zone"], job["coming"]) == ("America/New_York", ["2026-12-04T14:00:00Z"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "delete_everything"},
        {"action": "items_off"},
        {"action": "items_off", "text": None, "items": ["../x"]},
        {"items": ["beef"]},
        {"when": {"at": "2026-12-04T09:00+08:00"}},
        {"when": {"at": "2026-13-04T09:00"}},
        {"when": FRIDAY | {"zone": "Mars/Olympus"}},
        {"when": FRIDAY | {"repeat": {"every": "day", "weekdays": ["mon"]}}},
        {"when": FRIDAY | {"repeat": {"every": "week", "last_day": True}}},
        {"when": FRIDAY | {"repeat": {"every": "day", "count": 2, "until": "2027-01-01"}}},
        {"when": FRIDAY | {"repeat": {"every": "day", "interval": 0}}},
        {"when": {"at": "2026-11-30T09:00", "zone": "UTC"}},
        {"lasts_minutes": 0},
        {"title": ""},
        {"text": "x\u0000y"},
        {"by": "somebody"},
    ],
)
def test_what_is_no_job_is_refused(operator: Caller, wrong: dict[str, Any]) -> None:
    assert plan(operator, **wrong).status == 422
    assert operator("GET", "/v1/jobs?chain=demo").json["jobs"] == []


def test_a_job_takes_the_right_of_its_action_over_its_stores(
    operator: Caller, call: Caller, env: Environment, database: MariaDB, stage: Stage
) -> None:
    stage.add("tea_brew")
    call = clocked(env, call.handler, call.key)
    own, other = open_store(call), open_store(call, region="west")
    manager = caller(env, database, [f"{right}@store:demo:{own}" for right in ("jobs:read", "jobs:manage")])
    cook = caller(env, database, [f"{right}@store:demo:{own}" for right in ("jobs:manage", "menu:write")])
    items = {"action": "items_off", "text": None, "items": ["beef"]}
    assert plan(manager, stores=[own]).status == 201
    assert plan(cook, stores=[own], **items).status == 201
    for denied in (
        plan(manager),
        plan(manager, stores=[own, other]),
        plan(manager, stores=["unknown"]),
        plan(manager, stores=[own], **items),
        plan(cook, stores=[own], action="plan", text=None, plan={"kind": "event", "days": 1}),
        plan(cook, action="run_timer", text=None, timer="tea_brew"),
        plan(operator, action="plan", text=None, plan={"kind": "event", "days": 1}),
    ):
        assert (denied.status, denied.json["code"]) == (403, "not_allowed")
    assert plan(operator, stores=["unknown"]).json["code"] == "unknown_store"
    assert plan(operator, action="run_timer", text=None, timer="tea_brew").status == 201
    assert plan(operator, action="run_timer", text=None, timer="tea_pour").json["code"] == "unknown_timer"


def test_a_job_of_another_store_or_chain_is_not_found(
    operator: Caller, call: Caller, env: Environment, database: MariaDB
) -> None:
    call = clocked(env, call.handler, call.key)
    own, other = open_store(call), open_store(call)
    job = plan(operator, stores=[own]).json["id"]
    rights = [right for right in RIGHTS if right.startswith("jobs:")]
    neighbour = caller(env, database, [f"{right}@store:demo:{other}" for right in rights])
    rival = caller(env, database, [f"{right}@chain:rival" for right in rights])
    for stranger in (neighbour, rival):
        for method, path in (("GET", ""), ("GET", "/runs"), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume")):
            assert stranger(method, f"/v1/jobs/{job}{path}").json["code"] == "unknown_job", (method, path)
        body = {name: value for name, value in ANNOUNCE.items() if name != "chain"}
        assert stranger("PUT", f"/v1/jobs/{job}", body).json["code"] == "unknown_job"
    assert neighbour("GET", "/v1/jobs?chain=demo").json["jobs"] == []
    assert rival("GET", "/v1/jobs?chain=demo").status == 403


def test_a_job_changes_pauses_resumes_and_is_cancelled_with_a_trail(operator: Caller) -> None:
    daily = FRIDAY | {"repeat": {"every": "day"}}
    job = plan(operator, when=daily).json
    path, body = f"/v1/jobs/{job['id']}", {name: value for name, value in ANNOUNCE.items() if name != "chain"}
    assert operator("PUT", path, body, headers={"If-Match": '"7"'}).status == 412
    changed = operator("PUT", path, body | {"title": "New", "when": daily}, headers={"If-Match": '"1"'}).json
    assert (changed["title"], changed["revision"], changed["changed_by"]) == ("New", 2, operator.key["id"])
    assert operator("POST", f"{path}/pause").json["coming"] == []
    assert operator("POST", f"{path}/pause").json["code"] == "job_status"
    assert operator("POST", f"{path}/resume").json["status"] == "active"
    assert operator("DELETE", path).json["status"] == "cancelled"
    assert operator("POST", f"{path}/resume").json["code"] == "job_status"
    assert operator("PUT", path, body).json["code"] == "job_status"
    assert [job["status"] for job in operator("GET", "/v1/jobs?chain=demo&status=cancelled").json["jobs"]] == [
        "cancelled"
    ]


def test_jobs_are_listed_by_pages(operator: Caller, env: Environment) -> None:
    ids = []
    for second in range(5):
        moment = NOON + timedelta(seconds=second)
        env.clock = partial(max, moment, moment)
        ids.append(plan(operator).json["id"])
    first = operator("GET", "/v1/jobs?chain=demo&limit=3").json
    second = operator("GET", f"/v1/jobs?chain=demo&limit=3&after={first['next']}").json
    assert [job["id"] for job in first["jobs"] + second["jobs"]] == ids[::-1]
    assert second["next"] is None
