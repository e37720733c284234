"""A request with a session beside the same request with a signature, and a sign-in."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from bench.figures import Figure, at_most, exactly, percentile, seconds, told
from bench.rig import Rig
from demo import pizzaplace
from functions.people import api as people
from ops.people import People
from shared.spine import entry
from shared.spine.http import app_maker
from shared.spine.sessions import Origin, cookie_name, insert_session
from stack.gateway_event import Context, answer_of, event

PAIRS, REQUESTS, SIGN_INS = 9, 200, 20
TARGET = "/v1/stores/harbour"
QUESTIONS = "SHOW SESSION STATUS LIKE 'Questions'"
EMAIL, PASSWORD = "bench@example.com", "a password for the bench"


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Read one store, by a key and by a session; then sign in."""
    rig = rig_of()
    rig.open_stores()
    cookie = _cookie(rig)
    signed, in_session = rig.event("GET", TARGET, None), _event("GET", TARGET, None, cookie)
    values, floors = [], []
    for _ in range(PAIRS):
        floors.append(_milliseconds(rig, signed))
        values.append(_milliseconds(rig, in_session))
    yield at_most("people.session_request", "ms a request", values, floors, 2)
    by_key, by_session = _statements(rig, signed), _statements(rig, in_session)
    yield told("people.statements_signed", by_key, "statements a request", "the key is cached for a minute")
    yield exactly(
        "people.statements_session_more", by_session - by_key, "statements a request more, COMMIT included", 2
    )
    yield from _sign_in(rig)


def _sign_in(rig: Rig) -> Iterator[Figure]:
    handler = entry.http(app_maker("people", people.OPERATIONS))
    post = _event("POST", "/v1/sessions", {"email": EMAIL, "password": PASSWORD}, "")

    def once() -> None:
        with mock.patch.object(entry, "environment", return_value=rig.env):
            reply = answer_of(handler(post, Context()))
        if reply.status != 201:  # noqa: PLR2004
            raise AssertionError(reply.text)

    once()
    took = [seconds(once) * 1000 for _ in range(SIGN_INS)]
    yield told("people.sign_in_p50", percentile(took, 50), "ms", "the hash of the password is most of it")
    before = _questions(rig)
    once()
    yield told("people.statements_sign_in", _questions(rig) - before - 1, "statements", "COMMITs included")


def _cookie(rig: Rig) -> str:
    """The cookie of a person of the head office."""
    table = People(rig.url)
    try:
        person = table.add(pizzaplace.CHAIN, EMAIL, "Bench", ["head_office"], PASSWORD)
    finally:
        table.close()
    with rig.env.db.transaction() as transaction:
        origin = Origin("127.0.0.1", "bench", "password")
        token = insert_session(transaction, person["id"], origin, rig.env.clock())
    return f"{cookie_name(rig.settings.stage)}={token}"


def _event(method: str, target: str, body: Any, cookie: str) -> dict[str, Any]:
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"host": "api", "sec-fetch-site": "same-origin", "content-type": "application/json", "cookie": cookie}
    return event(method, target, headers, content)


def _milliseconds(rig: Rig, request: dict[str, Any]) -> float:
    rig.call(dict(request), 200)
    return sum(seconds(rig.call, dict(request), 200) for _ in range(REQUESTS)) / REQUESTS * 1000


def _statements(rig: Rig, request: dict[str, Any]) -> int:
    """Statements of a request on the connection of the environment, COMMIT included."""
    rig.call(dict(request), 200)
    before = _questions(rig)
    for _ in range(10):
        rig.call(dict(request), 200)
    return (_questions(rig) - before - 1) // 10


def _questions(rig: Rig) -> int:
    with rig.env.db.statements() as transaction:
        return int(transaction.rows(QUESTIONS)[0]["Value"])
