"""GET /v1/console/fleet: stores that print, the worst first."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.console import api
from functions.printing.ticket.records import Ticket, TicketKind
from shared.contracts.ids import new_id
from stack.mariadb import MariaDB
from tests.functions.console.conftest import Callers
from tests.support.orders import Caller, open_store

TICKET = Ticket(kind=TicketKind.TEST, store="Corner", station="kitchen", pickup_number=7).model_dump_json()
OPEN = {"queued", "sent", "received", "printing"}
READY = {"state": "ready", "paper": "ok", "cover": "closed", "error": "none"}
_numbers = itertools.count(1)
OUT = READY | {"state": "stopped", "paper": "out"}
LOW = READY | {"paper": "low"}


@dataclass
class Floor:
    """Writes agents, printers and jobs as printing stores them."""

    database: MariaDB

    def execute(self, statement: str, *values: Any) -> None:
        with self.database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)

    def agent(self, store: str, *, online: bool = True, prints: bool = True) -> str:
        agent, now = f"ag_{new_id(datetime.now(UTC))[-8:]}", datetime.now(UTC)
        silent_at = now + timedelta(seconds=60 if online else -60)
        self.execute(
            "INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at, connection_id, connected_at,"
            " seen_at, silent_at, version, platform) VALUES (%s, %s, 'till-1', '', %s, 'c', %s, %s, %s, '0.1.0', 'x')",
            agent, f"demo:{store}", now, now, now, silent_at,
        )  # fmt: skip
        if prints:
            values = (f"demo:{store}", json.dumps({}), agent)
            self.execute(
                "REPLACE INTO print_stores (store_id, revision, routing, printing_agent) VALUES (%s, 1, %s, %s)",
                *values,
            )
        return agent

    def printer(self, store: str, printer: str, report: dict[str, str]) -> None:
        now = datetime.now(UTC)
        self.execute(
            "REPLACE INTO print_printers (store_id, id, profile, state, paper, cover, error, reported_at, changed_at)"
            " VALUES (%s, %s, '{}', %s, %s, %s, %s, %s, %s)",
            f"demo:{store}", printer, *report.values(), now, now,
        )  # fmt: skip

    def job(self, store: str, printer: str, state: str, attention: str | None = None, **times: Any) -> str:
        queued_at = times.get("queued_at", datetime.now(UTC))
        job = new_id(queued_at)
        self.execute(
            "INSERT INTO print_jobs (store_id, id, queue_id, kind, printer, seq, state, queued_at, ended_at, deadline,"
            " due_at, attention, attention_at, original_id, last_sequence, ticket)"
            " VALUES (%s, %s, %s, 'order', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s)",
            f"demo:{store}", job, job, printer, next(_numbers), state, queued_at,
            times.get("ended_at"), queued_at, queued_at if state in OPEN else None, attention,
            queued_at if attention else None, job, TICKET,
        )  # fmt: skip
        return job


@pytest.fixture
def floor(database: MariaDB) -> Floor:
    return Floor(database)


@pytest.fixture
def fleet(call: Caller) -> Caller:
    """Calls to the console with the same key."""
    return Caller(api.handler, call.key)


@pytest.fixture
def opened(call: Caller, floor: Floor) -> Callable[..., str]:
    """Opens a store with one agent on line and one ready printer."""

    def open_one(report: dict[str, str] = READY, **settings: Any) -> str:
        store = open_store(call, **settings)
        floor.agent(store)
        floor.printer(store, "kitchen", report)
        return store

    return open_one


def test_the_worst_store_comes_first_and_says_why(
    opened: Callable[..., str], call: Caller, floor: Floor, fleet: Caller
) -> None:
    good, low, out = opened(city="Lyon"), opened(LOW, city="Lyon"), opened(OUT, city="Oslo")
    silent = open_store(call)
    floor.agent(silent, online=False)
    floor.printer(silent, "bar", READY)
    asked = opened()
    floor.job(asked, "kitchen", "unknown", "unknown")
    open_store(call)  # does not print
    reply = fleet("GET", "/v1/console/fleet?chain=demo")
    assert reply.status == 200, reply.text
    stores = reply.json["stores"]
    assert [(store["store"], store["colour"], store["reasons"]) for store in stores] == [
        (silent, "red", ["agent_offline"]), (out, "red", ["out_of_paper"]), (asked, "red", ["needs_person"]),
        (low, "yellow", ["near_end"]), (good, "green", []),
    ]  # fmt: skip
    assert [printer["state"] for printer in stores[0]["printers"]] == ["offline"]
    assert [printer["state"] for printer in stores[1]["printers"]] == ["out_of_paper"]
    assert stores[1]["since"] == stores[1]["printers"][0]["since"]
    assert (stores[0]["agents"][0]["state"], stores[4]["agents"][0]["state"]) == ("offline", "online")
    assert stores[2]["jobs_for_person"] == 1
    assert reply.json["cities"] == [
        {"city": None, "stores": 2, "red": 2, "yellow": 0, "green": 0},
        {"city": "Oslo", "stores": 1, "red": 1, "yellow": 0, "green": 0},
        {"city": "Lyon", "stores": 2, "red": 0, "yellow": 1, "green": 1},
    ]
    assert [row["store"] for row in fleet("GET", "/v1/console/fleet?chain=demo&city=Oslo").json["stores"]] == [out]


def test_pages_have_each_store_once(opened: Callable[..., str], fleet: Caller) -> None:
    stores = {opened(report) for report in (READY, OUT, LOW, READY, OUT)}
    found, after = [], ""
    for _ in range(4):
        page = fleet("GET", f"/v1/console/fleet?chain=demo&limit=2{after}").json
        found += [(store["colour"], store["store"]) for store in page["stores"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [colour for colour, _ in found] == ["red", "red", "yellow", "green", "green"]
    assert {store for _, store in found} == stores
    assert len(found) == 5


def test_healthy_stores_are_read_apart_and_by_city(opened: Callable[..., str], fleet: Caller) -> None:
    places = ("Lyon", "Oslo", "Lyon", None)
    healthy = {city: sorted(opened(city=city) for name in places if name == city) for city in set(places)}
    troubled = {opened(OUT, city="Lyon"), opened(LOW)}

    def stores_of(query: str) -> list[str]:
        return [store["store"] for store in fleet("GET", f"/v1/console/fleet?chain=demo{query}").json["stores"]]

    assert set(stores_of("&healthy=false")) == troubled
    assert stores_of("&healthy=true") == sorted(store for stores in healthy.values() for store in stores)
    assert stores_of("&healthy=true&city=Lyon") == healthy["Lyon"]
    assert stores_of("&healthy=true&no_city=true") == healthy[None]
    first = fleet("GET", "/v1/console/fleet?chain=demo&healthy=true&limit=3").json
    assert stores_of(f"&healthy=true&after={first['next']}") == stores_of("&healthy=true")[3:]
    assert sum(city["stores"] for city in first["cities"]) == 6


def test_a_store_that_begins_to_print_appears_at_once(opened: Callable[..., str], fleet: Caller) -> None:
    stores = {opened()}
    assert {row["store"] for row in fleet("GET", "/v1/console/fleet?chain=demo").json["stores"]} == stores
    stores.add(opened())
    assert {row["store"] for row in fleet("GET", "/v1/console/fleet?chain=demo").json["stores"]} == stores


def test_list_and_store_agree_on_an_agent_whose_connection_broke(
    opened: Callable[..., str], floor: Floor, fleet: Caller
) -> None:
    store = opened()
    floor.execute("UPDATE print_agents SET connection_id = NULL WHERE store_id = %s", f"demo:{store}")
    page = fleet("GET", "/v1/console/fleet?chain=demo").json
    [row] = page["stores"]
    assert (row["colour"], row["agents"][0]["state"]) == ("green", "online")
    assert (page["cities"][0]["green"], page["cities"][0]["red"]) == (1, 0)


def test_a_printer_out_of_paper_is_green_again_after(opened: Callable[..., str], floor: Floor, fleet: Caller) -> None:
    store = opened(OUT)
    target = f"/v1/console/fleet/{store}"
    assert fleet("GET", target).json["colour"] == "red"
    floor.printer(store, "kitchen", READY)
    assert fleet("GET", target).json["colour"] == "green"


def test_a_store_shows_its_waiting_jobs_and_their_age(opened: Callable[..., str], floor: Floor, fleet: Caller) -> None:
    store, now = opened(), datetime.now(UTC)
    oldest = now - timedelta(minutes=9)
    floor.job(store, "kitchen", "queued", queued_at=oldest)
    floor.job(store, "kitchen", "received", queued_at=now - timedelta(minutes=2))
    failed = floor.job(store, "kitchen", "failed", "failed", queued_at=now - timedelta(hours=1))
    floor.job(store, "kitchen", "printed", queued_at=now - timedelta(minutes=1))
    reply = fleet("GET", f"/v1/console/fleet/demo%3A{store}")
    assert reply.status == 200, reply.text
    page = reply.json
    assert (page["jobs_waiting"], page["jobs_for_person"]) == (2, 1)
    assert datetime.fromisoformat(page["oldest_at"]) == oldest
    assert [job["state"] for job in page["jobs"]] == ["failed", "printed", "received", "queued"]
    assert (page["jobs"][0]["id"], page["jobs"][0]["pickup_number"]) == (failed, 7)


def test_the_day_of_a_printer_is_counted_by_hour(opened: Callable[..., str], floor: Floor, fleet: Caller) -> None:
    store = opened(timezone="Asia/Kolkata", day_ends_at="00:00")

    def at(hour: int, minute: int = 0) -> datetime:
        """A time of the day by the store's clock: 5:30 h before UTC's."""
        return datetime(2025, 6, 30, hour, minute, tzinfo=UTC) - timedelta(hours=5, minutes=30)

    for hour, seconds in ((11, 1), (11, 3), (12, 2)):
        floor.job(store, "kitchen", "printed", queued_at=at(hour), ended_at=at(hour) + timedelta(seconds=seconds))
    floor.job(store, "kitchen", "failed", queued_at=at(23, 59), ended_at=at(23, 59))
    floor.job(store, "bar", "printed", queued_at=at(12))
    floor.job(store, "kitchen", "printed", queued_at=at(0) - timedelta(seconds=1))
    floor.job(store, "kitchen", "printed", queued_at=at(0) + timedelta(days=1))
    page = fleet("GET", f"/v1/console/fleet/{store}/printers/kitchen/day?day=2025-06-30").json
    assert [(hour["hour"], hour["printed"], hour["failed"]) for hour in page["hours"]] == [
        (11, 2, 0), (12, 1, 0), (23, 0, 1),
    ]  # fmt: skip
    assert (page["printed"], page["failed"], page["median_ms"], page["slowest_ms"]) == (3, 1, 2000, 3000)
    assert fleet("GET", f"/v1/console/fleet/{store}/printers/nope/day").status == 404


def test_each_caller_sees_its_own_stores(opened: Callable[..., str], callers: Callers) -> None:
    east, west = opened(OUT), opened(region="west")

    def seen(caller: Any) -> tuple[int, set[str]]:
        reply = caller("GET", "/v1/console/fleet?chain=demo")
        return reply.status, {store["store"] for store in reply.json.get("stores", ())}

    assert (
        seen(callers.key("printing:read", "chain:demo")) == seen(callers.person("head_office")) == (200, {east, west})
    )
    assert (
        seen(callers.key("printing:read", "region:demo:west")) == seen(callers.person("region:west")) == (200, {west})
    )
    manager = callers.person(f"store_manager:{east}")
    assert seen(manager) == (200, {east})
    assert manager("GET", f"/v1/console/fleet/{east}").status == 200
    assert manager("GET", f"/v1/console/fleet/{west}").status == 404
    assert manager("GET", f"/v1/console/fleet/{west}/printers/kitchen/day").status == 404
    assert seen(callers.key("orders:read", "chain:demo")) == (403, set())
    assert seen(callers.person("marketing")) == (403, set())
