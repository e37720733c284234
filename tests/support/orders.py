"""A store, a till and a mini-program to write tests about orders with."""

import itertools
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.clients import Clients
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context, answer_of, event
from stack.signed_requests import signed_headers

MENU: dict[str, Any] = {
    "items": [
        {
            "id": "hawaiian", "name": "The Hawaiian Pizza", "category": "classic", "station": "kitchen_hot",
            "sizes": [{"id": "S", "price": 1050}, {"id": "M", "price": 1325}, {"id": "L", "price": 1650}],
            "options": [{"id": "cheese", "name": "Extra cheese", "price": 150}, {"id": "thin", "name": "Thin crust"}],
        },
        {"id": "cola", "name": "Cola", "category": "drink", "station": "bar", "price": 300},
    ],
    "discounts": [{"code": "TENTH", "rate": 1000}, {"code": "WELCOME", "amount": 500}],
}  # fmt: skip
SETTINGS = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "America/New_York", "currency": "USD"}
EVERYTHING = [
    "stores:write", "menu:write", "menu:read", "orders:read", "orders:write", "orders:refund", "orders:import",
    "takings:read", "days:read", "days:close", "printing:enrol", "printing:operate", "printing:read",
    "printing:write",
]  # fmt: skip
_numbers = itertools.count(1)


def an_order(store: str, **different: Any) -> dict[str, Any]:
    """One medium Hawaiian for 13.25, not paid yet; keyword arguments replace members."""
    return {
        "store": store,
        "source": {"kind": "till", "id": "till-1", "number": f"n{next(_numbers)}-{uuid.uuid4().hex[:8]}"},
        "service": "takeaway",
        "lines": [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325}],
        "total": 1325,
        "currency": "USD",
    } | different


def paid(amount: int, reference: str = "p1") -> list[dict[str, Any]]:
    """Payments of one, in cash."""
    return [{"reference": reference, "method": "cash", "amount": amount}]


@dataclass
class Caller:
    """Calls a handler the way API gateway does (HTTP API, payload 2.0), with signed requests."""

    handler: Any
    key: Mapping[str, str]
    at: int | str | None = None
    context: Context = field(default_factory=Context)

    def __call__(
        self, method: str, target: str, body: Any = None, *, key: str | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json", "host": "api"} if content else {"host": "api"}
        sent |= {
            name.lower(): value for name, value in signed_headers(self.key, method, target, content, self.at).items()
        }
        if key is not None:
            sent["idempotency-key"] = key
        sent |= {name.lower(): value for name, value in headers.items()}
        return answer_of(self.handler(event(method, target, sent, content), self.context))


def new_key(
    env: Environment,
    url: str,
    rights: list[str] | None = None,
    at: str = "chain:demo",
    rate: int = 10_000,
    sources: Sequence[str] = ("*:*",),
) -> dict[str, str]:
    """A new API client's key, with these rights `at` a place; without one they are whole grants."""
    clients = Clients(url, env.keyring())
    try:
        grants = [f"{right}@{at}" if at else right for right in rights or EVERYTHING]
        return clients.create("test", grants, rate, sources)
    finally:
        clients.close()


def open_store(call: Any, menu: Mapping[str, Any] = MENU, **settings: Any) -> str:
    """A new store that is always open; its id."""
    store = f"s-{uuid.uuid4().hex[:10]}"
    made = call("PUT", f"/v1/stores/{store}", SETTINGS | settings)
    assert made.status == 201, made.text
    made = call("PUT", f"/v1/stores/{store}/menu", menu)
    assert made.status == 200, made.text
    return store
