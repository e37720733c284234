"""Every operation of the API, called for another store: a store manager reaches none, and the head office does.

The list is the API document, so an operation that is added tomorrow is tried, too.
"""

import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from demo import examples
from generate.openapi import FILE, OPERATIONS
from shared.contracts.ids import new_id
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import Operation, app_maker
from stack.mariadb import MariaDB
from tests.support.orders import MENU, SETTINGS, Caller, an_order, new_key, open_store, paid
from tests.support.people import PASSWORD, Browser, new_person, signed_in

DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
SIGNED = [operation for operation in OPERATIONS if not operation.public]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
# About the person who is signed in, or about nothing that a store has.
OWN = {
    "get_session", "change_profile", "end_session", "list_sessions", "end_other_sessions", "change_password",
    "get_totp", "begin_totp", "confirm_totp", "remove_totp", "make_ticket",
    "list_passkeys", "begin_passkey", "add_passkey", "remove_passkey",
}  # fmt: skip
DAYS = {"first_day": "2026-12-01", "last_day": "2026-12-02"}
# They end what the other calls need: last.
LAST = ("end_other_sessions", "change_password", "end_session")


def named(operation: Operation) -> str:
    return operation.view.__name__


class Sampler:
    """Requests that name the other store wherever a schema has room for it."""

    def __init__(self, values: dict[str, Any], bodies: dict[str, Any]) -> None:
        self.values = values
        self.bodies = bodies

    def target(self, operation: Operation) -> str:
        path = operation.rule
        for name, value in self.values.items():
            path = path.replace(f"{{{name}}}", str(value))
        parameters = DOCUMENT["paths"][operation.rule][operation.method.lower()].get("parameters", [])
        query = {
            found["name"]: self.values.get(found["name"], "1234")
            for found in parameters
            if found["in"] == "query" and (found.get("required") or found["name"] == "store")
        }
        return f"{path}?{urlencode(query)}" if query else path

    def body(self, operation: Operation) -> Any:
        described = DOCUMENT["paths"][operation.rule][operation.method.lower()]
        if "requestBody" not in described:
            return None
        if named(operation) in self.bodies:
            return self.bodies[named(operation)]
        schema = described["requestBody"]["content"]["application/json"]["schema"]
        return self._sample(schema, "")

    def _sample(self, schema: dict[str, Any], name: str) -> Any:
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self._sample(schema[choice][0], name)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if schema.get("type") == "object":
            properties = schema.get("properties", {})
            wanted = [*schema.get("required", []), *(found for found in ("store", "stores") if found in properties)]
            return {found: self._sample(properties[found], found) for found in dict.fromkeys(wanted)}
        if schema.get("type") == "array":
            items = [self._sample(schema.get("items", {}), name.removesuffix("s"))]
            return items if schema.get("minItems") or name == "stores" else []
        return self._plain(schema, name)

    def _plain(self, schema: dict[str, Any], name: str) -> Any:
        if name in self.values:
            return self.values[name]
        kind = schema.get("type")
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1)
        if kind == "boolean":
            return True
        return "x" * max(schema.get("minLength", 1), 3)


@pytest.fixture
def everything(env: Environment, monkeypatch: pytest.MonkeyPatch) -> Any:
    """All concerns behind one handler, each under its own name."""
    monkeypatch.setitem(vars(env.settings), "console_domain", "console.example.com")  # Web push is off without one.
    concerns: dict[str, list[Operation]] = {}
    for operation in OPERATIONS:
        concerns.setdefault(operation.view.__module__.split(".")[1], []).append(operation)
    handlers = {name: entry.http(app_maker(name, operations)) for name, operations in concerns.items()}

    def handler(event: dict[str, Any], context: Any) -> Any:
        return handlers[event["concern"]](event, context)

    return handler


Ask = Callable[[Browser, Operation], Any]


