"""Signing in behind the CDN: whose attempts are counted, and which address a session shows."""

from collections.abc import Callable
from typing import Any

import pytest
import serverless_wsgi
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from functions.people import api
from shared.spine.env import Environment
from shared.spine.viewer import ORIGIN_HEADER, VIEWER_HEADER, address_of
from tests.support.people import PASSWORD, Browser, new_person

Query = Callable[[str], list[tuple[Any, ...]]]
WRONG = "wrong"


def test_behind_the_cdn_each_viewer_is_counted_and_sessions_name_it(
    url: str, another_env: Callable[..., Environment], query: Query
) -> None:
    env = another_env(origin_secret="s3cret")
    app = api.make_app(env)
    email = new_person(url, "head_office")["email"]

    def behind_cdn(viewer: str, password: str = WRONG, account: str = "", proof: str = "s3cret") -> Any:
        def handler(event: dict[str, Any], context: Any) -> Any:
            event["requestContext"]["http"]["sourceIp"] = "198.51.100.1"
            sent = {"x-dumbwaiter-viewer": viewer, "x-dumbwaiter-origin": proof}
            event["headers"] |= {name: value for name, value in sent.items() if value}
            return serverless_wsgi.handle_request(app, event, context)

        return Browser(handler)("POST", "/v1/sessions", {"email": account or email, "password": password})

    for number in range(50):
        assert behind_cdn("203.0.113.7", account=f"a{number}@example.com").status == 401
    assert behind_cdn("203.0.113.7", PASSWORD).status == 429
    assert behind_cdn("2001:db8::1", PASSWORD).status == 201
    assert query("SELECT caller_address FROM sessions") == [("2001:db8::1",)]
    # Whoever reaches the API beside the CDN names no address: the 51 below count for the connection.
    for number, forged in enumerate(["", "wrong", "s3cret ", "\u017f3cret"] * 12 + ["", "x"]):
        other = f"b{number}@example.com"
        assert behind_cdn(f"203.0.113.{number + 10}", account=other, proof=forged).status == 401, forged
    assert behind_cdn("203.0.113.99", PASSWORD, proof="wrong").status == 429


@pytest.mark.parametrize("viewer", ["", "no address", "203.0.113.7, 203.0.113.8"])
def test_without_a_good_address_of_the_cdn_the_connection_counts(viewer: str) -> None:
    builder = EnvironBuilder(headers=Headers({ORIGIN_HEADER: "s3cret", VIEWER_HEADER: viewer}))
    request = Request(builder.get_environ() | {"REMOTE_ADDR": "198.51.100.1"})
    assert address_of(request, "s3cret") == "198.51.100.1"


def test_without_a_secret_no_header_is_believed() -> None:
    builder = EnvironBuilder(headers=Headers({ORIGIN_HEADER: "", VIEWER_HEADER: "203.0.113.7"}))
    request = Request(builder.get_environ() | {"REMOTE_ADDR": "198.51.100.1"})
    assert address_of(request, "") == "198.51.100.1"
