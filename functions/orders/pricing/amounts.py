"""The amounts of an order beyond its lines, as the source states them and as the store expects them. Pure."""

from collections.abc import Iterator

from functions.orders.pricing.bill import Bill
from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.stated_taxes import tax_differences, tax_of
from shared.contracts.messages.orders import Difference


def amounts_that_differ(order: OrderIn, expected: Bill) -> Iterator[Difference]:
    """A difference for each amount: discounts, charges, taxes, tax and total."""
    stated = (order.service_charge, order.delivery_charge, tax_of(order), order.total)
    by_rules = (expected.service_charge, expected.delivery_charge, expected.tax, expected.total)
    if stated == by_rules and not (order.discounts or order.taxes):
        return
    amounts = [
        (f"discounts[{number}].amount", discount.amount, by_menu.amount)
        for number, (discount, by_menu) in enumerate(zip(order.discounts, expected.discounts, strict=True))
    ]
    amounts += zip(("service_charge", "delivery_charge", "tax", "total"), stated, by_rules, strict=True)
    yield from (
        Difference(path=path, stated=amount, expected=by_menu) for path, amount, by_menu in amounts if amount != by_menu
    )
    yield from tax_differences(order.taxes, tax_of(order), expected.taxes)
