"""Open bills: opened, changed, closed, split and merged."""

from typing import Any

from stack.gateway_event import Answer
from tests.support.orders import Caller, an_order

PIZZA = {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325}
COLA = {"item": "cola", "quantity": 2, "unit_price": 300}


def open_bill(call: Caller, store: str, *lines: dict[str, Any], **different: Any) -> dict[str, Any]:
    """A new open bill of a till, at a table; the order."""
    fields = {"open": True, "lines": list(lines), "total": 0, "service": "dine_in", "table": "7"} | different
    answer = call("POST", "/v1/orders", an_order(store, **fields))
    assert answer.status == 201, answer.text
    order: dict[str, Any] = answer.json
    return order


def change(call: Caller, order: str, **body: Any) -> Answer:
    return call("POST", f"/v1/orders/{order}/changes", body)


def close(call: Caller, order: str, version: int, **body: Any) -> Answer:
    return call("POST", f"/v1/orders/{order}/close", {"version": version, **body})


def reopen(call: Caller, order: str, version: int, **body: Any) -> Answer:
    return call("POST", f"/v1/orders/{order}/reopen", {"version": version, "reason": "one more round", **body})


def split(call: Caller, order: str, version: int, **body: Any) -> Answer:
    return call("POST", f"/v1/orders/{order}/split", {"version": version, **body})


def merge(call: Caller, order: dict[str, Any], other: dict[str, Any]) -> Answer:
    """The other bill comes into the first."""
    body = {"version": order["version"], "order": other["id"], "order_version": other["version"]}
    return call("POST", f"/v1/orders/{order['id']}/merge", body)
