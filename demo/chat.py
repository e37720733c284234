"""The demo's outlet without any device: its orders come into a chat of a fake service, which a page draws as a phone.

One order is confirmed by a tap. Another is ignored until it escalates. Further orders come while the demo runs.
"""

import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from demo import pizzaplace
from demo.pizzaplace import CHAIN
from stack import children
from stack.addresses import CHECKOUT, Place
from stack.mariadb import CannotStart
from stack.signed_requests import Caller
from stack.terminal import say

START_SECONDS = 60.0
OUTLET = "chat-outlet"
ROBOTS = {"orders": 1, "orders-second": 2}
OWNER, SECOND_ROBOT, SECOND_PERSON, HEAD_OFFICE = "1001", "1002", "1003", "1004"
# Life is shown faster: the second robot after 20 s, a second person after 40 s, head office after 60 s.
RULES = {
    "sources": ["till", "mini_program", "platform"], "wait_for_payment": False,
    "again_seconds": 20, "call_seconds": None, "second_seconds": 40, "head_office_seconds": 60, "limit_seconds": 300,
}  # fmt: skip
PATIENCE_SECONDS = 60.0
SECONDS_BETWEEN_ORDERS = 45.0


class ChatFailed(Exception):
    """A call of the demo's outlet was refused."""


@dataclass(frozen=True)
class Chat:
    """The fake service and the page of its phones."""

    url: str
    phone: str

    def robot(self, number: int) -> dict[str, Any]:
        """A robot as our API takes it."""
        token = f"{700000 + number}:fake-token-of-robot-{number}"
        credentials = {"token": token, "callback_secret": f"callback-secret-{number}"}
        return {"channel": "telegram", "settings": {"base_url": self.url}, "credentials": credentials}


@contextmanager
def chat(root: Path) -> Iterator[Chat]:
    """The service, with its log in the folder; at the end it does not run. Raises CannotStart."""
    log = root / "chat.log"
    command = [
        sys.executable,
        "-m",
        "tests.simulators.chat",
        "--channel",
        "telegram",
        "--file",
        str(root / "chat.jsonl"),
    ]
    env = children.environment(PYTHONPATH=os.fspath(CHECKOUT))
    try:
        child = children.start(_record(root), command, env=env, cwd=CHECKOUT, log=log)
        until = time.monotonic() + START_SECONDS
        while "Phone:" not in (written := log.read_text(errors="replace")):
            if not child.alive() or time.monotonic() > until:
                raise CannotStart(f"The demo's chat did not start; the end of {log}:\n{children.tail(log)}")
            time.sleep(0.05)
        words = written.split()
        yield Chat(words[words.index("Chat:") + 1], words[words.index("Phone:") + 1])
    finally:
        with children.undisturbed():
            stop(root)


def stop(root: Path) -> None:
    """End the service, also one that a killed demo left."""
    children.stop(_record(root), patience=10)


def show_outlet(place: Place, service: Chat) -> None:
    """Open the outlet, confirm one order by a tap, and leave another alone. Tells what happened."""
    head_office = Caller(place.http, place.keys["head_office"])
    try:
        _open(head_office, place, service)
        known = len(_messages(service))
        tapped = _order(place)
        _tap(service, _wait_for(service, known))
        state = _notice(head_office, tapped)["state"]
        say(f"The outlet {OUTLET} has no device. Its owner's phone: {service.phone}")
        say(f"  Order {tapped[-6:]} was {state} by one tap. The next ones are yours: tap, or open their page.")
        ignored = _order(place)
        say(f"  Order {ignored[-6:]} is ignored: it goes to the second robot, a second person, then head office.\n")
    except (ChatFailed, TimeoutError, httpx.HTTPError) as failure:
        say(f"No outlet in a chat: {failure}")
        return
    threading.Thread(target=_go_on, args=(place,), daemon=True).start()


