"""An outlet of the chain `demo` in a fake chat, configured over our API, for tests about outlets."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from functions.orders import on_outlet_order_answered
from functions.outlets import api, confirm_orders, on_order
from functions.outlets.announcing.queue import queue_announcements
from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.health.telling import tell_alerts
from functions.outlets.sending.sender import send_round, settle_lost
from functions.outlets.sending.unusable_robots import hand_over_of_unusable
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context, answer_of, event
from tests.simulators.chat.fake import FakeChat
from tests.support.orders import Caller, an_order, new_key, paid
from tests.support.queues import Inbox

CHAIN = "?chain=demo"
LINK_BASE = "http://127.0.0.1:1"
FORM = "application/x-www-form-urlencoded"
TOLD = ("order.cancelled", "order.changed", "order.closed", "order.fulfilment_changed", "order.paid", "order.placed")


@dataclass
class Outlets:
    """Outlets of the chain, the till, and what the queues carry between the concerns."""

    env: Environment
    orders: Caller
    url: str
    inbox: Inbox
    api: Caller = field(init=False)
    seen: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        key = new_key(self.env, self.url, ["outlets:manage", "outlets:read"])
        self.api = Caller(api.handler, key)

    def add_robot(self, robot: str, fake: FakeChat, number: int | None = None) -> None:
        """A robot of the fake's service."""
        settings, secrets = fake.robot(number) if number is not None else (fake.settings, fake.secrets)
        body = {"channel": fake.channel, "settings": settings, "credentials": secrets}
        answer = self.api("PUT", f"/v1/outlets/robots/{robot}{CHAIN}", body)
        assert answer.status == 200, answer.text

    def rules(self, **different: Any) -> None:
        """The rules of the chain."""
        body = {"link_base": LINK_BASE, "sources": ["till", "platform"], "wait_for_payment": False} | different
        answer = self.api("PUT", f"/v1/outlets/rules{CHAIN}", body)
        assert answer.status == 200, answer.text

    def add_outlet(self, store: str, *chats: tuple[str, str], **different: Any) -> None:
        """A store with these chats: (robot, address)."""
        listed = [{"robot": robot, "address": address} for robot, address in chats]
        answer = self.api("PUT", f"/v1/outlets/stores/{store}{CHAIN}", {"chats": listed} | different)
        assert answer.status in (200, 201), answer.text

    def add_person(self, role: str, robot: str, address: str, **different: Any) -> str:
        """A person to whom orders escalate."""
        body = {"name": f"{role} person", "role": role, "robot": robot, "address": address} | different
        answer = self.api("POST", f"/v1/outlets/people{CHAIN}", body)
        assert answer.status == 201, answer.text
        person: str = answer.json["person"]
        return person

    def place(self, store: str, **different: Any) -> str:
        """An order of the till; its id. The messages reach their consumers."""
        answer = self.orders("POST", "/v1/orders", an_order(store, payments=paid(1325)) | different)
        assert answer.status == 201, answer.text
        self.carry()
        order: str = answer.json["id"]
        return order

    def carry(self) -> list[dict[str, Any]]:
        """Carry messages to their consumers until none is left. Returns all of them."""
        carried: list[dict[str, Any]] = []
        while taken := self.inbox.take():
            carried += taken
            for message in taken:
                self.give(message)
        self.seen += carried
        return carried

    def give(self, message: Mapping[str, Any]) -> None:
        """One message to its consumers."""
        if message["type"] in TOLD:
            _consume(on_order.handler, message)
        elif message["type"] == "outlet.order_answered":
            _consume(on_outlet_order_answered.handler, message)

    def look(self) -> None:
        """One look of the timer."""
        settle_lost(self.env)
        hand_over_of_unusable(self.env)
        queue_announcements(self.env)
        tell_alerts(self.env)
        make_due_steps(self.env)
        while send_round(self.env):
            pass

    def look_until(self, done: Callable[[], object]) -> None:
        """Looks of the timer until the condition holds. A service takes one message a second in a chat."""
        for _ in range(60):
            self.look()
            if done():
                return
            time.sleep(0.25)
        raise AssertionError("it did not come true within 60 looks")

    def _be_on_time(self) -> None:
        """Sign at the time of a clock that was moved."""
        self.api.at = self.orders.at = int(self.env.clock().timestamp())

    def notices(self, query: str = "") -> list[dict[str, Any]]:
        """The notices of the chain, as the API lists them."""
        self._be_on_time()
        answer = self.api("GET", f"/v1/outlets/notices{CHAIN}{query}")
        assert answer.status == 200, answer.text
        listed: list[dict[str, Any]] = answer.json["notices"]
        return listed

    def order(self, order: str) -> dict[str, Any]:
        """The order as it stands."""
        self._be_on_time()
        document: dict[str, Any] = self.orders("GET", f"/v1/orders/{order}").json
        return document


def _consume(handler: Any, message: Mapping[str, Any]) -> None:
    record = {
        "messageId": message["id"],
        "receiptHandle": "r",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:outlets",
        "body": json.dumps(message),
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    assert handler({"Records": [record]}, Context()) == {"batchItemFailures": []}


def ask(method: str, target: str, content: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """A request of a browser, a preview or a service to the public pages."""
    sent = {"host": "outlets.example.com"} | dict(headers or {})
    return answer_of(confirm_orders.handler(event(method, target, sent, content), Context()))


def path_of(link: str) -> str:
    """The path of a link of ours."""
    return link.removeprefix(LINK_BASE)


def submit(path: str, **fields: str) -> Answer:
    """Open the page and press: the nonce of the page is sent with the fields."""
    page = ask("GET", path)
    found = re.search('name="nonce" value="([^"]+)"', page.text)
    nonce = found[1] if found else ""
    return ask("POST", path, urlencode({"nonce": nonce} | fields).encode(), {"content-type": FORM})
