"""A typing error in a path gets a code through the deployed gateway, which answers unknown paths without one."""

from collections.abc import Iterator

import httpx
import pytest

from stack.signed_requests import Caller
from stack.stack import Stack


@pytest.fixture(scope="module")
def call(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.place.http, stack.place.keys["head_office"])
    with caller.http:
        yield caller


def _problem(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["code"]


@pytest.mark.parametrize(
    ("method", "path", "nearest"),
    [
        ("POST", "/v1/order", "/v1/orders"),
        ("GET", "/v1/takings/demo", "/v1/takings"),
        ("GET", "/v1/orders/x/trce", "/v1/orders/{order}/trace"),
        ("GET", "/v2/stores/main", "/v1/stores/{store}"),
        ("POST", "/v1/guest_tokens", "/v1/guest-tokens"),
        ("GET", "/robots.txt", None),
        ("GET", "/", None),
    ],
)
def test_an_unknown_path_names_the_nearest(call: Caller, method: str, path: str, nearest: str | None) -> None:
    reply = call(method, path, None if method == "GET" else {})
    assert (*_problem(reply), reply.json().get("nearest")) == (404, "no_such_route", nearest)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/takings", "GET, HEAD"),
        ("DELETE", "/v1/orders", "GET, HEAD, POST"),
        ("GET", "/v1/member-lookups", "POST"),
        ("PUT", "/openapi.json", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_the_right_ones(call: Caller, method: str, path: str, allowed: str) -> None:
    reply = call(method, path)
    assert (*_problem(reply), reply.headers["allow"]) == (405, "method_not_allowed", allowed)


def test_an_unsigned_caller_learns_no_more_than_the_document_says(stack: Stack) -> None:
    with httpx.Client(trust_env=False, timeout=60) as stranger:
        reply = stranger.post(f"{stack.place.http}/v1/order")
    assert (*_problem(reply), reply.json()["nearest"]) == (404, "no_such_route", "/v1/orders")


def test_a_slash_behind_a_page_leads_to_the_page(call: Caller) -> None:
    reply = call("GET", "/console/")
    assert (*_problem(reply), reply.headers["location"]) == (308, "ends_in_slash", "../console")
