"""Reasons for which a store can't take an order, beyond those of its lines. Pure functions."""

from collections.abc import Iterator

from functions.orders.pricing.line_discounts import discount_faults
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.order_request import OrderIn
from shared.contracts.messages.orders import Line, SourceKind
from shared.spine.errors import Fault


def store_faults(order: OrderIn, occasion: Occasion) -> Iterator[Fault]:
    """Faults of the store: another currency, no menu, closed or paused at that time."""
    store, currency = occasion.store, occasion.store.settings.currency
    if order.currency != currency:
        yield Fault("currency", "wrong_currency", f"the store sells in {currency}", order.currency, currency)
    if store.menu is None:
        yield Fault("store", "no_menu", f"store {store.id} has no menu yet")
    if not store.open_at(occasion.moment):
        yield Fault("store", "store_closed", f"store {store.id} is closed at that time")
    if occasion.channel is not SourceKind.TILL and store.is_paused(occasion.moment):
        yield Fault("store", "store_paused", f"store {store.id} takes no orders before {store.settings.paused_until}")


def order_discount_faults(order: OrderIn, lines: list[Line], occasion: Occasion) -> Iterator[Fault]:
    """Faults of the order's discounts. `lines` are the stated ones."""
    for number, discount in enumerate(order.discounts):
        yield from discount_faults(f"discounts[{number}]", discount, occasion)
    if order.discounts:
        subtotal = sum(line.net for line in lines)
        discounted = sum(discount.amount for discount in order.discounts)
        if discounted > subtotal:
            detail = "the discounts exceed the sum of the lines"
            yield Fault("discounts", "discount_too_large", detail, discounted, subtotal)
