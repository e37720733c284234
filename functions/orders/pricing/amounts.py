"""The amounts of an order beyond its lines, as the source states them and as the store expects them. Pure."""

from collections.abc import Iterator

from functions.orders.pricing.bill import Bill
from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.stated_taxes import tax_differences, tax_of
from shared.contracts.messages.orders import Difference


def amounts_that_differ(order: OrderIn, expected: Bill) -> Iterator[Difference]:
    """A difference for each amount: discounts, charges, taxes, tax and total."""
    for number, (discount, by_menu) in enumerate(zip(order.discounts, expected.discounts, strict=True)):
        yield from _difference(f"discounts[{number}].amount", discount.amount, by_menu.amount)
    yield from _difference("service_charge", order.service_charge, expected.service_charge)
    yield from _difference("delivery_charge", order.delivery_charge, expected.delivery_charge)
    yield from tax_differences(order, expected.taxes)
    yield from _difference("tax", tax_of(order), expected.tax)
    yield from _difference("total", order.total, expected.total)


def _difference(path: str, stated: int, expected: int) -> Iterator[Difference]:
    if stated != expected:
        yield Difference(path=path, stated=stated, expected=expected)