@pytest.fixture
def world(env: Environment, database: MariaDB, call: Caller, everything: Any) -> tuple[str, str, Ask]:
    """(the own store, the id of the other one, how to ask for the other one)."""
    url = database.owner.url
    own, other = open_store(call, region="near"), open_store(call, region="far")
    order = call("POST", "/v1/orders", an_order(other, payments=paid(1325))).json["id"]
    key = new_key(env, url, ["menu:read"], f"store:demo:{other}")["id"]
    manager = new_person(url, f"store_manager:{other}")["id"]
    role = {"role": "store_manager", "level": "store", "scope": other}
    values = {
        "store": other, "chain": "demo", "region": "far", "order": order, "person": manager, "client": key,
        "day": "2026-11-01", "item": "cola", "where": "lapsed", "scope": f"store:{other}", "menu": "main",
        "member": "m1", "version": 1, "session": new_id(NOW), "email": "x@example.com", "name": "X",
        "password": PASSWORD, "code": "000000", "at": NOW.isoformat(), "since": NOW.isoformat(),
        "until": NOW.isoformat(), "begins_at": NOW.isoformat(), "date": "2026-12-01", "origin": "2026-12-01",
        "first_day": "2026-12-01", "last_day": "2026-12-02", "currency": "USD",
        "timer": "orders_some_timer", "system": "p1",
        "column": "weather_rain", "type": "order.paid", "passkey": new_id(NOW), "segment": new_id(NOW),
        **dict.fromkeys(("job", "run", "plan", "export", "backfill", "webhook", "agent", "delivery"), new_id(NOW)),
        **dict.fromkeys(("printer", "device", "robot", "courier", "unit", "address"), "p1"),
        **dict.fromkeys(("announcement", "notice", "record", "file", "employee", "document", "alert"), new_id(NOW)),
        "outlet": other, "stock_item": "p1", "recipe": "p1", "party": "desk", "conversation": f"delivery/{new_id(NOW)}",
        "quantity": "1", "language": "en", "guest": new_id(NOW), "rule": "p1", "fleet": "p1", "sha256": "0" * 64,
        "press": "a" * 8, "media_type": "image/jpeg", "flow": "push_sales", "kind": "photo",
        "day_from": "2026-11-01", "day_until": "2026-11-02",
    }  # fmt: skip
    bodies = {
        **examples.REQUESTS,
        "place_order": an_order(other, payments=paid(1325)),
        "put_store": SETTINGS | {"region": "far", "name": "Changed"},
        "put_menu": MENU,
        "put_sold_out": {"items": ["cola"]},
        "invite_person": {"chain": "demo", "email": "x@example.com", "name": "X", "roles": [role]},
        "create_client": {"chain": "demo", "name": "X", "grants": [f"menu:read@store:demo:{other}"], "sources": []},
        "put_routing": {"stations": []},
        "change_order_bill": {"version": 1, "set": {"table": "7"}},
        "split_bill": {"version": 1, "ways": 2},
        "merge_bills": {"version": 1, "order": new_id(NOW)},
        "enter_forecast_plan": {"chain": "demo", "store": other, "kind": "closed", **DAYS},
        "try_what_if": {"chain": "demo", "store": other, "kind": "closed", **DAYS},
        "change_person": {"name": "Changed"},
        "answer_for_outlet": {"answer": "confirmed", "ready_minutes": 20},
        "create_outlet_announcement": {"texts": {"en": "Closed tomorrow."}},
        "redeliver": {"message": new_id(NOW)},
        "change_password": {"password": PASSWORD, "new_password": "aubergine kiosk 3"},
    }
    sampler = Sampler(values, bodies)

    def ask(browser: Browser, operation: Operation) -> Any:
        concern = operation.view.__module__.split(".")[1]
        to_concern = Browser(lambda event, context: everything(event | {"concern": concern}, context))
        to_concern.cookie, to_concern.csrf = browser.cookie, browser.csrf
        return to_concern(operation.method, sampler.target(operation), sampler.body(operation))

    return own, other, ask


def in_order() -> list[Operation]:
    return sorted(SIGNED, key=lambda operation: LAST.index(named(operation)) if named(operation) in LAST else -1)


def test_a_store_manager_reaches_no_other_store_by_any_operation(
    world: tuple[str, str, Ask], database: MariaDB
) -> None:
    own, other, ask = world
    manager = signed_in(database.owner.url, f"store_manager:{own}")
    broken, shown = {}, {}
    for operation in in_order():
        answer = ask(manager, operation)
        assert answer.status < 500, (named(operation), answer.text)
        if answer.status < 300 and named(operation) not in OWN and operation.mutates:
            broken[named(operation)] = answer.text
        if answer.status < 300 and other in answer.text:
            shown[named(operation)] = answer.text
    assert broken == {}
    assert shown == {}


def test_a_person_of_another_chain_reaches_nothing_by_any_operation(
    world: tuple[str, str, Ask], database: MariaDB
) -> None:
    _, other, ask = world
    rival = signed_in(database.owner.url, "head_office", chain="rival")
    reached = {}
    for operation in in_order():
        answer = ask(rival, operation)
        assert answer.status < 500, (named(operation), answer.text)
        # A path without a chain means the menu of the own chain.
        changes = answer.status < 300 and operation.mutates and named(operation) not in OWN
        changes = changes and answer.json.get("chain") != "rival"
        if changes or (answer.status < 300 and other in answer.text):
            reached[named(operation)] = answer.text
    assert reached == {}


def test_the_same_requests_of_the_head_office_are_understood(world: tuple[str, str, Ask], database: MariaDB) -> None:
    """Else the tests above would see only that their requests are malformed."""
    _, _, ask = world
    head = signed_in(database.owner.url, "head_office")
    statuses = {named(operation): ask(head, operation).status for operation in in_order()}
    forbidden = [name for name, status in statuses.items() if status in (401, 403)]
    assert set(forbidden) <= {"confirm_totp", "remove_totp"}, forbidden
    understood = [name for name, status in statuses.items() if status < 400 or status in (404, 409)]
    assert len(understood) > 0.85 * len(statuses), sorted(set(statuses) - set(understood))


def test_every_concern_is_among_them() -> None:
    concerns = {operation.view.__module__.split(".")[1] for operation in SIGNED}
    assert {"orders", "stores", "members", "printing", "forecast", "people", "webhooks", "console"} <= concerns
    for concern in concerns:
        importlib.import_module(f"functions.{concern}.api")
