"""The amounts that an order states, and the amounts that the store's menu expects, under the same paths."""

from functions.orders.pricing.menu_entries import has_size, menu_options
from functions.orders.pricing.order_request import LineIn, OrderIn
from shared.contracts.menu import Item
from shared.contracts.money import share
from shared.contracts.store_record import Store


def stated_amounts(order: OrderIn) -> dict[str, int]:
    """Each amount of the order by its path."""
    stated = {f"lines[{number}].unit_price": line.unit_price for number, line in enumerate(order.lines)}
    stated |= {f"discounts[{number}].amount": discount.amount for number, discount in enumerate(order.discounts)}
    charges = {"service_charge": order.service_charge, "delivery_charge": order.delivery_charge}
    return stated | charges | {"tax": order.tax, "total": order.total}


def expected_amounts(order: OrderIn, store: Store) -> dict[str, int]:
    """The same amounts by the store's menu."""
    unit_prices = [_unit_price(line, store.items.get(line.item)) for line in order.lines]
    subtotal = sum(unit_price * line.quantity for unit_price, line in zip(unit_prices, order.lines, strict=True))
    discounts = _expected_discounts(order, store, subtotal)
    discounted = subtotal - sum(discounts)
    service, delivery = _expected_charges(order, store, discounted)
    taxed, tax = discounted + service + delivery, store.settings.tax
    due = tax.due(taxed)
    expected = {f"lines[{number}].unit_price": unit_price for number, unit_price in enumerate(unit_prices)}
    expected |= {f"discounts[{number}].amount": amount for number, amount in enumerate(discounts)}
    total = taxed if tax.inclusive else taxed + due
    return expected | {"service_charge": service, "delivery_charge": delivery, "tax": due, "total": total}


def _unit_price(line: LineIn, item: Item | None) -> int:
    """The price by the menu, or the stated price when the menu lacks the item, its size or an option."""
    if item is None or not has_size(item, line.size):
        return line.unit_price
    price = next((size.price for size in item.sizes if size.id == line.size), item.price or 0)
    for option in menu_options(line, item):
        if option is None:
            return line.unit_price
        price += option.price
    return price


def _expected_discounts(order: OrderIn, store: Store, subtotal: int) -> list[int]:
    """Each discount in turn, at most the amount that remains. A code that the menu lacks counts as stated."""
    rules = {rule.code: rule for rule in store.menu.discounts} if store.menu else {}
    amounts: list[int] = []
    remaining = subtotal
    for discount in order.discounts:
        rule = rules.get(discount.code)
        if rule is None:
            amount = discount.amount
        else:
            amount = rule.amount if rule.amount is not None else share(subtotal, rule.rate or 0)
        amounts.append(min(amount, remaining))
        remaining -= amounts[-1]
    return amounts


def _expected_charges(order: OrderIn, store: Store, discounted: int) -> tuple[int, int]:
    """(service, delivery). A charge that the menu does not set counts as stated."""
    service, delivery = order.service_charge, order.delivery_charge
    if store.menu and store.menu.service_charge is not None:
        applies = order.service in store.menu.service_charge.services
        service = share(discounted, store.menu.service_charge.rate) if applies else 0
    if store.menu and store.menu.delivery_charge is not None:
        delivery = store.menu.delivery_charge if order.service == "delivery" else 0
    return service, delivery