def _open(head_office: Caller, place: Place, service: Chat) -> None:
    settings = pizzaplace.settings_of(next(iter(pizzaplace.STORES)))
    _call(head_office, "PUT", f"/v1/stores/{OUTLET}", {**settings, "name": "Chat outlet"})
    _call(head_office, "PUT", f"/v1/stores/{OUTLET}/menu", {**pizzaplace.menu(), "discounts": []})
    _call(head_office, "PUT", f"/v1/outlets/rules?chain={CHAIN}", {**RULES, "link_base": place.http})
    for robot, number in ROBOTS.items():
        made = _call(head_office, "PUT", f"/v1/outlets/robots/{robot}?chain={CHAIN}", service.robot(number))
        if number == 1:
            callback = {"url": f"{place.http}{made['callback']}"}
            httpx.post(f"{service.phone}/callback", json=callback, trust_env=False).raise_for_status()
    chats = [{"robot": "orders", "address": OWNER}, {"robot": "orders-second", "address": SECOND_ROBOT}]
    _call(head_office, "PUT", f"/v1/outlets/stores/{OUTLET}?chain={CHAIN}", {"chats": chats})
    _add_people(head_office)


def _add_people(head_office: Caller) -> None:
    known = _call(head_office, "GET", f"/v1/outlets/people?chain={CHAIN}")["people"]
    for role, address in (("second", SECOND_PERSON), ("head_office", HEAD_OFFICE)):
        if not any(person["address"] == address for person in known):
            person = {"name": f"Demo {role}", "role": role, "robot": "orders-second", "address": address}
            _call(head_office, "POST", f"/v1/outlets/people?chain={CHAIN}", person)


def _order(place: Place) -> str:
    """Place an order of now at the outlet; its id."""
    till = Caller(place.http, place.keys["till"])
    sale = pizzaplace.sales()[int(time.time()) % 500]
    body = pizzaplace.order_of(sale, OUTLET, source="chat-till", pay=False)
    body["source"] = {**body["source"], "number": f"chat-{uuid.uuid4().hex[:10]}"}
    body.pop("placed_at", None)
    order: str = _call(till, "POST", "/v1/orders", body, key=body["source"]["number"])["id"]
    return order


def _wait_for(service: Chat, known: int) -> dict[str, Any]:
    """The message that comes after so many known ones. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if len(messages := _messages(service)) > known:
            return messages[-1]
        time.sleep(0.2)
    raise TimeoutError("no order came into the chat within a minute")


def _messages(service: Chat) -> list[dict[str, Any]]:
    reply = httpx.get(f"{service.phone}/messages", trust_env=False)
    return [message for message in reply.raise_for_status().json()["messages"] if message["chat"] == OWNER]


def _tap(service: Chat, message: dict[str, Any]) -> None:
    value = next((button["value"] for button in message["buttons"] if button["value"]), None)
    if value is None:
        raise ChatFailed("the message has no button")
    press = {"number": message["number"], "value": value, "person": OWNER}
    status = httpx.post(f"{service.phone}/press", json=press, timeout=30, trust_env=False).json()["status"]
    if status != HTTPStatus.OK:
        raise ChatFailed(f"the tap was answered with {status}")


def _notice(head_office: Caller, order: str) -> dict[str, Any]:
    notices = _call(head_office, "GET", f"/v1/outlets/notices?chain={CHAIN}&state=confirmed")["notices"]
    found: dict[str, Any] | None = next((notice for notice in notices if notice["order"] == order), None)
    if found is None:
        raise ChatFailed(f"there is no confirmed notice of order {order}")
    return found


def _go_on(place: Place) -> None:
    """Orders come until the demo ends."""
    while True:
        time.sleep(SECONDS_BETWEEN_ORDERS)
        try:
            _order(place)
        except (ChatFailed, httpx.HTTPError):
            continue


def _call(caller: Caller, method: str, target: str, body: Any = None, key: str | None = None) -> Any:
    reply = caller(method, target, body, key=key)
    if not reply.is_success:
        raise ChatFailed(f"{method} {target} was answered with {reply.status_code}: {reply.text[:200]}")
    return reply.json()


def _record(root: Path) -> Path:
    return root / "chat.json"
