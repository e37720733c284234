"""/v1/timers on real rules and rows: what callers see, and who sees it."""

from datetime import datetime, timedelta
from typing import Any

from functions.stores import api as stores_api
from functions.timers import api
from functions.timers.tables import runs as runs_table
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.timers.conftest import Stage
from tests.support.orders import SETTINGS, Caller, new_key, open_store
from tests.support.people import signed_in

A_JOB = {
    "chain": "demo", "title": "Holiday", "action": "announce", "text": "Closed on Sunday.",
    "when": {"at": "2099-12-04T09:00", "zone": "Asia/Shanghai"},
}  # fmt: skip


def timers_by_key(operator: Caller, query: str = "") -> dict[str, Any]:
    answer = operator("GET", f"/v1/timers?chain=demo{query}")
    assert answer.status == 200, answer.text
    return {timer["timer"]: timer for timer in answer.json["timers"]}


def test_every_rule_of_the_stage_is_a_timer_and_no_other(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew", slowest="rate(5 minutes)")
    stage.add("tea_wash", "cron(30 3 * * ? *)", overlaps=True, pausable=False, seconds=900)
    stage.events.put_rule(Name=f"{stage.prefix}by_hand", ScheduleExpression="rate(1 day)")
    found = timers_by_key(operator)
    assert list(found) == ["tea_brew", "tea_wash"]
    brew, wash = found["tea_brew"], found["tea_wash"]
    assert (brew["concern"], brew["does"], brew["overlap"], brew["time_limit_seconds"]) == (
        "tea", "Time → tea_brew.", "skip", 50,
    )  # fmt: skip
    assert brew["bounds"] == {
        "pausable": True,
        "times_of_day": False,
        "fastest_seconds": 60,
        "slowest_seconds": 300,
    }
    assert (wash["overlap"], wash["time_limit_seconds"], wash["bounds"]["pausable"]) == ("allow", 900, False)
    assert wash["bounds"]["times_of_day"] is True
    assert (brew["last"], brew["missed"], brew["failed"], brew["alerts"]) == (None, 0, 0, [])


def test_words_are_in_the_zone_of_the_chain_or_of_the_caller(stage: Stage, operator: Caller, demo: str) -> None:
    del demo  # in America/New_York
    stage.add("tea_wash", "cron(30 3 * * ? *)")
    winter = datetime.fromisoformat("2026-12-01T00:00:00+00:00")
    stage.env.clock = lambda: winter
    assert timers_by_key(operator)["tea_wash"]["schedule"] == {"code": "daily_at", "count": None, "time": "22:30"}
    shanghai = timers_by_key(operator, "&zone=Asia%2FShanghai")["tea_wash"]
    assert shanghai["schedule"]["time"] == "11:30"
    assert shanghai["next_at"] == "2026-12-01T03:30:00Z"


def test_a_timer_shows_its_last_run_and_what_went_wrong(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew")
    now = stage.env.clock()
    stage.run("tea_brew", at=now - timedelta(minutes=4))
    stage.run("tea_brew", "away: no water", at=now - timedelta(minutes=3))
    brew = operator("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]
    assert (brew["last"]["outcome"], brew["last"]["error"], brew["last"]["seconds"]) == ("failed", "away: no water", 0)
    assert (brew["failed"], brew["missed"]) == (1, 1)  # 4 minutes: 4 due, 2 began, one may be on its way
    stage.run("tea_brew", at=now - timedelta(minutes=2), killed=True)
    assert operator("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]["last"]["outcome"] == "hung"


def test_runs_are_listed_newest_first_by_pages_and_by_outcome(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew")
    now = stage.env.clock()
    for minute in range(5, 0, -1):
        stage.run("tea_brew", "away: x" if minute == 4 else None, at=now - timedelta(minutes=minute))
    path = "/v1/timers/tea_brew/runs?chain=demo"
    first = operator("GET", f"{path}&limit=3").json
    second = operator("GET", f"{path}&limit=3&after={first['next']}").json
    assert [len(first["runs"]), len(second["runs"]), second["next"]] == [3, 2, None]
    begins = [run["began_at"] for run in first["runs"] + second["runs"]]
    assert begins == sorted(begins, reverse=True)
    failed = operator("GET", f"{path}&outcome=failed").json["runs"]
    assert [(run["outcome"], run["error"]) for run in failed] == [("failed", "away: x")]


def test_only_readers_of_the_chain_see_timers_and_only_managers_see_errors(
    stage: Stage, env: Environment, database: MariaDB, operator: Caller
) -> None:
    stage.add("tea_brew")
    stage.run("tea_brew", "away: about another chain")
    reader = Caller(api.handler, new_key(env, database.owner.url, ["timers:read"]))
    region = Caller(api.handler, new_key(env, database.owner.url, ["timers:read"], at="region:demo:east"))
    blind = Caller(api.handler, new_key(env, database.owner.url, ["stores:write"]))
    rival = Caller(api.handler, new_key(env, database.owner.url, ["timers:read"], at="chain:rival"))
    assert operator("GET", "/v1/timers?chain=demo").json["manages"] is True
    seen = reader("GET", "/v1/timers?chain=demo").json
    assert (seen["manages"], seen["refusal"], seen["timers"][0]["last"]["error"]) == (False, "role", None)
    [run] = reader("GET", "/v1/timers/tea_brew/runs?chain=demo").json["runs"]
    assert run["error"] is None
    assert reader("GET", f"/v1/timers/tea_brew/runs/{run['id']}/log?chain=demo").status == 403
    assert region("GET", "/v1/timers?chain=demo").status == 200
    for stranger in (blind, rival):
        for path in ("", "/tea_brew", "/tea_brew/runs"):
            assert stranger("GET", f"/v1/timers{path}?chain=demo").status == 403


def test_a_change_takes_the_right_over_every_chain_of_the_stage(
    stage: Stage, operator: Caller, call: Caller, env: Environment, database: MariaDB
) -> None:
    stage.add("tea_brew")
    assert operator("POST", "/v1/timers/tea_brew/pause", {"chain": "demo"}).status == 200
    rival = Caller(call.handler, new_key(env, database.owner.url, at="chain:rival"))
    open_store(rival, chain="rival")
    for action in ("run", "pause", "resume", "schedule"):
        answer = operator("POST", f"/v1/timers/tea_brew/{action}", {"chain": "demo"})
        assert (answer.status, answer.json["code"]) == (403, "not_allowed"), action
    grants = ["timers:manage@chain:demo", "timers:manage@chain:rival", "timers:read@chain:demo"]
    both = Caller(api.handler, new_key(env, database.owner.url, grants, at=""))
    assert both("POST", "/v1/timers/tea_brew/resume", {"chain": "demo"}).status == 200


def test_an_unknown_timer_is_not_found(operator: Caller, stage: Stage) -> None:
    stage.add("tea_brew_more")
    for method, path in (("GET", ""), ("GET", "/runs"), ("POST", "/run"), ("POST", "/pause")):
        body = {"chain": "demo"} if method == "POST" else None
        answer = operator(method, f"/v1/timers/tea_brew{path}{'' if body else '?chain=demo'}", body)
        assert (answer.status, answer.json["code"]) == (404, "unknown_timer")


def test_the_lines_of_a_run_are_those_of_its_request(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew")
    stage.run("tea_brew")
    logs, group = stage.emulator.client("logs"), f"/aws/lambda/{stage.prefix}tea"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="1")
    at = round(stage.env.clock().timestamp() * 1000)
    events = [
        {"timestamp": at, "message": f'{{"request": "{name}", "n": {n}}}'}
        for n, name in enumerate(("request-tea_brew", "another", "request-tea_brew"))
    ]
    logs.put_log_events(logGroupName=group, logStreamName="1", logEvents=events)
    [run] = operator("GET", "/v1/timers/tea_brew/runs?chain=demo").json["runs"]
    answer = operator("GET", f"/v1/timers/tea_brew/runs/{run['id']}/log?chain=demo").json
    assert answer["lines"] == [events[0]["message"], events[2]["message"]]
    assert (answer["group"], answer["complete"]) == (group, True)
    assert operator("GET", f"/v1/timers/tea_brew/runs/{'0' * 26}/log?chain=demo").status == 404


DIGITS = " UNION ".join(f"SELECT {digit} AS d" for digit in range(10))
# A month of two timers that run each minute.
INSERT_RUNS = f"""
    INSERT INTO timer_run_log (id, name, began_at, must_end_by, ended_at, outcome, cause, request)
    SELECT CONCAT('01', LPAD(n, 24, '0')), IF(n % 2 = 0, 'tea_a', 'tea_b'), NOW(6), NOW(6), NOW(6),
        IF(n % 500 = 0, 'failed', 'done'), 'schedule', 'r'
    FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS n
        FROM ({DIGITS}) a, ({DIGITS}) b, ({DIGITS}) c, ({DIGITS}) d, ({DIGITS}) e) numbers"""
STATEMENTS = ("LAST_RUNS", "FIRST_RUNS", "RUNS", "RUNS_WITH_OUTCOME")


def test_pages_read_by_indexes_alone(stage: Stage, database: MariaDB) -> None:
    """EXPLAIN: every step has a key, no step sorts, and the count of a day reads an index without the rows."""
    del stage
    values: dict[str, object] = {
        "name": "tea_a",
        "names": ("tea_a", "tea_b"),
        "since": "01" + "9".rjust(24, "0"),
        "before": "7Z",
    }
    values |= {"limit": 51, "outcome": "failed"}
    statements = {name: getattr(runs_table, f"SELECT_{name}") for name in STATEMENTS}
    statements |= {name: getattr(runs_table, name) for name in ("COUNT_RUNS", "COUNT_FAILED")}
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(INSERT_RUNS)
        cursor.execute("ANALYZE TABLE timer_run_log")
        for name, statement in statements.items():
            cursor.execute(f"EXPLAIN FORMAT = TRADITIONAL {statement}", values)
            names = [column[0] for column in cursor.description]
            plan = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            assert all(step["key"] or "<derived" in str(step["table"]) for step in plan), (name, plan)
            assert not any("filesort" in str(step["Extra"]) for step in plan), (name, plan)
            if name == "COUNT_RUNS":
                assert all("Using index" in step["Extra"] for step in plan), (name, plan)


def test_a_second_chain_of_the_stage_is_the_reason_of_a_refusal(
    stage: Stage, env: Environment, database: MariaDB, operator: Caller
) -> None:
    stage.add("tea_brew")
    assert operator("GET", "/v1/timers/tea_brew?chain=demo").json["refusal"] is None
    of_rival = Caller(stores_api.handler, new_key(env, database.owner.url, ["stores:write"], at="chain:rival"))
    opened = of_rival("PUT", "/v1/stores/far-away", SETTINGS | {"chain": "rival"})
    assert opened.status in (200, 201), opened.text
    seen = operator("GET", "/v1/timers?chain=demo").json
    assert (seen["manages"], seen["refusal"]) == (False, "other_chains")
    assert operator("POST", "/v1/timers/tea_brew/pause", {"chain": "demo"}).status == 403


def test_the_operator_of_the_stage_changes_timers_of_a_stage_with_several_chains(
    stage: Stage, env: Environment, database: MariaDB
) -> None:
    stage.add("tea_brew")
    for chain in ("demo", "rival"):
        key = new_key(env, database.owner.url, ["stores:write"], at=f"chain:{chain}")
        opened = Caller(stores_api.handler, key)("PUT", f"/v1/stores/of-{chain}", SETTINGS | {"chain": chain})
        assert opened.status in (200, 201), opened.text
    head, operator = (signed_in(database.owner.url, role) for role in ("head_office", "stage_operator"))
    for browser, refusal in ((head, "other_chains"), (operator, None)):
        assert browser.at(api.handler)("GET", "/v1/timers?chain=demo").json["refusal"] == refusal
    assert head.at(api.handler)("POST", "/v1/timers/tea_brew/pause", {"chain": "demo"}).status == 403
    assert stage.rule("tea_brew")[1] == "ENABLED"
    paused = operator.at(api.handler)("POST", "/v1/timers/tea_brew/pause", {"chain": "demo"})
    assert paused.status == 200, paused.text
    assert stage.rule("tea_brew")[1] == "DISABLED"
    me = operator("GET", "/v1/session").json["person"]
    shown = head.at(api.handler)("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]
    name = "Pat Person"
    assert (shown["paused_by"], shown["paused_by_name"], shown["changed_by_name"]) == (f"p-{me}", name, name)
    # The people of a chain are no business of another chain.
    rival = Caller(api.handler, new_key(env, database.owner.url, ["timers:read"], at="chain:rival"))
    assert rival("GET", "/v1/timers/tea_brew?chain=rival").json["timer"]["paused_by_name"] is None
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT chain_id, path, status FROM audit_entries WHERE actor = %s ORDER BY id", (f"p-{me}",))
        assert cursor.fetchall()[-1] == ("demo", "/v1/timers/tea_brew/pause", 200)
    assert operator.at(api.handler)("POST", "/v1/timers/tea_brew/pause", {"chain": "rival"}).status == 403


def test_a_run_names_the_person_or_the_job_that_asked_for_it(stage: Stage, env: Environment, database: MariaDB) -> None:
    stage.add("tea_brew")
    head = signed_in(database.owner.url, "head_office")
    me, name = head("GET", "/v1/session").json["person"], "Pat Person"
    job = head.at(api.handler)("POST", "/v1/jobs", A_JOB)
    assert job.status == 201, job.text
    assert (job.json["created_by"], job.json["created_by_name"], job.json["changed_by_name"]) == (f"p-{me}", name, name)
    assert head.at(api.handler)("GET", f"/v1/jobs/{job.json['id']}").json["created_by_name"] == name
    for by in (f"p-{me}", f"job {job.json['id']}", "k-key", None):
        stage.run("tea_brew", by=by)
    runs = head.at(api.handler)("GET", "/v1/timers/tea_brew/runs?chain=demo").json["runs"]
    assert {run["asked_by"]: run["asked_by_name"] for run in runs} == {
        f"p-{me}": name, f"job {job.json['id']}": "Holiday", "k-key": None, None: None,
    }  # fmt: skip
    rival = Caller(api.handler, new_key(env, database.owner.url, ["timers:read"], at="chain:rival"))
    seen = rival("GET", "/v1/timers/tea_brew/runs?chain=rival").json["runs"]
    assert {run["asked_by_name"] for run in seen} == {None}
