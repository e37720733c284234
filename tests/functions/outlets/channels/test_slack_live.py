"""The Slack channel on local-slack, a workspace of another hand: cards, signed presses, login."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Accepted, Button, Callback, Card, Forged, Pressed, Robot
from shared.kit.outside.exchange import Call, Reply
from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer
from tests.support.local_slack import CHANNEL, MISSING, OWNER, SIGNING_SECRET, TOKEN, Workspace, installed, local_slack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(not installed(), reason=MISSING)
SLACK = CHANNELS["slack"]
CARD = Card(
    "Order 12\n2 × Ramen <!channel>", "https://outlets.example.com/o", "Open", (Button("ready20", "20", "n:20"),)
)


class Product(HttpSystem):
    """Takes callbacks as our address does."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks: list[Callback] = []

    def respond(self, request: Request) -> Answer:
        self.callbacks.append(Callback(request.method, request.query, request.headers, request.body, request.target))
        return json_answer({})


@pytest.fixture
def product() -> Iterator[Product]:
    with Product() as system:
        yield system


@pytest.fixture
def workspace(product: Product, tmp_path: Path) -> Iterator[Workspace]:
    with local_slack(tmp_path, f"{product.url}/outlets/callbacks/slack/demo:ops") as made:
        yield made


@pytest.fixture
def robot(workspace: Workspace) -> Robot:
    secrets = {"token": TOKEN, "signing_secret": SIGNING_SECRET}
    return Robot("demo:ops", "slack", {"base_url": workspace.url}, secrets)


def reply_to(call: Call) -> Reply:
    reply = httpx.request(call.method, call.url, headers=dict(call.headers), content=call.body, trust_env=False)
    return Reply(reply.status_code, dict(reply.headers), reply.content)


def test_a_card_is_shown_and_its_signed_press_names_the_owner(
    workspace: Workspace, product: Product, robot: Robot
) -> None:
    outcome = SLACK.outcome(reply_to(SLACK.send(robot, CHANNEL, CARD, "k", datetime.now(UTC))))
    assert isinstance(outcome, Accepted)
    [message] = workspace.messages()
    [section, actions] = message["blocks"]
    assert section["text"]["type"] == "plain_text"
    assert "2 × Ramen <!channel>" in section["text"]["text"]
    workspace.press(message["ts"], actions["elements"][0])
    wait_until(lambda: product.callbacks)
    [callback] = product.callbacks
    now = datetime.now(UTC)
    [event] = SLACK.events(robot, callback, now)
    assert isinstance(event, Pressed)
    assert (event.value, event.person, event.message_id) == ("n:20", OWNER, outcome.message_id)
    for forged, at in (
        (dataclasses.replace(callback, body=callback.body.replace(b"n%3A20", b"n%3A10")), now),
        (callback, now + timedelta(seconds=301)),
    ):
        with pytest.raises(Forged):
            SLACK.events(robot, forged, at)


def test_a_login_and_a_living_channel_are_seen(robot: Robot) -> None:
    login, look = SLACK.login(robot), SLACK.look(robot, CHANNEL)
    assert login is not None
    assert look is not None
    assert isinstance(SLACK.login_outcome(reply_to(login)), Accepted)
    assert SLACK.alive(reply_to(look)) is True
    gone = SLACK.look(robot, "C99GONE")
    assert gone is not None
    assert SLACK.alive(reply_to(gone)) is False
