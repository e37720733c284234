"""Rounds, changes and voids of an open bill."""

from collections.abc import Callable
from functools import partial
from time import time
from typing import Any

import pytest

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.functions.orders.test_on_member_forgotten import forget
from tests.support.bills import COLA, PIZZA, change, close, open_bill
from tests.support.environments import Another, at_once, caller
from tests.support.intake import MINI, faults, rows_in
from tests.support.order_changes import a_second_later, cancel, message_types, pay
from tests.support.orders import EVERYTHING, MENU, Caller, an_order, new_key, open_store
from tests.support.queues import Inbox

ANNA = {"member": "anna", "name": "Anna Karenina", "phone": "+8613800000001"}


@pytest.fixture
def bill(call: Caller, store: str) -> dict[str, Any]:
    """An open bill with a pizza (line 1) and two colas (line 2): 13.25 + 2 × 3.00."""
    return open_bill(call, store, PIZZA, COLA)


# Rounds


def test_a_table_is_opened_without_lines_and_grows_by_rounds(call: Caller, store: str, inbox: Inbox) -> None:
    order = open_bill(call, store)
    assert (order["bill"], order["opened"], order["version"], order["total"]) == ("open", True, 1, 0)
    assert (order["payment"], order["settled_at"]) == ("unpaid", None)
    first = change(call, order["id"], add=[PIZZA, COLA]).json
    second = change(call, order["id"], person="Kim", add=[COLA | {"note": "no ice", "seat": 2}]).json
    assert [(line["id"], line.get("round", 1), line["amount"]) for line in second["lines"]] == [
        ("2.1", 1, 1325), ("2.2", 1, 600), ("3.1", 2, 600),
    ]  # fmt: skip
    assert (first["total"], second["total"], second["subtotal"], second["version"]) == (1925, 2525, 2525, 3)
    assert (second["payment"], second["bill"]) == ("unpaid", "open")
    placed, _, changed = inbox.take()
    assert (placed["type"], changed["type"], changed["sequence"]) == ("order.placed", "order.changed", 3)
    delta = changed["data"]["delta"]
    assert (delta["version"], delta["person"], delta["client"]) == (3, "Kim", call.key["id"])
    assert delta["added"] == second["lines"][2:]
    assert not delta.keys() & {"changed", "voided", "fields"}
    assert changed["data"]["order"] == second == call("GET", f"/v1/orders/{order['id']}").json


def test_a_round_keeps_the_ids_of_its_sender_and_never_uses_one_twice(call: Caller, bill: dict[str, Any]) -> None:
    order = bill["id"]
    lines = change(call, order, add=[COLA | {"id": "c7"}, COLA | {"id": "1"}]).json["lines"]
    assert [line["id"] for line in lines] == ["1", "2", "c7", "2.1"]
    change(call, order, version=2, void=[{"line": "c7", "reason": "twice"}])
    assert change(call, order, add=[COLA | {"id": "c7"}]).json["lines"][-1]["id"] == "4.1"


