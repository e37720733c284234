"""The demo's florist: a made-up city with simulated couriers, who use the real HTTP API as people do on their phones.

Orders for delivery come while the demo runs. The couriers sign in, send places, take offers, pick up and deliver.
"""

import math
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx

from demo import pizzaplace
from demo.pizzaplace import CHAIN
from demo.seed import COURIERS
from demo.seed import FLORIST as STORE
from stack.addresses import Place
from stack.signed_requests import Caller
from stack.terminal import say

# In the middle of the Atlantic: no street and no person is there.
CITY = "Petalport (made up)"
SHOP_AT = (30.0, -40.0)
CITY_METRES = 1_300.0
METRES_PER_DEGREE = 111_320.0
# Life is shown faster: an order is promised within 12 minutes, and a courier rides 36 km/h as the crow flies.
SETTINGS = {
    "chain": CHAIN, "lat": SHOP_AT[0], "lon": SHOP_AT[1],
    "prepare_minutes": 2, "promise_minutes": 12, "automatic": True,
}  # fmt: skip
METRES_PER_SECOND = 10.0
NEAR_METRES = 15.0
STEP_SECONDS = 5.0
SECONDS_TO_PACK = 75.0
SECONDS_BETWEEN_ORDERS = 75.0
ORDERS_AT_ONCE = 4
MOST_OPEN = 10
DECLINES, GIFTS = 0.1, 0.3
END_SECONDS = 5.0
PATIENCE_SECONDS = 90.0
FLOWERS = {"tulips": ("Ten tulips", 1_900), "roses": ("Twelve roses", 3_900), "wreath": ("Wreath", 5_400)}
NAMES = ("Ada", "Bao", "Carmen", "Dieter", "Emi", "Farid", "Greta", "Hao", "Ines", "Jonas")
STREETS = ("Quay", "Mill Lane", "North Gate", "Orchard Road", "Lighthouse Way")

Job = Callable[[], None]


class FloristFailed(Exception):
    """A call of the demo's florist was refused."""


class Spot(NamedTuple):
    """Degrees of WGS-84."""

    lat: float
    lon: float

    def metres_to(self, goal: "Spot") -> float:
        """The distance as the crow flies, on a plane."""
        east = (goal.lon - self.lon) * math.cos(math.radians(self.lat))
        return math.hypot(goal.lat - self.lat, east) * METRES_PER_DEGREE

    def towards(self, goal: "Spot", metres: float) -> "Spot":
        """The spot after so many metres; at most `goal`."""
        share = min(1.0, metres / max(self.metres_to(goal), 0.001))
        return Spot(self.lat + (goal.lat - self.lat) * share, self.lon + (goal.lon - self.lon) * share)


SHOP = Spot(*SHOP_AT)


@contextmanager
def florist(place: Place) -> Iterator[None]:
    """Open the florist, and let orders come and couriers ride until the end. Tells the links."""
    over = threading.Event()
    with ExitStack() as connections:
        workers = _begin(place, over, connections)
        try:
            yield
        finally:
            over.set()
            until = time.monotonic() + END_SECONDS
            for worker in workers:
                worker.join(max(0.0, until - time.monotonic()))


def _begin(place: Place, over: threading.Event, connections: ExitStack) -> list[threading.Thread]:
    desk, till = (Caller(place.http, place.keys[name]) for name in ("head_office", "till"))
    connections.enter_context(desk.http)
    connections.enter_context(till.http)
    try:
        _open(desk)
        riders = [Rider.signed_in(place, name, desk, connections) for name in COURIERS]
        gift = _place_order(till, desk, is_gift=True)
    except (FloristFailed, TimeoutError, httpx.HTTPError) as failure:
        say(f"No florist: {failure}")
        return []
    _tell(place, gift["link"])
    jobs: list[tuple[Job, float]] = [(lambda: _take_order(till, desk), SECONDS_BETWEEN_ORDERS)]
    jobs += [(lambda: _pack(desk), STEP_SECONDS), *((rider.ride, STEP_SECONDS) for rider in riders)]
    workers = [threading.Thread(target=_again, args=(*job, over), name="florist", daemon=True) for job in jobs]
    for worker in workers:
        worker.start()
    return workers


def _tell(place: Place, link: str) -> None:
    courier = place.people[next(iter(COURIERS))]
    say(f"A florist delivers in {CITY}: city, orders and couriers are simulated, the API is real.")
    say(f"  Dispatcher      {place.console}/delivery?store={STORE}")
    say(f"  A courier       {place.http}/work   {courier['email']}   {courier['password']}")
    say(f"  A customer      {place.http}{link}   (a gift: no sender and no price)\n")


