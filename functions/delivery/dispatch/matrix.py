"""The cost of each load with each trip: the weighted minutes until its drop-offs."""

from typing import NamedTuple

from functions.delivery.dispatch.facts import Courier
from functions.delivery.dispatch.loads import Load, can_join, load_of
from functions.delivery.dispatch.routes import Route
from functions.delivery.dispatch.settings import Settings
from functions.delivery.dispatch.trips import Trip


class Timing(NamedTuple):
    """When a load is picked up on a trip. The courier leaves at `leaves_at`, or has left if the trip is a run."""

    leaves_at: float
    pickup_at: float
    route: Route


class Reach(NamedTuple):
    """How a trip reaches a store: its column, and the first possible pickup there."""

    column: int
    trip: Trip
    pickup_at: float


class Matrix:
    """Savings against no courier, by load and trip."""

    def __init__(self, now: float, settings: Settings, trips: list[Trip]) -> None:
        self.now = now
        self.settings = settings
        self.trips = trips
        self.vehicles = {trip.courier.vehicle for trip in trips}
        self._reaches: dict[str, list[Reach]] = {}

    def row(self, load: Load) -> list[float]:
        """A number below 0 for each trip that can take the load, and 0 for the others."""
        savings = [0.0] * len(self.trips)
        for reach in self._reach(load):
            pickup = max(load.ready_at, reach.pickup_at)
            if pickup <= reach.trip.courier.off_at and fits(load, reach.trip):
                cost = self._cost_of_growth if reach.trip.run else self._cost_of_trip
                savings[reach.column] = min(0.0, cost(load, reach, pickup) - load.unserved)
        return savings

    def least_cost(self, load: Load) -> float:
        """The cost with a courier who is at the store when the load is ready."""
        offsets = min((load.route(vehicle, self.settings)[1] for vehicle in self.vehicles), default=0.0)
        return load.weight * max(load.ready_at, self.now) + offsets

    def _reach(self, load: Load) -> list[Reach]:
        """All trips that can pick up at the load's store. Kept by store."""
        store = load.orders[0].store
        if store not in self._reaches:
            reaches = (self._reach_of(column, trip, load) for column, trip in enumerate(self.trips))
            self._reaches[store] = [reach for reach in reaches if reach]
        return self._reaches[store]

    def _reach_of(self, column: int, trip: Trip, load: Load) -> Reach | None:
        order, half = load.orders[0], self.settings.pickup_service / 2
        if trip.run:
            is_here = trip.run.orders[0].store == order.store
            return Reach(column, trip, max(trip.free_at + half, trip.run.ready_at, self.now)) if is_here else None
        if trip.courier.stores and order.store not in trip.courier.stores:
            return None
        minutes = self.settings.travel(trip.place, order.store_place, trip.courier.vehicle)
        return Reach(column, trip, trip.free_at + minutes + half)

    def _cost_of_trip(self, load: Load, reach: Reach, pickup: float) -> float:
        route, offsets = load.route(reach.trip.courier.vehicle, self.settings)
        if pickup + route.length > reach.trip.ends_by:
            return float("inf")
        return load.weight * pickup + offsets

    def _cost_of_growth(self, load: Load, reach: Reach, pickup: float) -> float:
        trip = reach.trip
        if not trip.run or not can_join(trip.run, load, self.settings):
            return float("inf")
        joined = load_of(trip.run.orders + load.orders, self.now, self.settings)
        route, offsets = joined.route(trip.courier.vehicle, self.settings)
        if pickup + route.length > trip.ends_by:
            return float("inf")
        return joined.weight * pickup + offsets - trip.run_cost

    def pickups(self, load: Load) -> list[tuple[float, Courier]]:
        """When each courier that can take the load on a trip of its own would pick it up."""
        reaches = [(max(load.ready_at, reach.pickup_at), reach.trip) for reach in self._reach(load)]
        return [
            (pickup, trip.courier)
            for pickup, trip in reaches
            if trip.run is None
            and pickup <= trip.courier.off_at
            and fits(load, trip)
            and pickup + load.route(trip.courier.vehicle, self.settings)[0].length <= trip.ends_by
        ]

    def timing(self, load: Load, trip: Trip) -> Timing:
        """When the courier would leave and pick up."""
        half = self.settings.pickup_service / 2
        if trip.run:
            load = load_of(trip.run.orders + load.orders, self.now, self.settings)
            travel = -half
        else:
            travel = self.settings.travel(trip.place, load.orders[0].store_place, trip.courier.vehicle)
        pickup = max(load.ready_at, trip.free_at + travel + half, self.now)
        return Timing(pickup - half - travel, pickup, load.route(trip.courier.vehicle, self.settings)[0])


def fits(load: Load, trip: Trip) -> bool:
    """Whether the courier may take the load: vehicle, capacity and refusals."""
    courier = trip.courier
    return (
        courier.courier not in load.refused_by
        and load.fixed_courier in (None, courier.courier)
        and (load.vehicles is None or courier.vehicle in load.vehicles)
        and load.size + (trip.run.size if trip.run else 0.0) <= courier.capacity
    )
