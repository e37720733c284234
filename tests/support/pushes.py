"""Guests of the chain `demo` at fake services, with rules and causes, for tests about pushes."""

import itertools
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from functions.outlets import api, on_guest_cause
from functions.outlets.pushing.sender import send_pushes, settle_lost_pushes
from shared.contracts.ids import member_id, new_id
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context
from tests.simulators.chat.push_service import PushService
from tests.simulators.chat.wechat import Wechat
from tests.support.deliveries import record
from tests.support.guests import Guest, make_token
from tests.support.orders import Caller, an_order, new_key
from tests.support.outlets import CHAIN, ask
from tests.support.queues import Inbox

HEARD = (
    "delivery.changed",
    "delivery.courier_near",
    "member.forgotten",
    "member.merged",
    "member.tag_changed",
    "order.fulfilment_changed",
    "order.refunded",
)
READY = {"thing1": "{store}", "character_string2": "{number}"}
_numbers = itertools.count(1)


@dataclass
class Pushes:
    """A mini-program with its own server, guests' devices, and the accounts at the services."""

    env: Environment
    orders: Caller
    url: str
    inbox: Inbox
    store: str
    wechat: Wechat
    api: Caller = field(init=False)
    server: Caller = field(init=False)

    def __post_init__(self) -> None:
        self.api = Caller(api.handler, new_key(self.env, self.url, ["outlets:manage", "outlets:read"]))
        rights = ["guests:token", "orders:place", "orders:pay", "menu:read"]
        self.server = Caller(self.orders.handler, new_key(self.env, self.url, rights, sources=["mini_program:app"]))

    def add_mini_program(self, robot: str = "mini", **settings: str) -> str:
        """The mini-program `app`; the path of its callbacks."""
        named = {"source_id": "app"} | settings
        return self.add_account(robot, "wechat_mini_program", self.wechat.settings | named, self.wechat.secrets)

    def add_account(self, robot: str, channel: str, settings: Mapping[str, str], secret: Mapping[str, str]) -> str:
        """An account; the path of its callbacks."""
        body = {"channel": channel, "settings": dict(settings), "credentials": dict(secret)}
        answer = self.api("PUT", f"/v1/outlets/robots/{robot}{CHAIN}", body)
        assert answer.status == 200, answer.text
        callback: str = answer.json["callback"]
        return callback

    def add_web_push(self, robot: str = "web") -> None:
        """A VAPID key of the chain."""
        key = urlsafe_b64encode(secrets.token_bytes(31)).decode().rstrip("=")
        self.add_account(robot, "web_push", {"contact": "mailto:ops@example.com"}, {"private_key": key})

    def rule(self, rule: str, cause: str = "order_ready", robot: str = "mini", **different: Any) -> Answer:
        """A rule of the chain."""
        body = {"robot": robot, "cause": cause, "template": "t1", "fields": READY} | different
        answer = self.api("PUT", f"/v1/outlets/guest-rules/{rule}{CHAIN}", body)
        assert answer.status == 200, answer.text
        return answer

    def device(self, guest: str, **different: Any) -> tuple[Guest, dict[str, Any]]:
        """The device of a guest, with a token."""
        document = make_token(self.server, self.store, guest=guest, orders=5, **different)
        return Guest(api.handler, document["token"]), document

    def place(self, token: Mapping[str, Any], place: int = 0, **different: Any) -> str:
        """A paid order of a guest; its id."""
        source = {"kind": "mini_program", "id": "app", "number": token["numbers"][place]}
        paid = [{"reference": f"p{next(_numbers)}", "method": "wechat", "amount": 1325}]
        answer = self.server("POST", "/v1/orders", an_order(self.store, source=source, payments=paid) | different)
        assert answer.status == 201, answer.text
        order: str = answer.json["id"]
        return order

    def move(self, order: str, *steps: str) -> None:
        """Move an order through its steps."""
        for step in steps or ("accepted", "preparing", "ready"):
            answer = self.orders("POST", f"/v1/orders/{order}/fulfilment", {"status": step})
            assert answer.status == 200, answer.text

    def carry(self) -> list[dict[str, Any]]:
        """Carry messages to the consumer, each twice. Returns those that it hears."""
        heard = [message for message in self.inbox.take() if message["type"] in HEARD]
        for message in heard:
            give(message)
            give(message)
        return heard

    def call_back(self, request: httpx.Request, robot: str = "mini", channel: str = "wechat_mini_program") -> Answer:
        """The request of the fake, as API gateway gives it to us."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = urlsplit(str(request.url)).query
        path = f"/outlets/callbacks/{channel}/demo:{robot}"
        return ask(request.method, path + (f"?{query}" if query else ""), request.content, headers)

    def accept(self, guest: str, *templates: str) -> None:
        """A guest accepts templates: the service counts it, and calls back."""
        for template in templates:
            self.wechat.accept(guest, template)
        request = self.wechat.consent(guest, [(template, "accept") for template in templates], "popup")
        assert self.call_back(request).status == 200

    def pushes_of(self, device: Guest) -> list[dict[str, Any]]:
        """The guest's own pushes."""
        answer = device("GET", "/v1/outlets/guest/pushes")
        assert answer.status == 200, answer.text
        listed: list[dict[str, Any]] = answer.json["pushes"]
        return listed

    def look(self) -> None:
        """One look of the timer."""
        settle_lost_pushes(self.env)
        while send_pushes(self.env):
            pass


def give(message: Mapping[str, Any]) -> None:
    """One message to the consumer of guests' causes."""
    assert on_guest_cause.handler({"Records": [record(dict(message))]}, Context()) == {"batchItemFailures": []}


def message_of(kind: str, subject: str, data: Mapping[str, Any], at: datetime, sequence: int = 1) -> dict[str, Any]:
    """A message as the topic carries it."""
    return {
        "specversion": "1.0",
        "id": new_id(at),
        "type": kind,
        "source": "/dumbwaiter/test",
        "subject": subject,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": f"urn:dumbwaiter:message:{kind}:1",
        "sequence": sequence,
        "storeid": None,
        "data": json.loads(json.dumps(data)),
    }


def tag_changed(member: str, tag: str, after: str | None, at: datetime, sequence: int = 1) -> dict[str, Any]:
    """A message that a tag of a member of the chain changed."""
    member_of = member_id("demo", member)
    data = {"member": member_of, "chain": "demo", "tag": tag, "before": None, "after": after}
    return message_of("member.tag_changed", f"member/{member_of}/{tag}", data, at, sequence)


def subscription_of(service: PushService, name: str) -> dict[str, Any]:
    """A browser, as its page sends it."""
    return service.subscription(name)