def _again(job: Job, seconds: float, over: threading.Event) -> None:
    """Do a job now and then until the demo ends. A refusal means that another was faster: the next look sees it."""
    while not over.is_set():
        with suppress(FloristFailed, TimeoutError, httpx.HTTPError, RuntimeError):  # of a closed connection
            job()
        over.wait(seconds)


def _open(desk: Caller) -> None:
    settings = {**pizzaplace.settings_of(next(iter(pizzaplace.STORES))), "name": "Florist", "city": CITY}
    items = [{"id": key, "name": name, "category": "flowers", "price": price} for key, (name, price) in FLOWERS.items()]
    _call(desk, "PUT", f"/v1/stores/{STORE}", settings)
    _call(desk, "PUT", f"/v1/stores/{STORE}/menu", {"items": items, "discounts": []})
    _call(desk, "PUT", f"/v1/delivery-stores/{STORE}", SETTINGS)


def _take_order(till: Caller, desk: Caller) -> None:
    """An order, so long as the couriers keep up; at the begin some at once."""
    waiting = len(_open_deliveries(desk))
    for _ in range(max(ORDERS_AT_ONCE - waiting, int(waiting < MOST_OPEN))):
        _place_order(till, desk, is_gift=random.random() < GIFTS)  # noqa: S311 - a demo


def _place_order(till: Caller, desk: Caller, *, is_gift: bool = False) -> dict[str, Any]:
    """An order of now by a till, with the door that the desk looked up; its delivery."""
    dice = random.Random()  # noqa: S311 - a demo
    item, (_, price) = dice.choice(list(FLOWERS.items()))
    name, door = dice.choice(NAMES), _door(dice)
    address = f"{dice.randint(1, 99)} {dice.choice(STREETS)}, {CITY}"
    number = f"florist-{uuid.uuid4().hex[:10]}"
    body = {
        "store": STORE, "source": {"kind": "till", "id": f"{STORE}-till", "number": number}, "service": "delivery",
        "guest": {"name": name, "phone": "+1 555 0100", "address": address},
        "lines": [{"item": item, "quantity": 1, "unit_price": price}], "total": price, "currency": pizzaplace.CURRENCY,
    }  # fmt: skip
    order = _call(till, "POST", "/v1/orders", body, key=number)["id"]
    delivery = _wait_for(desk, order)
    details = delivery["details"]
    details["recipient"] |= {"lat": door.lat, "lon": door.lon}
    if is_gift:
        details |= {"gift": True, "payer": {"name": "Secret Friend"}, "card": "Happy birthday!"}
    changed = {"revision": delivery["revision"], "details": details}
    return dict(_call(desk, "PUT", f"/v1/deliveries/{delivery['id']}/details", changed))


def _door(dice: random.Random) -> Spot:
    """A door in the city, not too near."""
    angle, metres = dice.uniform(0, 2 * math.pi), CITY_METRES * dice.uniform(0.3, 1.0)
    north, east = metres * math.sin(angle), metres * math.cos(angle) / math.cos(math.radians(SHOP.lat))
    return Spot(round(SHOP.lat + north / METRES_PER_DEGREE, 6), round(SHOP.lon + east / METRES_PER_DEGREE, 6))


