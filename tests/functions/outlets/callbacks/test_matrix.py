"""A Matrix homeserver puts its events below the address of the application service."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stack.gateway_event import Answer as Reply
from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer
from tests.support.outlets import Outlets, ask

ROOM = "!room:example.org"
ADDRESS = "/outlets/callbacks/matrix/demo:matrix"


class Homeserver(HttpSystem):
    """The part of the client-server API that sends: spec.matrix.org/latest."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []

    def respond(self, request: Request) -> Answer:
        assert request.method == "PUT", request.path
        self.sent.append(request.json())
        return json_answer({"event_id": f"$event{len(self.sent)}"})


@pytest.fixture
def homeserver(outlets: Outlets, store: str) -> Iterator[Homeserver]:
    with Homeserver() as server:
        settings = {"base_url": server.url, "user_id": "@robot:example.org"}
        body = {"channel": "matrix", "settings": settings, "credentials": {"token": "as-1", "hs_token": "hs-1"}}
        assert outlets.api("PUT", "/v1/outlets/robots/matrix?chain=demo", body).status == 200
        outlets.add_outlet(store, ("matrix", ROOM))
        yield server


def put(transaction: str, *events: dict[str, Any], proof: str = "hs-1") -> Reply:
    """A transaction, as spec.matrix.org/latest/application-service-api has it."""
    content = json.dumps({"events": list(events)}).encode()
    headers = {"authorization": f"Bearer {proof}", "content-type": "application/json"}
    return ask("PUT", f"{ADDRESS}/_matrix/app/v1/transactions/{transaction}", content, headers)


def event(kind: str, content: dict[str, Any], sender: str = "@owner:example.org") -> dict[str, Any]:
    return {
        "type": kind,
        "content": content,
        "sender": sender,
        "room_id": ROOM,
        "event_id": f"$of-{sender}-{kind}",
        "origin_server_ts": 1795264205000,
    }


def reaction(sender: str = "@owner:example.org") -> dict[str, Any]:
    relation = {"rel_type": "m.annotation", "event_id": "$event1", "key": "3️⃣"}
    return event("m.reaction", {"m.relates_to": relation}, sender)


def test_a_reaction_with_a_number_confirms(outlets: Outlets, homeserver: Homeserver, store: str) -> None:
    outlets.place(store)
    assert "3️⃣" in homeserver.sent[0]["body"]
    reply = put("7", reaction())
    assert (reply.status, reply.json) == (200, {})
    assert put("7", reaction()).status == 200
    [notice] = outlets.notices("&state=confirmed")
    assert (notice["ready_minutes"], notice["answered_by"]) == (30, "@owner:example.org")


def test_another_token_and_the_robot_itself_confirm_nothing(
    outlets: Outlets, homeserver: Homeserver, store: str
) -> None:
    outlets.place(store)
    assert put("8", reaction(), proof="hs-2").status == 401
    assert put("9", reaction("@robot:example.org")).status == 200
    assert len(homeserver.sent) == 1
    assert outlets.notices()[0]["state"] == "sent"
