"""A chain that a test of pages has for itself, with a store, an order and people."""

import uuid
from dataclasses import dataclass
from typing import Any

from demo import examples
from ops.clients import Clients
from ops.people import People
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack

PASSWORD = "correct horse battery"
RIGHTS = ("stores:write", "menu:write", "menu:read", "orders:write", "orders:refund", "orders:read")


@dataclass
class OwnChain:
    """A chain that a test has for itself. Its one store has an order, which is paid."""

    id: str
    store: str
    call: Caller
    people: People

    def person(self, name: str, *roles: str) -> dict[str, str]:
        """A new person of the chain: name, email, password."""
        email = f"{uuid.uuid4().hex[:10]}@example.com"
        made = self.people.add(self.id, email, name, roles, PASSWORD)
        return made | {"name": name, "password": PASSWORD}

    def place_order(self, **different: Any) -> dict[str, Any]:
        """An order at the store; the reply."""
        source = {"kind": "till", "id": self.store, "number": uuid.uuid4().hex}
        reply = self.call("POST", "/v1/orders", examples.ORDER | {"store": self.store, "source": source} | different)
        reply.raise_for_status()
        document: dict[str, Any] = reply.json()
        return document

    def close(self) -> None:
        """Its connections."""
        self.call.http.close()
        self.people.close()


def open_chain(stack: Stack) -> OwnChain:
    """A chain of its own with a store and a paid order."""
    chain = f"c-{uuid.uuid4().hex[:8]}"
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    key = clients.create("writer", [f"{right}@chain:{chain}" for right in RIGHTS], 1_000, ["*:*"])
    clients.close()
    own = OwnChain(chain, f"{chain}-york", Caller(stack.place.http, key), People(stack.db.owner.url))
    own.call("PUT", f"/v1/stores/{own.store}", examples.STORE | {"chain": chain}).raise_for_status()
    own.call("PUT", f"/v1/stores/{own.store}/menu", examples.MENU).raise_for_status()
    own.place_order()
    return own
