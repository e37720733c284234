"""The part of a plan that must be offered now: couriers leave as late as the ready time allows."""

from functions.delivery.dispatch.answer import Offer, WhyCourier
from functions.delivery.dispatch.bundles import Plan
from functions.delivery.dispatch.loads import Load
from functions.delivery.dispatch.matrix import Matrix, Timing
from functions.delivery.dispatch.trips import Trip


def offers_now(plan: Plan, matrix: Matrix) -> list[Offer]:
    """Offers that can't wait for the next round."""
    pairs = [(load, matrix.trips[trip]) for load, trip in zip(plan.loads, plan.chosen, strict=True) if trip >= 0]
    return [_offer(load, trip, matrix) for load, trip in pairs if _is_due(load, trip, matrix)]


def _is_due(load: Load, trip: Trip, matrix: Matrix) -> bool:
    next_round = matrix.now + matrix.settings.answer_time + _lead(load, trip, matrix)
    if load.is_ready_estimated or (trip.run and trip.run.is_ready_estimated):
        next_round += matrix.settings.early
    if trip.run is None:
        return trip.free_at <= matrix.now and matrix.timing(load, trip).leaves_at < next_round
    return max(trip.run.ready_at, trip.free_at + matrix.settings.pickup_service / 2) <= next_round


def _lead(load: Load, trip: Trip, matrix: Matrix) -> float:
    """Minutes by which an offer goes out earlier, so that the next courier has more time after a decline."""
    settings = matrix.settings
    if not settings.decline_share or trip.run is not None or load.fixed_courier:
        return 0.0
    others = [pickup for pickup, courier in matrix.pickups(load) if courier is not trip.courier]
    later = min(others) - matrix.timing(load, trip).pickup_at if others else settings.no_other
    return min(max(later, 0.0) * settings.decline_share * settings.lead, settings.longest_lead)


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
    """The reason, and the earliest different courier with the minutes by which that pickup would be later."""
    if load.fixed_courier:
        return WhyCourier.FIXED, None, None
    rivals = [rival for rival in matrix.pickups(load) if rival[1] is not trip.courier]
    if not rivals:
        return (WhyCourier.BUNDLED if trip.run else WhyCourier.ONLY_ONE), None, None
    pickup, rival = min(rivals, key=lambda pair: pair[0])
    why = WhyCourier.EARLIEST if pickup >= timing.pickup_at else WhyCourier.BEST_FOR_ALL
    return WhyCourier.BUNDLED if trip.run else why, rival.courier, pickup - timing.pickup_at
