"""Trips: the columns of the assignment. A trip is a courier's next one, or the open run that may still grow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.delivery.dispatch.facts import Courier, Place
from functions.delivery.dispatch.loads import Load, load_of
from functions.delivery.dispatch.readiness import expected, expected_pickup
from functions.delivery.dispatch.routes import Route, follow
from functions.delivery.dispatch.settings import Settings

NEVER = float("inf")


@dataclass(slots=True)
class Trip:
    """From `free_at` in `place`, to end before the break at `ends_by`.

    `run` is the load of a run that may grow. Then `free_at` is the arrival, and `run_cost` the cost of the run alone.
    """

    courier: Courier
    free_at: float
    place: Place
    ends_by: float = NEVER
    run: Load | None = None
    run_cost: float = 0.0


def trips_of(now: float, couriers: Sequence[Courier], settings: Settings) -> list[Trip]:
    """All trips that can start within the horizon."""
    return [trip for courier in couriers for trip in _of_courier(now, courier, settings)]


def _of_courier(now: float, courier: Courier, settings: Settings) -> Iterator[Trip]:
    free_at, place = max(courier.free_at, now), courier.place
    if courier.run is not None and courier.run.orders:
        orders = tuple(expected(order, now, settings) for order in courier.run.orders)
        load, route = load_of(orders, now, settings), follow(orders, courier.vehicle, settings)
        pickup = expected_pickup(load, max(courier.run.arrives_at + settings.pickup_service / 2, now), settings)
        if courier.run.can_grow and len(courier.run.orders) < settings.most_bundled:
            yield _growing(courier, load, route, pickup)
        free_at, place = pickup + route.length, route.end
    for start, ends_by in _between_breaks(free_at, courier.breaks):
        if start <= min(now + settings.free_within, courier.off_at):
            yield Trip(courier, start, place, ends_by)


def _growing(courier: Courier, load: Load, route: Route, pickup: float) -> Trip:
    arrives_at = courier.run.arrives_at if courier.run else 0.0
    offsets = zip(load.weights, route.offsets, strict=True)
    cost = load.weight * pickup + sum(weight * offset for weight, offset in offsets)
    ends_by = min((start for start, _ in courier.breaks if start >= pickup), default=NEVER)
    return Trip(courier, arrives_at, courier.place, max(ends_by, pickup + route.length), load, cost)


def _between_breaks(free_at: float, breaks: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The start and end of each span without a break from `free_at` on."""
    for start, end in sorted(breaks):
        if end > free_at:
            if start > free_at:
                yield free_at, start
            free_at = end
    yield free_at, NEVER
