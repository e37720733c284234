"""A guest's device with a token of the chain's own server."""

import json
from typing import Any

from stack.gateway_event import Answer, Context, answer_of, event
from tests.support.orders import Caller, an_order

TOKENS, ORDERS = "/v1/guest-tokens", "/v1/orders"


class Guest:
    """A guest's device, with a token and without a key."""

    def __init__(self, handler: Any, token: str) -> None:
        self.handler, self.token = handler, token

    def __call__(self, method: str, target: str, body: Any = None, key: str | None = "k", **headers: str) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"host": "api", "authorization": f"Bearer {self.token}"}
        sent |= {"content-type": "application/json"} if content else {}
        sent |= {"idempotency-key": key} if key is not None and method != "GET" else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return answer_of(self.handler(event(method, target, sent, content), Context()))


def make_token(server: Caller, store: str, **different: Any) -> dict[str, Any]:
    answer = server("POST", TOKENS, {"store": store, "source_id": "app"} | different)
    assert answer.status == 201, answer.text
    document: dict[str, Any] = answer.json
    return document


def guest_of(server: Caller, store: str, **different: Any) -> tuple[Guest, dict[str, Any]]:
    document = make_token(server, store, **different)
    return Guest(server.handler, document["token"]), document


def order_of(token: dict[str, Any], place: int = 0, **different: Any) -> dict[str, Any]:
    source = {"kind": "mini_program", "id": token["source_id"], "number": token["numbers"][place]}
    return an_order(token["store"], source=source) | different


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def fault_codes(answer: Answer) -> dict[str, str]:
    assert code(answer) == (403, "beyond_token"), answer.text
    return {fault["path"]: fault["code"] for fault in answer.json["errors"]}
