"""GET /v1/orders by day, table, phone, member, pickup number and bill."""

import json

import pytest

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.orders.resources.test_orders import COPY, ids, rows_read
from tests.functions.orders.test_on_member_forgotten import forget
from tests.support.bills import COLA, change, close, open_bill, split
from tests.support.order_changes import cancel
from tests.support.orders import Caller, an_order

ANNA = {"member": "anna", "name": "Anna", "phone": "+1 (212) 555-0142"}


@pytest.fixture
def day(call: Caller, store: str) -> str:
    """The business day of now; the query for the store and day."""
    placed = call("POST", "/v1/orders", an_order(store)).json
    cancel(call, placed["id"])
    return f"store={store}&day={placed['business_day']}"


def test_orders_of_a_day_are_found_by_table_phone_number_and_bill(call: Caller, store: str, day: str) -> None:
    first = open_bill(call, store, COLA, table="7", guest=ANNA)
    second = open_bill(call, store, COLA, table="8")
    assert ids(call, f"{day}&status=placed") == [first["id"], second["id"]]
    assert ids(call, f"{day}&table=7") == ids(call, f"{day}&phone_ending=0142") == [first["id"]]
    assert ids(call, f"{day}&pickup_number={second['pickup_number']}") == [second["id"]]
    assert ids(call, f"{day}&phone_ending=9999") == ids(call, f"store={store}&day=2020-01-01") == []
    close(call, second["id"], 1)
    assert ids(call, f"{day}&bill=open") == [first["id"]]
    assert second["id"] in ids(call, f"{day}&bill=closed")
    assert ids(call, "member=anna") == ids(call, f"member=anna&{day}") == [first["id"]]
    assert ids(call, "member=anna&chain=rival") == ids(call, "member=ben") == []


def test_a_changed_bill_is_found_by_its_new_table_and_guest_alone(call: Caller, store: str, day: str) -> None:
    order = open_bill(call, store, COLA, table="7", guest=ANNA)["id"]
    guest = {"member": "ben", "phone": "138****8000"}
    assert change(call, order, version=1, set={"table": "12", "guest": guest}).status == 200
    assert ids(call, f"{day}&table=7") == ids(call, f"{day}&phone_ending=0142") == ids(call, "member=anna") == []
    assert ids(call, f"{day}&table=12&bill=open") == ids(call, f"{day}&phone_ending=8000") == [order]
    assert ids(call, "member=ben") == [order]


def test_a_split_bill_is_found_at_its_table(call: Caller, store: str, day: str) -> None:
    order = open_bill(call, store, COLA, COLA | {"quantity": 1})["id"]
    new = split(call, order, 1, parts=[{"lines": [{"line": "2"}], "table": "bar"}]).json["orders"][0]["id"]
    assert ids(call, f"{day}&table=bar") == [new]


def test_a_forgotten_guest_is_not_found_by_phone_or_member(call: Caller, store: str, day: str) -> None:
    placed = open_bill(call, store, COLA, guest=ANNA)["id"]
    changed = open_bill(call, store, COLA)["id"]
    change(call, changed, version=1, set={"guest": ANNA})
    assert set(ids(call, f"{day}&phone_ending=0142")) == {placed, changed}
    forget("anna")
    assert ids(call, f"{day}&phone_ending=0142") == ids(call, "member=anna") == []


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("day=2026-01-01", {"store"}), ("table=7", {"store", "day"}), ("store={store}&table=7", {"day"}),
        ("store={store}&pickup_number=7", {"day"}), ("phone_ending=1234", {"store", "day"}),
        ("store={store}&bill=open", {"day"}),
    ],
)  # fmt: skip
def test_a_filter_of_a_day_needs_the_store_and_the_day(call: Caller, store: str, query: str, missing: set[str]) -> None:
    refused = call("GET", f"/v1/orders?{query.format(store=store)}")
    assert (refused.status, refused.json["code"]) == (422, "query_invalid")
    assert {(fault["path"], fault["code"]) for fault in refused.json["errors"]} == {(m, "missing") for m in missing}


def test_a_search_reads_the_orders_of_its_day_or_member_alone(
    call: Caller, env: Environment, store: str, database: MariaDB
) -> None:
    """12,000 orders of 120 days."""
    placed = open_bill(call, store, COLA, guest=ANNA)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(COPY, (json.dumps([*range(1, 12_001)]), placed["id"]))
        days = "business_day - INTERVAL (pickup_number DIV 100) DAY"
        member = "IF(pickup_number MOD 1000 = 1, 'anna', CONCAT('m', pickup_number))"
        cursor.execute(f"UPDATE orders SET business_day = {days}, member_id = {member}")
        cursor.execute("ANALYZE TABLE orders")
    day = f"store={store}&day={placed['business_day']}"
    for query, most in [
        (f"{day}&limit=5", 300), (f"{day}&table=7&limit=5", 300), (f"{day}&phone_ending=0142&limit=5", 300),
        (f"{day}&bill=open&limit=5", 300), (f"{day}&pickup_number=1", 20), ("member=anna&limit=5", 100),
    ]:  # fmt: skip
        ids(call, query)
        assert rows_read(env, lambda query=query: ids(call, query)) <= most, query  # type: ignore[misc]
