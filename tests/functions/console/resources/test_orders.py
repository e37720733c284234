"""GET /v1/console/orders: the newest orders, a search, and an order as a timeline."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.console import api
from shared.contracts.ids import new_id
from shared.contracts.messages.delivery import DeliveryChanged
from shared.contracts.messages.members import FactsThen, MemberPurchased, purchase_subject
from shared.contracts.messages.orders import order_subject
from shared.contracts.messages.outlets import OutletEscalated
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.console.conftest import Callers
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.people import Browser, signed_in

GUEST = {"name": "<script>Ann", "phone": "+1 555 0100", "address": "1 Main St"}


@pytest.fixture
def console(call: Caller) -> Caller:
    """Calls to the console with the same key."""
    return Caller(api.handler, call.key)


def location(call: Caller, store: str, **parts: Any) -> dict[str, Any]:
    answer = call("POST", "/v1/orders", an_order(store, **parts))
    assert answer.status == 201, answer.text
    order: dict[str, Any] = answer.json
    return order


def ids(caller: Any, target: str) -> list[str]:
    reply = caller("GET", target)
    assert reply.status == 200, reply.text
    return [order["id"] for order in reply.json["orders"]]


def test_the_newest_orders_come_first_a_page_at_a_time(call: Caller, console: Caller, store: str) -> None:
    placed = [location(call, store)["id"] for _ in range(5)]
    other = location(call, open_store(call))["id"]
    assert ids(console, "/v1/console/orders?chain=demo") == [other, *reversed(placed)]
    found, after = [], ""
    for _ in range(9):
        page = console("GET", f"/v1/console/orders?chain=demo&store={store}&limit=2{after}").json
        found += [order["id"] for order in page["orders"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == placed[::-1]


def test_a_row_shows_the_order_without_its_guest(call: Caller, console: Caller, store: str) -> None:
    order = location(call, store, payments=paid(1325), guest=GUEST)
    [row] = console("GET", "/v1/console/orders?chain=demo").json["orders"]
    assert row == {
        "id": order["id"], "store": store, "number": order["source"]["number"],
        "pickup_number": order["pickup_number"], "source": {"kind": "till", "id": "till-1"},
        "business_day": order["business_day"], "table": None, "payment": "paid", "fulfilment": "placed",
        "bill": "closed", "total": 1325, "paid": 1325, "refunded": 0, "currency": "USD",
        "placed_at": row["placed_at"], "received_at": row["received_at"], "differs": False,
    }  # fmt: skip


def test_filters_keep_what_matches(call: Caller, console: Caller, store: str) -> None:
    unpaid, settled = location(call, store)["id"], location(call, store, payments=paid(1325))["id"]
    other = open_store(call)
    platform = location(call, other, source={"kind": "platform", "id": "eats", "number": "E-77"})["id"]
    assert call("POST", f"/v1/orders/{unpaid}/cancel", {"reason": "left"}).status == 200
    for query, expected in [
        ("status=cancelled", [unpaid]), ("payment=paid", [settled]), ("source=platform", [platform]),
        (f"store={other}", [platform]), ("payment=unpaid", [platform, unpaid]), ("payment=refunded", []),
    ]:  # fmt: skip
        assert ids(console, f"/v1/console/orders?chain=demo&{query}") == expected, query


def test_a_search_finds_by_id_number_phone_and_pickup_number(call: Caller, console: Caller, store: str) -> None:
    order = location(call, store, guest=GUEST, source={"kind": "platform", "id": "eats", "number": "E-77.b"})
    location(call, store)
    pickup = order["pickup_number"]
    for q, how in [
        (order["id"], "id"),
        (order["id"].lower(), "id"),
        ("E-77.b", "number"),
        ("0100", "phone"),
        (pickup, "pickup"),
    ]:
        reply = console("GET", f"/v1/console/orders/search?chain=demo&q={q}")
        assert [(row["id"], row["found_by"]) for row in reply.json["orders"]] == [(order["id"], how)], q
    for q in ("E-77", "9999", "%25", "'%20OR%201=1", "_%25"):
        assert ids(console, f"/v1/console/orders/search?chain=demo&q={q}") == [], q
    assert console("GET", "/v1/console/orders/search?chain=demo&q=").status == 422


def copy_into(database: MariaDB, order: str, store: str, copies: int) -> None:
    """So many newer orders of another store with the number and the phone ending of an order."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM orders WHERE id = %s", (order,))
        fields = {column[0]: value for column, value in zip(cursor.description, cursor.fetchone() or (), strict=True)}
        for number in range(copies):
            new = {"id": f"{number:026}", "receipt_id": f"7{number:025}", "source_id": f"till-{number}"}
            of_store = {"store_id": f"demo:{store}", "pickup_number": 10_000 + number}
            row = fields | new | of_store
            columns = ", ".join(row)
            cursor.execute(f"INSERT INTO orders ({columns}) VALUES ({', '.join(['%s'] * len(row))})", [*row.values()])
        connection.commit()


