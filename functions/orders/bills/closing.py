"""The final amounts of a bill: those of the store's rules, and in their place those that its till states. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from functions.orders.bills.amounts import computed
from functions.orders.bills.requests import BillCloseIn
from functions.orders.pricing.bill import total_bill
from functions.orders.pricing.order_request import TaxIn
from functions.orders.pricing.stated_taxes import stated_sum, tax_differences, taxes_as_stated
from shared.contracts.messages.orders import Difference, Order
from shared.contracts.store_record import Store

CHARGES = ("service_charge", "delivery_charge")
AMOUNTS = (*CHARGES, "tax", "total")


@dataclass(frozen=True)
class FinalAmounts:
    """The order with its final amounts, and each point at which the stated ones differ from the rules."""

    order: Order
    differences: list[Difference]


def final_amounts(order: Order, body: BillCloseIn, taxes: list[TaxIn], store: Store, *, fixed: bool) -> FinalAmounts:
    """The amounts of a bill that is closed. `taxes` are the stated ones in a form that can be stored.

    `fixed`: a split or a merge gave the bill its amounts. The parts sum to the total, except to a stated one.
    """
    stated = _stated(body, taxes)
    charges = {name: amount for name, amount in stated.items() if name in CHARGES}
    if not fixed:
        order = order.model_copy(update=computed(order, store, **charges).fields())
    expected = {name: getattr(order, name) for name in AMOUNTS}
    points = [Difference(path=name, stated=stated[name], expected=expected[name]) for name in AMOUNTS if name in stated]
    differences = [point for point in points if point.stated != point.expected]
    if taxes:
        differences += tax_differences(taxes, stated["tax"], order.taxes)
    if not differences:
        return FinalAmounts(order, [])
    kept = _with_tax(_with_charges(order, charges, store, fixed=fixed), stated, taxes)
    return FinalAmounts(kept.model_copy(update=_total(stated)), [*differences, *_gap(kept, stated, differences)])


def _stated(body: BillCloseIn, taxes: list[TaxIn]) -> dict[str, int]:
    """The stated amounts by name. `tax` is the sum of the taxes when it is not stated itself."""
    stated = {name: amount for name in AMOUNTS if (amount := getattr(body, name)) is not None}
    return ({"tax": stated_sum(taxes)} if taxes else {}) | stated


def _total(stated: Mapping[str, int]) -> dict[str, int]:
    return {name: amount for name, amount in stated.items() if name == "total"}


def _with_charges(order: Order, charges: Mapping[str, int], store: Store, *, fixed: bool) -> Order:
    """The order with the stated charges, and with the taxes and the total of them."""
    if all(getattr(order, name) == amount for name, amount in charges.items()):
        return order
    after = order.model_copy(update=dict(charges))
    if fixed:
        more = sum(getattr(after, name) - getattr(order, name) for name in CHARGES)
        return after.model_copy(update={"total": order.total + more})
    both = {name: getattr(after, name) for name in CHARGES}
    bill = total_bill(order.lines, store, order.service, discounts=order.discounts, as_stated=True, **both)
    return order.model_copy(update=bill.fields())


def _with_tax(order: Order, stated: Mapping[str, int], taxes: list[TaxIn]) -> Order:
    """The order with the stated tax, its breakdown, and the total of it."""
    if "tax" not in stated:
        return order
    breakdown = taxes_as_stated(taxes, stated["tax"], order.taxes)
    after = order.model_copy(update={"tax": stated["tax"], "taxes": breakdown})
    return after.model_copy(update={"total": max(order.total + _added(after) - _added(order), 0)})


def _added(order: Order) -> int:
    return sum(tax.amount for tax in order.taxes if not tax.inclusive)


def _gap(kept: Order, stated: Mapping[str, int], differences: list[Difference]) -> Iterator[Difference]:
    """A stated total that is not the sum of the kept parts, unless it is named already."""
    named = any(point.path == "total" for point in differences)
    if "total" in stated and stated["total"] != kept.total and not named:
        yield Difference(path="total", code="total_differs_from_parts", stated=stated["total"], expected=kept.total)
