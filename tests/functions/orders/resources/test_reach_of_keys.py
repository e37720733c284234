"""Each path of orders and stores, tried with the key of another chain, which sees nothing and changes nothing."""

import re
from typing import Any

from functions.orders import api as orders
from functions.stores import api as stores
from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.bills import PIZZA, open_bill
from tests.support.order_changes import message_types
from tests.support.orders import EVERYTHING, MENU, SETTINGS, Caller, an_order, new_key, open_store, paid

EVERY_RIGHT = [*EVERYTHING, "orders:change", "orders:void", "orders:discount", "guests:token"]
DAY = "2026-11-29"
WEEK = {"week": [[{"opens": "00:00", "closes": "24:00"}]] * 7}
CHAIN_MENU = {"currency": "USD", "menu": MENU}
# A valid body for each operation that takes one. An operation with a path that is missing here fails the test.
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/orders/{order}/changes"): {"add": [PIZZA]},
    ("POST", "/v1/orders/{order}/close"): {"version": 1},
    ("POST", "/v1/orders/{order}/reopen"): {"version": 1, "reason": "x"},
    ("POST", "/v1/orders/{order}/split"): {"version": 1, "ways": 2},
    ("POST", "/v1/orders/{order}/metadata"): {"metadata": {"a": "b"}},
    ("POST", "/v1/orders/{order}/payments"): paid(100)[0],
    ("POST", "/v1/orders/{order}/refunds"): {"reference": "r", "amount": 1, "reason": "x"},
    ("POST", "/v1/orders/{order}/cancel"): {"reason": "x"},
    ("POST", "/v1/orders/{order}/fulfilment"): {"status": "accepted"},
    ("POST", "/v1/days/{store}/{day}/close"): {"person": "Eve"},
    ("PUT", "/v1/stock/{store}/{item}"): {"left": 5},
    ("POST", "/v1/stock/{store}/{item}"): {"add": 5},
    ("PUT", "/v1/stores/{store}"): SETTINGS,
    ("PUT", "/v1/stores/{store}/opening-hours"): WEEK,
    ("PUT", "/v1/stores/{store}/menu"): MENU,
    ("PUT", "/v1/stores/{store}/sold-out"): {"items": ["cola"]},
    ("PUT", "/v1/menus/{menu}"): CHAIN_MENU,
    ("PUT", "/v1/menus/{menu}/overrides/{scope}"): {"hidden": ["cola"]},
}


def without_body(method: str) -> bool:
    return method in ("GET", "DELETE")


def test_no_path_leads_into_another_chain(call: Caller, env: Environment, database: MariaDB) -> None:
    office = Caller(call.handler, new_key(env, database.owner.url, EVERY_RIGHT))
    store = open_store(office, slots={"minutes": 15, "orders": 2})
    assert office("PUT", "/v1/menus/main", CHAIN_MENU).status in (200, 201)
    assert office("PUT", f"/v1/stock/{store}/cola", {"left": 7}).status == 200
    order, other = (open_bill(office, store, PIZZA) for _ in range(2))
    rival = Caller(call.handler, new_key(env, database.owner.url, EVERY_RIGHT, at="chain:rival"))
    mine = open_bill(rival, open_store(rival, chain="rival"), PIZZA)
    bodies = BODIES | {
        ("POST", "/v1/orders/{order}/merge"): {"version": 1, "order": other["id"], "order_version": 1},
    }
    before = [office("GET", f"/v1/orders/{one['id']}").json for one in (order, other)]
    menu = office("GET", f"/v1/stores/{store}/menu").text
    names = {
        "order": order["id"], "store": f"demo%3A{store}", "item": "cola", "day": DAY, "menu": "demo%3Amain",
        "version": "1", "scope": "region%3Aeast",
    }  # fmt: skip
    tried = 0
    for operation in (*orders.OPERATIONS, *stores.OPERATIONS):
        if "{" not in operation.rule:
            continue
        target = re.sub(r"{(\w+)}", lambda found: names[found[1]], operation.rule)
        body = None if without_body(operation.method) else bodies[operation.method, operation.rule]
        answer = rival(operation.method, target, body)
        assert answer.status in (403, 404), (operation.method, target, answer.text)
        assert_says_nothing(answer)
        tried += 1
    assert tried > len(BODIES)
    taken = rival("POST", f"/v1/orders/{mine['id']}/merge", {"version": 1, "order": other["id"], "order_version": 1})
    assert (taken.status, taken.json["code"]) == (404, "unknown_order")
    assert [office("GET", f"/v1/orders/{one['id']}").json for one in (order, other)] == before
    assert office("GET", f"/v1/stores/{store}/menu").text == menu
    assert message_types(office, order["id"]) == ["order.placed"]


def assert_says_nothing(answer: Answer) -> None:
    for word in ("Hawaiian", "Corner", '"lines"', "1325"):
        assert word not in answer.text


def test_lists_hold_nothing_of_another_chain(call: Caller, env: Environment, database: MariaDB) -> None:
    office = Caller(call.handler, new_key(env, database.owner.url, EVERY_RIGHT))
    store = open_store(office)
    assert office("PUT", "/v1/menus/main", CHAIN_MENU).status in (200, 201)
    guest = {"member": "anna", "phone": "+8613800001234"}
    order = office("POST", "/v1/orders", an_order(store, guest=guest, table="7", open=True)).json
    rival = Caller(call.handler, new_key(env, database.owner.url, EVERY_RIGHT, at="chain:rival"))
    on_day = f"store=demo%3A{store}&day={order['business_day']}"
    filters = ["table=7", f"pickup_number={order['pickup_number']}", "phone_ending=1234", "bill=open"]
    assert order["id"] in office("GET", f"/v1/orders?{on_day}&{'&'.join(filters)}").text
    finders = ["", "?chain=demo", f"?{on_day}", *(f"?{on_day}&{one}" for one in filters), "?member=anna"]
    finders.append("?chain=demo&member=anna")
    for query in finders:
        seen = rival("GET", f"/v1/orders{query}")
        assert seen.status in (200, 403, 404), (query, seen.text)
        assert order["id"] not in seen.text, query
    for target in (
        "/v1/stores",
        "/v1/stores?chain=demo",
        "/v1/stores?region=east",
        "/v1/menus",
        "/v1/menus?chain=demo",
    ):
        seen = rival("GET", target)
        assert seen.status in (200, 403, 404), (target, seen.text)
        assert store not in seen.text, target
        assert '"main"' not in seen.text, target
    assert rival("POST", "/v1/guest-tokens", {"store": f"demo:{store}", "source_id": "app"}).status in (403, 404)
