"""The part of a plan that must be offered now: couriers leave as late as the ready time allows."""

from functions.delivery.dispatch.answer import Offer, WhyCourier
from functions.delivery.dispatch.bundles import Plan
from functions.delivery.dispatch.loads import Load
from functions.delivery.dispatch.matrix import Matrix, Timing, fits
from functions.delivery.dispatch.trips import Trip


def offers_now(plan: Plan, matrix: Matrix) -> list[Offer]:
    """Offers that can't wait for the next round."""
    pairs = [(load, matrix.trips[trip]) for load, trip in zip(plan.loads, plan.chosen, strict=True) if trip >= 0]
    return [_offer(load, trip, matrix) for load, trip in pairs if _is_due(load, trip, matrix)]


def _is_due(load: Load, trip: Trip, matrix: Matrix) -> bool:
    next_round = matrix.now + matrix.settings.answer_time
    if trip.run is None:
        return trip.free_at <= matrix.now and matrix.timing(load, trip).leaves_at < next_round
    return max(trip.run.ready_at, trip.free_at + matrix.settings.pickup_service / 2) <= next_round


def _offer(load: Load, trip: Trip, matrix: Matrix) -> Offer:
    timing = matrix.timing(load, trip)
    route = timing.route
    dropoffs = tuple(
        (order.order, timing.pickup_at + offset) for order, offset in zip(route.orders, route.offsets, strict=True)
    )
    why, next_courier, minutes = _why(load, trip, timing, matrix)
    orders = tuple(order.order for order in load.orders)
    return Offer(
        trip.courier.courier, orders, timing.pickup_at, dropoffs, why, trip.run is not None, next_courier, minutes
    )


def _why(load: Load, trip: Trip, timing: Timing, matrix: Matrix) -> tuple[WhyCourier, str | None, float | None]:
    """The reason, and the earliest other courier with the minutes by which that pickup would be later."""
    ends = {id(other): _pickup(load, other, matrix) for other in matrix.trips if other.courier is not trip.courier}
    others = [other for other in matrix.trips if ends.get(id(other)) is not None]
    earliest = min(others, key=lambda other: ends[id(other)] or 0.0, default=None)
    if load.fixed_courier:
        return WhyCourier.FIXED, None, None
    if earliest is None:
        return (WhyCourier.BUNDLED if trip.run else WhyCourier.ONLY_ONE), None, None
    later = (ends[id(earliest)] or 0.0) - timing.pickup_at
    if trip.run:
        return WhyCourier.BUNDLED, earliest.courier.courier, later
    why = WhyCourier.EARLIEST if later >= 0 else WhyCourier.BEST_FOR_ALL
    return why, earliest.courier.courier, later


def _pickup(load: Load, trip: Trip, matrix: Matrix) -> float | None:
    """None if the trip can't take the load."""
    if trip.run is not None or not fits(load, trip, matrix.settings):
        return None
    pickup = matrix.timing(load, trip).pickup_at
    return pickup if pickup <= trip.courier.off_at else None
