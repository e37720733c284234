"""Reasons for which a store can't take an order."""

from collections.abc import Iterator
from datetime import datetime

from functions.orders.pricing.menu_entries import has_size, menu_options
from functions.orders.pricing.order_request import LineIn, OrderIn
from shared.contracts.menu import Item
from shared.contracts.store_record import Store
from shared.spine.errors import Fault


def faults_of(order: OrderIn, store: Store, moment: datetime) -> list[Fault]:
    """A fault for each reason to refuse an order that is wanted for `moment`."""
    return [*_store_faults(order, store, moment), *_lines_faults(order, store), *_discount_faults(order, store)]


def _store_faults(order: OrderIn, store: Store, moment: datetime) -> Iterator[Fault]:
    currency = store.settings.currency
    if order.currency != currency:
        yield Fault("currency", "wrong_currency", f"the store sells in {currency}", order.currency, currency)
    if store.menu is None:
        yield Fault("store", "no_menu", f"store {store.id} has no menu yet")
    if not store.open_at(moment):
        yield Fault("store", "store_closed", f"store {store.id} is closed at that time")


def _lines_faults(order: OrderIn, store: Store) -> Iterator[Fault]:
    """Faults of the lines. Without a menu no line is known; the store's fault names that once for all lines."""
    for number, line in enumerate(order.lines if store.menu else []):
        item = store.items.get(line.item)
        if item is None:
            yield Fault(f"lines[{number}].item", "unknown_item", "not on the store's menu", line.item)
        else:
            yield from _line_faults(f"lines[{number}]", line, item, sold_out=item.id in store.sold_out)


def _line_faults(path: str, line: LineIn, item: Item, *, sold_out: bool) -> Iterator[Fault]:
    if sold_out:
        yield Fault(f"{path}.item", "sold_out", "sold out in this store for now", line.item)
    if not has_size(item, line.size):
        yield Fault(f"{path}.size", "unknown_size", _sizes(item), line.size)
    for index, option in enumerate(menu_options(line, item)):
        if option is None:
            yield Fault(f"{path}.options[{index}]", "unknown_option", "not an option of the item", line.options[index])


def _sizes(item: Item) -> str:
    sizes = ", ".join(size.id for size in item.sizes)
    return f"the item has the sizes {sizes}" if sizes else "the item has no sizes"


def _discount_faults(order: OrderIn, store: Store) -> Iterator[Fault]:
    if store.menu:
        codes = {discount.code for discount in store.menu.discounts}
        for number, discount in enumerate(order.discounts):
            if discount.code not in codes:
                path = f"discounts[{number}].code"
                yield Fault(path, "unknown_discount", "not a discount of this store", discount.code)
    subtotal = sum(line.unit_price * line.quantity for line in order.lines)
    discounted = sum(discount.amount for discount in order.discounts)
    if discounted > subtotal:
        detail = "the discounts exceed the sum of the lines"
        yield Fault("discounts", "discount_too_large", detail, discounted, subtotal)
