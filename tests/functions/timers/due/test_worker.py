"""Jobs that are due: each occurrence works once, in time, and what lasts ends."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.forecast import on_job_plan_due
from functions.stores import on_job_items_due
from functions.timers import api, run_due_jobs
from functions.timers.due import worker
from functions.timers.tables import jobs as jobs_table
from shared.spine.env import Environment
from shared.spine.errors import Unavailable
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.functions.timers.conftest import RIGHTS, Stage, clocked
from tests.support.orders import Caller, new_key, open_store
from tests.support.queues import Inbox

NOON = datetime.fromisoformat("2026-12-01T12:00:00+00:00")
HOUR = timedelta(hours=1)
AT_ONE = {"at": "2026-12-01T13:00", "zone": "UTC"}


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(env: Environment) -> Clock:
    env.clock = Clock()
    return env.clock


@pytest.fixture
def planner(env: Environment, database: MariaDB, clock: Clock) -> Caller:
    rights = [*RIGHTS, "forecast:write", "console:read"]
    del clock
    return clocked(env, api.handler, new_key(env, database.owner.url, rights))


def plan(planner: Caller, action: str, when: dict[str, Any] = AT_ONE, **detail: Any) -> str:
    answer = planner("POST", "/v1/jobs", {"chain": "demo", "title": "A job", "action": action, "when": when} | detail)
    assert answer.status == 201, answer.text
    found: str = answer.json["id"]
    return found


def work(clock: Clock, moment: datetime) -> None:
    clock.now = moment
    context: Any = Context(function_name="timers_run_due_jobs")
    run_due_jobs.handler({}, context)


def runs(planner: Caller, job: str) -> list[tuple[str, str]]:
    return [(run["phase"], run["outcome"]) for run in planner("GET", f"/v1/jobs/{job}/runs").json["runs"]]


def due_messages(inbox: Inbox) -> list[dict[str, Any]]:
    return [body for body in inbox.take() if body["type"] != "job.changed"]


def test_an_announcement_shows_from_its_time_to_its_end(planner: Caller, clock: Clock, inbox: Inbox) -> None:
    job = plan(planner, "announce", text="<b>Closed</b> on Sunday.", lasts_minutes=60)
    shown = "/v1/announcements?chain=demo"
    work(clock, NOON + HOUR - timedelta(seconds=1))
    assert planner("GET", shown).json["announcements"] == []
    work(clock, NOON + HOUR)
    [one] = planner("GET", shown).json["announcements"]
    assert (one["text"], one["stores"], one["ends_at"]) == ("<b>Closed</b> on Sunday.", [], "2026-12-01T14:00:00Z")
    [message] = due_messages(inbox)
    assert (message["type"], message["data"]["announcement"]) == ("announcement.published", one["id"])
    work(clock, NOON + 2 * HOUR)
    assert planner("GET", shown).json["announcements"] == []
    assert runs(planner, job) == [("end", "done"), ("begin", "done")]
    assert planner("GET", f"/v1/jobs/{job}").json["status"] == "ended"


def test_an_announcement_of_one_store_is_not_shown_in_another(
    planner: Caller, call: Caller, env: Environment, clock: Clock, database: MariaDB
) -> None:
    call = clocked(env, call.handler, call.key)
    own, other = open_store(call), open_store(call)
    plan(planner, "announce", text="For one.", stores=[own])
    work(clock, NOON + HOUR)
    key = new_key(env, database.owner.url, [f"console:read@store:demo:{other}"], at="")
    neighbour = clocked(env, api.handler, key)
    texts = {
        store: [
            one["text"] for one in planner("GET", f"/v1/announcements?chain=demo&store={store}").json["announcements"]
        ]
        for store in (own, other)
    }
    assert texts == {own: ["For one."], other: []}
    assert neighbour("GET", "/v1/announcements?chain=demo").json["announcements"] == []
    assert neighbour("GET", f"/v1/announcements?chain=demo&store={own}").status == 403


def test_each_occurrence_works_once_however_often_the_timer_runs(planner: Caller, clock: Clock, inbox: Inbox) -> None:
    daily = AT_ONE | {"repeat": {"every": "day", "count": 3}}
    job = plan(planner, "announce", daily, text="Good morning.")
    for day in range(5):
        for _ in range(3):
            work(clock, NOON + HOUR + timedelta(days=day))
    assert runs(planner, job) == [("begin", "done")] * 3
    assert len(due_messages(inbox)) == 3
    assert planner("GET", f"/v1/jobs/{job}").json["status"] == "ended"


def test_after_a_stand_still_only_the_last_occurrence_works(planner: Caller, clock: Clock, inbox: Inbox) -> None:
    job = plan(planner, "announce", AT_ONE | {"repeat": {"every": "day"}}, text="Good morning.")
    work(clock, NOON + 2 * HOUR + timedelta(days=2))
    assert runs(planner, job) == [("begin", "done"), ("begin", "missed"), ("begin", "missed")]
    assert len(due_messages(inbox)) == 1


def test_a_paused_job_does_not_work_and_a_cancelled_one_still_ends(planner: Caller, clock: Clock) -> None:
    daily = AT_ONE | {"repeat": {"every": "day"}}
    paused = plan(planner, "announce", daily, text="x")
    cancelled = plan(planner, "announce", daily, text="x", lasts_minutes=600)
    planner("POST", f"/v1/jobs/{paused}/pause")
    work(clock, NOON + HOUR)
    planner("DELETE", f"/v1/jobs/{cancelled}")
    work(clock, NOON + timedelta(days=1))
    assert runs(planner, paused) == []
    assert runs(planner, cancelled) == [("end", "done"), ("begin", "done")]


def sold_out(call: Caller, store: str) -> list[str]:
    found: list[str] = call("GET", f"/v1/stores/{store}/menu").json["sold_out"]
    return found


def deliver(handler: Any, body: dict[str, Any]) -> None:
    record = {"messageId": "1", "body": json.dumps(body), "attributes": {"ApproximateReceiveCount": "1"}}
    assert handler({"Records": [record, record]}, Context()) == {"batchItemFailures": []}


def test_a_promotion_puts_its_items_on_sale_and_takes_them_off_again(
    planner: Caller, call: Caller, clock: Clock, inbox: Inbox, env: Environment
) -> None:
    call = clocked(env, call.handler, call.key)
    store, other = open_store(call), open_store(call)
    call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["margherita", "tea"]})
    plan(planner, "items_on", items=["margherita"], stores=[store], lasts_minutes=60)
    work(clock, NOON + HOUR)
    work(clock, NOON + 2 * HOUR)
    begin, end = due_messages(inbox)
    deliver(on_job_items_due.handler, begin)
    assert (sold_out(call, store), sold_out(call, other)) == (["tea"], [])
    deliver(on_job_items_due.handler, end)
    assert sold_out(call, store) == ["margherita", "tea"]
    deliver(on_job_items_due.handler, begin)  # late, and again
    assert sold_out(call, store) == ["margherita", "tea"]


def test_a_job_for_all_stores_sends_messages_of_25_stores(
    planner: Caller, call: Caller, clock: Clock, inbox: Inbox, database: MariaDB, env: Environment
) -> None:
    call = clocked(env, call.handler, call.key)
    template = open_store(call)
    copy = """
        INSERT INTO stores (id, chain_id, region_id, revision, changed_at, settings, opening_hours, menu, sold_out)
        SELECT %s, chain_id, region_id, revision, changed_at, settings, opening_hours, menu, sold_out
        FROM stores WHERE id = %s"""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(copy, [(f"demo:t{number:02}", f"demo:{template}") for number in range(59)])
    plan(planner, "items_off", items=["margherita"])
    work(clock, NOON + HOUR)
    messages = due_messages(inbox)
    assert [len(body["data"]["stores"]) for body in messages] == [25, 25, 10]
    assert len({store for body in messages for store in body["data"]["stores"]}) == 60
    assert {tuple(body["data"]["off"]) for body in messages} == {("margherita",)}


def test_a_plan_is_entered_on_the_local_day_once(
    planner: Caller, call: Caller, clock: Clock, inbox: Inbox, env: Environment
) -> None:
    call = clocked(env, call.handler, call.key)
    store = open_store(call)
    late = {"at": "2026-12-01T23:30", "zone": "America/New_York"}  # on 2 December by UTC
    plan(planner, "plan", late, plan={"kind": "promotion", "days": 3}, stores=[store])
    work(clock, NOON + 20 * HOUR)
    [message] = due_messages(inbox)
    deliver(on_job_plan_due.handler, message)
    with env.db.transaction() as transaction:
        [row] = transaction.rows("SELECT kind, first_day, last_day, store_id, note FROM forecast_plans")
    days = (row["first_day"].isoformat(), row["last_day"].isoformat())
    assert (days, row["kind"], row["note"]) == (("2026-12-01", "2026-12-03"), "promotion", "A job")


def test_a_timer_is_started_at_its_time(
    planner: Caller, clock: Clock, stage: Stage, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = stage.add("tea_brew")
    started: list[Any] = []
    # The function is in no stack here; tests/flows starts a real one.
    monkeypatch.setattr(env.aws, "start", lambda *arguments: started.append(arguments))
    job = plan(planner, "run_timer", timer="tea_brew")
    work(clock, NOON + HOUR)
    work(clock, NOON + HOUR)
    assert started == [(name, {"asked_by": f"job {job}"})]


def test_a_timer_that_cannot_be_started_is_tried_for_half_an_hour(
    planner: Caller, clock: Clock, stage: Stage, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise Unavailable("aws_unreachable", "lambda did not answer")

    stage.add("tea_brew")
    monkeypatch.setattr(env.aws, "start", away)
    job = plan(planner, "run_timer", timer="tea_brew")
    other = plan(planner, "announce", text="x")
    work(clock, NOON + HOUR)
    assert (runs(planner, job), runs(planner, other)) == ([], [("begin", "done")])
    work(clock, NOON + HOUR + timedelta(minutes=31))
    assert runs(planner, job) == [("begin", "failed")]


def test_a_worker_that_dies_before_the_commit_leaves_the_job_due(
    planner: Caller, clock: Clock, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise ZeroDivisionError

    job = plan(planner, "announce", text="x")
    with monkeypatch.context() as patch:
        patch.setattr(worker, "update_job", die)
        with pytest.raises(Exception, match="ZeroDivisionError"):
            work(clock, NOON + HOUR)
    assert (runs(planner, job), due_messages(inbox)) == ([], [])
    work(clock, NOON + HOUR)
    assert runs(planner, job) == [("begin", "done")]
    assert len(due_messages(inbox)) == 1


def test_jobs_that_are_due_are_found_by_an_index(database: MariaDB) -> None:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for name in ("SELECT_DUE", "SELECT_JOBS", "SELECT_JOBS_WITH_STATUS"):
            values = {"now": NOON, "limit": 100, "chain": "demo", "status": "active", "before": "7Z"}
            cursor.execute(f"EXPLAIN FORMAT = TRADITIONAL {getattr(jobs_table, name)}", values)
            names = [column[0] for column in cursor.description]
            plan_of = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            assert all(step["key"] for step in plan_of), (name, plan_of)
