"""The Matrix channel on a real Synapse: cards, keys, reactions, receipts, removed robots and empty rooms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Button,
    Callback,
    Card,
    Failure,
    Forged,
    Pressed,
    Read,
    Refused,
    Robot,
    Written,
)
from shared.kit.outside.exchange import Call, Reply
from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer
from tests.support.synapse import MISSING, Service, Synapse, User, installed, synapse
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(not installed(), reason=MISSING)
MATRIX = CHANNELS["matrix"]
CARD = Card(
    "Order 12\n2 × Ramen, 不要香菜",
    "https://outlets.example.com/outlets/confirm/t0ken",
    "Open the order",
    (Button("confirm", "Confirm", "n:confirm"),),
)


class Product(HttpSystem):
    """Takes the server's transactions as our callback address does."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[Callback] = []

    def respond(self, request: Request) -> Answer:
        self.callbacks.append(Callback(request.method, request.query, request.headers, request.body, request.target))
        return json_answer({})


@dataclass
class Live:
    """A server, its robot as a user and as our robot, an owner, and what the server called back."""

    product: Product
    server: Synapse
    owner: User
    robot_user: User
    robot: Robot
    http: httpx.Client
    rooms: list[str] = field(default_factory=list)

    def room(self) -> str:
        self.rooms.append(self.robot_user.make_room(self.owner))
        return self.rooms[-1]

    def post(self, call: Call) -> Reply:
        reply = self.http.request(call.method, call.url, content=call.body, headers=dict(call.headers))
        return Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)

    def send(self, room: str, key: str = "notice-12", card: Card = CARD) -> Any:
        return MATRIX.outcome(self.post(MATRIX.send(self.robot, room, card, key, datetime.now(UTC))))

    def events(self) -> list[Any]:
        """All events of all callbacks so far."""
        now = datetime.now(UTC)
        callbacks = list(self.product.callbacks)
        return [event for callback in callbacks for event in MATRIX.events(self.robot, callback, now)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with Product() as product, httpx.Client(timeout=30, trust_env=False) as http:
        service = Service(product.url)
        with synapse(tmp_path_factory.mktemp("matrix"), service) as server:
            user = server.robot()
            settings = {"base_url": server.url, "user_id": user.id}
            robot = Robot("demo:matrix", "matrix", settings, {"token": user.token, "hs_token": service.server_token})
            yield Live(product, server, server.user("owner"), user, robot, http)


def test_card_is_shown_once_for_a_key(live: Live) -> None:
    room = live.room()
    outcomes = [live.send(room) for _ in range(2)]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes
    assert outcomes[0] == outcomes[1]
    [text] = live.owner.texts(room)
    assert "不要香菜" in text
    assert "confirm/t0ken" in text


def test_reaction_receipt_and_text_come_as_events(live: Live) -> None:
    room = live.room()
    outcome = live.send(room, "notice-13")
    assert outcome.message_id
    event = outcome.message_id.rpartition("|")[2]
    live.owner.react(room, event, "1️⃣")
    live.owner.read(room, event)
    live.owner.write(room, "closed tomorrow")

    def came() -> bool:
        kinds = {type(event) for event in live.events()}
        return {Pressed, Read, Written} <= kinds

    wait_until(came)
    press = next(event for event in live.events() if isinstance(event, Pressed))
    assert (press.person, press.message_id) == (live.owner.id, outcome.message_id)
    text = next(event for event in live.events() if isinstance(event, Written))
    assert (text.chat, text.person, text.text) == (room, live.owner.id, "closed tomorrow")


def test_callback_with_another_token_is_forged(live: Live) -> None:
    live.owner.write(live.room(), "help")
    wait_until(lambda: bool(live.product.callbacks))
    callback = live.product.callbacks[0]
    assert callback.headers["authorization"] == "Bearer hs-token-1"
    forged = Callback(
        callback.method, {}, {**callback.headers, "authorization": "Bearer x"}, callback.body, callback.url
    )
    with pytest.raises(Forged):
        MATRIX.events(live.robot, forged, datetime.now(UTC))


def test_removed_robot_is_dead(live: Live) -> None:
    room = live.owner.make_room()
    live.owner.call("POST", f"/rooms/{room}/invite", {"user_id": live.robot_user.id})
    live.robot_user.call("POST", f"/join/{room}", {})
    live.owner.call("POST", f"/rooms/{room}/kick", {"user_id": live.robot_user.id})
    outcome = live.send(room)
    assert isinstance(outcome, Refused), outcome
    assert outcome.failure is Failure.DEAD


def test_empty_room_is_found_without_a_message(live: Live) -> None:
    room = live.room()

    def alive() -> Any:
        call = MATRIX.look(live.robot, room)
        assert call
        return MATRIX.alive(live.post(call))

    assert alive() is True
    live.owner.leave(room)
    assert alive() is not True
    assert live.robot_user.texts(room) == []


def test_unknown_token_is_a_matter_of_rights(live: Live) -> None:
    robot = Robot("demo:matrix", "matrix", live.robot.settings, {"token": "other", "hs_token": "x"})
    outcome = MATRIX.outcome(live.post(MATRIX.send(robot, live.room(), CARD, "k", datetime.now(UTC))))
    assert isinstance(outcome, Refused), outcome
    assert outcome.failure is Failure.RIGHTS
