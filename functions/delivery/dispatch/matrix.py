"""The cost of each load with each trip: the minutes of its guests, and the minutes of the courier at their price."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from functions.delivery.dispatch.loads import Load, can_join, load_of
from functions.delivery.dispatch.routes import Route
from functions.delivery.dispatch.settings import Settings
from functions.delivery.dispatch.trips import Trip

MOST_PRESSURE = 3.0  # open orders a courier; above it the price rises no more
FIXED_FIRST = 1e5  # a courier serves the orders that name the courier before all others


class Timing(NamedTuple):
    """When a load is picked up on a trip. The courier leaves at `leaves_at`, or has left if the trip is a run."""

    leaves_at: float
    pickup_at: float
    route: Route


def price_of_minutes(loads: Sequence[Load], trips: Sequence[Trip], settings: Settings) -> float:
    """The worth of a courier's minute. It rises as orders outnumber couriers."""
    free = sum(trip.run is None for trip in trips)
    return settings.courier_price + settings.scarcity_price * min(MOST_PRESSURE, len(loads) / max(free, 1))


@dataclass(frozen=True, slots=True)
class Matrix:
    """Savings against no courier, by load and trip."""

    now: float
    settings: Settings
    trips: list[Trip]
    price: float

    def row(self, load: Load) -> list[float]:
        """A number below 0 for each trip that can take the load, and 0 for the others."""
        unserved = sum(
            weight * (max(order.ready_at, self.now) + self.settings.unserved)
            for order, weight in zip(load.orders, load.weights, strict=True)
        )
        bonus = FIXED_FIRST if load.fixed_courier else 0.0
        return [min(0.0, self._cost(load, trip) - unserved - bonus) for trip in self.trips]

    def _cost(self, load: Load, trip: Trip) -> float:
        if not fits(load, trip, self.settings):
            return float("inf")
        return self._cost_of_growth(load, trip, trip.run) if trip.run else self._cost_of_trip(load, trip)

    def _cost_of_trip(self, load: Load, trip: Trip) -> float:
        courier, settings = trip.courier, self.settings
        half = settings.pickup_service / 2
        travel = settings.travel(trip.place, load.orders[0].store_place, courier.vehicle)
        pickup = max(load.ready_at, trip.free_at + travel + half)
        if pickup > courier.off_at:
            return float("inf")
        route, offsets = load.route(courier.vehicle, settings)
        return load.weight * pickup + offsets + self.price * (travel + half + route.length)

    def _cost_of_growth(self, load: Load, trip: Trip, run: Load) -> float:
        joined = load_of(run.orders + load.orders, self.now, self.settings)
        route, offsets = joined.route(trip.courier.vehicle, self.settings)
        pickup = max(joined.ready_at, trip.free_at + self.settings.pickup_service / 2)
        if pickup > trip.courier.off_at:
            return float("inf")
        longer = pickup + route.length - trip.run_end
        return joined.weight * pickup + offsets - trip.run_cost + self.price * longer

    def timing(self, load: Load, trip: Trip) -> Timing:
        """When the courier would leave and pick up."""
        half = self.settings.pickup_service / 2
        if trip.run:
            load = load_of(trip.run.orders + load.orders, self.now, self.settings)
            travel = -half
        else:
            travel = self.settings.travel(trip.place, load.orders[0].store_place, trip.courier.vehicle)
        pickup = max(load.ready_at, trip.free_at + travel + half)
        return Timing(pickup - half - travel, pickup, load.route(trip.courier.vehicle, self.settings)[0])


def fits(load: Load, trip: Trip, settings: Settings) -> bool:
    """Whether the courier may take the load: store, vehicle, capacity, refusals, and the run that it would join."""
    courier = trip.courier
    size = load.size + (trip.run.size if trip.run else 0.0)
    return (
        courier.courier not in load.refused_by
        and load.fixed_courier in (None, courier.courier)
        and (load.vehicles is None or courier.vehicle in load.vehicles)
        and size <= courier.capacity
        and (not courier.stores or load.orders[0].store in courier.stores)
        and (trip.run is None or can_join(trip.run, load, settings))
    )
