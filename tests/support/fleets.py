"""A store of the chain `demo` with an account at a fake fleet, and the minutes and callbacks of its bookings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from functions.delivery import api
from functions.delivery.assign_couriers import do_minute
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context, answer_of, event
from tests.simulators.fleets.fleet import FakeFleet
from tests.simulators.fleets.trips import Trip
from tests.support.deliveries import World
from tests.support.orders import Caller, new_key

FLEET = "wheels"
RULE: dict[str, Any] = {
    "fleet": FLEET, "phone": "+14155550101", "address": "1 Market St, San Francisco, CA", "always": True, "value": 4500,
}  # fmt: skip
# The store and the door by fleet, in WGS-84: San Francisco, and Shanghai.
PLACES = {
    "uber_direct": ({"lat": 37.7936, "lon": -122.3957}, {"lat": 37.7656, "lon": -122.39}),
    "meituan": ({"lat": 31.2324, "lon": 121.4691}, {"lat": 31.2201, "lon": 121.4555}),
}
DOOR = {"name": "Ada L.", "phone": "+1 415 555 0102", "address": "1515 3rd St, San Francisco, CA"}


@dataclass
class FleetWorld:
    """The desk's view, the fake, and how far the clock is ahead."""

    world: World
    fake: FakeFleet
    env: Environment
    ahead: timedelta = timedelta()
    owner: Caller = field(init=False)

    def __post_init__(self) -> None:
        rights = ["delivery:manage", "delivery:read"]
        self.owner = Caller(api.handler, new_key(self.env, self.world.url, rights, "chain:demo"))
        self.switch(on=True)
        self.rule()
        self.fake.wall = lambda: self.now().timestamp()
        self.fake.hold = True

    def now(self) -> datetime:
        """The time of this test: the clock, and how far it is ahead."""
        return datetime.now(UTC) + self.ahead

    def switch(self, *, on: bool) -> None:
        """Store the account, switched on or off."""
        body = {"kind": self.fake.name, "settings": self.fake.settings, "credentials": self.fake.secrets}
        answer = self.owner("PUT", f"/v1/delivery-fleets/{FLEET}?chain=demo", body | {"enabled": on})
        assert answer.status == 200, answer.text

    def rule(self, **different: Any) -> None:
        """Set how the store delivers."""
        rule = {name: value for name, value in (RULE | different).items() if value is not None}
        body = {"chain": "demo", **PLACES[self.fake.name][0], "prepare_minutes": 0, "fleet_rule": rule}
        answer = self.owner("PUT", f"/v1/delivery-stores/{self.world.store}", body)
        assert answer.status == 200, answer.text

    def place(self, **recipient: Any) -> str:
        """A packed delivery whose door is known."""
        delivery = self.world.place()
        self.details(delivery, **recipient)
        assert self.world.act(self.world.packer, delivery, "pack", "to_pick").status == 200
        return delivery

    def details(self, delivery: str, **recipient: Any) -> None:
        """Set the door."""
        details = {"recipient": DOOR | PLACES[self.fake.name][1] | recipient, "payer": {"name": "Bob", "phone": None}}
        body = {"revision": self.world.see(delivery)["revision"], "details": details}
        answer = self.owner("PUT", f"/v1/deliveries/{delivery}/details", body)
        assert answer.status == 200, answer.text

    def minute(self, *, later: float = 0.0) -> None:
        """A run of the timer, `later` minutes from the last one."""
        self.ahead += timedelta(minutes=later)
        with self._clock():
            do_minute(self.env, self.now() + timedelta(seconds=60))

    def booking(self, delivery: str) -> dict[str, Any]:
        """The last booking of a delivery."""
        return self.bookings(delivery)[-1]

    def bookings(self, delivery: str) -> list[dict[str, Any]]:
        """The bookings of a delivery."""
        answer = self.owner("GET", f"/v1/deliveries/{delivery}/fleet-bookings")
        assert answer.status == 200, answer.text
        return list(answer.json["bookings"])

    def trips(self, delivery: str) -> list[Trip]:
        """The trips that the fake has of a delivery, by our keys."""
        ids = {booking["id"] for booking in self.bookings(delivery)}
        return [trip for trip in self.fake.trips if trip.order in {delivery, *ids}]

    def trip(self, delivery: str) -> Trip:
        """The only trip of a delivery."""
        [trip] = self.trips(delivery)
        return trip

    def move(self, trip: Trip, status: str | None = None) -> Answer:
        """The courier goes on, and the callback comes."""
        made = self.fake.move(trip, status)
        assert made is not None
        return self.call_back(made)

    def call_back(self, request: httpx.Request) -> Answer:
        """Bring a callback of the fake."""
        return self.bring(request.content, dict(request.headers))

    def bring(self, body: bytes, headers: dict[str, str], fleet: str = f"demo:{FLEET}") -> Answer:
        """Bring any request to the address of callbacks."""
        target = f"/delivery/fleets/{self.fake.name}/{fleet}"
        with self._clock():
            return answer_of(api.handler(event("POST", target, headers, body), Context()))

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """The functions' clock is this one. Signed requests need the real one."""
        clock = self.env.clock
        self.env.clock = self.now
        try:
            yield
        finally:
            self.env.clock = clock

    def link(self, delivery: str) -> str:
        """The secret of the customer's page."""
        return str(self.world.see(delivery)["link"]).removeprefix("/d/")

    def customer(self, delivery: str, path: str = "") -> Answer:
        """The reply that the customer's page gets."""
        target = f"/v1/tracks/{self.link(delivery)}{path}"
        return answer_of(api.handler(event("GET", target, {}, b""), Context()))
