"""The price of an order by the store's menu, and each point where the source states another amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.orders.pricing.amounts import amounts_that_differ
from functions.orders.pricing.bill import Bill, total_bill
from functions.orders.pricing.faults import order_discount_faults, store_faults
from functions.orders.pricing.lines import PricedLines, price_lines
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.stated_taxes import tax_of, taxes_as_stated
from shared.contracts.messages.order_parts import TaxAmount
from shared.contracts.messages.orders import Difference, Discount, Line
from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_record import Store
from shared.spine.errors import Fault, Rejected

# A sale in the wrong currency has no amounts that a store could count.
ALWAYS_REFUSED = {"wrong_currency"}


@dataclass(frozen=True)
class Priced:
    """An order's lines and amounts as they are stored, and each point that disagrees with the store."""

    lines: list[Line]
    discounts: list[Discount]
    subtotal: int
    tax: int
    taxes: list[TaxAmount]
    liabilities: int
    differences: list[Difference]

    def fields(self) -> dict[str, Any]:
        """The fields of an `Order` with these names, without the differences."""
        return {name: value for name, value in vars(self).items() if name != "differences"}


def price(order: OrderIn, store: Store, moment: datetime, *, may_discount: bool = False) -> Priced:
    """The price of an order for `moment`. Raises `Rejected` with a fault for each reason to refuse the order.

    The source's amounts are stored, because the guest paid or saw them. `differences` names each amount for which the
    menu has another one: unit prices, discounts, charges, taxes, total. For a sale it also names each reason for a
    refusal: a closed store, a sold-out or unknown item, an unknown code, a missing choice.
    `may_discount`: the key has the right to open discounts and comps.
    """
    occasion = Occasion(store, order.source.kind, order.service, moment, may_discount)
    lines = price_lines(order.lines, occasion)
    faults = [
        *store_faults(order, occasion),
        *lines.faults,
        *order_discount_faults(order, lines.stated, occasion),
    ]
    refused = tuple(fault for fault in faults if fault.code in ALWAYS_REFUSED or not order.is_sale)
    if refused:
        raise Rejected("not_orderable", "the store can't take this order; each reason is named", faults=refused)
    discounts = [Discount(**dict(discount)) for discount in order.discounts]
    expected = _bill(order, lines.by_menu, discounts, store)
    _require_countable(order, lines, expected)
    differences = [*map(difference_of, faults), *lines.differences, *amounts_that_differ(order, expected)]
    kept = _bill(order, lines.stated, discounts, store, as_stated=True) if differences else expected
    taxes = taxes_as_stated(order.taxes, tax_of(order), kept.taxes) if differences else kept.taxes
    return Priced(lines.stated, discounts, kept.subtotal, tax_of(order), taxes, kept.liabilities, differences)


def difference_of(fault: Fault) -> Difference:
    """The difference of a sale for a fault that another order is refused for."""
    return Difference(path=fault.path, code=fault.code, stated=fault.stated, expected=fault.expected)


def _bill(
    order: OrderIn, lines: Sequence[Line], discounts: Sequence[Discount], store: Store, *, as_stated: bool = False
) -> Bill:
    return total_bill(
        lines,
        store,
        order.service,
        discounts=discounts,
        service_charge=order.service_charge,
        delivery_charge=order.delivery_charge,
        as_stated=as_stated,
    )


def _require_countable(order: OrderIn, lines: PricedLines, expected: Bill) -> None:
    if order.is_sale:
        return
    if max([expected.subtotal, expected.total, *(line.unit_price for line in lines.by_menu)]) > MAX_AMOUNT:
        fault = Fault("lines", "amount_too_large", "by the store's menu this is more than an order may cost")
        raise Rejected("not_orderable", "the order costs too much", faults=(fault,))
