"""functions/portal/openapi.json says what every concern serves."""

import importlib
import json
import re
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from demo import examples
from generate import openapi
from stack.addresses import CHECKOUT
from tests.support.orders import Caller

OPERATIONS = [
    operation
    for module in sorted((CHECKOUT / "functions").glob("*/api.py"))
    for operation in importlib.import_module(f"functions.{module.parent.name}.api").OPERATIONS
]
DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text(encoding="utf-8"))


def _schema(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}, validate_formats=True
    )


def test_committed_document_is_current() -> None:
    assert openapi.FILE.read_text(encoding="utf-8") == openapi.render(), "python -m generate.openapi"


def test_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}), name


def test_every_reference_leads_somewhere() -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(DOCUMENT))):
        found = DOCUMENT
        for step in reference.split("/"):
            found = found[step]


def test_every_operation_of_every_concern_is_described() -> None:
    described = {(method, rule) for rule, found in DOCUMENT["paths"].items() for method in found}
    assert described == {(operation.method.lower(), operation.rule) for operation in OPERATIONS}
    assert {("get", "/v1/takings"), ("post", "/v1/orders")} <= described


def test_every_signed_operation_names_its_signature_and_what_may_go_wrong_with_any() -> None:
    for operation in OPERATIONS:
        described = DOCUMENT["paths"][operation.rule][operation.method.lower()]
        if operation.public:
            assert "security" not in described
        else:
            tokens: list[dict[str, list[str]]] = [{"guest_token": []}] if operation.guests else []
            csrf: dict[str, list[str]] = {"csrf": []} if operation.method != "GET" else {}
            assert described["security"] == [{"signature": [], "time": []}, {"session": []} | csrf, *tokens]
            assert {"401", "429", "500", "503"} <= set(described["responses"])


@pytest.mark.parametrize("name", examples.REQUESTS)
def test_example_of_a_request_fits_its_schema(name: str) -> None:
    [body] = [
        described["requestBody"]["content"]["application/json"]
        for found in DOCUMENT["paths"].values()
        for described in found.values()
        if described["operationId"] == name
    ]
    assert body["example"] == examples.REQUESTS[name]
    _schema(body["schema"]["$ref"].rpartition("/")[2]).validate(body["example"])


def test_example_of_a_kept_order_fits_its_schema() -> None:
    _schema("Order").validate(examples.KEPT)
    with pytest.raises(jsonschema_rs.ValidationError):
        _schema("Order").validate(examples.KEPT | {"placed_at": "noon"})


def test_example_order_is_answered_as_the_example_says(call: Caller) -> None:
    call("PUT", "/v1/stores/main-street", examples.STORE)
    call("PUT", "/v1/stores/main-street/menu", examples.MENU)
    answer = call("POST", "/v1/orders", examples.ORDER | {"placed_at": examples.KEPT["placed_at"]})
    assert answer.status == 201, answer.text
    differs = {"id", "received_at", "placed_at", "kitchen_at", "payments"}
    assert {name: found for name, found in answer.json.items() if name not in differs} == {
        name: found for name, found in examples.KEPT.items() if name not in differs
    }


def test_both_a_store_and_its_menu_may_be_unchanged_for_who_has_an_etag() -> None:
    for rule in ("/v1/stores/{store}", "/v1/stores/{store}/menu"):
        described = DOCUMENT["paths"][rule]["get"]
        assert "content" not in described["responses"]["304"]
        assert "If-None-Match" in [parameter["name"] for parameter in described["parameters"]]
