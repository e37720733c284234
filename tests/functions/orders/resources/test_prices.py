"""Combos, choices and taxes by item over HTTP, with the examples of the page about prices."""

from typing import Any

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.docs.test_prices_page import MENU, ORDERS, SETTINGS, STORE
from tests.support.orders import EVERYTHING, Caller, new_key, open_store


def _store(call: Caller) -> str:
    return open_store(call, MENU, **STORE, **SETTINGS)


def _sent(store: str, number: str, kind: str = "till", **parts: Any) -> dict[str, Any]:
    return ORDERS[number] | {"store": store, "source": {"kind": kind, "id": "s", "number": number}} | parts


def test_a_combo_is_stored_with_its_parts_and_a_breakdown_of_its_taxes(call: Caller) -> None:
    store = _store(call)
    placed = call("POST", "/v1/orders", _sent(store, "42"))
    assert placed.status == 201, placed.text
    order = call("GET", f"/v1/orders/{placed.json['id']}").json
    assert order["differences"] == []
    assert [(tax["id"], tax["base"], tax["amount"]) for tax in order["taxes"]] == [
        ("food-out", 1055, 74), ("drinks", 228, 43),
    ]  # fmt: skip
    assert [(part["item"], part["amount"]) for part in order["lines"][0]["parts"]] == [
        ("burger", 813), ("fries", 316), ("cola", 271),
    ]  # fmt: skip


def test_a_mini_program_is_refused_with_the_path_of_each_fault(call: Caller) -> None:
    store = _store(call)
    assert call("POST", "/v1/orders", _sent(store, "41", "mini_program")).status == 201
    lines = [ORDERS["41"]["lines"][0] | {"choices": [{"option": "gold"}]}]
    source = {"kind": "mini_program", "id": "s", "number": "44"}
    refused = call("POST", "/v1/orders", _sent(store, "41", source=source, lines=lines))
    assert refused.status == 422
    assert {(fault["path"], fault["code"]) for fault in refused.json["errors"]} == {
        ("lines[0].choices[0].option", "unknown_option"), ("lines[0].choices", "option_missing"),
    }  # fmt: skip


def test_an_open_discount_needs_a_right_of_its_own(call: Caller, env: Environment, database: MariaDB) -> None:
    store = _store(call)
    sale = call("POST", "/v1/orders", _sent(store, "43"))
    assert [difference["code"] for difference in sale.json["differences"]] == ["discount_not_allowed"]
    manager = Caller(call.handler, new_key(env, database.owner.url, [*EVERYTHING, "orders:discount"]))
    allowed = manager("POST", "/v1/orders", _sent(store, "43", source={"kind": "till", "id": "s", "number": "45"}))
    assert (allowed.status, allowed.json["differences"]) == (201, [])
