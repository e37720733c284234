"""The simulated day: it moves couriers by the rules and refuses forbidden moves. It knows no dispatcher's code.

A dispatcher is asked each minute, and again at once after a decline. It sees the placed orders and the couriers on
duty. It answers with proposals.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.dispatch.instances import Courier, Instance, Order, Point


class RuleBrokenError(Exception):
    """The dispatcher proposed what the rules forbid."""


@dataclass(frozen=True)
class Proposal:
    """New orders for a courier. `route` is the whole bundle in the order of its drop-offs."""

    courier: str
    orders: tuple[str, ...]
    route: tuple[str, ...]


@dataclass
class Bundle:
    """Orders of one restaurant that a courier goes for. It is open until its pickup."""

    route: tuple[str, ...]
    arrives: int


@dataclass
class CourierState:
    """Free at minute `free` in `place`, unless there is a bundle."""

    courier: Courier
    place: Point
    free: int
    bundle: Bundle | None = None


@dataclass
class Delivery:
    """The life of an order. It is delivered if it has a drop-off."""

    courier: str
    announced: int
    pickup: int | None = None
    dropoff: int | None = None


@dataclass(frozen=True)
class Doubts:
    """Options that make a day harder than the published rules.

    `uncertain` hides a ready time until the order is ready. A courier declines an offer with probability
    `decline_share`.
    """

    uncertain: bool = False
    decline_share: float = 0.0
    seed: int = 0


@dataclass
class View:
    """The facts that a dispatcher sees at a minute: open orders, couriers on duty, and refusals by order."""

    minute: int
    open_orders: list[Order]
    couriers: list[CourierState]
    orders: dict[str, Order]
    refused_by: dict[str, set[str]]
    known_ready: Callable[[Order], float]
    is_ready_estimated: Callable[[Order], bool]


Dispatcher = Callable[[View], Sequence[Proposal]]


@dataclass
class Day:
    """One day of an instance. `run` plays it; `deliveries` has the result by order."""

    instance: Instance
    doubts: Doubts = Doubts()
    minute: int = 0
    deliveries: dict[str, Delivery] = field(default_factory=dict)

    def __post_init__(self) -> None:
        couriers = self.instance.couriers.values()
        self.states = {courier.name: CourierState(courier, courier.start, courier.on) for courier in couriers}
        self.open: dict[str, Order] = {}
        self.refused_by: dict[str, set[str]] = {}
        self.chance = random.Random(self.doubts.seed)  # noqa: S311 -- a simulation
        self.mean_preparation = _mean_preparation(self.instance)

    def run(self, dispatcher: Dispatcher) -> dict[str, Delivery]:
        """Raises `RuleBrokenError`."""
        to_come = sorted(self.instance.orders.values(), key=lambda order: order.placed, reverse=True)
        last = max(courier.off for courier in self.instance.couriers.values())
        for self.minute in range(last + 1):
            while to_come and to_come[-1].placed <= self.minute:
                order = to_come.pop()
                self.open[order.name] = order
            self._end_pickups()
            while self.open and self._has_declined(dispatcher(self._view())):
                pass
        self.minute = last + MINUTES_TO_END
        self._end_pickups()
        return {name: delivery for name, delivery in self.deliveries.items() if delivery.dropoff is not None}

    def _view(self) -> View:
        on_duty = [state for state in self.states.values() if self._is_on_duty(state)]
        return View(
            self.minute,
            list(self.open.values()),
            on_duty,
            self.instance.orders,
            self.refused_by,
            self._known_ready,
            self._is_ready_estimated,
        )

    def _is_on_duty(self, state: CourierState) -> bool:
        return state.courier.on <= self.minute and (state.bundle is not None or self.minute <= state.courier.off)

    def _known_ready(self, order: Order) -> float:
        if not self._is_ready_estimated(order):
            return order.ready
        return max(order.placed + self.mean_preparation[order.restaurant], self.minute + 1)

    def _is_ready_estimated(self, order: Order) -> bool:
        return self.doubts.uncertain and order.ready > self.minute

    def _has_declined(self, proposals: Sequence[Proposal]) -> bool:
        """Whether a courier declined: then the dispatcher is asked again at once, with the refusal."""
        return False in [self._answer(proposal) for proposal in proposals]

    def _answer(self, proposal: Proposal) -> bool:
        """Accept an offer, unless the courier declines it by chance. False: declined."""
        if self.doubts.decline_share and self.chance.random() < self.doubts.decline_share:
            for name in proposal.orders:
                self.refused_by.setdefault(name, set()).add(proposal.courier)
            return False
        state = self.states[proposal.courier]
        self._check(state, proposal)
        if state.bundle is None:
            restaurant = self.instance.restaurants[self.instance.orders[proposal.orders[0]].restaurant]
            state.bundle = Bundle((), self.minute + self.travel(state.place, restaurant))
        state.bundle.route = proposal.route
        for name in proposal.orders:
            del self.open[name]
            self.deliveries[name] = Delivery(proposal.courier, self.minute)
        return True

    def _check(self, state: CourierState, proposal: Proposal) -> None:
        """Raises `RuleBrokenError`."""
        before = state.bundle.route if state.bundle else ()
        if not proposal.orders or any(name not in self.open for name in proposal.orders):
            raise RuleBrokenError(f"Minute {self.minute}: an order of {proposal} is not open.")
        if sorted(proposal.route) != sorted((*before, *proposal.orders)):
            raise RuleBrokenError(f"Minute {self.minute}: the route of {proposal} is not its bundle.")
        if len({self.instance.orders[name].restaurant for name in proposal.route}) > 1:
            raise RuleBrokenError(f"Minute {self.minute}: {proposal} has two restaurants.")
        if any(state.courier.name in self.refused_by.get(name, ()) for name in proposal.orders):
            raise RuleBrokenError(f"Minute {self.minute}: {state.courier.name} was offered a refused order again.")
        if not state.courier.on <= self.minute or (state.bundle is None and self.minute < state.free):
            raise RuleBrokenError(f"Minute {self.minute}: courier {state.courier.name} is not free.")
        if not self.doubts.uncertain and self._pickup_of(state, proposal) > state.courier.off:
            raise RuleBrokenError(f"Minute {self.minute}: the pickup of {proposal} is after the shift.")

    def _pickup_of(self, state: CourierState, proposal: Proposal) -> int:
        restaurant = self.instance.restaurants[self.instance.orders[proposal.route[0]].restaurant]
        arrives = state.bundle.arrives if state.bundle else self.minute + self.travel(state.place, restaurant)
        return self._pickup(Bundle(proposal.route, arrives))

    def _pickup(self, bundle: Bundle) -> int:
        ready = max(self.instance.orders[name].ready for name in bundle.route)
        return max(ready, bundle.arrives + self.instance.parameters.pickup_service // 2)

    def _end_pickups(self) -> None:
        """Move each bundle whose pickup has come, and free couriers whose shift ended before the food was ready."""
        for state in self.states.values():
            if state.bundle is None:
                continue
            pickup = self._pickup(state.bundle)
            if pickup <= min(self.minute, state.courier.off):
                self._deliver(state, state.bundle, pickup)
            elif self.minute > state.courier.off:
                self._give_back(state, state.bundle)

    def _deliver(self, state: CourierState, bundle: Bundle, pickup: int) -> None:
        parameters = self.instance.parameters
        half = parameters.dropoff_service // 2
        leaves = pickup + parameters.pickup_service - parameters.pickup_service // 2
        place = self.instance.restaurants[self.instance.orders[bundle.route[0]].restaurant]
        for name in bundle.route:
            door = self.instance.orders[name].door
            dropoff = leaves + self.travel(place, door) + half
            self.deliveries[name].pickup, self.deliveries[name].dropoff = pickup, dropoff
            place, leaves = door, dropoff + parameters.dropoff_service - half
        state.place, state.free, state.bundle = place, leaves, None

    def _give_back(self, state: CourierState, bundle: Bundle) -> None:
        for name in bundle.route:
            del self.deliveries[name]
            self.open[name] = self.instance.orders[name]
        state.bundle = None

    def travel(self, start: Point, end: Point) -> int:
        """Whole minutes, rounded up."""
        return math.ceil(math.dist(start, end) / self.instance.parameters.metres_per_minute)


MINUTES_TO_END = 100_000


def _mean_preparation(instance: Instance) -> dict[str, float]:
    minutes: dict[str, list[int]] = {}
    for order in instance.orders.values():
        minutes.setdefault(order.restaurant, []).append(order.ready - order.placed)
    return {restaurant: sum(every) / len(every) for restaurant, every in minutes.items()}
