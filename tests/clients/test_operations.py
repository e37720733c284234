"""The operations of both clients are those of functions/portal/openapi.json."""

import json
import re
import subprocess
from typing import Any

import jsonschema_rs
import pytest

from dumbwaiter_client.client import OPERATIONS, Client
from generate import openapi
from tests.support.paths import ROOT

DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text(encoding="utf-8"))
DESCRIBED = {
    described["operationId"]: (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, described in operations.items()
}
SCRIPT = """
import { OPERATIONS, Client } from "./clients/javascript/dumbwaiter.js";
const methods = Object.getOwnPropertyNames(Client.prototype);
console.log(JSON.stringify({ operations: OPERATIONS, methods }));
"""
README = (ROOT / "clients/python/README.md", ROOT / "clients/javascript/README.md")


def test_python_has_the_operations_of_the_document() -> None:
    assert {name: DESCRIBED[name] for name in OPERATIONS} == OPERATIONS
    assert set(OPERATIONS) <= set(dir(Client))


def test_javascript_has_the_operations_of_the_document() -> None:
    command = ["node", "--input-type=module", "-e", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(done.stdout)
    assert {name: list(DESCRIBED[name]) for name in found["operations"]} == found["operations"]
    assert found["operations"].keys() == OPERATIONS.keys()
    camel = {re.sub(r"_(\w)", lambda match: match[1].upper(), name) for name in OPERATIONS}
    assert camel <= set(found["methods"])


@pytest.mark.parametrize("page", README, ids=["python", "javascript"])
def test_the_order_of_the_readme_fits_the_document(page: Any) -> None:
    """The example is JSON but for its unquoted names, comments and variables."""
    text = page.read_text(encoding="utf-8")
    [body] = re.findall(r"(?:place_order\(|placeOrder\()\s*(\{.*?\n\s*\})", text, re.DOTALL)
    body = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', body).replace("numbers[0]", '"1"')
    order = json.loads(re.sub(r",(\s*[}\]])", r"\1", body))
    schema = {"$ref": "#/components/schemas/OrderIn", "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(order)
