"""The base of the fake fleets: real HTTP servers on loopback with couriers that move, and signed callbacks.

A fleet says how a request is read, how an answer looks and how a callback is signed. Nothing here comes from the
product's own modules, and no fleet was ever called for real.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import httpx

from tests.simulators.fleets.trips import Trip, Trips
from tests.simulators.http_system import Answer, HttpSystem, Request

CALLBACK_SECONDS = 10.0
AFTER_THE_ANSWER = 0.02
CENTS_BASE, CENTS_A_KILOMETRE = 450, 120
COURIERS = (("Lin Wei", "+8613800000001"), ("Ana Ruiz", "+34600000002"), ("Jonas Kern", "+491500000003"))


class Refused(Exception):
    """The fleet refuses with one of its own codes; `detail` belongs to the code."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def price(metres: float) -> int:
    """The price of a way in cents, of the fake's own tariff."""
    return CENTS_BASE + round(metres / 1000 * CENTS_A_KILOMETRE)


class FakeFleet(HttpSystem):
    """`settings` and `secrets` are what an account of the product needs. `callback_url` takes the callbacks.

    `hold` keeps callbacks in `events` instead of posting them: `post` sends one, `shake` sends all of them doubled
    and shuffled. `wall` is the fleet's clock in seconds since 1970. `busy` means that no courier is free.
    """

    name: ClassVar[str] = ""
    steps: ClassVar[tuple[str, ...]] = ()
    picked_up: ClassVar[str] = ""
    most_metres: ClassVar[float] = 12_000
    callback_tries: ClassVar[int] = 3

    def __init__(self, port: int = 0, *, callback_url: str = "", hold: bool = False) -> None:
        super().__init__(port)
        self.callback_url, self.hold = callback_url, hold
        self.wall: Callable[[], float] = time.time
        self.trips = Trips()
        self.busy = False
        self.events: list[httpx.Request] = []
        self.replies: list[httpx.Response] = []
        self._callbacks = httpx.Client(timeout=CALLBACK_SECONDS, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        super().close()
        self._callbacks.close()

    @property
    def settings(self) -> dict[str, str]:
        """Settings of the account that may be read."""
        raise NotImplementedError

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets of the account."""
        raise NotImplementedError

    # Requests

    def answer(self, request: Request) -> Answer:
        """The answer of the fleet. Raises Refused."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Answer:
        """How the fleet says no."""
        raise NotImplementedError

    def invalid(self, error: Exception) -> Refused:
        """A request that can't be read."""
        raise NotImplementedError

    def respond(self, request: Request) -> Answer:
        with self.trips.lock:
            try:
                return self.answer(request)
            except Refused as refused:
                return self.refusal(refused)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                return self.refusal(self.invalid(error))

    # Couriers

    def move(self, trip: Trip, status: str | None = None) -> httpx.Request | None:
        """The delivery goes to this status, or to the next one; the callback is posted or held."""
        return self._send(self._changed(trip, status or self.steps[self.steps.index(trip.status) + 1]))

    def _changed(self, trip: Trip, status: str) -> httpx.Request:
        with self.trips.lock:
            trip.status, trip.updated = status, self.wall()
            if status in self.steps[1:]:
                self._courier(trip)
                trip.drive(0.0, picked_up=self.is_picked_up(trip))
            return self.status_event(trip)

    def move_later(self, trip: Trip, status: str) -> None:
        """The delivery goes to this status during a request of the product; the callback follows the answer."""
        timer = threading.Timer(AFTER_THE_ANSWER, self._send, [self._changed(trip, status)])
        timer.daemon = True
        self._late.append(timer)
        timer.start()

    def drive(self, trip: Trip, share: float) -> httpx.Request | None:
        """The courier moves along this leg; a fleet that tells positions posts one."""
        trip.drive(share, picked_up=self.is_picked_up(trip))
        return self._send(self.position_event(trip))

    def is_picked_up(self, trip: Trip) -> bool:
        known = trip.status in self.steps
        return known and self.steps.index(trip.status) >= self.steps.index(self.picked_up)

    def _courier(self, trip: Trip) -> None:
        if not trip.courier:
            name, phone = COURIERS[len(trip.id + trip.order) % len(COURIERS)]
            trip.courier = {"name": name, "phone": phone}

    # Callbacks

    def status_event(self, trip: Trip) -> httpx.Request:
        """The signed callback of the present status; it can be sent twice, later, or changed."""
        raise NotImplementedError

    def position_event(self, trip: Trip) -> httpx.Request | None:
        """The signed callback of a position; None for a fleet that is asked for it."""
        del trip
        return None

    def acknowledged(self, reply: httpx.Response) -> bool:
        """Whether the fleet takes this answer of the product for a receipt."""
        return reply.is_success

    def _send(self, event: httpx.Request | None) -> httpx.Request | None:
        if event is None:
            return None
        self.events.append(event)
        if self.callback_url and not self.hold:
            self.post(event)
        return event

    def post(self, event: httpx.Request) -> httpx.Response | None:
        """Post a callback as often as the fleet tries. The last answer; None if there was none at all."""
        reply = None
        for _ in range(self.callback_tries):
            try:
                reply = self._callbacks.send(event)
            except httpx.TransportError:
                continue
            self.replies.append(reply)
            if self.acknowledged(reply):
                break
        return reply

    def shake(self, seed: int) -> list[httpx.Response | None]:
        """Post all held callbacks twice, in an order that the seed decides; the answers in that order."""
        events = [*self.events, *self.events]
        random.Random(seed).shuffle(events)
        return [self.post(event) for event in events]

    def post_all(self, events: Iterable[httpx.Request]) -> list[httpx.Response | None]:
        """Post these callbacks in this order."""
        return [self.post(event) for event in events]
