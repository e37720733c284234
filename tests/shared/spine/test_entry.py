"""What a trigger event becomes, and what of a handler's failure the platform is told."""

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderPaid
from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.errors import Conflict, Rejected, Unavailable
from stack.gateway_event import Context, event

SAMPLE = json.loads(Path("events/console/on_order_paid.json").read_text(encoding="utf-8"))["Records"][0]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What goes to the log."""
    written = io.StringIO()
    monkeypatch.setattr(log.logger().registered_handler, "stream", written)
    return written


def echo(env: Environment) -> Any:
    """A WSGI app that answers with what it was asked, and sets two cookies."""
    del env

    @Request.application
    def answer(request: Request) -> Response:
        asked = {
            "path": request.path.removeprefix("/"),
            "query": list(request.args.items(multi=True)),
            "cookies": request.cookies.to_dict(),
            "accept": request.headers.getlist("Accept"),
            "body": request.get_data().hex(),
        }
        reply = Response(json.dumps(asked), content_type="application/json")
        reply.set_cookie("a", "1")
        reply.set_cookie("b", "2")
        return reply

    return answer


# HTTP


def test_an_app_is_made_once_for_an_environment(env: Environment) -> None:
    made: list[Environment] = []

    def make(env: Environment) -> Any:
        made.append(env)
        return echo(env)

    handler = entry.http(make)
    assert made == []
    for _ in range(3):
        assert handler(event("GET", "/x", {"host": "h"}, b""), Context())["statusCode"] == 200
    assert made == [env]


def test_an_http_api_s_request_arrives_whole(env: Environment) -> None:
    del env
    handler = entry.http(echo)
    body = bytes(range(256))
    asked = event("POST", "/a%20b/%E5%8C%97?x=1&x=%26&y=a+b", {"host": "h", "accept": "a, b"}, body)
    seen = json.loads(handler(asked | {"cookies": ["s=1", "t=2"]}, Context())["body"])
    assert seen == {
        "path": "a b/北",
        "query": [["x", "1"], ["x", "&"], ["y", "a b"]],
        "cookies": {"s": "1", "t": "2"},
        "accept": ["a, b"],
        "body": body.hex(),
    }
    in_headers = event("GET", "/x", {"host": "h", "cookie": "s=1; t=2"}, b"")
    assert json.loads(handler(in_headers, Context())["body"])["cookies"] == {"s": "1", "t": "2"}
    without = event("GET", "/x", {"host": "h"}, b"")
    assert json.loads(handler(without, Context())["body"])["cookies"] == {}


def test_a_rest_api_s_request_arrives_whole_and_every_header_of_the_reply_leaves(env: Environment) -> None:
    del env
    asked = {
        "httpMethod": "POST",
        "path": "/a b/北",
        "headers": {"Host": "h", "Cookie": "s=1; t=2", "Accept": "b"},
        "multiValueHeaders": {"Host": ["h"], "Cookie": ["s=1; t=2"], "Accept": ["a", "b"]},
        "queryStringParameters": {"x": "&", "y": "a b"},
        "multiValueQueryStringParameters": {"x": ["1", "&"], "y": ["a b"]},
        "requestContext": {"stage": "prod", "identity": {"sourceIp": "203.0.113.7"}},
        "body": "aGk=",
        "isBase64Encoded": True,
    }
    reply = entry.http(echo)(asked, Context())
    seen = json.loads(reply["body"])
    assert (seen["path"], seen["body"]) == ("a b/北", b"hi".hex())
    assert seen["query"] == [["x", "1"], ["x", "&"], ["y", "a b"]]
    assert seen["cookies"] == {"s": "1", "t": "2"}
    assert [cookie.split(";")[0] for cookie in reply["multiValueHeaders"]["Set-Cookie"]] == ["a=1", "b=2"]


# Queues


def test_each_record_stands_alone(env: Environment) -> None:
    del env
    failures = {"r1": Rejected("a", "b"), "r2": Unavailable("a", "b"), "r3": RuntimeError(), "r5": Conflict("a", "b")}
    handled: list[str] = []

    def handle(message: Message[OrderPaid], _env: Environment) -> None:
        name = message.data.order.table or ""
        handled.append(name)
        if name in failures:
            raise failures[name]

    records = []
    for n in range(7):
        body = json.loads(SAMPLE["body"])
        body["data"]["order"]["table"] = f"r{n}"
        records.append(SAMPLE | {"messageId": f"r{n}", "body": json.dumps(body)})
    reply = entry.queue(OrderPaid, handle)({"Records": records}, Context())
    assert [failure["itemIdentifier"] for failure in reply["batchItemFailures"]] == ["r1", "r2", "r3", "r5"]
    assert handled == [f"r{n}" for n in range(7)]


@pytest.mark.parametrize(("kind", "said"), [(entry.queue, ["message taken"] * 2), (entry.batch, ["messages taken"])])
def test_what_was_taken_leaves_a_line(env: Environment, lines: io.StringIO, kind: Any, said: list[str]) -> None:
    del env
    assert kind(OrderPaid, lambda *_: None)({"Records": [SAMPLE, SAMPLE]}, Context())["batchItemFailures"] == []
    assert [json.loads(line)["message"] for line in lines.getvalue().splitlines()] == said


# Timers


def test_a_timer_ends_before_the_platform_ends_it(env: Environment) -> None:
    untils: list[timedelta] = []

    def run(env: Environment, until: datetime) -> None:
        untils.append(until - env.clock())

    for milliseconds in (60_000, 6_000, 0):
        entry.timer(run)({}, Context(milliseconds=milliseconds))
    # Five seconds are kept for the end of the work; of very little, half.
    for found, expected in zip(untils, (55, 3, 0), strict=True):
        assert abs(found.total_seconds() - expected) < 0.5
    del env


def test_a_timer_that_fails_says_so_and_is_seen_to_fail(env: Environment, lines: io.StringIO) -> None:
    del env

    def run(_env: Environment, _until: datetime) -> None:
        raise Unavailable("away", "the broker is away")

    with pytest.raises(Unavailable):
        entry.timer(run)({}, Context())
    line = json.loads(lines.getvalue().splitlines()[0])
    assert (line["level"], line["error"], line["request"]) == ("ERROR", "away: the broker is away", "request-1")


# Sockets


def socket_event(**parts: Any) -> dict[str, Any]:
    about = {"connectionId": "c1", "eventType": "MESSAGE", "domainName": "x.example.com", "stage": "prod"}
    return {"requestContext": about, "body": "hello"} | parts


def test_a_frame_is_what_came_and_where_to_answer(env: Environment) -> None:
    seen: list[entry.Frame] = []
    handler = entry.socket(lambda frame, _env: seen.append(frame))
    assert handler(socket_event(), Context()) == {"statusCode": 200}
    about = socket_event()["requestContext"] | {"eventType": "CONNECT"}
    connect = {"requestContext": about, "headers": {"X-Agent": "1"}, "queryStringParameters": {"store": "s1"}}
    assert handler(connect, Context()) == {"statusCode": 200}
    message, connected = seen
    assert (message.connection, message.kind, message.body) == ("c1", "MESSAGE", "hello")
    assert message.management == "https://x.example.com/prod"
    assert (connected.kind, connected.body, connected.headers) == ("CONNECT", "", {"x-agent": "1"})
    assert connected.query == {"store": "s1"}
    del env


def test_a_frame_that_is_refused_tells_the_gateway_its_status_and_no_more(env: Environment, lines: io.StringIO) -> None:
    del env

    def refuse(_frame: entry.Frame, _env: Environment) -> None:
        raise Conflict("busy", "printer p1 of Ana")

    reply = entry.socket(refuse)(socket_event(), Context())
    assert reply == {"statusCode": 409}
    about = socket_event()["requestContext"] | {"eventType": "CONNECT"}
    refused = entry.socket(refuse)(socket_event(requestContext=about), Context())
    assert refused == {"statusCode": 409, "body": '{"code": "busy"}'}
    assert "frame refused" in lines.getvalue()


def test_an_invocation_begins_without_the_ids_of_the_one_before(env: Environment, lines: io.StringIO) -> None:
    del env

    def remember(frame: entry.Frame, _env: Environment) -> None:
        if frame.body == "first":
            log.note(order="o1", store="s1", client="c1", subject="x", message_id="m")
        log.logger().info("here")

    handler = entry.socket(remember)
    handler(socket_event(body="first"), Context("r1"))
    handler(socket_event(), Context("r2"))
    first, second = [json.loads(line) for line in lines.getvalue().splitlines()]
    ids = {"order", "store", "client", "subject", "message_id"}
    assert (ids <= set(first), first["request"]) == (True, "r1")
    assert (ids & set(second), second["request"]) == (set(), "r2")


@pytest.mark.parametrize("kind", ["timer", "socket"])
def test_a_bug_fails_the_invocation_and_quotes_nothing(env: Environment, lines: io.StringIO, kind: str) -> None:
    del env

    def broken(*_: object) -> None:
        raise ValueError("SELECT secret FROM guests")

    handler = entry.timer(broken) if kind == "timer" else entry.socket(broken)
    event = {"requestContext": {"connectionId": "c", "eventType": "MESSAGE", "domainName": "d", "stage": "s"}}
    with pytest.raises(entry.Bug) as raised:
        handler(event, Context())
    assert str(raised.value) == "ValueError"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert "ValueError" in lines.getvalue()
    assert "guests" not in lines.getvalue()
