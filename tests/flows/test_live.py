"""Live updates through the deployed stack: an order that is placed is heard of by the page that watches it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.orders import MENU, SETTINGS, an_order, paid
from tests.support.waiting import on_this_machine

STORE = "live-1"
WITHIN = 2.0


@pytest.fixture(scope="module")
def office(stack: Stack) -> Iterator[Caller]:
    """Head office, with a store that sells."""
    call = Caller(stack.place.http, stack.place.keys["head_office"])
    call("PUT", f"/v1/stores/{STORE}", SETTINGS | {"name": STORE}).raise_for_status()
    call("PUT", f"/v1/stores/{STORE}/menu", MENU).raise_for_status()
    yield call
    call.http.close()


def ticket(call: Caller) -> str:
    reply = call("POST", "/v1/live/tickets")
    assert reply.status_code == 201, reply.text
    url: str = reply.json()["url"]
    return url


@contextmanager
def page(call: Caller, *topics: str) -> Iterator[ClientConnection]:
    """A page that watches topics of all stores."""
    with connect(ticket(call), proxy=None) as socket:
        socket.send(json.dumps({"action": "live", "watch": [{"chain": "demo", "topics": topics}]}))
        watching = answer(socket)
        assert watching["watch"] == [{"chain": "demo", "stores": None, "topics": list(topics)}]
        yield socket


def answer(socket: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(socket.recv(timeout=on_this_machine(30)))
    return found


def heard(socket: ClientConnection, subject: str, seconds: float) -> dict[str, Any]:
    """The first head about the subject. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while True:
        for head in json.loads(socket.recv(timeout=max(end - time.monotonic(), 0))).get("changes", ()):
            if head["subject"] == subject:
                found: dict[str, Any] = head
                return found


def placed(call: Caller) -> str:
    reply = call("POST", "/v1/orders", an_order(STORE, payments=paid(1325)))
    assert reply.status_code == 201, reply.text
    return f"order/{reply.json()['id']}"


def test_a_placed_order_is_heard_of_within_two_seconds(office: Caller) -> None:
    with page(office, "orders") as socket:
        heard(socket, placed(office), on_this_machine(30))  # the functions are started
        for _ in range(5):
            head = heard(socket, placed(office), on_this_machine(WITHIN))
            assert (head["topic"], head["store"]) == ("orders", STORE)


def test_takings_are_heard_of_after_they_are_counted(office: Caller) -> None:
    with page(office, "takings") as socket:
        head = heard(socket, placed(office), on_this_machine(30))
        assert (head["topic"], head["type"]) == ("takings", "order.paid")


def test_a_ticket_is_good_once(office: Caller) -> None:
    url = ticket(office)
    with connect(url, proxy=None) as socket:
        socket.send(json.dumps({"action": "ping"}))
        assert answer(socket)["kind"] == "pong"
        with pytest.raises(InvalidStatus), connect(url, proxy=None):
            pass


def test_a_revoked_key_closes_its_connection(stack: Stack, office: Caller) -> None:
    key = stack.place.keys["head_office"]["id"]
    with page(office, "orders") as socket:
        revoke(stack, key, "NOW(6)")
        try:
            socket.send(json.dumps({"action": "ping"}))
            # Changes that were on their way before come first.
            answers = (answer(socket) for _ in range(100))
            assert next(one for one in answers if one["kind"] != "changes") == {"kind": "bye", "code": "session_ended"}
            with pytest.raises(ConnectionClosed):
                answer(socket)
        finally:
            revoke(stack, key, "NULL")


def revoke(stack: Stack, key: str, at: str) -> None:
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"UPDATE api_clients SET revoked_at = {at} WHERE id = %s", (key,))
