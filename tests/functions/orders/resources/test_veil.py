"""A person without `personal:read` sees orders and not their guests; each look is recorded."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.spine.env import Environment
from shared.spine.rights import RIGHTS
from shared.spine.roles import ROLES
from stack.mariadb import MariaDB
from tests.support import order_api
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.people import Browser, signed_in

GUEST = {"member": "m-17", "name": "Wang Wei", "phone": "+86 138 0013 8034", "address": "7 Lu Xun Road",
         "delivery": {"name": "Li Na", "phone": "+86 139 0013 9056", "lat": 31.2, "lon": 121.5, "card": "from Wei",
                      "wishes": "green gate"}}  # fmt: skip
MASKED = {"member": "•••", "name": "W•••", "phone": "••• 34", "address": "•••"}
SECRETS = ("m-17", "Wang", "8034", "Lu Xun", "ring twice", "no onions", "Li Na", "9056", "121.5",
           "from Wei", "green gate")  # fmt: skip


@pytest.fixture
def order(call: Caller, store: str) -> str:
    lines = [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "note": "no onions"}]
    body = an_order(store, payments=paid(1325), guest=GUEST, note="ring twice", lines=lines)
    placed = call("POST", "/v1/orders", body)
    assert placed.status == 201, placed.text
    identifier: str = placed.json["id"]
    return identifier


@pytest.fixture
def looks(env: Environment, database: MariaDB) -> Callable[[], list[Any]]:
    del env

    def read() -> list[Any]:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT operation, path FROM audit_entries WHERE operation LIKE 'orders.%' ORDER BY id")
            return list(cursor.fetchall())

    return read


def browser_of(database: MariaDB, role: str) -> Browser:
    return signed_in(database.owner.url, role, handler=order_api.handler)


def test_an_operator_sees_the_order_and_not_the_guest(order: str, store: str, database: MariaDB) -> None:
    operator = browser_of(database, "operator:chain:demo")
    seen = operator("GET", f"/v1/orders/{order}")
    assert seen.status == 200, seen.text
    assert seen.json["guest"] == MASKED
    assert seen.json["total"] == 1325
    [listed] = operator("GET", f"/v1/orders?store={store}").json["orders"]
    assert listed == seen.json
    trace = operator("GET", f"/v1/orders/{order}/trace")
    changes = operator("GET", f"/v1/orders/{order}/changes")
    assert trace.json["messages"]
    for answer in (seen, trace, changes):
        assert [secret for secret in SECRETS if secret in answer.text] == []


def test_a_store_manager_sees_the_guests_of_the_own_store_alone(
    order: str, store: str, call: Caller, database: MariaDB
) -> None:
    other = open_store(call)
    call("POST", "/v1/orders", an_order(other, payments=paid(1325), guest=GUEST))
    assert browser_of(database, f"store_manager:{store}")("GET", f"/v1/orders/{order}").json["guest"] == GUEST
    both = signed_in(database.owner.url, f"store_manager:{store}", "operator:chain:demo", handler=order_api.handler)
    by_store = {found["store"]: found["guest"] for found in both("GET", "/v1/orders?chain=demo").json["orders"]}
    assert by_store == {store: GUEST, other: MASKED}


def test_an_api_key_sees_what_it_saw(order: str, call: Caller) -> None:
    assert call("GET", f"/v1/orders/{order}").json["guest"] == GUEST


def test_a_look_is_recorded_once_in_five_minutes(order: str, looks: Callable[[], list[Any]], database: MariaDB) -> None:
    head = browser_of(database, "head_office")
    for _ in range(3):
        head("GET", f"/v1/orders/{order}")
        head("GET", f"/v1/orders/{order}/trace")
    assert looks() == [("orders.get_order", f"/v1/orders/{order}"), ("orders.trace_order", f"/v1/orders/{order}/trace")]
    browser_of(database, "head_office")("GET", f"/v1/orders/{order}")
    assert len(looks()) == 3


def test_who_changes_orders_sees_their_guests_so_that_no_reply_to_a_change_needs_a_mask() -> None:
    changing = {right for right in RIGHTS if right.startswith("orders:")} - {"orders:read"}
    assert [role for role, rights in ROLES.items() if rights & changing and "personal:read" not in rights] == []
