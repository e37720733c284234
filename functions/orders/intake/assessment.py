"""An order at its store: priced by the store as it was at the time of the sale, and numbered."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from functions.orders.intake import store_copies
from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.price import Priced, price
from functions.orders.pricing.sale import Sale
from functions.orders.reservations.slots import take_slot
from functions.orders.reservations.stock import take_stock
from functions.orders.tables.pickup_numbers import PickupNumber, take_number_and_look_back, take_pickup_number
from functions.orders.tables.store_history import read_store_at
from shared.contracts.messages.orders import Difference
from shared.contracts.store_record import OFFLINE_AT_MOST, Store
from shared.spine.auth import Client
from shared.spine.errors import Fault, Rejected, Unavailable
from shared.spine.http import Call
from shared.spine.outbox import Work

ATTEMPTS = 3


@dataclass(frozen=True)
class Numbered:
    """An order with its pickup number. `store_at_sale` is the store at the time of the sale, `store` at present.

    `source_day` is the business day on which the source used its number; another day may have the same number.
    """

    store: Store
    store_at_sale: Store
    source_day: date
    number: PickupNumber


@dataclass(frozen=True)
class Assessment(Numbered):
    """An order, numbered and priced.

    `slot` is the slot in which the order has a place. `differences` name items and slots without room.
    """

    priced: Priced
    slot: datetime | None = None
    differences: tuple[Difference, ...] = ()


def take_number(call: Call, work: Work, sale: Sale, store: Store, now: datetime) -> Numbered:
    """The order's number, by the copy of the store; by the present store when it has changed since.

    The number comes before the price, because it leaves with the claim of the request's key, and only the present store
    gives one. An order that is refused gives it back. Raises `Unavailable` while the store is being changed, and as
    `claim` does.
    """
    order = sale.order
    for _ in range(ATTEMPTS):
        store_at_sale = read_store_at_sale(work, order, store, now)
        # By the stated time, even a wrong one: the time is the same when the source sends the order again.
        source_day = store_at_sale.day_of(order.placed_at or now)
        number = _number(call, work, sale, store, business_day_of(order, store_at_sale, sale.placed_at), source_day)
        if number:
            return Numbered(store, store_at_sale, source_day, number)
        store = store_copies.refresh(call.env, work, store.key)
    raise Unavailable("busy", "the store is being changed", retry_after=1)


def assess(call: Call, work: Work, sale: Sale, numbered: Numbered, now: datetime) -> Assessment:
    """Price the order, and take its counted items and its place in a slot. Raises `Rejected`."""
    # The copy that passed the first check may have been in another region.
    require_rights(call.client, sale.order, numbered.store)
    priced = _priced(call, sale, numbered.store, numbered.store_at_sale, now)
    return _with_reservations(work, sale, Assessment(**vars(numbered), priced=priced), now)


def _with_reservations(work: Work, sale: Sale, assessment: Assessment, now: datetime) -> Assessment:
    """The assessment, after the order took its counted items and its place in a slot. Raises `Rejected`."""
    store, lines, order = assessment.store, assessment.priced.lines, sale.order
    differences = take_stock(work, store, lines, sold_at=sale.times.ordered_at if order.is_sale else None)
    slot = None
    if order.wanted_for:
        slot, full = take_slot(work, store, lines, order.wanted_for, now, is_sale=order.is_sale)
        differences += full
    return replace(assessment, slot=slot, differences=tuple(differences))


def require_rights(client: Client, order: OrderIn, store: Store) -> None:
    """Raises `Rejected` (403) when the client may not place the order, or not take the payments that come with it."""
    client.require("orders:place", store.scope)
    if order.payments:
        client.require("orders:pay", store.scope)


def business_day_of(order: OrderIn, store: Store, placed_at: datetime) -> date:
    """The business day of an order: a scheduled order counts, and is numbered, on the day for which it is wanted."""
    return store.day_of(max(placed_at, order.wanted_for or placed_at))


def read_store_at_sale(work: Work, order: OrderIn, store: Store, now: datetime) -> Store:
    """The store at the time of a late sale, if that is known; the present store for any other order."""
    if not (order.is_sale and order.placed_at and store.valid_from):
        return store
    if not now - OFFLINE_AT_MOST <= order.placed_at < store.valid_from:
        return store
    return read_store_at(work, store, order.placed_at) or store


def _priced(call: Call, sale: Sale, store: Store, store_at_sale: Store, now: datetime) -> Priced:
    """The price. Raises `Rejected` for an order that is too old, and for a wrong total that the source can correct."""
    if sale.placed_at < now - OFFLINE_AT_MOST:
        call.client.require("orders:import", store.scope)
    may_discount = call.client.may("orders:discount", store.scope)
    moment = sale.order.wanted_for or sale.placed_at
    priced = price(sale.order, store_at_sale, moment, may_discount=may_discount)
    # The guest of a mini-program still sees the right price; the guest of a till or platform has paid.
    if priced.differences and not sale.order.is_sale:
        faults = [
            Fault(difference.path, "differs", "the menu has another amount", difference.stated, difference.expected)
            for difference in priced.differences
        ]
        raise Rejected("amounts_differ", "amounts differ from the store's menu; each is named", faults=tuple(faults))
    return priced


def _number(call: Call, work: Work, sale: Sale, store: Store, day: date, source_day: date) -> PickupNumber | None:
    """The pickup number. None when the store has changed."""
    assert call.key is not None  # as for every mutation
    if sale.order.placed_at is None:
        source, request_hash = sale.order.source, call.key.request_hash
        return take_number_and_look_back(work, store, day, source, source_day, request_hash)
    # Sales at two stated times are two sales, even under the same number.
    return take_pickup_number(work, store, day)
