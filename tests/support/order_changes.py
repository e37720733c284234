"""Changes of an order: payments, refunds, steps and cancellation."""

from time import time
from typing import Any

from stack.gateway_event import Answer
from tests.support.orders import Caller, paid

STEPS = ["accepted", "preparing", "ready", "handed_over"]


def pay(call: Caller, order: str, amount: int, reference: str = "p1") -> Answer:
    return call("POST", f"/v1/orders/{order}/payments", paid(amount, reference)[0])


def refund(call: Caller, order: str, amount: int, reference: str = "r1", **different: Any) -> Answer:
    body = {"reference": reference, "amount": amount, "reason": "cold"}
    return call("POST", f"/v1/orders/{order}/refunds", body, **different)


def move(call: Caller, order: str, status: str) -> Answer:
    return call("POST", f"/v1/orders/{order}/fulfilment", {"status": status})


def cancel(call: Caller, order: str) -> Answer:
    return call("POST", f"/v1/orders/{order}/cancel", {"reason": "guest left"})


def a_second_later(call: Caller) -> Caller:
    """The same request of the same second is the same signature, and would be a replay."""
    return Caller(call.handler, call.key, int(time()) + 1)


def message_types(call: Caller, order: str) -> list[str]:
    return [message["type"] for message in call("GET", f"/v1/orders/{order}/trace").json["messages"]]


def money(answer: Answer) -> tuple[str, int, int]:
    return answer.json["payment"], answer.json["paid"], answer.json["refunded"]