def test_a_round_of_a_till_is_kept_with_its_differences(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    inbox.take()
    strange = [PIZZA | {"unit_price": 1}, {"item": "lobster", "quantity": 1, "unit_price": 5000}]
    answer = change(call, bill["id"], add=strange)
    assert answer.status == 200
    assert {(one["path"], one["code"]) for one in answer.json["differences"]} == {
        ("changes[2].add[0].unit_price", "amount_differs"), ("changes[2].add[1].item", "unknown_item"),
    }  # fmt: skip
    assert answer.json["total"] == 1925 + 1 + 5000
    assert [message["type"] for message in inbox.take()] == ["order.changed", "order.differs"]


def test_a_round_of_a_guest_is_judged_like_an_order_and_can_only_add(
    another: Another, env: Environment, database: MariaDB, bill: dict[str, Any]
) -> None:
    rights = ["orders:change", "orders:read", "orders:void"]
    guest = another(key=new_key(env, database.owner.url, rights, sources=["mini_program:mini"]))
    source = {"kind": "mini_program", "id": "mini"}
    assert change(guest, bill["id"], add=[COLA]).json["code"] == "source_not_allowed"
    cheap = change(guest, bill["id"], source=source, add=[COLA | {"unit_price": 1}])
    assert (cheap.status, cheap.json["code"], faults(cheap)) == (
        422, "amounts_differ", [("add[0].unit_price", "differs")],
    )  # fmt: skip
    unknown = change(guest, bill["id"], source=source, add=[{"item": "x", "quantity": 1, "unit_price": 1}])
    assert (unknown.status, faults(unknown)) == (422, [("add[0].item", "unknown_item")])
    voided = change(guest, bill["id"], source=source, version=1, void=[{"line": "1", "reason": "x"}])
    assert (voided.status, voided.json["code"], faults(voided)) == (422, "change_invalid", [("add", "only_add")])
    assert change(guest, bill["id"], source=source, add=[COLA]).json["total"] == 1925 + 600


def test_a_sold_out_item_is_refused_to_a_guest_at_once_and_kept_for_a_till(
    call: Caller, store: str, another: Another
) -> None:
    """Also where the environment has a copy of the store from before."""
    mine = open_bill(call, store, source=MINI | {"number": "m-77"}, service="dine_in")
    tills, warm = open_bill(call, store), another()
    assert change(warm, mine["id"], add=[COLA]).status == 200
    assert call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["cola"]}).status == 200
    refused = change(a_second_later(warm), mine["id"], add=[COLA])
    assert (refused.status, faults(refused)) == (422, [("add[0].item", "sold_out")])
    kept = change(warm, tills["id"], add=[COLA])
    assert [one["code"] for one in kept.json["differences"]] == ["sold_out"]


# Changes and voids


