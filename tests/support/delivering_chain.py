"""A chain that delivers, for tests of pages: its store has a place, a packer, a courier on shift, and a desk by key."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import httpx

from ops.clients import Clients
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.own_chain import OwnChain
from tests.support.waiting import on_this_machine

STORE_PLACE = (52.0, 13.0)
DOOR = {"name": "Bea Recipient", "phone": "+1 555 0111", "address": "2 Mill Lane", "lat": 52.01, "lon": 13.0}
DETAILS = {
    "recipient": DOOR,
    "payer": {"name": "Ada Payer", "phone": "+1 555 0100"},
    "gift": True,
    "card": "Happy birthday!\nAda",
    "wishes": "Ring twice, then use the gate on the left.",
}
NAMES = ("place", "act", "offer", "see", "trace", "write", "texts", "carry", "move", "courier_texts", "set_up")
TEXTS = """
    SELECT JSON_UNQUOTE(JSON_EXTRACT(body, '$.values.text')) FROM inbox_messages
    WHERE recipient = %s AND conversation = %s AND kind = 'chat' ORDER BY seq"""
RIGHTS = ("delivery:manage", "delivery:read", "delivery:pack")


class DeliveringChain:
    """The world around a page: its desk acts by a key of its own."""

    def __init__(self, stack: Stack, own: OwnChain) -> None:
        self.stack, self.own = stack, own
        clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
        key = clients.create("desk", [f"{right}@chain:{own.id}" for right in RIGHTS], 1_000, [])
        clients.close()
        self.desk = Caller(stack.place.http, key)
        self.packer = own.person("Pat Packer", f"packer:{own.store}")
        self.courier = own.person("Cleo Courier", f"courier:store:{own.store}")
        self.courier_id = f"cleo-{uuid.uuid4().hex[:6]}"
        self._open()

    def set_up(self, more: dict[str, Any]) -> None:
        """How the store delivers: with its place, and these settings."""
        lat, lon = STORE_PLACE
        store = {"chain": self.own.id, "lat": lat, "lon": lon} | more
        self.desk("PUT", f"/v1/delivery-stores/{self.own.store}", store).raise_for_status()

    def _open(self) -> None:
        self.set_up({})
        now = datetime.now(UTC)
        courier = {
            "chain": self.own.id,
            "name": "Cleo Courier",
            "phone": "+1 555 0122",
            "client": f"p-{self.courier['id']}",
            "stores": [self.own.store],
            "shift_from": (now - timedelta(hours=1)).isoformat(),
            "shift_until": (now + timedelta(hours=4)).isoformat(),
        }
        self.desk("PUT", f"/v1/couriers/{self.courier_id}", courier).raise_for_status()

    def place(self) -> str:
        """A gift order; the id of its delivery."""
        order = self.own.place_order(service="delivery", table=None, guest={"name": "Ada Payer"})
        found = self._wait(lambda: self._of_order(order["id"]))
        body = {"revision": found["revision"], "details": DETAILS}
        self.desk("PUT", f"/v1/deliveries/{found['id']}/details", body).raise_for_status()
        return str(found["id"])

    def act(self, delivery: str, action: str, expected: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
        """An action of the desk; the delivery after it."""
        body = {"id": uuid.uuid4().hex, "action": action, "expected": expected} | (more or {})
        reply = self.desk("POST", f"/v1/deliveries/{delivery}/actions", body)
        reply.raise_for_status()
        return dict(reply.json())

    def offer(self, delivery: str) -> dict[str, Any]:
        """The delivery offered to the courier."""
        return self.act(delivery, "offer", "unassigned", {"courier": self.courier_id})

    def see(self, delivery: str) -> dict[str, Any]:
        """The delivery as the desk sees it."""
        return dict(self.desk("GET", f"/v1/deliveries/{delivery}").json())

    def trace(self, delivery: str) -> list[list[str | None]]:
        """Each action with its result: the state after it, or the reason of a refusal."""
        actions = self.desk("GET", f"/v1/deliveries/{delivery}/trace").json()["actions"]
        return [[one["action"], one["became"] or one["refusal"]] for one in actions]

    def write(self, delivery: str, to: str, text: str) -> str:
        """A message of the desk."""
        body = {"id": uuid.uuid4().hex, "party": "desk", "to": [to], "text": text}
        self.desk("POST", f"/v1/deliveries/{delivery}/messages", body).raise_for_status()
        return text

    def texts(self, delivery: str) -> list[str]:
        """The chat messages that the desk has."""
        messages = self.desk("GET", f"/v1/deliveries/{delivery}/messages?party=desk").json()["messages"]
        return [one["values"]["text"] for one in messages if one["kind"] == "chat"]

    def carry(self, delivery: str) -> None:
        """The delivery on the way with the courier."""
        self.act(delivery, "pack", "to_pick", {"parcels": 1})
        self.act(delivery, "assign", "unassigned", {"courier": self.courier_id})
        self.act(delivery, "pick_up", "accepted")
        self.act(delivery, "set_off", "picked_up")

    def move(self, lat: float, lon: float) -> None:
        """A place of the courier, by the phone's own program."""
        place = {"_type": "location", "lat": lat, "lon": lon, "tst": int(time.time()), "acc": 8}
        url = f"{self.stack.place.http}/v1/courier-positions/owntracks"
        httpx.post(url, json=place, auth=("cleo", self._device), timeout=60).raise_for_status()

    def courier_texts(self, delivery: str) -> list[str]:
        """The chat messages that the courier has, as the table has them."""
        name = f"courier/{self.own.id}:{self.courier_id}"
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(TEXTS, (name, f"delivery/{delivery}"))
            return [str(text) for (text,) in cursor.fetchall()]

    @cached_property
    def _device(self) -> str:
        path = f"/v1/couriers/{self.courier_id}/device?chain={self.own.id}"
        reply = self.desk("POST", path, {})
        reply.raise_for_status()
        return str(reply.json()["secret"])

    def acts(self) -> dict[str, Callable[..., Any]]:
        """The acts of the world by name, for a journey."""
        return {name: getattr(self, name) for name in NAMES}

    def close(self) -> None:
        """Its connections."""
        self.desk.http.close()

    def _of_order(self, order: str) -> dict[str, Any] | None:
        deliveries = self.desk("GET", f"/v1/deliveries?chain={self.own.id}&order={order}").json()["deliveries"]
        return dict(deliveries[0]) if deliveries else None

    @staticmethod
    def _wait(look: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
        until = time.monotonic() + on_this_machine(30)
        while time.monotonic() < until:
            if found := look():
                return found
            time.sleep(0.2)
        raise AssertionError("the order became no delivery")
