"""The demo's chat is a program with a page. An ignored order escalates as the demo tells it."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from demo import chat as demo_chat
from demo import pizzaplace
from demo.chat import HEAD_OFFICE, OUTLET, OWNER, RULES, SECOND_PERSON, SECOND_ROBOT, Chat, chat
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.orders import Caller
from tests.support.outlets import LINK_BASE, Outlets, path_of, submit
from tests.support.processes import mentioning
from tests.support.queues import Inbox

# Seconds from the order to each step, as the demo sets them.
SECONDS: dict[str, int] = {name: value for name, value in RULES.items() if isinstance(value, int)}


def test_chat_shows_messages_on_the_phone_and_ends_with_the_demo(tmp_path: Path) -> None:
    with chat(tmp_path) as service:
        robot = service.robot(1)
        url = f"{robot['settings']['base_url']}/bot{robot['credentials']['token']}/sendMessage"
        sent = httpx.post(url, json={"chat_id": "1001", "text": "Order 12"}, trust_env=False).json()
        assert sent["ok"], sent
        messages = httpx.get(f"{service.phone}/messages", trust_env=False).json()["messages"]
        assert [message["text"] for message in messages] == ["Order 12"]
        assert "The owner's phone" in httpx.get(service.phone, trust_env=False).text
    assert mentioning(str(tmp_path)) == []


@pytest.fixture
def function_stage() -> str:
    """Services on loopback are called in this stage alone."""
    return "local"


@pytest.fixture
def opened(env: Environment, call: Caller, database: MariaDB, inbox: Inbox, tmp_path: Path) -> Iterator["Opened"]:
    outlets = Outlets(env, call, database.owner.url, inbox)
    with chat(tmp_path) as service:
        yield Opened(outlets, service)


class Opened:
    """The demo's outlet, opened by the demo's own requests, which reach the handlers of this process."""

    def __init__(self, outlets: Outlets, service: Chat) -> None:
        self.outlets, self.service = outlets, service
        opens: Callable[..., None] = vars(demo_chat)["_open"]
        opens(self._ask, SimpleNamespace(http=LINK_BASE), service)

    def _ask(self, method: str, target: str, body: Any = None, key: str | None = None) -> httpx.Response:
        caller = self.outlets.api if target.startswith("/v1/outlets") else self.outlets.orders
        answer = caller(method, target, body, key=key)
        return httpx.Response(answer.status, text=answer.text)

    def order(self, place: int) -> None:
        """An order of the demo's till. Its messages reach their consumers."""
        body = pizzaplace.order_of(pizzaplace.sales()[place], OUTLET, source="chat-till", pay=False)
        body.pop("placed_at", None)
        answer = self.outlets.orders("POST", "/v1/orders", body)
        assert answer.status == 201, answer.text
        self.outlets.carry()

    def messages(self) -> list[dict[str, Any]]:
        """All messages on the phones, the oldest first."""
        reply = httpx.get(f"{self.service.phone}/messages", trust_env=False)
        listed: list[dict[str, Any]] = reply.json()["messages"]
        return listed

    def look_after(self, seconds: float) -> list[str]:
        """The chats that have messages after so many seconds more."""
        clock = self.outlets.env.clock
        self.outlets.env.clock = lambda: clock() + timedelta(seconds=seconds)
        vars(self.outlets.env).pop("outbox", None)  # It holds the clock that it was made with.
        self.outlets.look()
        return [message["chat"] for message in self.messages()]


def test_an_order_that_nobody_taps_escalates_step_by_step(opened: Opened) -> None:
    opened.order(0)
    assert opened.look_after(SECONDS["again_seconds"] - 5) == [OWNER]
    told = [OWNER]
    for name, before, chat_of in (
        ("again_seconds", SECONDS["again_seconds"] - 5, SECOND_ROBOT),
        ("second_seconds", SECONDS["again_seconds"], SECOND_PERSON),
        ("head_office_seconds", SECONDS["second_seconds"], HEAD_OFFICE),
    ):
        told.append(chat_of)
        assert opened.look_after(SECONDS[name] - before + 1) == told, name
    [notice] = opened.outlets.notices()
    assert {step["state"] for step in notice["steps"]} == {"done"}


def test_an_order_that_is_confirmed_escalates_to_nobody(opened: Opened) -> None:
    opened.order(1)
    [message] = opened.messages()
    link = re.search(rf"{re.escape(LINK_BASE)}/outlets/confirm/[\w.~-]+", json.dumps(message))
    assert link, message
    assert submit(path_of(link[0]), ready="20").status == 200
    assert opened.look_after(SECONDS["limit_seconds"]) == [OWNER]
