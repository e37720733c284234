"""The cost of each load with each trip: the weighted minutes until its drop-offs."""

from typing import NamedTuple

from functions.delivery.dispatch.facts import Courier, Place
from functions.delivery.dispatch.loads import Load, can_join, load_of
from functions.delivery.dispatch.readiness import expected_pickup
from functions.delivery.dispatch.routes import Route
from functions.delivery.dispatch.settings import Settings
from functions.delivery.dispatch.trips import Trip


class Timing(NamedTuple):
    """When a load is picked up on a trip. The courier leaves at `leaves_at`, or has left if the trip is a run."""

    leaves_at: float
    pickup_at: float
    route: Route


class Reach(NamedTuple):
    """How a trip reaches a store: its column, the first possible pickup there, and the limits of the courier."""

    column: int
    pickup_at: float
    off_at: float
    ends_by: float
    capacity: float
    courier: str
    trip: Trip

    def takes(self, load: Load, pickup: float, length: float) -> bool:
        """Whether courier and shift allow the load with this pickup and these minutes after it."""
        return (
            pickup <= self.off_at
            and pickup + length <= self.ends_by
            and load.size <= self.capacity
            and self.courier not in load.refused_by
            and load.fixed_courier in (None, self.courier)
        )


class Matrix:
    """Savings against no courier, by load and trip."""

    def __init__(self, now: float, settings: Settings, trips: list[Trip]) -> None:
        self.now = now
        self.settings = settings
        self.trips = trips
        self.vehicles = {trip.courier.vehicle for trip in trips}
        self._own: dict[str, dict[str, list[Reach]]] = {}
        self._runs: dict[str, list[Reach]] = {}
        for column, trip in enumerate(trips):
            if trip.run:
                first = max(trip.free_at + settings.pickup_service / 2, trip.run.ready_at, now)
                self._runs.setdefault(trip.run.orders[0].store, []).append(_reach(column, trip, first))

    def row(self, load: Load) -> list[float]:
        """A number below 0 for each trip that can take the load, and 0 for the others."""
        savings = [0.0] * len(self.trips)
        for vehicle, reaches in self._own_trips(load).items():
            route, offsets = load.route(vehicle, self.settings)
            weight, length, constant = load.weight, route.length, offsets - load.unserved
            for reach in reaches:
                pickup = expected_pickup(load, reach.pickup_at, self.settings)
                saving = weight * pickup + constant
                if saving < 0.0 and reach.takes(load, pickup, length):
                    savings[reach.column] = saving
        for reach in self._runs.get(load.orders[0].store, ()):
            savings[reach.column] = min(0.0, self._saving_of_growth(load, reach))
        return savings

    def least_cost(self, load: Load) -> float:
        """The cost with a courier who is at the store when the load is ready."""
        offsets = min((load.route(vehicle, self.settings)[1] for vehicle in self.vehicles), default=0.0)
        return load.weight * max(load.ready_at, self.now) + offsets

    def _own_trips(self, load: Load) -> dict[str, list[Reach]]:
        """By vehicle, the trips of couriers without a run that can pick up at the load's store. Kept by store."""
        store = load.orders[0].store
        if store not in self._own:
            self._own[store] = self._reaches(store, load.orders[0].store_place)
        own = self._own[store]
        return own if load.vehicles is None else {name: own[name] for name in own.keys() & load.vehicles}

    def _reaches(self, store: str, place: Place) -> dict[str, list[Reach]]:
        travel, half = self.settings.travel, self.settings.pickup_service / 2
        by_vehicle: dict[str, list[Reach]] = {}
        for column, trip in enumerate(self.trips):
            courier = trip.courier
            if trip.run is None and (not courier.stores or store in courier.stores):
                first = trip.free_at + travel(trip.place, place, courier.vehicle) + half
                by_vehicle.setdefault(courier.vehicle, []).append(_reach(column, trip, first))
        return by_vehicle

    def _saving_of_growth(self, load: Load, reach: Reach) -> float:
        """0 if the run can't take the load."""
        trip = reach.trip
        if not trip.run or not can_join(trip.run, load, self.settings):
            return 0.0
        if load.vehicles is not None and trip.courier.vehicle not in load.vehicles:
            return 0.0
        joined = load_of(trip.run.orders + load.orders, self.now, self.settings)
        route, offsets = joined.route(trip.courier.vehicle, self.settings)
        pickup = expected_pickup(joined, reach.pickup_at, self.settings)
        if not reach.takes(load, pickup, route.length):
            return 0.0
        return joined.weight * pickup + offsets - trip.run_cost - load.unserved

    def pickups(self, load: Load) -> list[tuple[float, Courier]]:
        """When each courier that can take the load on a trip of its own would pick it up."""
        return [
            (pickup, reach.trip.courier)
            for vehicle, reaches in self._own_trips(load).items()
            for reach in reaches
            for pickup in (max(load.ready_at, reach.pickup_at),)
            if reach.takes(load, pickup, load.route(vehicle, self.settings)[0].length)
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


def _reach(column: int, trip: Trip, pickup_at: float) -> Reach:
    courier = trip.courier
    capacity = courier.capacity - (trip.run.size if trip.run else 0.0)
    return Reach(column, pickup_at, courier.off_at, trip.ends_by, capacity, courier.courier, trip)
