"""A dispatcher at the board in a real browser: deliveries as they come, a drag that assigns, lateness, one delivery."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from ops.clients import Clients
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.browser import PICTURES, journeys_of, walk
from tests.support.delivery_proofs import declaration, png, put
from tests.support.own_chain import OwnChain, open_chain
from tests.support.remote import Remote
from tests.support.waiting import wait_until

SCRIPT = Path(__file__).parent / "delivery.mjs"
STORE_AT = {"lat": 52.0, "lon": 13.0}
GUEST = {"name": "Ada", "phone": "+1 555 0100", "address": "1 Harbour Road"}
RIGHTS = ("delivery:manage", "delivery:read", "delivery:pack")


@dataclass
class Shop:
    """A store that delivers, with its desk and the couriers `ana` and `ben`."""

    own: OwnChain
    desk: Caller
    couriers: dict[str, Caller]

    def act(self, who: Caller, delivery: str, action: str, expected: str, **details: Any) -> int:
        """Do an action; the status of the reply."""
        body = {"id": uuid.uuid4().hex, "action": action, "expected": expected} | details
        return who("POST", f"/v1/deliveries/{delivery}/actions", body).status_code

    def see(self, delivery: str) -> dict[str, Any]:
        """The delivery, as the desk sees it."""
        return dict(self.desk("GET", f"/v1/deliveries/{delivery}").json())

    def read(self, path: str) -> dict[str, Any]:
        """A document, as the desk reads it."""
        return dict(self.desk("GET", path).raise_for_status().json())

    def set_up(self) -> None:
        """The store has its place, and the default settings otherwise."""
        body = {"chain": self.own.id, **STORE_AT}
        self.desk("PUT", f"/v1/delivery-stores/{self.own.store}", body).raise_for_status()

    def of_order(self, order: str) -> list[dict[str, Any]]:
        """The delivery of an order, once it is made."""
        return list(self.desk("GET", f"/v1/deliveries?chain={self.own.id}&order={order}").json()["deliveries"])

    def place(self) -> str:
        """A new delivery with the place of its door; its id."""
        order = self.own.place_order(service="delivery", guest=GUEST)["id"]

        wait_until(lambda: self.of_order(order), pause=0.2)
        [delivery] = self.of_order(order)
        details = delivery["details"]
        details["recipient"] |= {"lat": STORE_AT["lat"] + 0.01, "lon": STORE_AT["lon"] + 0.02}
        body = {"revision": delivery["revision"], "details": details}
        self.desk("PUT", f"/v1/deliveries/{delivery['id']}/details", body).raise_for_status()
        return str(delivery["id"])

    def finish(self, delivery: str) -> int:
        """Ana hands it over at the door; the status of the reply."""
        return self.act(self.couriers["ana"], delivery, "deliver", "picked_up", left_with="recipient")

    def prove(self, delivery: str) -> list[int]:
        """Ana's photo of the delivery, uploaded as her page does it; its width and height."""
        photo, ana = png(40, 30), self.couriers["ana"]
        target = f"/v1/deliveries/{delivery}/proofs"
        upload = ana("POST", target, declaration("photo", photo, "image/png")).raise_for_status().json()["upload"]
        put(upload, photo).raise_for_status()
        reply = ana("POST", f"{target}/photo/uploaded", {}).raise_for_status().json()
        assert reply["state"] == "proven", reply
        return [40, 30]

    def ask(self, delivery: str, text: str) -> int:
        """Ana writes to the desk; the status of the reply."""
        body = {"id": uuid.uuid4().hex, "party": "courier", "to": ["desk"], "text": text}
        return self.couriers["ana"]("POST", f"/v1/deliveries/{delivery}/messages", body).status_code

    def carried(self) -> str:
        """A delivery that Ana carries, of which Ben's try was refused; its id."""
        delivery, ana, ben = self.place(), self.couriers["ana"], self.couriers["ben"]
        self.act(self.desk, delivery, "pack", "to_pick")
        assert self.act(ana, delivery, "accept", "unassigned") == 200
        assert self.act(ben, delivery, "accept", "unassigned") in (403, 404)
        assert self.act(ana, delivery, "set_off", "accepted") == 409
        assert self.act(ana, delivery, "pick_up", "accepted") == 200
        fix = {"at": datetime.now(UTC).isoformat(), "lat": 52.004, "lon": 13.01, "accuracy": 8.0}
        assert ana("POST", "/v1/courier-positions", {"fixes": [fix]}).json()["taken"] == 1
        assert self.ask(delivery, "Which gate?") == 201
        return delivery


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Iterator[Shop]:
    own = open_chain(stack)
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)

    def caller(name: str, rights: tuple[str, ...], scope: str) -> tuple[str, Caller]:
        key = clients.create(name, [f"{right}@{scope}" for right in rights], 1_000, [])
        return key["id"], Caller(stack.place.http, key)

    _, desk = caller("desk", RIGHTS, f"chain:{own.id}")
    settings = {"chain": own.id, **STORE_AT}
    desk("PUT", f"/v1/delivery-stores/{own.store}", settings).raise_for_status()
    couriers = {}
    for name in ("ana", "ben"):
        client, couriers[name] = caller(name, ("delivery:carry",), f"store:{own.id}:{own.store}")
        desk("PUT", f"/v1/couriers/{name}", courier_of(own, name, client)).raise_for_status()
    clients.close()
    yield Shop(own, desk, couriers)
    for one in (desk, *couriers.values()):
        one.http.close()
    own.close()


def courier_of(own: OwnChain, name: str, client: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    shift = {
        "shift_from": (now - timedelta(hours=1)).isoformat(),
        "shift_until": (now + timedelta(hours=4)).isoformat(),
    }
    return {"chain": own.id, "name": name.title(), "client": client, "stores": [own.store], **shift}


@pytest.mark.parametrize("name", journeys_of(SCRIPT))
def test_a_dispatcher_at_the_board(name: str, stack: Stack, shop: Shop, browser: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    own, delivery = shop.own, shop.carried()
    other = f"{own.id}-other"
    acts: dict[str, Callable[..., Any]] = {
        "place": shop.place,
        "deliver": lambda: shop.finish(delivery),
        "see": shop.see,
        "couriers": lambda: shop.read(f"/v1/couriers?chain={own.id}")["couriers"],
        "fleets": lambda: shop.read(f"/v1/delivery-fleets?chain={own.id}")["fleets"],
        "settings": lambda: shop.read(f"/v1/delivery-stores/{own.store}?chain={own.id}"),
        "settings_back": shop.set_up,
        "prove": lambda: shop.prove(delivery),
        "ask": lambda text: shop.ask(delivery, text),
    }
    own.call("PUT", f"/v1/stores/{other}", examples.STORE | {"chain": own.id}).raise_for_status()
    remote = Remote(acts)
    try:
        given = {
            "base": stack.place.http,
            "browser": browser,
            "control": remote.address,
            "delivery": delivery,
            "store": own.store,
            "office": own.person("Hanna Office", "head_office"),
            "person": own.person("Della Desk", f"store_manager:{own.store}"),
            "stranger": own.person("Otto Other", f"store_manager:{other}"),
            "pictures": str(PICTURES),
        }
        walk(SCRIPT, name, given)
    finally:
        remote.close()
    if name == "a_drag_assigns_and_a_button_takes_back":
        trace = shop.desk("GET", f"/v1/deliveries?chain={own.id}").json()["deliveries"]
        assert [one["courier"] for one in trace if one["carriage"] == "accepted"] == ["ben"]
