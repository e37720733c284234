"""GET /v1/console/alerts: what waits for a person, with one button each."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.console import api
from functions.console.tables.alerts import AlertRow, upsert_alert
from functions.printing import api as printing
from functions.timers.states import AlertKind
from functions.timers.tables.alerts import insert_alert
from shared.contracts.ids import new_id
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.console.conftest import Callers
from tests.functions.console.resources.test_fleet import OUT, READY, Floor
from tests.support.orders import Caller, new_key, open_store

_seconds = itertools.count(1)


@pytest.fixture
def floor(database: MariaDB) -> Floor:
    return Floor(database)


@pytest.fixture
def console(call: Caller) -> Caller:
    """Calls to the console with the same key."""
    return Caller(api.handler, call.key)


@pytest.fixture
def opened(call: Caller, floor: Floor) -> Callable[..., str]:
    """Opens a store with one agent on line and one printer."""

    def open_one(report: dict[str, str] = READY, **settings: Any) -> str:
        store = open_store(call, **settings)
        floor.agent(store)
        floor.printer(store, "kitchen", report)
        return store

    return open_one


def differs(env: Environment, store: str | None, kind: str = "order_differs", chain: str = "demo") -> str:
    """An alert that a message has opened."""
    since = datetime.now(UTC) - timedelta(hours=1) + timedelta(seconds=next(_seconds))
    key = f"{chain}:{store}" if store else None
    alert = AlertRow(new_id(since), chain, key, kind, f"order/{new_id(since)}", since, {"number": "n1"})
    with env.db.transaction() as transaction:
        upsert_alert(transaction, alert, 1, ended=False)
    return alert.id


def alerts(caller: Any, query: str = "") -> list[dict[str, Any]]:
    reply = caller("GET", f"/v1/console/alerts?chain=demo{query}")
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = reply.json["alerts"]
    return found


def test_what_waits_for_a_person_comes_by_urgency_with_one_action_each(
    opened: Callable[..., str], console: Caller, floor: Floor, call: Caller, env: Environment
) -> None:
    paper, silent = opened(OUT, name="Harbour"), open_store(call)
    agent = floor.agent(silent, online=False)
    floor.printer(silent, "bar", OUT)  # an old report: no alert of its own
    job = floor.job(paper, "kitchen", "unknown", "unknown")
    message = differs(env, paper)
    listed = alerts(console)
    by_kind = {alert["kind"]: alert for alert in listed}
    assert listed[-1]["id"] == message
    assert {kind: alert["store"] for kind, alert in by_kind.items()} == {
        "agent_offline": silent, "printer": paper, "print_job": paper, "order_differs": paper,
    }  # fmt: skip
    assert len(listed) == 4
    assert by_kind["printer"]["store_name"] == "Harbour"
    assert by_kind["printer"]["facts"] == {"printer": "kitchen", "state": "out_of_paper"}
    assert by_kind["agent_offline"]["facts"]["agent"] == agent
    assert by_kind["print_job"]["facts"]["job"] == job
    assert [choice["name"] for choice in by_kind["print_job"]["action"]["choices"]] == [
        "again",
        "on_paper",
        "dismissed",
    ]
    assert console("GET", "/v1/console/alerts?chain=demo").json["counts"] == dict.fromkeys(by_kind, 1)
    assert [alert["store"] for alert in alerts(console, f"&store={silent}")] == [silent]


def test_the_button_of_a_job_ends_its_alert(opened: Callable[..., str], console: Caller, floor: Floor) -> None:
    store = opened()
    floor.job(store, "kitchen", "unknown", "unknown")
    [alert] = alerts(console)
    [dismissed] = [choice for choice in alert["action"]["choices"] if choice["name"] == "dismissed"]
    target = alert["action"]["path"].replace(f"demo:{store}", store)
    assert Caller(printing.handler, console.key)("POST", target, dismissed["body"]).status == 200
    assert alerts(console) == []


def test_an_acknowledged_alert_is_gone_and_stays_in_the_record(
    opened: Callable[..., str], console: Caller, env: Environment
) -> None:
    alert = differs(env, opened())
    target = f"/v1/console/alerts/{alert}/resolve"
    reply = console("POST", target, {"note": "price was right"}, key="k1")
    assert (reply.status, reply.json["resolved_by"]) == (200, console.key["id"])
    assert alerts(console) == []
    assert console("POST", target, {"note": "price was right"}, key="k1").status == 200
    again = console("POST", target, {}, key="k2")
    assert (again.status, again.json["code"]) == (409, "already_resolved")
    assert console("POST", f"/v1/console/alerts/{new_id(datetime.now(UTC))}/resolve", {}).status == 404


def test_pages_have_each_alert_once(opened: Callable[..., str], console: Caller, env: Environment) -> None:
    store = opened(OUT)
    expected = {differs(env, store) for _ in range(4)}
    listed, after = [], ""
    for _ in range(9):
        page = console("GET", f"/v1/console/alerts?chain=demo&limit=2{after}").json
        listed += [alert["id"] for alert in page["alerts"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(listed) == 5
    assert set(listed[1:]) == expected


def test_each_caller_sees_the_alerts_of_its_stores_and_rights(
    opened: Callable[..., str], callers: Callers, env: Environment
) -> None:
    east, west = opened(OUT), opened(OUT, region="west")
    order = differs(env, east)
    chain_wide = differs(env, None, "system_failing")
    rival = differs(env, "s1", chain="rival")

    def kinds(caller: Any) -> list[tuple[str, str | None]]:
        return sorted((alert["kind"], alert["store"]) for alert in alerts(caller))

    printers = sorted([("printer", east), ("printer", west)])
    assert kinds(callers.key("printing:read", "chain:demo")) == printers
    assert kinds(callers.key("printing:read", "region:demo:west")) == [("printer", west)]
    assert kinds(callers.person(f"store_manager:{east}")) == [("order_differs", east), ("printer", east)]
    assert kinds(callers.person("head_office")) == [("order_differs", east), *printers, ("system_failing", None)]
    assert callers.person("marketing")("GET", "/v1/console/alerts?chain=demo").status == 403
    manager = callers.person(f"store_manager:{west}")
    for alert in (order, chain_wide, rival):
        assert manager("POST", f"/v1/console/alerts/{alert}/resolve", {}).status == 404
    assert callers.person("head_office")("POST", f"/v1/console/alerts/{rival}/resolve", {}).status == 404


def many_alerts(database: MariaDB, store: str | None, kind: str, count: int) -> None:
    """So many open alerts of a kind, which are older than all that a test opens."""
    place = f"demo:{store}" if store else None
    values = [(new_id(datetime.now(UTC)), place, kind, f"old/{kind}/{number}") for number in range(count)]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO alerts (id, chain_id, store_id, kind, subject, since, sequence, facts)"
            " VALUES (%s, 'demo', %s, %s, %s, '2026-01-01', 1, '{}')",
            values,
        )


def every_alert(caller: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = caller("GET", f"/v1/console/alerts?chain=demo&limit=200{after}").json
        found += page["alerts"]
        after = f"&after={page['next']}" if page["next"] else None
    return found


def test_unread_alerts_of_one_kind_or_store_hide_no_others(
    opened: Callable[..., str], callers: Callers, env: Environment, database: MariaDB, floor: Floor
) -> None:
    east, west = opened(OUT), opened(OUT, region="west")
    floor.execute("UPDATE print_agents SET silent_at = silent_at + INTERVAL 1 HOUR")  # this test takes a while
    many_alerts(database, west, "order_differs", 210)
    many_alerts(database, west, "day_difference", 210)
    newest, failing = differs(env, east), differs(env, None, "system_failing")
    for number in range(210):
        floor.printer(west, f"p{number:03}", OUT)
        floor.job(west, "kitchen", "unknown", "unknown")
    job = floor.job(east, "kitchen", "unknown", "unknown", queued_at=datetime(2026, 1, 1, tzinfo=UTC))
    found = every_alert(callers.person("head_office"))
    assert {newest, failing} <= {alert["id"] for alert in found}
    manager = every_alert(callers.person(f"store_manager:{east}"))
    assert sorted((alert["kind"], alert["store"]) for alert in manager) == [
        ("order_differs", east), ("print_job", east), ("printer", east),
    ]  # fmt: skip
    assert [alert["facts"]["job"] for alert in manager if alert["kind"] == "print_job"] == [job]


def test_printers_of_a_store_off_line_hide_no_others(
    opened: Callable[..., str], console: Caller, call: Caller, floor: Floor
) -> None:
    silent = open_store(call)
    floor.agent(silent, online=False)
    for number in range(210):
        floor.printer(silent, f"p{number:03}", OUT)
    floor.execute("UPDATE print_printers SET changed_at = changed_at + INTERVAL 1 HOUR")
    out = opened(OUT)
    floor.execute("UPDATE print_agents SET silent_at = silent_at + INTERVAL 1 HOUR WHERE store_id = %s", f"demo:{out}")
    assert sorted((alert["kind"], alert["store"]) for alert in every_alert(console)) == sorted(
        [("agent_offline", silent), ("printer", out)]
    )


def test_who_may_only_read_gets_no_button_and_settles_nothing(
    opened: Callable[..., str], callers: Callers, env: Environment
) -> None:
    store = opened()
    alert = differs(env, store)
    reader, operator = callers.key("orders:read", "chain:demo"), callers.person("operator:chain:demo")
    other = callers.person(f"store_manager:{opened()}", "operator:chain:demo")
    for caller in (reader, operator, other):
        assert [(one["id"], one["action"]) for one in alerts(caller)] == [(alert, None)]
        refused = caller("POST", f"/v1/console/alerts/{alert}/resolve", {})
        assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    manager = callers.person(f"store_manager:{store}")
    [shown] = alerts(manager)
    assert manager("POST", shown["action"]["path"], shown["action"]["body"]).status == 200
    assert alerts(reader) == []


def deliver_until(database: MariaDB, store: str, until: datetime, carriage: str = "on_the_way", **more: Any) -> str:
    """A delivery that was promised until this time."""
    delivery = new_id(datetime.now(UTC))
    link, is_open = delivery.ljust(32), more.get("is_open", 1)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO deliveries (id, order_id, chain_id, store_id, number, goods, carriage, details, item_lines,"
            " shorts, times, refused_by, proof, why, wanted_from, wanted_until, ready_at, link_hash, link_encrypted,"
            " created_at, changed_at, is_open) VALUES (%s, %s, 'demo', %s, 7, 'packed', %s, '{}', '[]', '{}', '{}',"
            " '[]', '{}', '{}', %s, %s, %s, %s, '', %s, %s, %s)",
            (delivery, delivery, f"demo:{store}", carriage, *[until] * 3, link, *[until] * 2, is_open),
        )
    return delivery


def test_a_late_delivery_waits_for_the_desk_until_it_ends(call: Caller, callers: Callers, database: MariaDB) -> None:
    east, west, now = open_store(call), open_store(call, region="west"), datetime.now(UTC)
    late = deliver_until(database, east, now - timedelta(minutes=5))
    deliver_until(database, east, now + timedelta(minutes=5))
    deliver_until(database, east, now - timedelta(minutes=5), "delivered", is_open=None)
    for minutes in range(210):
        deliver_until(database, west, now - timedelta(minutes=minutes + 1))
    [alert] = alerts(callers.person(f"store_manager:{east}"))
    assert (alert["kind"], alert["store"], alert["subject"]) == ("late_delivery", east, f"delivery/{late}")
    assert alert["facts"] == {"delivery": late, "order": late, "number": 7, "carriage": "on_the_way"}
    assert (alert["action"]["method"], alert["action"]["path"]) == (None, f"/console/delivery/{late}")
    assert len(every_alert(callers.person("head_office"))) == 200
    assert alerts(callers.key("orders:read", "chain:demo")) == []


def test_the_button_of_a_timer_names_it_as_the_api_of_timers_does(env: Environment, database: MariaDB) -> None:
    console = Caller(api.handler, new_key(env, database.owner.url, ["console:read", "timers:read"]))
    with env.db.transaction() as transaction:
        insert_alert(transaction, "dumbwaiter-local-members_fit_models", AlertKind.FAILING, env.clock())
    [alert] = [found for found in alerts(console) if found["kind"] == "timer"]
    action = alert["action"]
    assert (action["method"], action["path"]) == ("POST", "/v1/timers/members_fit_models/run")
    assert alert["facts"] == {"timer": "members_fit_models", "reason": "failing", "acts": "operator"}
