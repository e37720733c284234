"""Trips: the columns of the assignment. A trip is a courier's next one, or the open run that may still grow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.delivery.dispatch.facts import Courier, OpenOrder, Place, Run
from functions.delivery.dispatch.loads import Load, load_of
from functions.delivery.dispatch.routes import follow
from functions.delivery.dispatch.settings import Settings


@dataclass(slots=True)
class Trip:
    """From `free_at` in `place`. `run` is the run that may grow, with its load; then `free_at` is the arrival."""

    courier: Courier
    free_at: float
    place: Place
    run: Load | None = None
    run_cost: float = 0.0
    run_end: float = 0.0


def trips_of(now: float, couriers: Sequence[Courier], settings: Settings) -> list[Trip]:
    """All trips that can start within the horizon."""
    return [trip for courier in couriers for trip in _of_courier(now, courier, settings)]


def _of_courier(now: float, courier: Courier, settings: Settings) -> Iterator[Trip]:
    free_at, place = max(courier.free_at, now), courier.place
    if courier.run is not None and courier.run.orders:
        pickup = pickup_of(courier.run.orders, courier.run.arrives_at, now, settings)
        route = follow(courier.run.orders, courier.vehicle, settings)
        if courier.run.can_grow and len(courier.run.orders) < settings.most_bundled:
            yield _growing(courier, courier.run, pickup, route.length, now, settings)
        free_at, place = pickup + route.length, route.end
    if free_at <= min(now + settings.free_within, courier.off_at):
        yield Trip(courier, free_at, place)


def pickup_of(orders: Sequence[OpenOrder], arrives_at: float, now: float, settings: Settings) -> float:
    """When the last order is ready and the courier is there; never in the past."""
    ready = max(order.ready_at for order in orders)
    return max(ready, arrives_at + settings.pickup_service / 2, now)


def _growing(courier: Courier, run: Run, pickup: float, length: float, now: float, settings: Settings) -> Trip:
    load = load_of(run.orders, now, settings)
    route = follow(run.orders, courier.vehicle, settings)
    offsets = zip(load.weights, route.offsets, strict=True)
    cost = load.weight * pickup + sum(weight * offset for weight, offset in offsets)
    return Trip(courier, run.arrives_at, courier.place, load, cost, pickup + length)