def test_a_void_keeps_its_reason_and_person(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    inbox.take()
    body = {"line": "2", "quantity": 1, "reason": "spilled", "person": "Ann"}
    part = change(call, bill["id"], version=1, person="Kim", void=[body]).json
    assert [(line["id"], line["quantity"], line["amount"]) for line in part["lines"]] == [("1", 1, 1325), ("2", 1, 300)]
    rest = change(call, bill["id"], version=2, person="Kim", void=[{"line": "2", "reason": "guest left"}]).json
    names = ("line", "quantity", "amount", "reason", "person")
    assert [tuple(void[name] for name in names) for void in rest["voids"]] == [
        ("2", 1, 300, "spilled", "Ann"), ("2", 1, 300, "guest left", "Kim"),
    ]  # fmt: skip
    assert ([line["id"] for line in rest["lines"]], rest["total"]) == (["1"], 1325)
    first = inbox.take()[0]["data"]["delta"]
    assert [(one["line"]["id"], one["line"]["quantity"], one["line"]["amount"]) for one in first["voided"]] == [
        ("2", 1, 300)
    ]


def test_a_line_changes_its_quantity_note_seat_and_discount(
    call: Caller, another: Another, env: Environment, database: MariaDB, bill: dict[str, Any]
) -> None:
    manager = another(key=new_key(env, database.owner.url, ["orders:change", "orders:discount"]))
    changed = change(call, bill["id"], version=1, change=[{"line": "1", "quantity": 3, "note": "hot", "seat": 4}]).json
    line = changed["lines"][0]
    assert (line["quantity"], line["amount"], line["note"], line["seat"]) == (3, 3975, "hot", 4)
    comp = {"kind": "comp", "reason": "late", "person": "Ann"}
    body = [{"line": "2", "discounts": [comp]}, {"line": "1", "note": None}]
    after = change(manager, bill["id"], version=2, change=body).json
    assert after["lines"][1]["discounts"] == [comp | {"amount": 600}]
    assert (after["lines"][0]["note"], after["total"]) == (None, 3975)
    history = call("GET", f"/v1/orders/{bill['id']}/changes").json
    assert [delta["version"] for delta in history["changes"]] == [2, 3]
    assert history["changes"][0]["changed"][0]["before"] == bill["lines"][0]
    assert call("GET", f"/v1/orders/{bill['id']}/changes?after=2").json["changes"] == history["changes"][1:]


def test_every_part_that_does_not_fit_the_bill_is_named(call: Caller, bill: dict[str, Any]) -> None:
    refused = change(
        call, bill["id"], version=1, change=[{"line": "9"}, {"line": "2", "quantity": 1}],
        void=[{"line": "8", "reason": "x"}, {"line": "2", "quantity": 3, "reason": "x"}],
    )  # fmt: skip
    assert (refused.status, refused.json["code"]) == (422, "change_invalid")
    assert faults(refused) == [
        ("change[0].line", "unknown_line"), ("change[1].quantity", "use_void"),
        ("void[0].line", "unknown_line"), ("void[1].quantity", "too_many"),
    ]  # fmt: skip
    for empty in ({}, {"version": 1}, {"void": [{"line": "1", "reason": "x"}]}):
        assert change(call, bill["id"], **empty).status == 422
    assert call("GET", f"/v1/orders/{bill['id']}").json == bill


def test_a_table_is_moved_to_another_waiter_and_table(call: Caller, bill: dict[str, Any], inbox: Inbox) -> None:
    inbox.take()
    fields = {"table": "12", "waiter": "Ben", "covers": 4, "note": "birthday"}
    moved = change(call, bill["id"], version=1, set=fields).json
    assert {name: moved[name] for name in fields} == fields
    delta = inbox.take()[0]["data"]["delta"]
    assert {field["field"]: (field["before"], field["after"]) for field in delta["fields"]} == {
        "table": ("7", "12"), "waiter": (None, "Ben"), "covers": (None, 4), "note": (None, "birthday"),
    }  # fmt: skip
    cleared = change(call, bill["id"], version=2, set={"note": None, "covers": None}).json
    assert "note" not in cleared
    assert (cleared["table"], "covers" in cleared) == ("12", False)


def test_a_discount_is_computed_again_with_each_round(call: Caller, bill: dict[str, Any]) -> None:
    tenth = change(call, bill["id"], version=1, set={"discounts": [{"code": "TENTH", "amount": 1}]}).json
    # 10 % of 1925 is 192.5, halves up.
    assert ([one["amount"] for one in tenth["discounts"]], tenth["total"]) == ([193], 1732)
    more = change(call, bill["id"], add=[COLA]).json
    assert ([one["amount"] for one in more["discounts"]], more["total"]) == ([253], 2272)


# Versions and repeats


def test_a_change_of_an_older_version_is_told_the_present_one(call: Caller, bill: dict[str, Any]) -> None:
    assert change(call, bill["id"], add=[COLA]).status == 200
    late = change(call, bill["id"], version=1, void=[{"line": "1", "reason": "x"}])
    assert (late.status, late.json["code"], late.json["version"]) == (409, "version_conflict", 2)
    assert change(call, bill["id"], version=1, add=[COLA]).json["code"] == "version_conflict"
    assert pay(call, bill["id"], 100).json["version"] == 2


def test_of_two_tills_that_saw_the_same_version_one_changes_the_bill(another: Another, bill: dict[str, Any]) -> None:
    bodies = [{"change": [{"line": "1", "note": str(till)}]} for till in range(6)]
    answers = at_once([partial(change, another(), bill["id"], version=1, **body) for body in bodies])
    assert sorted(answer.status for answer in answers) == [200] + [409] * 5
    assert {answer.json.get("version") for answer in answers} == {2}


def test_fifty_rounds_at_once_are_all_there(call: Caller, another: Another, bill: dict[str, Any]) -> None:
    def rounds(till: Caller, name: str) -> list[int]:
        answers = []
        for number in range(5):
            answer = Answer(503, {}, "")
            while answer.status == 503:  # the bill was locked for too long
                body = {"add": [COLA | {"id": f"{name}-{number}"}]}
                answer = till("POST", f"/v1/orders/{bill['id']}/changes", body, key=f"{name}-{number}")
            answers.append(answer.status)
        return answers

    statuses = at_once([partial(rounds, another(), f"t{till}") for till in range(10)])
    assert statuses == [[200] * 5] * 10
    order = call("GET", f"/v1/orders/{bill['id']}").json
    ids = {f"t{till}-{number}" for till in range(10) for number in range(5)}
    assert {line["id"] for line in order["lines"]} == ids | {"1", "2"}
    assert (order["version"], order["total"]) == (51, 1925 + 50 * 600)
    history = call("GET", f"/v1/orders/{bill['id']}/changes").json["changes"]
    assert [delta["version"] for delta in history] == list(range(2, 52))
    assert message_types(call, bill["id"]) == ["order.placed"] + ["order.changed"] * 50


@pytest.mark.parametrize("key", ["k1", None])
def test_a_repeated_change_is_made_once_and_answered_as_before(
    call: Caller, bill: dict[str, Any], key: str | None
) -> None:
    at = Caller(call.handler, call.key, int(time())) if key is None else call
    target = f"/v1/orders/{bill['id']}/changes"
    requests = [
        {"add": [COLA]}, {"version": 2, "void": [{"line": "1", "reason": "x"}]}, {"version": 3, "set": {"table": "9"}},
    ]  # fmt: skip
    first = [at("POST", target, body, key=key and f"{key}-{number}") for number, body in enumerate(requests)]
    assert [answer.status for answer in first] == [200] * 3
    for number, (body, answer) in enumerate(zip(requests, first, strict=True)):
        again = at("POST", target, body, key=key and f"{key}-{number}")
        assert (again.status, again.text, again.headers["idempotent-replayed"]) == (200, answer.text, "true")
    if key:
        reused = call("POST", target, {"add": [PIZZA]}, key="k1-0")
        assert (reused.status, reused.json["code"]) == (422, "key_reused")
    assert call("GET", f"/v1/orders/{bill['id']}").json["version"] == 4


def test_a_dozen_identical_changes_at_once_are_one(another: Another, bill: dict[str, Any], database: MariaDB) -> None:
    target = f"/v1/orders/{bill['id']}/changes"

    def send(till: Caller) -> Answer:
        answer = till("POST", target, {"add": [COLA]}, key="k")
        while answer.status in (409, 503):
            answer = till("POST", target, {"add": [COLA]}, key="k")
        return answer

    answers = at_once([partial(send, another()) for _ in range(12)])
    assert {(answer.status, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert rows_in(database, "order_changes") == 1


def test_a_change_is_at_most_six_statements_with_its_commit(
    another_env: Callable[..., Environment], call: Caller, store: str
) -> None:
    env = another_env(events_topic="")
    till = caller(env, call.key)
    order = open_bill(till, store, PIZZA)["id"]
    assert change(till, order, add=[COLA]).status == 200
    for body, deposit in (
        ({"add": [PIZZA] * 10}, "first"),
        ({"version": 3, "void": [{"line": "1", "reason": "x"}], "set": {"table": "2"}}, "second"),
        ({"add": [COLA]}, None),
    ):
        before = questions(env)
        changed = change(till, order, **body)
        assert changed.status == 200
        # Asking costs one statement and the end of its transaction.
        assert questions(env) - before - 2 <= 6
        if deposit:
            payment = {"reference": deposit, "method": "card", "amount": 100}
            assert till("POST", f"/v1/orders/{order}/payments", payment).status == 201
    assert [payment["reference"] for payment in changed.json["payments"]] == ["first", "second"]


def questions(env: Environment) -> int:
    """The statements of the environment's connection, as the server counts them."""
    with env.db.transaction() as transaction:
        row = transaction.row("SHOW SESSION STATUS LIKE 'Questions'")
    assert row
    return int(row["Value"])


# Who may


@pytest.mark.parametrize(
    ("right", "body"),
    [
        ("orders:void", {"void": [{"line": "2", "reason": "x"}]}),
        ("orders:discount", {"change": [{"line": "2", "discounts": [{"amount": 1}]}]}),
        ("orders:discount", {"add": [COLA | {"discounts": [{"kind": "comp"}]}]}),
        ("orders:discount", {"set": {"discounts": [{"code": "open", "kind": "open", "amount": 5}]}}),
    ],
)
def test_a_void_and_a_discount_take_rights_of_their_own(
    another: Another, env: Environment, database: MariaDB, bill: dict[str, Any], right: str, body: Any
) -> None:
    def may(*rights: str) -> Answer:
        till = another(key=new_key(env, database.owner.url, ["orders:read", *rights]))
        return change(till, bill["id"], version=1, **body)

    refused = may("orders:change")
    assert (refused.status, refused.json["code"]) == (403, "not_allowed")
    assert may(right).status == 403
    assert may("orders:change", right).status == 200


def test_a_bill_that_is_closed_or_cancelled_does_not_change(call: Caller, bill: dict[str, Any], store: str) -> None:
    closed = close(call, bill["id"], 1)
    assert closed.status == 200
    refused = change(call, bill["id"], add=[COLA])
    assert (refused.status, refused.json["code"], refused.json["bill"]) == (409, "bill_not_open", "closed")
    cancelled = open_bill(call, store, PIZZA)["id"]
    cancel(call, cancelled)
    assert change(call, cancelled, add=[COLA]).json["code"] == "illegal_move"
    simple = call("POST", "/v1/orders", an_order(store)).json["id"]
    assert change(call, simple, add=[COLA]).json["code"] == "bill_not_open"


def test_a_bill_of_another_chain_or_store_is_unknown(
    call: Caller, another: Another, env: Environment, database: MariaDB, bill: dict[str, Any]
) -> None:
    for place in ("chain:rival", f"store:demo:{open_store(call, MENU)}", "region:demo:west"):
        stranger = another(key=new_key(env, database.owner.url, EVERYTHING, place))
        target = f"/v1/orders/{bill['id']}"
        for answer in (
            change(stranger, bill["id"], add=[COLA]), close(stranger, bill["id"], 1),
            stranger("GET", f"{target}/changes"),
            stranger("POST", f"{target}/split", {"version": 1, "ways": 2}),
            stranger("POST", f"{target}/metadata", {"metadata": {"a": "b"}}),
        ):  # fmt: skip
            assert (answer.status, answer.json["code"]) == (404, "unknown_order")


# Guests


def test_a_member_who_is_set_later_is_forgotten_everywhere(
    call: Caller, bill: dict[str, Any], database: MariaDB
) -> None:
    assert change(call, bill["id"], version=1, set={"guest": ANNA}).json["guest"]["name"] == "Anna Karenina"
    change(call, bill["id"], add=[COLA])
    forget("anna")
    order = call("GET", f"/v1/orders/{bill['id']}").json
    assert (order["guest"], order["total"], order["version"]) == (None, 2525, 3)
    assert traces_of("Karenina", database) == []
    assert change(call, bill["id"], version=3, set={"guest": ANNA}).json["guest"]["name"] == "Anna Karenina"


def test_a_member_whose_place_another_takes_leaves_no_trace(call: Caller, store: str, database: MariaDB) -> None:
    order = open_bill(call, store, COLA, guest=ANNA)["id"]
    change(call, order, add=[COLA])
    after = change(call, order, version=2, set={"guest": {"member": "ben", "name": "Ben"}})
    assert after.json["guest"]["member"] == "ben"
    assert traces_of("Karenina", database) == []
    assert call("GET", f"/v1/orders/{order}").json["guest"]["name"] == "Ben"


def traces_of(text: str, database: MariaDB) -> list[str]:
    """The tables in which any row has the text."""
    found = []
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table in ("orders", "order_changes", "messages", "idempotency_keys"):
            cursor.execute(f"SELECT * FROM {table}")
            found += [table for row in cursor.fetchall() if text in repr(row)]
    return found
