"""A store that delivers: its desk, packer and couriers, and its messages, carried by hand."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.delivery import api, on_order
from functions.orders import on_delivery_changed
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context
from tests.support.orders import Caller, an_order, new_key
from tests.support.queues import Inbox

GUEST = {"name": "Ada", "phone": "+1 555 0100", "address": "1 Harbour Road"}
_ids = itertools.count(1)


def record(message: dict[str, Any]) -> dict[str, Any]:
    """The record of a queue."""
    return {
        "messageId": message["id"],
        "body": json.dumps(message),
        "receiptHandle": message["id"],
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:test",
        "attributes": {"ApproximateReceiveCount": "1"},
    }


class World:
    """Callers by role. `carry` brings messages to their consumers until none is left, each one twice."""

    def __init__(self, call: Caller, store: str, inbox: Inbox, env: Environment, url: str) -> None:
        self.call, self.store, self.inbox, self.env, self.url = call, store, inbox, env, url
        self.desk = self.caller(["delivery:manage", "delivery:read", "delivery:pack"], "chain:demo")
        self.packer = self.caller(["delivery:pack"], f"store:demo:{store}")
        self.couriers = {name: self.courier(name) for name in ("ana", "ben")}
        self.said: list[dict[str, Any]] = []

    def caller(self, rights: list[str], at: str) -> Caller:
        """A key with these rights."""
        return Caller(api.handler, new_key(self.env, self.url, rights, at))

    def courier(self, name: str, /, **different: Any) -> Caller:
        """A courier on shift with a key of its own."""
        made = self.caller(["delivery:carry"], f"store:demo:{self.store}")
        now = datetime.now(UTC)
        body = {
            "chain": "demo", "name": name.title(), "client": made.key["id"], "stores": [self.store],
            "shift_from": (now - timedelta(hours=1)).isoformat(), "shift_until": (now + timedelta(hours=4)).isoformat(),
        }  # fmt: skip
        answer = self.desk("PUT", f"/v1/couriers/{name}", body | different)
        assert answer.status == 200, answer.text
        return made

    def place(self, **different: Any) -> str:
        """A new order for delivery; the id of its delivery."""
        order = self.call("POST", "/v1/orders", an_order(self.store, service="delivery", guest=GUEST) | different)
        assert order.status == 201, order.text
        self.carry()
        return str(self.of_order(order.json["id"])["id"])

    def accepted(self, name: str = "ana") -> str:
        """A packed delivery that the courier has accepted."""
        delivery = self.place()
        self.act(self.packer, delivery, "pack", "to_pick")
        assert self.act(self.couriers[name], delivery, "accept", "unassigned").status == 200
        return delivery

    def of_order(self, order: str) -> dict[str, Any]:
        """The delivery of an order, as the desk sees it."""
        [found] = self.desk("GET", f"/v1/deliveries?chain=demo&order={order}").json["deliveries"]
        return dict(found)

    def see(self, delivery: str) -> dict[str, Any]:
        """The delivery, as the desk sees it."""
        return dict(self.desk("GET", f"/v1/deliveries/{delivery}").json)

    def carry(self, *, shuffled: bool = False) -> None:
        """Bring all messages to their consumers."""
        while messages := self.inbox.take():
            self.said += messages
            for message in reversed(messages) if shuffled else messages:
                for _ in range(2):
                    self.deliver(message)

    def deliver(self, message: dict[str, Any]) -> None:
        """Bring one message to its consumer."""
        handlers = {"delivery.changed": on_delivery_changed.handler}
        is_news = message["type"] in ("order.placed", "order.changed", "order.fulfilment_changed", "order.cancelled")
        handler = on_order.handler if is_news else handlers.get(message["type"])
        if handler:
            assert handler({"Records": [record(message)]}, Context()) == {"batchItemFailures": []}

    def act(self, who: Caller, delivery: str, action: str, expected: str, **details: Any) -> Answer:
        """Do an action with an id of its own."""
        body = {"id": f"a{next(_ids)}", "action": action, "expected": expected} | details
        return who("POST", f"/v1/deliveries/{delivery}/actions", body)

    def fulfilment(self, order: str) -> str:
        """The fulfilment of an order."""
        return str(self.call("GET", f"/v1/orders/{order}").json["fulfilment"])
