"""A person who asked to be erased is nowhere any more, whatever was kept of the person and whatever comes later."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from functions.members import api, on_order_paid
from functions.members.membership.erasure import forget_member
from functions.orders import on_member_forgotten
from functions.orders.tables import orders as order_sql
from functions.orders.tables.erasure import is_forgotten
from shared.contracts.ids import member_id
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberForgotten
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context
from stack.mariadb import MariaDB
from tests.support.members import batches
from tests.support.orders import Caller, an_order, new_key, paid
from tests.support.waiting import wait_until

ID = "card-4711-anna"
GUEST = {"member": ID, "name": "Anna Karenina", "phone": "+8613800000001", "address": "Nevsky Prospekt 1"}
OF_THE_PERSON = (*GUEST.values(), "+8613800000002")
HANDLERS = {"order.paid": on_order_paid.handler, "member.forgotten": on_member_forgotten.handler}
RIGHTS = ["members:read", "members:write", "members:forget"]


@pytest.fixture
def members(env: Environment, database: MariaDB) -> Caller:
    return Caller(api.handler, new_key(env, database.owner.url, RIGHTS))


@pytest.fixture
def deliver(database: MariaDB) -> Callable[[], list[str]]:
    """What was announced since the last time goes to the functions that wait for it, twice; its types."""
    heard: set[str] = set()

    def deliver() -> list[str]:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id, type, body FROM messages ORDER BY id")
            fresh = [row for row in cursor.fetchall() if row[0] not in heard and row[1] in HANDLERS]
        heard.update(row[0] for row in fresh)
        for _, kind, body in fresh:
            for event in batches([json.loads(body)] * 2, size=1):
                assert HANDLERS[kind](event, Context()) == {"batchItemFailures": []}
        return [row[1] for row in fresh]

    return deliver


def place(call: Caller, store: str, **parts: Any) -> Any:
    placed = call("POST", "/v1/orders", an_order(store, guest=GUEST, service="delivery", **parts))
    assert placed.status == 201, placed.text
    return placed.json


def forget(members: Caller, key: str | None = None, name: str = ID) -> Answer:
    return members("POST", f"/v1/members/{name}/forget?chain=demo", key=key)


def traces(database: MariaDB) -> set[tuple[str, str]]:
    """(table, word of the person) of whatever is in the database."""
    words = set()
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT * FROM `{table}`")
            text = str(cursor.fetchall())
            words |= {(table, word) for word in OF_THE_PERSON if word in text}
    return words


def test_nothing_of_the_person_is_left_and_nothing_comes_back(
    call: Caller, members: Caller, store: str, database: MariaDB, deliver: Callable[[], list[str]]
) -> None:
    order = place(call, store, payments=paid(1325))
    unpaid = place(call, store)
    payment = {"reference": "p1", "method": "cash", "amount": 300}
    answered = call("POST", f"/v1/orders/{unpaid['id']}/payments", payment, key="till-7").json
    assert answered["guest"] == GUEST
    assert members("PUT", f"/v1/members/{ID}?chain=demo", {"phone": "+8613800000002"}, key="put").status == 200
    deliver()
    assert forget(members).status == 200
    assert deliver() == ["member.forgotten"]
    assert traces(database) == set()
    late = place(call, store, payments=paid(1325))
    assert (late["guest"], late["paid"]) == (None, 1325)
    assert (
        call("POST", f"/v1/orders/{late['id']}/refunds", {"reference": "r", "amount": 100, "reason": "cold"}).json[
            "refunded"
        ]
        == 100
    )
    deliver()
    assert traces(database) == set()
    for placed_order in (order, unpaid):
        assert call("GET", f"/v1/orders/{placed_order['id']}").json["guest"] is None
    again = call("POST", f"/v1/orders/{unpaid['id']}/payments", payment, key="till-7")
    assert again.json == answered | {"guest": None}
    assert members("PUT", f"/v1/members/{ID}?chain=demo", {"phone": "+8613800000002"}, key="put").json["tags"] == []


def test_nothing_of_the_person_is_left_on_bills_that_were_changed_split_and_merged(
    call: Caller, members: Caller, store: str, database: MariaDB, deliver: Callable[[], list[str]]
) -> None:
    def step(now: dict[str, Any], name: str, **body: Any) -> Any:
        answer = call("POST", f"/v1/orders/{now['id']}/{name}", {"version": now["version"], **body})
        assert answer.status == 200, answer.text
        return answer.json

    pizza = {"item": "hawaiian", "size": "M", "quantity": 2, "unit_price": 1325}
    of_table = {"open": True, "total": 0, "service": "dine_in"}
    bill = call("POST", "/v1/orders", an_order(store, **of_table, lines=[pizza])).json
    bill = step(bill, "changes", add=[pizza], set={"guest": GUEST})
    other = call("POST", "/v1/orders", an_order(store, **of_table, lines=[pizza], guest=GUEST)).json
    bill = step(bill, "merge", order=other["id"], order_version=other["version"])
    bill = step(bill, "split", parts=[{"lines": [{"line": bill["lines"][0]["id"], "quantity": 1}]}])["order"]
    bill = step(bill, "close")
    assert bill["guest"] == GUEST
    call("POST", f"/v1/orders/{bill['id']}/payments", {"reference": "p", "method": "card", "amount": bill["total"]})
    bill = step(bill, "reopen", reason="a coffee")
    step(bill, "close")
    deliver()
    assert ("orders", "+8613800000001") in traces(database)
    assert forget(members).status == 200
    assert "member.forgotten" in deliver()
    assert traces(database) == set()
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders WHERE member_id IS NOT NULL OR phone_ending IS NOT NULL")
        assert cursor.fetchone() == (0,)
    assert call("GET", f"/v1/orders/{bill['id']}").json["lines"] != []


def test_the_same_late_order_again_is_the_same_order(
    call: Caller, members: Caller, store: str, deliver: Callable[[], list[str]]
) -> None:
    place(call, store)
    forget(members)
    deliver()
    body = an_order(store, guest=GUEST, service="delivery")
    first, second = (call("POST", "/v1/orders", body, key=key) for key in ("a", "b"))
    assert (first.status, second.status, first.json["guest"]) == (201, 201, None)
    assert second.json == first.json


def test_erasing_again_says_the_same_and_announces_nothing(
    call: Caller, members: Caller, store: str, deliver: Callable[[], list[str]]
) -> None:
    place(call, store, payments=paid(1325))
    deliver()
    first = forget(members, "first")
    assert deliver() == ["member.forgotten"]
    answers = [first, *(forget(members, key) for key in ("first", "second"))]
    assert [(answer.status, answer.json) for answer in answers] == [(200, {"member": None})] * 3
    assert deliver() == []


def test_who_ordered_and_never_paid_is_erased_and_who_never_was_is_unknown(
    call: Caller, members: Caller, store: str, database: MariaDB, deliver: Callable[[], list[str]]
) -> None:
    order = place(call, store)
    assert forget(members, name="nobody").status == 404
    assert forget(members).status == 200
    deliver()
    assert call("GET", f"/v1/orders/{order['id']}").json["guest"] is None
    assert traces(database) == set()


def test_a_namesake_in_another_chain_is_another_person(
    env: Environment, call: Caller, members: Caller, store: str, database: MariaDB, deliver: Callable[[], list[str]]
) -> None:
    elsewhere = Caller(api.handler, new_key(env, database.owner.url, RIGHTS, at="chain:other"))
    assert elsewhere("PUT", f"/v1/members/{ID}?chain=other", {}).status == 200
    assert elsewhere("POST", f"/v1/members/{ID}/forget?chain=other").status == 200
    deliver()
    assert place(call, store, payments=paid(1325))["guest"] == GUEST
    deliver()
    assert members("GET", f"/v1/members/{ID}?chain=demo").status == 200


def test_orders_that_still_name_a_forgotten_member_lose_the_guest_by_a_second_erasure(
    call: Caller,
    members: Caller,
    store: str,
    database: MariaDB,
    deliver: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As functions of before kept them."""
    place(call, store)
    forget(members)
    deliver()
    with monkeypatch.context() as before:
        before.setattr(order_sql, "INSERT_AT_MOST", -1.0)
        before.setattr(order_sql, "is_forgotten", lambda *_: False)
        assert place(call, store)["guest"] == GUEST
    assert forget(members).status == 200
    assert deliver() == ["member.forgotten"]
    assert traces(database) == set()


def test_an_order_that_is_placed_while_its_member_is_forgotten_loses_the_guest(
    another_env: Callable[..., Environment],
    call: Caller,
    store: str,
    database: MariaDB,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = another_env()
    checked, erasing = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> bool:
        answer = is_forgotten(*arguments)
        checked.set()
        erasing.wait()
        return answer

    place(call, store)
    # As where the INSERT had to wait: then it asks again afterwards.
    monkeypatch.setattr(order_sql, "INSERT_AT_MOST", -1.0)
    monkeypatch.setattr(order_sql, "is_forgotten", slow)
    placing = threading.Thread(target=place, args=(call, store))
    placing.start()
    wait_until(checked.is_set, placing.is_alive)
    with env.outbox.work("members") as work:
        forget_member(env, work, "demo", ID)
    threading.Timer(0.5, erasing.set).start()
    own = member_id("demo", ID)
    forgotten = MemberForgotten(member=own, chain="demo", external_ids=[ID])
    on_member_forgotten.erase_member(
        Message("m", forgotten.type, f"member/{own}", env.clock(), 1, None, forgotten), env
    )
    placing.join()
    assert traces(database) == set()
