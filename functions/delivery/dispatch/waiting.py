"""Why an order gets no offer in a round."""

from collections.abc import Iterable, Sequence

from functions.delivery.dispatch.answer import Offer, WhyWaiting
from functions.delivery.dispatch.bundles import Plan
from functions.delivery.dispatch.facts import OpenOrder
from functions.delivery.dispatch.matrix import Matrix


def reasons_to_wait(
    orders: Sequence[OpenOrder], plan: Plan, offers: Iterable[Offer], matrix: Matrix
) -> dict[str, WhyWaiting]:
    """The reason of each order without an offer."""
    offered = {order for offer in offers for order in offer.orders}
    reasons = {}
    for load, trip in zip(plan.loads, plan.chosen, strict=True):
        for order in load.orders:
            reasons[order.order] = _of_planned(trip, matrix)
    later = {order.order: WhyWaiting.NOT_DUE for order in orders if order.order not in reasons}
    return {order: reason for order, reason in (reasons | later).items() if order not in offered}


def _of_planned(trip: int, matrix: Matrix) -> WhyWaiting:
    if trip < 0:
        return WhyWaiting.MORE_URGENT_ORDERS
    return WhyWaiting.COURIER_BUSY if matrix.trips[trip].free_at > matrix.now else WhyWaiting.NOT_DUE
