"""Offers without an answer end. One round: open deliveries are planned, and new offers are stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.delivery.assignment.planning_input import SETTINGS, ChainFacts, has_door, minutes
from functions.delivery.assignment.reasons import reasons
from functions.delivery.booking.asking import held_for_fleets
from functions.delivery.creation.announcing import store_change
from functions.delivery.dispatch.answer import Offer
from functions.delivery.dispatch.plan import plan_round
from functions.delivery.life.act import Refused, Request, acted
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import Action, Carriage
from functions.delivery.tables.actions import ActionRow, insert_action
from functions.delivery.tables.couriers import lock_courier, read_couriers
from functions.delivery.tables.deliveries import (
    lock_delivery,
    read_given,
    read_ids_of_courier,
    read_late_offers,
    read_unassigned,
    update_delivery,
)
from functions.delivery.tables.positions import read_positions
from functions.delivery.tables.stores import StoreSettings, read_automatic, read_home
from shared.contracts.ids import new_id
from shared.kit.isolation import Isolation
from shared.spine.env import Environment
from shared.spine.outbox import Work

DISPATCHER = "dispatch"
DOOR_UNKNOWN = "door_unknown"
# So long before it is ready a delivery is looked at: the desk has time to find a door.
PLANNED_BEFORE = timedelta(hours=4)
# So long after its promise a delivery without a courier waits for a person alone.
WAITED_FOR = timedelta(days=1)


def chains_to_plan(env: Environment) -> dict[str, list[StoreSettings]]:
    """The stores with automatic assignment, by chain: couriers may serve several of them."""
    with env.db.transaction() as transaction:
        stores = read_automatic(transaction)
    chains: dict[str, list[StoreSettings]] = defaultdict(list)
    for store in stores:
        chains[store.chain].append(store)
    return chains


def assign_chain(env: Environment, chain: str, stores: Sequence[StoreSettings]) -> int:
    """Plan a round of a chain. Returns the number of offers. Each delivery is stored in a transaction of its own."""
    now = env.clock()
    facts = read_facts(env, chain, stores, now)
    held = held_for_fleets(facts.deliveries, facts.stores, facts.homes, now)
    orders, couriers = [order for order in facts.open_orders() if order.order not in held], facts.on_duty()
    settings = replace(SETTINGS, decline_share=facts.decline_share())
    plan = plan_round(minutes(now), orders, couriers, settings)
    waiting = reasons(orders, couriers, plan.waiting)
    _note_waiting(env, facts.deliveries, waiting)
    return sum(_send(env, offer, facts, now) for offer in plan.offers)


def end_late_offers(env: Environment, until: datetime) -> int:
    """End the offers without an answer in time, in stores with and without automatic assignment.

    Returns their number. Each is a transaction of its own.
    """
    now = env.clock()
    with env.db.transaction() as transaction:
        late = read_late_offers(transaction, now)
    ended = 0
    with Isolation() as isolation:
        for delivery in late:
            if env.clock() >= until:
                break
            with isolation.isolate(delivery):
                ended += _end_offer(env, delivery, now)
    return ended


def assign_again(env: Environment, declined: Delivery) -> int:
    """A round at once, because a courier declined: the next one need not wait for the minute. The number of offers."""
    stores = chains_to_plan(env).get(declined.chain, [])
    return assign_chain(env, declined.chain, stores) if declined.store in {store.store for store in stores} else 0


def read_facts(env: Environment, chain: str, stores: Sequence[StoreSettings], now: datetime) -> ChainFacts:
    """The chain's open deliveries, couriers and places."""
    with env.db.transaction() as transaction:
        keys = [store.store for store in stores]
        deliveries = [
            *read_unassigned(transaction, keys, now + PLANNED_BEFORE, now - WAITED_FOR),
            *read_given(transaction, keys),
        ]
        couriers = read_couriers(transaction, chain)
        positions = read_positions(transaction, chain)
        with_fleet = [store.store for store in stores if store.fleet_rule]
        homes = read_home(transaction, with_fleet)
    return ChainFacts(now, {store.store: store for store in stores}, deliveries, couriers, positions, homes)


