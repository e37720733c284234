"""A table of the demo: it orders two rounds, splits its bill by seat, and each guest pays with a tip."""

from collections.abc import Callable
from typing import Any

import httpx

from demo.pizzaplace import CURRENCY

# Sends a body to a path under an idempotency key.
Send = Callable[[str, Any, str], httpx.Response]
TIP = 200


def serve_table(send: Send, store: str, number: str) -> list[dict[str, Any]]:
    """The two bills of the table, which are paid. `number` is the till's own number of the order."""

    def post(part: str, body: dict[str, Any]) -> dict[str, Any]:
        reply = send(part, body, f"{part} {number}"[:255])
        reply.raise_for_status()
        answer: dict[str, Any] = reply.json()
        return answer

    order = post("/v1/orders", _opening(store, number))
    tea = {"item": "tea", "quantity": 2, "unit_price": 400, "seat": 2}
    order = post(f"/v1/orders/{order['id']}/changes", {"add": [tea], "person": "Kim"})
    parts = post(f"/v1/orders/{order['id']}/split", {"version": order["version"], "by_seat": True})
    return [_paid(post, bill) for bill in (parts["order"], *parts["orders"])]


def _opening(store: str, number: str) -> dict[str, Any]:
    """The open bill with its first round."""
    return {
        "store": store,
        "source": {"kind": "till", "id": "till-1", "number": number},
        "service": "dine_in",
        "table": "7",
        "covers": 2,
        "open": True,
        "lines": [{"item": "hawaiian", "size": "M", "quantity": 2, "unit_price": 1325, "seat": 1}],
        "total": 2650,
        "currency": CURRENCY,
    }


def _paid(post: Callable[[str, dict[str, Any]], dict[str, Any]], bill: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/orders/{bill['id']}"
    closed = post(f"{path}/close", {"version": bill["version"], "total": bill["total"]})
    payment = {"reference": "card", "method": "card", "amount": closed["total"], "tip": TIP}
    return post(f"{path}/payments", payment)
