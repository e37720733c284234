"""Old clients: the OpenAPI document differs from tests/openapi-baseline.json by additions alone.

The baseline has the document of 2026-11-29 without its texts. Replace it after a release, so that additions last too.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from generate import openapi
from tests.support.openapi_additions import removals
from tests.support.paths import ROOT

BASELINE: dict[str, Any] = json.loads((ROOT / "tests/openapi-baseline.json").read_text(encoding="utf-8"))
SCHEMAS = "components", "schemas"


def test_document_only_grows() -> None:
    assert removals(BASELINE, json.loads(openapi.FILE.read_text(encoding="utf-8"))) == []


def _at(document: Any, *steps: str | int) -> Any:
    for step in steps:
        document = document[step]
    return document


Change = Callable[[dict[str, Any]], object]
ORDERS = "paths", "/v1/orders"
LINE = "components", "schemas", "LineIn"

TAKEN_AWAY: dict[str, tuple[Change, str]] = {
    "a path": (lambda d: d["paths"].pop("/v1/takings"), "GET /v1/takings is gone"),
    "a method": (lambda d: _at(d, *ORDERS).pop("get"), "GET /v1/orders is gone"),
    "a parameter": (lambda d: _at(d, *ORDERS, "get", "parameters").pop(0), "parameter chain is gone"),
    "a status": (lambda d: _at(d, *ORDERS, "post", "responses").pop("409"), "reply 409 is gone"),
    "a field of a reply": (lambda d: _at(d, *SCHEMAS, "Order", "properties").pop("tax"), ".tax is gone"),
    "a field of a request": (lambda d: _at(d, *LINE, "properties").pop("note"), ".note is gone"),
    "a certain field of a reply": (lambda d: _at(d, *SCHEMAS, "Order", "required").remove("tax"), ".tax is optional"),
    "an optional field": (lambda d: _at(d, *LINE, "required").append("size"), ".size is required"),
    "a value": (lambda d: _at(d, *SCHEMAS, "SourceKind", "enum").remove("till"), "'till' is no value any more"),
    "a bound": (lambda d: _at(d, *LINE, "properties", "quantity").update(maximum=99), "maximum 99 instead of 999"),
    "a new bound": (lambda d: _at(d, *LINE, "properties", "item").update(maxLength=9), "maxLength 9 instead of None"),
    "null": (lambda d: _at(d, *LINE, "properties").update(note={"type": "string"}), "type string instead of null"),
    "a type": (lambda d: _at(d, *LINE, "properties").update(quantity={"type": "string"}), "type string instead of"),
    "never null": (
        lambda d: _at(d, *SCHEMAS, "Order", "properties").update(
            total={"anyOf": [{"type": "integer"}, {"type": "null"}]}
        ),
        "type null instead of integer",
    ),
    "no signature": (lambda d: _at(d, *ORDERS, "post").update(security=[{"token": []}]), "takes another signature"),
    "unknown parameters": (
        lambda d: _at(d, *ORDERS, "get", "parameters").append(
            {"name": "colour", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "parameter colour is new and required",
    ),
}


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_a_change_that_old_clients_notice_is_found(name: str) -> None:
    change, difference = TAKEN_AWAY[name]
    changed = copy.deepcopy(BASELINE)
    change(changed)
    assert any(difference in line for line in removals(BASELINE, changed)), removals(BASELINE, changed)


ADDED: dict[str, Change] = {
    "a path": lambda d: d["paths"].update({"/v1/new": {"get": {"responses": {}}}}),
    "an optional field": lambda d: _at(d, *LINE, "properties").update(covers={"type": "integer"}),
    "a field of a reply": lambda d: _at(d, *SCHEMAS, "Order", "properties").update(covers={"type": "integer"}),
    "a wider bound": lambda d: _at(d, *LINE, "properties", "quantity").update(maximum=9_999),
    "a value": lambda d: _at(d, *SCHEMAS, "SourceKind", "enum").append("kiosk"),
    "null in a request": lambda d: _at(d, *LINE, "properties").update(
        quantity={"anyOf": [_at(d, *LINE, "properties", "quantity"), {"type": "null"}]}
    ),
    "another signature": lambda d: _at(d, *ORDERS, "post", "security").append({"token": []}),
    "an optional parameter": lambda d: _at(d, *ORDERS, "get", "parameters").append(
        {"name": "colour", "in": "query", "required": False, "schema": {"type": "string"}}
    ),
}


@pytest.mark.parametrize("name", ADDED)
def test_an_addition_is_allowed(name: str) -> None:
    changed = copy.deepcopy(BASELINE)
    ADDED[name](changed)
    assert removals(BASELINE, changed) == []
