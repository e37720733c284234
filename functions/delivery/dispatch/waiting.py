"""Why an order gets no offer in a round."""

from collections.abc import Iterable, Sequence

from functions.delivery.dispatch.answer import Offer, WhyWaiting
from functions.delivery.dispatch.bundles import Plan
from functions.delivery.dispatch.facts import Courier, OpenOrder
from functions.delivery.dispatch.matrix import Matrix


def reasons_to_wait(
    orders: Sequence[OpenOrder], couriers: Sequence[Courier], plan: Plan, offers: Iterable[Offer], matrix: Matrix
) -> dict[str, WhyWaiting]:
    """The reason of each order without an offer."""
    offered = {order for offer in offers for order in offer.orders}
    trips = {
        order.order: trip
        for load, trip in zip(plan.loads, plan.chosen, strict=True)
        for order in load.orders
        if trip >= 0
    }
    return {
        order.order: _planned(trips[order.order], matrix)
        if order.order in trips
        else _unplanned(order, couriers, matrix)
        for order in orders
        if order.order not in offered
    }


def _planned(trip: int, matrix: Matrix) -> WhyWaiting:
    return WhyWaiting.COURIER_BUSY if matrix.trips[trip].free_at > matrix.now else WhyWaiting.NOT_DUE


def _unplanned(order: OpenOrder, couriers: Sequence[Courier], matrix: Matrix) -> WhyWaiting:
    """The first test that no courier passes names the reason."""
    if order.fixed_courier is not None:
        couriers = [courier for courier in couriers if courier.courier == order.fixed_courier]
        if not couriers:
            return WhyWaiting.FIXED_COURIER_ABSENT
    candidates = [courier for courier in couriers if not courier.stores or order.store in courier.stores]
    if not candidates:
        return WhyWaiting.NO_COURIER
    candidates = [courier for courier in candidates if _can_carry(courier, order)]
    if not candidates:
        return WhyWaiting.NO_VEHICLE
    candidates = [courier for courier in candidates if courier.courier not in order.refused_by]
    if not candidates:
        return WhyWaiting.ALL_REFUSED
    if not any(_first_pickup(courier, order, matrix) <= courier.off_at for courier in candidates):
        return WhyWaiting.SHIFTS_END
    is_due = order.ready_at <= matrix.now + matrix.settings.horizon
    return WhyWaiting.MORE_URGENT_ORDERS if is_due else WhyWaiting.NOT_DUE


def _can_carry(courier: Courier, order: OpenOrder) -> bool:
    return order.size <= courier.capacity and (not order.vehicles or courier.vehicle in order.vehicles)


def _first_pickup(courier: Courier, order: OpenOrder, matrix: Matrix) -> float:
    """On a trip that is planned now, or else the ready time."""
    settings = matrix.settings
    pickups = (
        trip.free_at + settings.travel(trip.place, order.store_place, courier.vehicle) + settings.pickup_service / 2
        for trip in matrix.trips
        if trip.courier is courier and trip.run is None
    )
    return max(order.ready_at, min(pickups, default=order.ready_at))
