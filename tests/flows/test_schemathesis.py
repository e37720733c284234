"""Whatever is sent to the running stack, it answers as functions/portal/openapi.json says, and never with a 5xx.

SCHEMATHESIS_EXAMPLES=2000 looks further, by other ways each time.
"""

import json
import os
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS

from demo import examples
from generate import openapi
from stack.signed_requests import Caller, signed_headers
from stack.stack import Stack

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
PROMISES = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
api = schemathesis.openapi.from_dict(json.loads(openapi.FILE.read_text(encoding="utf-8")))


class Shop(requests.auth.AuthBase):
    """An open store with some orders, and the key to all of it."""

    def __init__(self, stack: Stack) -> None:
        self.base, self.key = stack.place.http, stack.place.keys["head_office"]
        self.store = f"s-{uuid.uuid4().hex}"
        self.session = requests.Session()
        self.session.trust_env = False
        call = Caller(self.base, self.key)
        with call.http:
            call("PUT", f"/v1/stores/{self.store}", examples.STORE).raise_for_status()
            call("PUT", f"/v1/stores/{self.store}/menu", examples.MENU).raise_for_status()
            self.orders = [self._order(call, number) for number in range(8)]
            printer = f"/v1/printing/stores/{self.store}/printers/kitchen"
            call("PUT", printer, {"profile": {}}).raise_for_status()
            self.job = str(call("POST", f"{printer}/test-page").raise_for_status().json()["id"])

    def _order(self, call: Caller, number: int) -> str:
        source = {"kind": "till", "id": self.store, "number": f"n{number}"}
        paid = {"payments": examples.ORDER["payments"] if number % 2 else []}
        reply = call(
            "POST", "/v1/orders", examples.ORDER | paid | {"store": self.store, "source": source}
        ).raise_for_status()
        return str(reply.json()["id"])

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign what is sent, as it is sent."""
        parts = urlsplit(prepared.url or "")
        path = quote(unquote(parts.path.removeprefix(urlsplit(self.base).path)), safe="/")
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
        assert isinstance(body, bytes)  # nothing here is streamed
        prepared.headers.update(signed_headers(self.key, prepared.method or "", f"{path}?{parts.query}", body))
        return prepared


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Iterator[Shop]:
    shop = Shop(stack)
    with shop.session:
        yield shop


@api.parametrize()
@settings(
    max_examples=EXAMPLES or 30,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@pytest.mark.timeout(0 if EXAMPLES else 600)
def test_every_reply_is_a_documented_one(case: schemathesis.Case[Any], shop: Shop) -> None:
    _make_real(case, shop)
    case.call_and_validate(
        base_url=shop.base,
        auth=shop,
        session=shop.session,
        checks=[CHECKS.get_one(name) for name in PROMISES],  # type: ignore[misc]  # these are functions
    )


def _make_real(case: schemathesis.Case[Any], shop: Shop) -> None:
    """Two in three of the ids that could be some are made those of things that exist."""
    assume(not any("\n" in unquote(str(value)) for value in case.path_parameters.values()))  # as below
    order = case.path_parameters.get("order")
    if isinstance(order, str) and sum(map(ord, order)) % 3:
        case.path_parameters["order"] = shop.orders[sum(map(ord, order)) % len(shop.orders)]
    store = case.path_parameters.get("store")
    if isinstance(store, str) and store.isalnum() and store.isascii() and sum(map(ord, store)) % 3:
        case.path_parameters["store"] = shop.store
    for name, real in (("job", shop.job), ("printer", "kitchen")):
        given = case.path_parameters.get(name)
        if isinstance(given, str) and sum(map(ord, given)) % 3:
            case.path_parameters[name] = real
    if case.operation.label == "POST /v1/orders":
        _make_orderable(case.body, shop.store)


def _make_orderable(body: Any, store: str) -> None:
    try:
        body["store"], body["currency"] = store, "USD"
        for line in body["lines"]:
            line |= {"item": "thai_ckn", "size": "L", "options": []}
        for discount in body.get("discounts", []):
            discount["code"] = "lunch"
    except (TypeError, KeyError):
        return  # one that is meant to be malformed stays so


@given(segment=st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")))
@example(b"\x00")
@example(b"\xed\xa0\x80")  # half of a surrogate pair
@example("\uff19".encode() * 20)
@example(b"9" * 5_000)
@example(b"%2F..%2F..%2Fetc%2Fpasswd")
@example(b"a/menu")
@example("\u202emenu\u2066".encode())
@example(b"' OR 1=1 -- ")
@settings(max_examples=EXAMPLES or 60, derandomize=not EXAMPLES, deadline=None, database=None)
def test_odd_names_of_stores_get_a_problem_document(shop: Shop, segment: bytes) -> None:
    assume(b"\n" not in segment)  # MiniStack's gateway finds no route for it
    address = f"{shop.base}/v1/stores/s{quote(segment, safe='')}"
    for method, body in (("GET", None), ("PUT", examples.STORE)):
        reply = shop.session.request(method, address, json=body, auth=shop, timeout=30)
        if method == "PUT" and re.fullmatch(rb"[A-Za-z0-9._-]{0,63}", segment):
            assert reply.status_code in (200, 201)
        elif reply.status_code != 200:
            assert reply.status_code in (401, 404, 405, 422)
            assert reply.headers["Content-Type"] == "application/problem+json"
            assert reply.json()["status"] == reply.status_code
