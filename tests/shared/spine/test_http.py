"""What the HTTP side answers to anything that may come."""

import io
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from functions.orders.tables import orders as sql
from functions.portal import api as portal
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Unavailable
from shared.spine.http import MAX_BODY_BYTES, Api, Operation, Reply
from shared.spine.settings import read_settings
from stack.emulator import Emulator
from stack.gateway_event import Answer, Context, answer_of, event
from stack.signed_requests import signed_headers
from tests.support.environments import caller
from tests.support.orders import Caller, an_order, paid

PROBLEM = "application/problem+json"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What goes to the log."""
    written = io.StringIO()
    monkeypatch.setattr(log.logger().registered_handler, "stream", written)
    return written


def problem(answer: Answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == PROBLEM
    document = answer.json
    assert document["status"] == answer.status
    assert document["type"] == f"urn:dumbwaiter:problem:{document['code']}"
    assert document["title"]
    assert document["detail"]
    assert document["request"] == "request-1"
    return answer.status, document["code"]


def post(call: Caller, body: bytes | Any, **headers: str) -> Answer:
    return call("POST", "/v1/orders", body, headers={name.replace("_", "-"): value for name, value in headers.items()})


# Bodies


def test_a_body_has_at_most_256_kilobytes(call: Caller, store: str) -> None:
    order = json.dumps(an_order(store)).encode()
    for size, expected in ((MAX_BODY_BYTES, 201), (MAX_BODY_BYTES + 1, 413)):
        padded = order + b" " * (size - len(order))
        answer = post(call, padded)
        assert answer.status == expected
    assert MAX_BODY_BYTES == 262_144
    assert problem(answer) == (413, "body_too_large")


def test_what_is_no_json_is_a_bad_request(call: Caller) -> None:
    for body in (
        b"{", b"'a'", b"{} {}", b"\x00", b"\xef\xbb\xbf{}", b"undefined", b'{"a": NaN}', b"Infinity",
        b"[-Infinity]", b'"\\ud800"', b'"\\udc00\\ud800"', b"[" * 100_000, b'{"a":' * 5000, b"1" * 5000,
        b'"\x01"',
    ):  # fmt: skip
        assert problem(post(call, body)) == (400, "not_json"), body[:20]


def test_json_that_is_no_order_is_named_as_such(call: Caller) -> None:
    for body in (b"[]", b"1", b"null", b'"x"', b"[[[]]]", b'"' + b"x" * 100_000 + b'"', b"1e400", b"-0"):
        assert problem(post(call, body)) == (422, "body_invalid"), body[:20]


def test_another_media_type_is_not_read(call: Caller, store: str) -> None:
    order = an_order(store)
    for media_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "", "json", "text/json"):
        assert problem(post(call, order, content_type=media_type)) == (415, "not_json"), media_type
    assert problem(call("POST", "/v1/orders")) == (415, "not_json")
    assert problem(post(call, b"", content_type="application/json")) == (400, "not_json")
    for media_type in ("application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'):
        assert post(call, order, content_type=media_type).status == 201


def test_what_is_not_utf8_is_another_media_type(call: Caller, store: str) -> None:
    order = json.dumps(an_order(store, table="七"), ensure_ascii=False)
    for body in (b"\xff\xfe{}", b'"\xff"', order.encode("gbk"), order.encode("utf-16"), b'{"store": "\xc3"}'):
        assert problem(post(call, body)) == (415, "not_utf8"), body[:20]
    for charset in ("gbk", "iso-8859-1", "utf-16", "x"):
        refused = post(call, order.encode(), content_type=f"application/json; charset={charset}")
        assert problem(refused) == (415, "not_utf8"), charset
    for charset in ("utf-8", "UTF8", "us-ascii"):
        assert post(call, an_order(store), content_type=f"application/json; charset={charset}").status == 201


def test_addresses_that_are_not_there_are_problems_too(call: Caller) -> None:
    for path in ("/v2/orders", "/v1/orders/a/b/c", "/v1//orders", "/", "/wp-login.php", "/v1/" + "x" * 5_000):
        assert problem(call("GET", path)) == (404, "no_such_route")
    assert problem(call("OPTIONS", "/v1/orders")) == (405, "method_not_allowed")
    refused = call("DELETE", "/v1/orders")
    assert problem(refused) == (405, "method_not_allowed")
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/v1/order", "/v1/orders"),
        ("/v2/orders", "/v1/orders"),
        ("/v1/Orders", "/v1/orders"),
        ("/v1/orders/", "/v1/orders"),
        ("/v1/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV/refund", "/v1/orders/{order}/refunds"),
        ("/v1/orders/x/fullfilment", "/v1/orders/{order}/fulfilment"),
        ("/v1/store/main/menu", "/v1/stores/{store}/menu"),
        ("/openapi.yaml", "/openapi.json"),
        ("/wp-login.php", None),
    ],
)
def test_a_typing_error_in_a_path_is_told_the_nearest_path(call: Caller, path: str, nearest: str | None) -> None:
    assert call("POST", path, {}).json.get("nearest") == nearest


@pytest.mark.usefixtures("env")
def test_paths_of_other_concerns_are_known_where_unknown_paths_arrive() -> None:
    send = Caller(portal.handler, {"id": "none", "secret": "none"})
    assert problem(send("POST", "/v1/takings", {})) == (405, "method_not_allowed")
    assert send("POST", "/v1/takings", {}).headers["allow"] == "GET, HEAD"
    refused = send("POST", "/v1/order", {})
    assert (refused.status, refused.json["nearest"]) == (404, "/v1/orders")
    assert send("GET", "/v1/prints/fleet").json["nearest"] == "/v1/printing/fleet"
    assert send("GET", "/openapi.json").status == 200
    # While a deploy replaces a route, its requests arrive here. A client should send them again.
    missing = send("POST", "/v1/orders", {})
    assert problem(missing) == (503, "route_missing")
    assert missing.headers["retry-after"] == "5"


def test_nobody_keeps_or_sniffs_what_was_answered(call: Caller, store: str) -> None:
    for answer in (call("GET", "/v1/orders"), call("GET", "/nowhere"), call("POST", "/v1/orders", an_order(store))):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = [
    "store", "source", "service", "table", "guest", "lines", "discounts", "service_charge", "delivery_charge", "tax",
    "total", "currency", "payments", "placed_at", "wanted_for", "extra",
]  # fmt: skip
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(some.dictionaries(some.sampled_from(MEMBERS), json_values, min_size=1, max_size=3))
def test_an_order_with_anything_in_any_member_is_kept_or_refused(
    call: Caller, store: str, changes: dict[str, Any]
) -> None:
    answer = post(call, an_order(store) | changes)
    assert answer.status in (201, 400, 409, 422), answer.text


@quick
@given(json_values | some.binary(max_size=50))
def test_any_json_and_any_bytes_get_a_problem(call: Caller, value: Any) -> None:
    status, _ = problem(post(call, value if isinstance(value, bytes) else json.dumps(value).encode()))
    assert status in (400, 415, 422)


@quick
@given(
    some.sampled_from(
        ["amount", "unit_price", "quantity", "reference", "method", "note", "taken_at", "size", "options"]
    ),
    json_values | some.integers(-(2**70), 2**70) | some.datetimes().map(lambda at: f"{at.isoformat()}Z"),
)
def test_anything_deep_inside_an_order_is_kept_or_refused(call: Caller, store: str, name: str, value: Any) -> None:
    line = {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325}
    payment = paid(1)[0]
    place = payment if name in ("amount", "reference", "method", "taken_at") else line
    place[name] = value
    answer = post(call, an_order(store, lines=[line], payments=[payment]))
    assert answer.status in (201, 400, 422), answer.text


@quick
@given(some.text(max_size=20), some.dictionaries(some.text(max_size=5), some.text(max_size=8), max_size=2))
def test_any_address_gets_an_answer(call: Caller, path: str, query: dict[str, str]) -> None:
    given_ = event("GET", "/", signed_headers(call.key, "GET", "/", b""), b"")
    given_["rawPath"] = f"/v1/stores/{path}"
    given_["rawQueryString"] = "&".join(f"{name}={value}" for name, value in query.items())
    assert answer_of(call.handler(given_, Context())).status in (200, 401, 404, 405)


# Nothing leaks


def broken(env: Environment, failure: Exception) -> Answer:
    """The answer of a view that fails."""

    def view() -> Reply:
        raise failure

    import serverless_wsgi  # noqa: PLC0415 - as in entry

    app = Api(env, "test", [Operation("GET", "/boom", view, {200: None}, public=True)]).app
    log.note(request="request-1")
    asked = event("GET", "/boom", {"host": "api"}, b"") | {"cookies": []}
    return answer_of(serverless_wsgi.handle_request(app, asked, Context()))


def test_a_bug_tells_neither_the_caller_nor_the_log_what_it_was_about(env: Environment, lines: io.StringIO) -> None:
    secret = "SELECT password FROM guests WHERE phone = '+1 555 0100'"
    for failure in (
        RuntimeError(secret), KeyError(secret), pymysql.err.ProgrammingError(1064, secret), AssertionError(secret),
        Misconfigured("aws_refused", f"arn:aws:iam::123456789012:role/x may not {secret}"),
    ):  # fmt: skip
        answer = broken(env, failure)
        assert problem(answer) == (500, "internal")
        assert "555 0100" not in answer.text
        assert "arn:" not in answer.text
        assert "Traceback" not in answer.text
        assert "view" not in answer.text
    bug = json.loads(lines.getvalue().splitlines()[0])
    assert (bug["level"], bug["bug"], bug["request"]) == ("ERROR", "RuntimeError", "request-1")
    assert any(at.startswith("test_http.py:") for at in bug["at"])
    bugs = [line for line in lines.getvalue().splitlines() if "aws_refused" not in line]
    assert len(bugs) >= 8
    assert "555 0100" not in "".join(bugs)


def test_a_statement_that_fails_stays_inside(
    call: Caller, store: str, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A schema that a deploy did not expect.
    monkeypatch.setattr(sql, "INSERT_ORDER_OF_GUEST", sql.INSERT_ORDER_OF_GUEST.replace("member_id", "member_identity"))
    answer = post(call, an_order(store, guest={"name": "Ana Secret", "phone": "+1 555 0100"}))
    assert problem(answer) == (500, "internal")
    for word in ("member_id", "INSERT", "Ana", "555 0100", "pymysql", call.key["secret"]):
        assert word not in answer.text
        assert word not in lines.getvalue()
    assert "bug" in lines.getvalue()


def test_a_database_that_is_away_is_unavailable_and_says_when_to_come_again(
    call: Caller, store: str, emulator: Emulator, another_env: Callable[..., Environment], lines: io.StringIO
) -> None:
    known = json.loads(
        emulator.client("secretsmanager").get_secret_value(SecretId=read_settings().database_secret)["SecretString"]
    )
    for change, expected in [({"port": 1}, (503, "database_unavailable")), ({"password": "no"}, (500, "internal"))]:
        name = f"test/{uuid.uuid4().hex}"
        emulator.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(known | change))
        log.note(request="request-1")
        answer = caller(another_env(database_secret=name), call.key)("POST", "/v1/orders", an_order(store))
        assert problem(answer) == expected
        assert ("retry-after" in answer.headers) == (expected[0] == 503)
        for word in (known["password"], known["username"], known["host"], "Access denied", "Errno"):
            assert word not in answer.text
            assert word not in lines.getvalue().replace('"location"', "")


def test_a_secret_that_is_not_there_is_our_fault_and_not_explained(
    call: Caller, another_env: Callable[..., Environment], lines: io.StringIO
) -> None:
    log.note(request="request-1")
    answer = caller(another_env(database_secret="test/nowhere"), call.key)("GET", "/v1/orders")
    assert problem(answer) == (500, "internal")
    assert "nowhere" not in answer.text
    assert "aws_refused" in lines.getvalue()


def test_retry_after_is_said_in_seconds(env: Environment) -> None:
    answer = broken(env, Unavailable("busy", "later", retry_after=7))
    assert (problem(answer), answer.headers["retry-after"]) == ((503, "busy"), "7")


def test_no_line_of_the_log_holds_a_signature_or_a_body(call: Caller, store: str, lines: io.StringIO) -> None:
    order = an_order(store, guest={"name": "Ana Secret", "phone": "+1 555 0100"})
    assert post(call, order).status == 201
    assert post(call, order | {"total": "Ana Secret"}).status == 422
    written = lines.getvalue()
    for word in ("Ana", "555 0100", "Signature", call.key["secret"]):
        assert word not in written
    line = json.loads(written.splitlines()[0])
    assert (line["route"], line["status"], line["client"], line["store"]) == (
        "/v1/orders",
        201,
        call.key["id"],
        f"demo:{store}",
    )


# Gateways


def rest_event(method: str, path: str, headers: Mapping[str, str], body: bytes | None, **query: str) -> dict[str, Any]:
    """What a REST API sends (payload 1.0): decoded queries, and every header in two forms."""
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"stage": "prod", "path": f"/prod{path}", "identity": {"sourceIp": "203.0.113.7"}},
        "body": body.decode() if body else None,
        "isBase64Encoded": False,
    }


HOSTS = [
    "api.example.com",
    "abc123.execute-api.eu-central-1.amazonaws.com",
    "abc.execute-api.cn-north-1.amazonaws.com.cn",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_rest_api_is_served_the_same(call: Caller, store: str, host: str) -> None:
    order = json.dumps(an_order(store, table="七号 北")).encode()
    headers = {"Host": host, "Content-Type": "application/json"} | signed_headers(call.key, "POST", "/v1/orders", order)
    reply = call.handler(rest_event("POST", "/v1/orders", headers, order), Context())
    assert reply["statusCode"] == 201
    assert reply["isBase64Encoded"] is False
    document = json.loads(reply["body"])
    assert document["table"] == "七号 北"
    assert reply["multiValueHeaders"]["Location"] == [f"/v1/orders/{document['id']}"]
    target = "/v1/orders?since=2025-01-15T12:00:00%2B08:00&store=" + document["store"]
    query = {"since": "2025-01-15T12:00:00+08:00", "store": document["store"]}
    signed = {"Host": host} | signed_headers(call.key, "GET", target, b"")
    found = call.handler(rest_event("GET", "/v1/orders", signed, None, **query), Context())
    assert json.loads(found["body"])["orders"] == [document]


def test_problems_reach_the_callers_of_a_rest_api_as_text(call: Caller) -> None:
    reply = call.handler(rest_event("GET", "/v1/orders", {"Host": "h"}, None), Context())
    assert reply["statusCode"] == 401
    assert reply["isBase64Encoded"] is False
    assert json.loads(reply["body"])["code"] == "signature_missing"


@pytest.mark.parametrize("host", HOSTS)
def test_an_http_api_is_served_with_or_without_base64_cookies_and_a_stage(call: Caller, store: str, host: str) -> None:
    for encoded in (True, False):
        order = json.dumps(an_order(store, table="北 🍕")).encode()
        headers = {"host": host, "content-type": "application/json"}
        headers |= {n.lower(): v for n, v in signed_headers(call.key, "POST", "/v1/orders", order).items()}
        asked = event("POST", "/v1/orders", headers, order)
        if not encoded:
            asked |= {"body": order.decode(), "isBase64Encoded": False, "cookies": ["a=1", "b=2"]}
        answer = answer_of(call.handler(asked, Context()))
        assert (answer.status, answer.json["table"]) == (201, "北 🍕")
        assert answer.headers["location"] == f"/v1/orders/{answer.json['id']}"


def test_an_event_with_the_least_in_it_gets_an_answer(call: Caller) -> None:
    asked = {"version": "2.0", "rawPath": "/v1/orders", "headers": {}, "requestContext": {"http": {"method": "GET"}}}
    assert answer_of(call.handler(asked, Context())).status == 401