def test_a_search_reaches_past_the_orders_of_other_stores(
    call: Caller, console: Caller, callers: Callers, store: str, database: MariaDB
) -> None:
    sought = location(call, store, guest=GUEST, source={"kind": "till", "id": "till-1", "number": "N-17"})["id"]
    other = open_store(call, region="west")
    copy_into(database, sought, other, 220)
    many = [open_store(call) for _ in range(21)]
    manager = callers.person(f"store_manager:{store}")
    region = callers.key("orders:read", "region:demo:east")
    assert len(many) > 20
    for q in ("N-17", "0100"):
        target = f"/v1/console/orders/search?chain=demo&q={q}"
        assert len(ids(console, target)) == 50
        for caller, of_store in ((manager, ""), (region, ""), (console, f"&store={store}")):
            assert ids(caller, target + of_store) == [sought], (q, of_store)


def test_a_search_says_that_a_pickup_number_needs_a_store(call: Caller, console: Caller, store: str) -> None:
    order = location(call, store)
    target = f"/v1/console/orders/search?chain=demo&q={order['pickup_number']}"
    for _ in range(20):
        open_store(call)
    found = console("GET", target).json
    assert (found["orders"], found["pickup_needs_store"]) == ([], True)
    of_store = console("GET", f"{target}&store={store}").json
    assert ([row["id"] for row in of_store["orders"]], of_store["pickup_needs_store"]) == ([order["id"]], False)
    assert console("GET", "/v1/console/orders/search?chain=demo&q=E-77").json["pickup_needs_store"] is False


def test_an_order_shows_its_states_and_every_message(call: Caller, console: Caller, store: str) -> None:
    order = location(call, store, guest=GUEST)["id"]
    assert call("POST", f"/v1/orders/{order}/payments", paid(1325)[0]).status == 201
    assert call("POST", f"/v1/orders/{order}/fulfilment", {"status": "accepted"}).status == 200
    reply = console("GET", f"/v1/console/orders/{order}")
    assert reply.status == 200, reply.text
    page = reply.json
    traced = call("GET", f"/v1/orders/{order}/trace").json["messages"]
    assert [step["message"] for step in page["timeline"]] == [message["id"] for message in traced]
    assert [state["state"] for state in page["payment_states"]] == ["unpaid", "paid"]
    assert [state["state"] for state in page["fulfilment_states"]] == ["placed", "accepted"]
    assert page["order"] == call("GET", f"/v1/orders/{order}").json
    assert (page["masked"], page["order"]["guest"]["name"]) == (False, "<script>Ann")
    assert (page["timeline"][-1]["facts"]["before"], page["timeline"][-1]["facts"]["after"]) == ("placed", "accepted")


def test_the_timeline_goes_on_to_profile_courier_and_outlet(
    call: Caller, console: Caller, store: str, env: Environment
) -> None:
    order, now = location(call, store)["id"], datetime.now(UTC)
    facts = FactsThen(revision=1, days="", habits="secret", favourites="", categories="", items="", tags={})
    notice = {"notice": new_id(now), "order": order, "chain": "demo", "store": store, "version": 1}
    parcel = {"delivery": new_id(now), "order": order, "chain": "demo", "store": store, "courier": None}
    bought = MemberPurchased(member=new_id(now), chain="demo", order=order, facts=facts)
    moved = DeliveryChanged(
        **parcel, goods="packed", carriage="unassigned", at=now, wanted_until=now, action="pack", reason="for Ann"
    )
    about = order_subject(order)
    with env.outbox.work("test") as work:
        work.announce(bought, subject=purchase_subject(order), sequence=1)
        work.announce(moved, subject="delivery/d", sequence=1, about=about)
        work.announce(OutletEscalated(**notice, action="call"), subject="notice/n", sequence=1, about=about)
    steps = {step["type"]: step for step in console("GET", f"/v1/console/orders/{order}").json["timeline"]}
    assert {name: steps[name]["kind"] for name in ("member.purchased", "delivery.changed", "outlet.escalated")} == {
        "member.purchased": "member", "delivery.changed": "delivery", "outlet.escalated": "outlet",
    }  # fmt: skip
    assert (steps["member.purchased"]["data"]["order"], "secret" in str(steps)) == (order, False)
    shown = steps["delivery.changed"]["facts"]
    assert (shown["action"], shown["goods"], shown["carriage"]) == ("pack", "packed", "unassigned")
    assert steps["outlet.escalated"]["facts"]["action"] == "call"


