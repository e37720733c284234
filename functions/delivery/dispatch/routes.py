"""The order of the drop-offs of a bundle, and the minutes after the pickup at which they happen."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import permutations
from typing import NamedTuple

from functions.delivery.dispatch.facts import OpenOrder, Place
from functions.delivery.dispatch.settings import Settings

MOST_TRIED = 4  # orders; of a larger bundle the drop-offs are inserted one by one


class Route(NamedTuple):
    """Minutes after the pickup: `offsets` of the drop-offs, and `length`, after which the courier is free at `end`."""

    orders: tuple[OpenOrder, ...]
    offsets: tuple[float, ...]
    length: float
    end: Place


def weight(order: OpenOrder, now: float, settings: Settings) -> float:
    """The weight of a minute of this order. It rises while the order waits, so that no order waits for ever."""
    return 1.0 + settings.urgency * minutes_late(order, now, settings) / settings.target


def minutes_late(order: OpenOrder, now: float, settings: Settings) -> float:
    """Minutes after the promise, or after the target where nothing was promised; at least 0."""
    if order.deliver_by is not None:
        return max(now - order.deliver_by, 0.0)
    return max(now - max(order.placed_at, order.deliver_from or order.placed_at) - settings.target, 0.0)


def in_its_window(order: OpenOrder, settings: Settings) -> OpenOrder:
    """The order, ready only when its direct drop-off is not before `deliver_from`."""
    if order.deliver_from is None:
        return order
    direct = follow((order,), "", settings).offsets[0]
    return replace(order, ready_at=max(order.ready_at, order.deliver_from - direct))


def follow(orders: Sequence[OpenOrder], vehicle: str, settings: Settings) -> Route:
    """The minutes of the drop-offs in this order."""
    half = settings.dropoff_service / 2
    place, leaves, offsets = orders[0].store_place, settings.pickup_service / 2, []
    for order in orders:
        offset = leaves + settings.travel(place, order.door, vehicle) + half
        offsets.append(offset)
        place, leaves = order.door, offset + settings.dropoff_service - half
    return Route(tuple(orders), tuple(offsets), leaves, place)


def best_route(orders: Sequence[OpenOrder], vehicle: str, settings: Settings) -> Route:
    """The route with the least sum of drop-off times, and among equal ones the one that ends first."""
    if len(orders) == 1:
        return follow(orders, vehicle, settings)
    routed = partial(follow, vehicle=vehicle, settings=settings)
    if len(orders) <= MOST_TRIED:
        return min(map(routed, permutations(orders)), key=_cost)
    route = routed(orders[:1])
    for order in orders[1:]:
        places = range(len(route.orders) + 1)
        route = min((routed((*route.orders[:at], order, *route.orders[at:])) for at in places), key=_cost)
    return route


def _cost(route: Route) -> tuple[float, float]:
    return sum(route.offsets), route.length