def _end_offer(env: Environment, delivery_id: str, now: datetime) -> bool:
    with env.outbox.work("delivery") as work:
        delivery = lock_delivery(work, delivery_id)
        # The same delivery may have a new offer by now.
        if delivery is None or delivery.offered_until is None or delivery.offered_until > now:
            return False
        request = Request(Action.DECLINE, now, expected=Carriage.OFFERED, reason="no answer")
        return _changed(env, work, delivery, request)


def _send(env: Environment, offer: Offer, facts: ChainFacts, now: datetime) -> int:
    """Store an offer of one or more orders. Returns the number of orders that were offered."""
    known = {delivery.id for delivery in facts.deliveries if delivery.courier == offer.courier}
    sent = 0
    for order in offer.orders:
        if _offer(env, offer, order, facts, now, known):
            known.add(order)
            sent += 1
    return sent


def _offer(
    env: Environment, offer: Offer, order: str, facts: ChainFacts, now: datetime, known: AbstractSet[str]
) -> bool:
    store = {delivery.id: delivery.store for delivery in facts.deliveries}[order]
    seconds = facts.stores[store].offer_seconds
    why: dict[str, Any] = {
        "code": str(offer.why),
        "next_courier": offer.next_courier,
        "minutes_later": offer.minutes_later,
        "pickup_at": datetime.fromtimestamp(offer.pickup_at * 60, now.tzinfo).isoformat(timespec="seconds"),
    }
    request = Request(
        Action.OFFER, now, expected=Carriage.UNASSIGNED, courier=offer.courier, until=now + timedelta(seconds=seconds),
        why=why,
    )  # fmt: skip
    return _change(env, order, request, known)


def _change(env: Environment, delivery_id: str, request: Request, known: AbstractSet[str] | None = None) -> bool:
    """Do the action, if the delivery still is as it was planned: a person may have been faster.

    `known` are the deliveries that the courier of an offer had in the plan. Another round may have given it more.
    """
    with env.outbox.work("delivery") as work:
        delivery = lock_delivery(work, delivery_id)
        if delivery is None or not _is_as_planned(work, delivery, request, known):
            return False
        return _changed(env, work, delivery, request)


def _changed(env: Environment, work: Work, delivery: Delivery, request: Request) -> bool:
    """Whether the action was possible, and was done."""
    try:
        after = acted(delivery, request)
    except Refused:
        return False
    _keep(work, delivery, after, request)
    steps = [request.action.value]
    store_change(work, after, steps, request.at, env.clock(), reason=request.reason, courier_before=delivery.courier)
    return True


def _is_as_planned(work: Work, delivery: Delivery, request: Request, known: AbstractSet[str] | None) -> bool:
    if known is None or request.courier is None:
        return True
    # Rounds at the same time take turns here, courier by courier.
    lock_courier(work, delivery.chain, request.courier)
    return read_ids_of_courier(work, delivery.chain, request.courier) <= known


def _keep(work: Work, before: Delivery, after: Delivery, request: Request) -> None:
    row = ActionRow(
        delivery=before.id,
        id=new_id(request.at),
        action=request.action,
        actor=DISPATCHER,
        expected=request.expected,
        found=before.carriage,
        became=after.carriage,
        refusal=None,
        detail=request.reason or request.courier,
        happened_at=request.at,
        received_at=request.at,
    )
    insert_action(work, row)


def _note_waiting(env: Environment, deliveries: Sequence[Delivery], waiting: Mapping[str, Mapping[str, Any]]) -> None:
    """Tell the desk why a delivery waits. It is no change of the delivery."""
    for delivery in deliveries:
        if delivery.carriage != Carriage.UNASSIGNED:
            continue
        unknown = {"code": DOOR_UNKNOWN, "needs_person": True}
        why = waiting.get(delivery.id) if has_door(delivery) else unknown
        if why and dict(delivery.why) != dict(why):
            _store_why(env, delivery.id, why)


def _store_why(env: Environment, delivery_id: str, why: Mapping[str, Any]) -> None:
    with env.db.transaction() as transaction:
        delivery = lock_delivery(transaction, delivery_id)
        if delivery and delivery.carriage == Carriage.UNASSIGNED:
            update_delivery(transaction, replace(delivery, why=dict(why)))
