"""Loads: the rows of the assignment. A load is one order, or a few of one store that go together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from functions.delivery.dispatch.facts import OpenOrder
from functions.delivery.dispatch.routes import Route, best_route, minutes_late, weight
from functions.delivery.dispatch.settings import Settings

FIXED_FIRST = 1e5  # minutes; a courier serves the orders that name the courier before all others


@dataclass(slots=True)
class Load:
    """`ready_at` is the last of its orders, `weight` the sum of their weights, and `size` that of their sizes."""

    orders: tuple[OpenOrder, ...]
    ready_at: float
    weight: float
    size: float
    fixed_courier: str | None
    refused_by: frozenset[str]
    vehicles: frozenset[str] | None
    weights: tuple[float, ...]
    unserved: float
    is_ready_estimated: bool
    routes: dict[str, tuple[Route, float]] = field(default_factory=dict)

    def route(self, vehicle: str, settings: Settings) -> tuple[Route, float]:
        """The best route, and the weighted sum of its offsets. Kept by vehicle."""
        if vehicle not in self.routes:
            route = best_route(self.orders, vehicle, settings)
            by_order = dict(zip((order.order for order in self.orders), self.weights, strict=True))
            offsets = zip(route.orders, route.offsets, strict=True)
            self.routes[vehicle] = route, sum(by_order[order.order] * offset for order, offset in offsets)
        return self.routes[vehicle]


def load_of(orders: tuple[OpenOrder, ...], now: float, settings: Settings) -> Load:
    weights = tuple(weight(order, now, settings) for order in orders)
    return Load(
        orders,
        max(order.ready_at for order in orders),
        sum(weights),
        sum(order.size for order in orders),
        next((order.fixed_courier for order in orders if order.fixed_courier), None),
        frozenset().union(*(order.refused_by for order in orders)),
        _common(order.vehicles for order in orders if order.vehicles),
        weights,
        sum(weight * _unserved(order, now, settings) for order, weight in zip(orders, weights, strict=True)),
        any(order.is_ready_estimated for order in orders),
    )


def _unserved(order: OpenOrder, now: float, settings: Settings) -> float:
    """When the order is delivered if it waits for a courier of a later round."""
    on_the_way = settings.travel(order.store_place, order.door, "")
    late = minutes_late(order, now, settings)
    first = FIXED_FIRST if order.fixed_courier else 0.0
    return max(order.ready_at, now) + on_the_way + settings.unserved + late + first


def can_join(first: Load, second: Load, settings: Settings) -> bool:
    """Whether both fit into one bundle of one courier."""
    return (
        len(first.orders) + len(second.orders) <= settings.most_bundled
        and first.orders[0].store == second.orders[0].store
        and (first.fixed_courier is None or second.fixed_courier in (None, first.fixed_courier))
        and (first.vehicles is None or second.vehicles is None or bool(first.vehicles & second.vehicles))
    )


def _common(vehicles: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """The vehicles that each order allows; None allows any."""
    sets = list(vehicles)
    return frozenset.intersection(*sets) if sets else None
