"""The client: one method an operation, one loop of attempts."""

import json
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from dumbwaiter_client.errors import NoReply, Problem, RegionSuperseded
from dumbwaiter_client.signing import encoded_query, signature_headers

Json = dict[str, Any]
EPOCH = "Dumbwaiter-Epoch"
# The method and the path of each operation, by its operationId in /openapi.json.
OPERATIONS: Final = {
    "get_menu": ("GET", "/v1/stores/{store}/menu"),
    "place_order": ("POST", "/v1/orders"),
    "get_order": ("GET", "/v1/orders/{order}"),
    "list_orders": ("GET", "/v1/orders"),
    "add_payment": ("POST", "/v1/orders/{order}/payments"),
    "add_refund": ("POST", "/v1/orders/{order}/refunds"),
    "cancel_order": ("POST", "/v1/orders/{order}/cancel"),
    "move_order": ("POST", "/v1/orders/{order}/fulfilment"),
    "create_guest_token": ("POST", "/v1/guest-tokens"),
}
# Seconds before the first repetition; the limit doubles each time.
FIRST_WAIT, LONGEST_WAIT = 0.25, 30.0


@dataclass(frozen=True)
class _Reply:
    status: int
    headers: Message
    body: bytes

    @property
    def document(self) -> Json:
        """The JSON object of the body; empty for any other body."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


class Client:
    """A key of the API at one address. Raises `Problem`, `NoReply` or `RegionSuperseded`.

    `base` is the address before /v1. `timeout` is in seconds, for each of at most `attempts`. `epoch` is the highest
    epoch that any reply had; keep it when you change the address.
    """

    def __init__(
        self, base: str, key_id: str, secret: str, *, timeout: float = 30, attempts: int = 5, epoch: int = 0
    ) -> None:
        self.base = base.rstrip("/")
        self.key_id = key_id
        self._secret = secret
        self.timeout = timeout
        self.attempts = attempts
        self.epoch = epoch

    def get_menu(self, store: str) -> Json:
        """The menu of a store, with its sold-out items."""
        return self._call("get_menu", {"store": store})

    def place_order(self, order: Json, *, key: str | None = None) -> Json:
        """Place an order."""
        return self._call("place_order", body=order, key=key)

    def get_order(self, order: str) -> Json:
        """An order by its id."""
        return self._call("get_order", {"order": order})

    def list_orders(self, **query: str | int) -> Json:
        """A page of orders: {"orders", "next"}. `next` is the `cursor` of the following page."""
        return self._call("list_orders", query=query)

    def add_payment(self, order: str, payment: Json, *, key: str | None = None) -> Json:
        """Record a payment. Returns the order."""
        return self._call("add_payment", {"order": order}, payment, key)

    def add_refund(self, order: str, refund: Json, *, key: str | None = None) -> Json:
        """Record a refund. Returns the order."""
        return self._call("add_refund", {"order": order}, refund, key)

    def cancel_order(self, order: str, reason: str, *, key: str | None = None) -> Json:
        """Cancel an order. Returns the order."""
        return self._call("cancel_order", {"order": order}, {"reason": reason}, key)

    def move_order(self, order: str, status: str, *, key: str | None = None) -> Json:
        """Move an order to its next step: accepted, preparing, ready, handed_over. Returns the order."""
        return self._call("move_order", {"order": order}, {"status": status}, key)

    def create_guest_token(self, right: Json, *, key: str | None = None) -> Json:
        """Make a token for the device of a guest: {"token", "expires_at", "numbers", …}."""
        return self._call("create_guest_token", body=right, key=key)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Json | None = None,
        key: str | None = None,
    ) -> Json:
        """Send any operation. `path` begins with /v1; `key` is the Idempotency-Key of a POST or PUT."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {EPOCH: str(self.epoch)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        pairs = [(name, str(value)) for name, value in (query or {}).items()]
        reply = self._repeat(method, quote(path, safe="/"), encoded_query(pairs), content, headers)
        if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise Problem(reply.status, reply.document)
        return reply.document

    def _call(
        self,
        operation: str,
        values: Mapping[str, str] | None = None,
        body: Json | None = None,
        key: str | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Json:
        method, template = OPERATIONS[operation]
        if any("/" in value for value in (values or {}).values()):
            raise ValueError("an id has no slash")
        return self.request(method, template.format(**(values or {})), query=query, body=body, key=key)

    def _repeat(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> _Reply:
        """The last reply of at most `attempts`. Each attempt has the same key and a signature of its own."""
        for attempt in range(1, self.attempts + 1):
            try:
                reply = self._send(method, path, query, body, headers)
            except (OSError, HTTPException) as failure:
                if attempt == self.attempts:
                    raise NoReply(f"no reply to {method} {path} in {attempt} attempts") from failure
                wait = _wait(attempt, None)
            else:
                self._note_epoch(reply)
                if attempt == self.attempts or not _is_temporary(reply):
                    return reply
                wait = _wait(attempt, reply.headers.get("Retry-After"))
            time.sleep(wait)
        raise ValueError("attempts must be 1 or more")

    def _send(self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]) -> _Reply:
        timestamp = f"{time.time():.6f}"
        signed = signature_headers(self.key_id, self._secret, method, path, query, body, timestamp)
        address = self.base + path + (f"?{query}" if query else "")
        request = Request(address, body or None, headers | signed, method=method)  # noqa: S310 - the caller's own address
        try:
            with urlopen(request, timeout=self.timeout) as reply:  # noqa: S310 - as above
                return _Reply(reply.status, reply.headers, reply.read())
        except HTTPError as refusal:
            with refusal:
                return _Reply(refusal.code, refusal.headers, refusal.read())

    def _note_epoch(self, reply: _Reply) -> None:
        epoch = int(reply.headers.get(EPOCH, self.epoch))
        if epoch < self.epoch or (
            reply.status == HTTPStatus.SERVICE_UNAVAILABLE and reply.document.get("code") == "region_superseded"
        ):
            raise RegionSuperseded(f"{self.base} has epoch {epoch}, and epoch {self.epoch} was seen")
        self.epoch = epoch


def _is_temporary(reply: _Reply) -> bool:
    """Whether the same request may succeed later. An error without a code comes from a gateway."""
    if reply.status in (429, 500, 502, 503, 504):
        return True
    code = reply.document.get("code")
    return code == "in_flight" or (reply.status == HTTPStatus.NOT_FOUND and code is None)


def _wait(attempt: int, retry_after: str | None) -> float:
    """Seconds until the next attempt: a random time below a limit that doubles, and at least `Retry-After`."""
    jitter = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))  # noqa: S311 - spreads load, hides nothing
    return max(jitter, float(retry_after)) if retry_after and retry_after.isdigit() else jitter
