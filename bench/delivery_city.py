"""A store with couriers who carry deliveries, and the phones of couriers and customers."""

import hashlib
import http.client
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from demo import pizzaplace
from functions.delivery.creation.link import link_of, new_link
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Details, Recipient
from functions.delivery.states import Carriage, Goods
from functions.delivery.tables.couriers import Courier, upsert_courier
from functions.delivery.tables.deliveries import insert_delivery
from functions.delivery.tables.positions import replace_device
from ops.clients import Clients
from shared.contracts.ids import new_id, store_key
from shared.spine.db import Database
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack

STORE, STORE_PLACE = "harbour", (52.0, 13.0)
COURIERS, WATCHERS, WATCHERS_OF_ONE = 200, 2_000, 5
RIGHTS = ("delivery:manage", "delivery:read", "delivery:pack", "delivery:carry")


@dataclass
class City:
    """A store, couriers who carry two deliveries each, and the links of their customers."""

    stack: Stack
    desk: Caller = field(init=False)
    database: Database = field(init=False)
    secrets: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        head_office = Caller(self.stack.place.http, self.stack.place.keys["head_office"])
        head_office("PUT", f"/v1/stores/{STORE}", pizzaplace.settings_of(STORE)).raise_for_status()
        head_office("PUT", f"/v1/stores/{STORE}/menu", pizzaplace.menu()).raise_for_status()
        clients = Clients(self.stack.db.owner.url, keys(self.stack.root).keyring)
        grants = [f"{right}@chain:{pizzaplace.CHAIN}" for right in RIGHTS]
        self.desk = Caller(self.stack.place.http, clients.create("bench delivery", grants, 1_000_000))
        clients.close()
        body = {"chain": pizzaplace.CHAIN, "lat": STORE_PLACE[0], "lon": STORE_PLACE[1]}
        self.desk("PUT", f"/v1/delivery-stores/{STORE}", body).raise_for_status()
        self.database = Database(lambda autocommit: self.stack.db.functions.connect(autocommit=autocommit))
        self._fill()

    def _fill(self) -> None:
        now, keyring = datetime.now(UTC), keys(self.stack.root).keyring
        with self.database.transaction() as transaction:
            for number in range(COURIERS + 1):
                courier = Courier(
                    pizzaplace.CHAIN, f"bench-{number}", None, f"Courier {number}", None, "bicycle", 3, (STORE,), now
                )
                upsert_courier(transaction, courier)
                secret = secrets.token_urlsafe(24)
                replace_device(transaction, hashlib.sha256(secret.encode()).digest(), courier.chain, courier.id, now)
                self.secrets.append(secret)
                # The last one has none: its deliveries are made from orders.
                for _ in range(WATCHERS // COURIERS // WATCHERS_OF_ONE if number < COURIERS else 0):
                    delivery, link = _underway(courier.id, keyring, now)
                    insert_delivery(transaction, delivery)
                    self.links.append(link)

    def close(self) -> None:
        """Close the connections."""
        self.desk.http.close()


def _underway(courier: str, keyring: list[str], now: datetime) -> tuple[Delivery, str]:
    """(a delivery that the courier has picked up, the secret of its page)."""
    link_hash, link_encrypted = new_link(keyring)
    door = Recipient(name="Ada", address="1 Mill Lane", lat=STORE_PLACE[0] + 0.02, lon=STORE_PLACE[1])
    delivery = Delivery(
        id=new_id(now), order=new_id(now), chain=pizzaplace.CHAIN, store=store_key(pizzaplace.CHAIN, STORE), number=1,
        member=None, goods=Goods.HANDED, carriage=Carriage.PICKED_UP, courier=courier,
        details=Details(recipient=door), lines=(), wanted_from=now, wanted_until=now + timedelta(minutes=45),
        ready_at=now, link_hash=link_hash, link_encrypted=link_encrypted, created_at=now, changed_at=now, parcels=1,
        times={"to_pick": now - timedelta(minutes=20), "picked_up": now - timedelta(minutes=1)},
    )  # fmt: skip
    return delivery, link_of(link_encrypted, keyring)


class Line:
    """One kept connection of a phone. Raises AssertionError for an error of the service."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self.prefix = parts.path.rstrip("/")
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.tags: dict[str, str] = {}

    def get(self, target: str) -> tuple[int, bytes]:
        """(status, body); an unchanged document answers 304."""
        headers = {"If-None-Match": self.tags[target]} if target in self.tags else {}
        self.connection.request("GET", self.prefix + target, headers=headers)
        reply = self.connection.getresponse()
        body = reply.read()
        if tag := reply.getheader("etag"):
            self.tags[target] = tag
        return reply.status, body

    def post_place(self, secret: str, lat: float) -> int:
        """Send a place as Traccar Client does."""
        now = datetime.now(UTC).isoformat()
        coords = {"latitude": lat, "longitude": STORE_PLACE[1], "accuracy": 8}
        body = json.dumps({"location": {"timestamp": now, "coords": coords}, "device_id": secret})
        self.connection.request(
            "POST", f"{self.prefix}/v1/courier-positions/traccar", body, {"Content-Type": "application/json"}
        )
        reply = self.connection.getresponse()
        reply.read()
        return reply.status

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
