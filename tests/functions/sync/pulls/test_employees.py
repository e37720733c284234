"""People of an HR system are kept with stores, skills and contracts, by its API and by files."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.sync.pulls.employees import store_employees
from functions.sync.records.employee import COLUMNS, Employee
from functions.sync.records.our_codes import OurCodes
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.simulators.erp import Erp
from tests.support.queues import Inbox
from tests.support.sync import CHAIN, Sync
from tests.support.sync_pulls import deliver, drop, pull_people, refused_records, the_file, waiting
from tests.support.till_files import TillFile

BUCKET = "drops"
OLD = "2020-01-01T00:00:00.000000Z"


@pytest.fixture
def s3(emulator: Emulator, env: Environment) -> Iterator[Any]:
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    vars(env.settings)["drops_bucket"] = BUCKET
    yield client
    client.close()


def a_person(person: str, store: str, **different: Any) -> dict[str, Any]:
    contract = {"hours_per_week": "38.5", "from": "2026-01-01", "to": None, "kind": "full_time"}
    return {
        "id": person, "name": f"Name {person}", "store": store, "role": "cook", "skills": ["grill"],
        "contract": contract, "phone": "+8613800000001", "active": True,
    } | different  # fmt: skip


def people(sync: Sync, query: str = "") -> dict[str, dict[str, Any]]:
    reply = sync.call("GET", f"/v1/sync/systems/erp/employees{CHAIN}{query}")
    assert reply.status == 200, reply.text
    assert "13800000001" not in reply.text
    return {person["id"]: person for person in reply.json["employees"]}


def test_a_new_flow_reads_all_people_and_then_what_changes(
    sync: Sync, erp: Erp, store: str, moved_clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.sync.adapters.rest.PAGE", 2)
    erp.books.put("employees", [a_person(f"E{n}", f"W-{store}", changed_at=OLD) for n in range(5)])
    sync.begin("pull_employees")
    pull_people()
    assert sorted(people(sync)) == [f"E{n}" for n in range(5)]
    person = people(sync)["E0"]
    assert (person["store"], person["skills"], person["hours_per_week"], person["contract_from"]) == (
        store, ["grill"], "38.50", "2026-01-01",
    )  # fmt: skip
    erp.books.change("employees", "E1", active=False)
    erp.books.change("employees", "E2", skills=["grill", "till"])
    moved_clock(1)
    pull_people()
    assert sorted(people(sync, "&active=true")) == ["E0", "E2", "E3", "E4"]
    assert people(sync)["E2"]["skills"] == ["grill", "till"]
    flow = next(
        f for f in sync.call("GET", f"/v1/sync/systems/erp/flows{CHAIN}").json["flows"] if f["flow"] == "pull_employees"
    )
    assert (flow["rows_read"], flow["rows_changed"], flow["outcome"]) == (2, 2, "finished")


def test_a_person_of_a_store_without_a_code_gets_it_when_it_is_known(
    sync: Sync, erp: Erp, store: str, database: MariaDB
) -> None:
    erp.books.put("employees", [a_person("E1", "HR-9", changed_at=OLD)])
    sync.begin("pull_employees")
    pull_people()
    assert people(sync)["E1"]["store"] is None
    sync.put_codes("stores", {store: "HR-9"})
    pull_people()
    assert people(sync, f"&store={store}")["E1"]["their_store"] == "HR-9"
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT employee, store_id, contract_kind FROM employee_records")
        assert cursor.fetchall() == (("E1", f"demo:{store}", "full_time"),)


def test_a_malformed_person_does_not_stop_the_others(
    sync: Sync, erp: Erp, store: str, moved_clock: Callable[[float], None]
) -> None:
    erp.books.put("employees", [a_person("E1", "", changed_at=OLD), a_person("E2", f"W-{store}", changed_at=OLD)])
    sync.begin("pull_employees")
    pull_people()
    assert sorted(people(sync)) == ["E2"]
    [refused] = refused_records(sync, "pull_employees")
    assert refused["key"] == "E1"
    assert refused["detail"].startswith("store: ")
    assert waiting(sync, "pull_employees") == [("data", "malformed", 1)]
    erp.books.change("employees", "E1", store=f"W-{store}")
    moved_clock(1)
    pull_people()
    sync.call.at = int(sync.env.clock().timestamp())
    assert (sorted(people(sync)), refused_records(sync, "pull_employees")) == (["E1", "E2"], [])


def test_a_file_brings_people_and_names_its_faulty_rows(sync: Sync, store: str, inbox: Inbox, s3: Any) -> None:
    rows = [
        ",".join(COLUMNS),
        f"E1,安娜,W-{store},cook,grill|pizza,40,full_time,2026-01-01,2026-12-31,yes",
        f"E2,Bo,W-{store},waiter,,many,,,,yes",
        "E3,Cy,HR-1,waiter,,,,,,no",
    ]
    sync.begin("pull_employees", files=True)
    content = "\n".join(rows).encode("utf-8-sig")
    file_id = drop(sync, s3, BUCKET, TillFile("people.csv", content), "pull_employees")
    deliver(inbox)
    found = the_file(sync, file_id)
    assert (found["state"], found["records"]) == ("read", 2)
    assert [(fault["row"], fault["column"]) for fault in found["faults"]] == [(3, "hours_per_week"), (4, "store")]
    assert (people(sync)["E1"]["name"], people(sync)["E1"]["skills"]) == ("安娜", ["grill", "pizza"])
    assert people(sync)["E3"]["active"] is False


def test_a_code_that_is_no_store_of_ours_leaves_a_person_without_a_store(env: Environment) -> None:
    people = [
        Employee(id=str(number), name="Ada", store=store, role="cook") for number, store in enumerate(("é", "s1"))
    ]
    same = OurCodes({}, frozenset({"stores"}))
    with env.db.transaction() as transaction:
        assert store_employees(transaction, "demo:codes", same, people, env.clock()) == 2
        rows = transaction.rows("SELECT store_id FROM sync_employees WHERE system_key = 'demo:codes' ORDER BY employee")
    assert [row["store_id"] for row in rows] == [None, "demo:s1"]