def _wait_for(desk: Caller, order: str) -> dict[str, Any]:
    """The delivery of an order, which a message makes. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        deliveries = _call(desk, "GET", f"/v1/deliveries?chain={CHAIN}&order={order}")["deliveries"]
        if deliveries:
            return dict(deliveries[0])
        time.sleep(0.3)
    raise TimeoutError(f"no delivery of order {order} after {PATIENCE_SECONDS:.0f} s")


def _open_deliveries(desk: Caller) -> list[dict[str, Any]]:
    return list(_call(desk, "GET", f"/v1/deliveries?chain={CHAIN}&store={STORE}")["deliveries"])


def _pack(desk: Caller) -> None:
    """The packer packs what has waited long enough."""
    for delivery in _open_deliveries(desk):
        age = datetime.now(UTC) - datetime.fromisoformat(delivery["created_at"])
        if delivery["goods"] in ("to_pick", "picking") and age.total_seconds() > SECONDS_TO_PACK:
            _act(_with_key(desk), delivery, "pack", delivery["goods"], parcels=1)


Call = Callable[..., Any]


def _with_key(caller: Caller) -> Call:
    """Calls of a client that is signed with a key."""
    return lambda method, target, body=None: _call(caller, method, target, body)


def _in(deliveries: list[dict[str, Any]], *states: str) -> list[dict[str, Any]]:
    return [delivery for delivery in deliveries if delivery["carriage"] in states]


def _act(call: Call, delivery: dict[str, Any], action: str, expected: str, **details: Any) -> None:
    body = {"id": uuid.uuid4().hex, "action": action, "expected": expected, **details}
    call("POST", f"/v1/deliveries/{delivery['id']}/actions", body)


@dataclass
class Rider:
    """A simulated courier: signed in as a person, with a place that moves."""

    http: httpx.Client
    name: str
    at: Spot = SHOP
    dice: random.Random = field(default_factory=random.Random)

    @classmethod
    def signed_in(cls, place: Place, name: str, desk: Caller, connections: ExitStack) -> "Rider":
        """A courier on shift from now on. Raises FloristFailed."""
        http = connections.enter_context(httpx.Client(base_url=place.http, timeout=60, trust_env=False))
        person = {field: place.people[name][field] for field in ("email", "password")}
        session = _checked(http.post("/v1/sessions", json=person))
        http.headers["X-CSRF-Token"] = session["csrf"]
        now = datetime.now(UTC)
        courier = {
            "chain": CHAIN, "name": session["name"], "client": f"p-{session['person']}", "stores": [STORE],
            "shift_from": now.isoformat(), "shift_until": (now + timedelta(hours=10)).isoformat(), "capacity": 2,
        }  # fmt: skip
        _call(desk, "PUT", f"/v1/couriers/{name.replace('_', '-')}", courier)
        return cls(http, name, _door(random.Random(name)))  # noqa: S311 - a demo

    def call(self, method: str, target: str, body: Any = None) -> Any:
        """A call as this person. Raises FloristFailed."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if body is not None else {}
        return _checked(self.http.request(method, target, json=body, headers=headers))

    def ride(self) -> None:
        """One step: answer offers, go to the shop or to the door, and say where."""
        mine = self.call("GET", f"/v1/deliveries?chain={CHAIN}&mine=true")["deliveries"]
        for delivery in mine:
            self._answer(delivery)
        awaited = _in(mine, "accepted", "at_store")
        underway = _in(mine, "on_the_way", "arrived")
        if awaited and not underway:
            self._to_shop(awaited)
        elif carried := underway or _in(mine, "picked_up"):
            self._to_door(carried[0])
        fix = {"at": datetime.now(UTC).isoformat(), "lat": self.at.lat, "lon": self.at.lon, "accuracy": 8.0}
        self.call("POST", "/v1/courier-positions", {"fixes": [fix]})

    def _answer(self, delivery: dict[str, Any]) -> None:
        if delivery["carriage"] == "offered":
            declines = self.dice.random() < DECLINES
            _act(self.call, delivery, "decline" if declines else "accept", "offered")

    def _to_shop(self, awaited: list[dict[str, Any]]) -> None:
        if self._go(SHOP):
            for delivery in awaited:
                if delivery["carriage"] == "accepted":
                    _act(self.call, delivery, "arrive_at_store", "accepted")
                elif delivery["goods"] == "packed":
                    _act(self.call, delivery, "pick_up", "at_store")

    def _to_door(self, delivery: dict[str, Any]) -> None:
        recipient = delivery["details"]["recipient"]
        if delivery["carriage"] == "picked_up":
            _act(self.call, delivery, "set_off", "picked_up")
        elif delivery["carriage"] == "arrived":
            _act(self.call, delivery, "deliver", "arrived", left_with="recipient")
        elif self._go(Spot(recipient["lat"], recipient["lon"])):
            _act(self.call, delivery, "arrive", "on_the_way")

    def _go(self, goal: Spot) -> bool:
        """One step towards the goal; whether it is reached."""
        self.at = self.at.towards(goal, METRES_PER_SECOND * STEP_SECONDS)
        return self.at.metres_to(goal) < NEAR_METRES


def _call(caller: Caller, method: str, target: str, body: Any = None, key: str | None = None) -> Any:
    return _checked(caller(method, target, body, key=key))


def _checked(reply: httpx.Response) -> Any:
    if reply.status_code >= HTTPStatus.BAD_REQUEST:
        target = f"{reply.request.method} {reply.request.url.path}"
        raise FloristFailed(f"{target} was answered with {reply.status_code}: {reply.text[:200]}")
    return reply.json()