def test_an_order_shows_its_documents_in_other_systems(
    call: Caller, console: Caller, store: str, database: MariaDB
) -> None:
    placed = location(call, store)
    other = location(call, store)
    day = f"demo:{store}|{placed['business_day']}"
    documents = [
        ("demo:erp", "push_sales", placed["id"], "sale", "done", "INV-7"),
        ("demo:erp", "push_sales", day, "sale", "parked", None),
        ("demo:erp", "push_consumption", placed["id"], "consumption", "done", "X"),
        ("demo:erp", "push_sales", other["id"], "sale", "done", "INV-8"),
        ("rival:erp", "push_sales", placed["id"], "sale", "done", "R-1"),
    ]  # fmt: skip
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for system in ("demo:erp", "rival:erp"):
            cursor.execute(
                "INSERT INTO sync_systems (system_key, chain_id, kind, url, settings, credentials, enabled, revision,"
                " created_at) VALUES (%s, %s, 'odoo', 'https://e', '{}', '', 1, 1, NOW())",
                (system, system.partition(":")[0]),
            )
        for number, (system, flow, group, kind, state, target) in enumerate(documents):
            cursor.execute(
                "INSERT INTO sync_documents (system_key, flow, source_key, revision, group_key, kind, store_id, day,"
                " goal, state, reason, payload_hash, net, tax, gross, next_at, created_at, done_at, target_number)"
                " VALUES (%s, %s, %s, 1, %s, %s, %s, %s, 'post', %s, %s, REPEAT('x', 32), 1, 0, 1, NOW(), NOW(), %s,"
                " %s)",
                (
                    system, flow, f"{number:027}", group, kind, f"demo:{store}", placed["business_day"], state,
                    "no_code_item" if state == "parked" else None, "2026-03-01" if state == "done" else None, target,
                ),
            )  # fmt: skip
    found = console("GET", f"/v1/console/orders/{placed['id']}").json["documents"]
    assert [(one["system"], one["state"], one["number"], one["reason"], one["of_day"]) for one in found] == [
        ("erp", "done", "INV-7", None, False), ("erp", "parked", None, "no_code_item", True),
    ]  # fmt: skip
    assert found[0]["at"] == "2026-03-01T00:00:00Z"


def test_each_caller_sees_the_orders_of_its_own_stores(call: Caller, callers: Callers) -> None:
    east, west = open_store(call), open_store(call, region="west")
    here, there = location(call, east, guest=GUEST)["id"], location(call, west, guest=GUEST)["id"]
    target = "/v1/console/orders?chain=demo"
    cases: list[tuple[Any, list[str]]] = [
        (callers.key("orders:read", "chain:demo"), [there, here]),
        (callers.person("head_office"), [there, here]),
        (callers.key("orders:read", "region:demo:west"), [there]),
        (callers.person("region:west"), [there]),
        (callers.person(f"store_manager:{east}"), [here]),
    ]
    for caller, expected in cases:
        assert ids(caller, target) == expected
        assert ids(caller, "/v1/console/orders/search?chain=demo&q=0100") == expected
        for order in (here, there):
            status = caller("GET", f"/v1/console/orders/{order}").status
            assert status == (200 if order in expected else 404)
    for caller in (
        callers.key("printing:read", "chain:demo"),
        callers.key("orders:read", "chain:rival"),
        callers.person("marketing"),
    ):
        assert caller("GET", target).status == 403
        assert caller("GET", f"/v1/console/orders/{here}").status == 404


def test_a_person_without_the_right_sees_no_guest_and_a_look_is_recorded(
    call: Caller, store: str, database: MariaDB
) -> None:
    lines = [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "note": "for Ann"}]
    order = location(call, store, guest=GUEST, open=True, total=0, waiter="Ann", note="ring Ann", lines=lines)["id"]
    change = {"version": 1, "set": {"waiter": "Anna", "note": "Ann called"}, "person": "Ann"}
    assert call("POST", f"/v1/orders/{order}/changes", change).status == 200
    url = database.owner.url

    def look(browser: Browser) -> dict[str, Any]:
        page: dict[str, Any] = browser("GET", f"/v1/console/orders/{order}").json
        return page

    operator = look(signed_in(url, "operator", handler=api.handler))
    assert operator["masked"]
    assert "Ann" not in str(operator)
    assert "5550100" not in str(operator).replace(" ", "")
    office = look(signed_in(url, "head_office", handler=api.handler))
    assert office["order"]["guest"]["phone"] == "+1 555 0100"
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT operation, COUNT(*) FROM audit_entries GROUP BY operation")
        assert dict(cursor.fetchall())["console.get_console_order"] == 2
