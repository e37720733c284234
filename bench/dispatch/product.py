"""The product's dispatcher behind the simulation's question: a view becomes a round, and offers become proposals."""

import math
from dataclasses import replace

from bench.dispatch.day import CourierState, Dispatcher, Proposal, View
from bench.dispatch.instances import Order, Parameters, Point
from functions.delivery.dispatch.facts import Courier, OpenOrder, Place, Run
from functions.delivery.dispatch.plan import plan_round
from functions.delivery.dispatch.settings import Settings, share_of_declines


def settings_of(parameters: Parameters) -> Settings:
    """The product's own settings, with the speed and the services of the instance."""

    def travel(start: Place, end: Place, vehicle: str) -> float:  # noqa: ARG001 -- all couriers have the same vehicle
        return math.ceil(math.hypot(end[0] - start[0], end[1] - start[1]) / parameters.metres_per_minute)

    return Settings(
        travel=travel,
        pickup_service=parameters.pickup_service,
        dropoff_service=parameters.dropoff_service,
        target=parameters.target,
    )


def product(restaurants: dict[str, Point], settings: Settings) -> Dispatcher:
    """A dispatcher for one day. It learns the share of declines as the day goes."""
    sent = 0

    def dispatcher(view: View) -> list[Proposal]:
        nonlocal sent
        declined = sum(map(len, view.refused_by.values()))
        learned = replace(settings, decline_share=share_of_declines(declined, sent))
        orders = [_order(order, view, restaurants) for order in view.open_orders]
        couriers = [_courier(state, view, restaurants) for state in view.couriers]
        offers = plan_round(view.minute, orders, couriers, learned).offers
        sent += sum(len(offer.orders) for offer in offers)
        return [Proposal(offer.courier, offer.orders, tuple(name for name, _ in offer.dropoffs)) for offer in offers]

    return dispatcher


def _order(order: Order, view: View, restaurants: dict[str, Point]) -> OpenOrder:
    return OpenOrder(
        order.name,
        order.restaurant,
        Place(*restaurants[order.restaurant]),
        Place(*order.door),
        order.placed,
        view.known_ready(order),
        refused_by=frozenset(view.refused_by.get(order.name, ())),
        is_ready_estimated=view.is_ready_estimated(order),
    )


def _courier(state: CourierState, view: View, restaurants: dict[str, Point]) -> Courier:
    run = None
    if state.bundle is not None:
        orders = tuple(_order(view.orders[name], view, restaurants) for name in state.bundle.route)
        run = Run(orders, state.bundle.arrives)
    return Courier(state.courier.name, Place(*state.place), state.free, state.courier.off, run=run)
