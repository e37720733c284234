"""One round of dispatch: open orders and couriers → offers to send now, and why the other orders wait."""

from collections.abc import Sequence

from functions.delivery.dispatch.answer import Round
from functions.delivery.dispatch.bundles import with_bundles
from functions.delivery.dispatch.facts import Courier, OpenOrder
from functions.delivery.dispatch.loads import load_of
from functions.delivery.dispatch.matrix import Matrix
from functions.delivery.dispatch.offers import offers_now
from functions.delivery.dispatch.readiness import expected
from functions.delivery.dispatch.settings import Settings
from functions.delivery.dispatch.trips import trips_of
from functions.delivery.dispatch.waiting import reasons_to_wait


def plan_round(now: float, orders: Sequence[OpenOrder], couriers: Sequence[Courier], settings: Settings) -> Round:
    """The offers to send at `now`.

    Call it each minute with all open orders without an offer, and all couriers on duty. Rules and figures:
    docs/develop/dispatch.md.
    """
    orders = [expected(order, now, settings) for order in orders]
    loads = [load_of((order,), now, settings) for order in orders if order.ready_at <= now + settings.horizon]
    trips = trips_of(now, couriers, settings)
    matrix = Matrix(now, settings, trips)
    plan = with_bundles(loads, matrix)
    offers = offers_now(plan, matrix)
    return Round(tuple(offers), reasons_to_wait(orders, couriers, plan, offers, matrix))
