"""The amounts of a bill: computed again after a change, divided by a split, summed by a merge, shared evenly."""

from collections.abc import Iterable, Sequence
from typing import Any

from functions.orders.bills.pieces import with_new_ids
from functions.orders.pricing.bill import Bill, total_bill
from shared.contracts.messages.order_parts import DiscountKind, LineKind, Share, TaxAmount
from shared.contracts.messages.orders import Discount, Order
from shared.contracts.store_record import Store
from shared.kit.apportion import apportioned


def computed(order: Order, store: Store, **stated: int) -> Bill:
    """The bill of the order's lines by the store's rules. A charge that the store does not set counts as stated."""
    charges = {name: stated.get(name, getattr(order, name)) for name in ("service_charge", "delivery_charge")}
    return total_bill(order.lines, store, order.service, discounts=order.discounts, **charges)


def repriced(order: Order, store: Store) -> Order:
    """The order with its amounts computed again, and its equal shares with them."""
    return with_shares(order.model_copy(update=computed(order, store).fields()))


def opened_bill(order: Order, store: Store) -> Order:
    """A new open bill. The source's sums are not compared: the server computes them, now and after each change."""
    differences = [item for item in order.differences if item.code != "amount_differs" or item.path.startswith("lines")]
    lines = with_new_ids(order.lines, (), order.version)
    return repriced(order.model_copy(update={"differences": differences, "lines": lines}), store)


def divided(order: Order, pieces: Sequence[Order], store: Store) -> list[Order]:
    """The pieces of a split, with amounts that sum to those of `order`, to the minor unit.

    Each piece has the taxes of its own lines. Discounts become amounts, so that no rate applies to a piece again.
    """
    nets = [sum(line.net for line in piece.lines) for piece in pieces]
    discounts = _divided_discounts(order, pieces)
    services = apportioned(order.service_charge, nets)
    deliveries = apportioned(order.delivery_charge, nets)
    bills = [
        total_bill(
            piece.lines,
            store,
            order.service,
            discounts=discounts[number],
            service_charge=services[number],
            delivery_charge=deliveries[number],
            as_stated=True,
        )
        for number, piece in enumerate(pieces)
    ]
    fields = _adding_up(order, bills)
    return [piece.model_copy(update=own) for piece, own in zip(pieces, fields, strict=True)]


def _divided_discounts(order: Order, pieces: Sequence[Order]) -> list[list[Discount]]:
    """The discounts of each piece. None exceeds the goods that the discounts before it leave."""
    goods = [sum(line.net for line in piece.lines if line.kind == LineKind.GOODS) for piece in pieces]
    divided_discounts: list[list[Discount]] = [[] for _ in pieces]
    for discount in order.discounts:
        shares = apportioned(discount.amount, goods)
        goods = [amount - less for amount, less in zip(goods, shares, strict=True)]
        for own, amount in zip(divided_discounts, shares, strict=True):
            own.extend([as_amount(discount, amount)] if amount else [])
    return divided_discounts


def as_amount(discount: Discount, amount: int) -> Discount:
    """The discount as an open amount, under its code."""
    kind = DiscountKind.OPEN if discount.kind == DiscountKind.CODE else discount.kind
    return discount.model_copy(update={"amount": amount, "kind": kind})


def _adding_up(order: Order, bills: Sequence[Bill]) -> list[dict[str, Any]]:
    """The fields of each bill. Each tax and the total sum to those of the order: rounding is corrected."""
    fields = [bill.fields() for bill in bills]
    taxes = _taxes_adding_up(order.taxes, [bill.taxes for bill in bills])
    sums = (
        [sum(tax.amount for tax in own) for own in taxes] if order.taxes else _corrected(_of(bills, "tax"), order.tax)
    )
    added = [_added(own) - _added(bill.taxes) for own, bill in zip(taxes, bills, strict=True)]
    totals = [bill.total + more for bill, more in zip(bills, added, strict=True)]
    for number, total in enumerate(_corrected(totals, order.total)):
        fields[number] |= {"taxes": taxes[number], "tax": sums[number], "total": total}
    return fields


def _of(bills: Iterable[Bill], name: str) -> list[int]:
    return [getattr(bill, name) for bill in bills]


def _added(taxes: Iterable[TaxAmount]) -> int:
    return sum(tax.amount for tax in taxes if not tax.inclusive)


def _taxes_adding_up(bill_taxes: Sequence[TaxAmount], own: Sequence[list[TaxAmount]]) -> list[list[TaxAmount]]:
    """The taxes of each bill, of which each one sums to that of the bill that was split."""
    if not bill_taxes:
        return list(own)
    sums = {tax.id: tax for tax in bill_taxes}
    corrected: list[list[TaxAmount]] = [[] for _ in own]
    for tax_id, tax in sums.items():
        places = [(number, entry) for number, taxes in enumerate(own) for entry in taxes if entry.id == tax_id]
        amounts = _corrected([entry.amount for _, entry in places], tax.amount)
        bases = _corrected([entry.base for _, entry in places], tax.base)
        for (number, entry), amount, base in zip(places, amounts, bases, strict=True):
            corrected[number].append(entry.model_copy(update={"amount": amount, "base": base}))
    return corrected


def _corrected(amounts: Sequence[int], total: int) -> list[int]:
    """The amounts with their difference from the total apportioned by size."""
    missing = total - sum(amounts)
    if not missing:
        return list(amounts)
    sign = 1 if missing > 0 else -1
    return [amount + sign * more for amount, more in zip(amounts, apportioned(abs(missing), amounts), strict=True)]


def summed(order: Order, merged: Order) -> dict[str, Any]:
    """The amounts of the bill that has the lines of both. Discounts become amounts, so that no rate applies again."""
    names = ("subtotal", "service_charge", "delivery_charge", "tax", "total", "liabilities")
    return {
        **{name: getattr(order, name) + getattr(merged, name) for name in names},
        "discounts": [as_amount(discount, discount.amount) for discount in [*order.discounts, *merged.discounts]],
        "taxes": _summed_taxes([*order.taxes, *merged.taxes]),
    }


def _summed_taxes(taxes: Iterable[TaxAmount]) -> list[TaxAmount]:
    sums: dict[tuple[str, str, bool], TaxAmount] = {}
    for tax in taxes:
        key = (tax.id, tax.percent, tax.inclusive)
        base, amount = (sums[key].base, sums[key].amount) if key in sums else (0, 0)
        sums[key] = tax.model_copy(update={"base": base + tax.base, "amount": amount + tax.amount})
    return list(sums.values())


def equal_shares(order: Order, ways: int) -> list[Share]:
    """Equal shares of the amount due, less payments that name no share. The first shares have a minor unit more."""
    deposits = sum(payment.amount for payment in order.payments if payment.share is None) - order.refunded
    due = max(order.total + order.rounding - max(deposits, 0), 0)
    return [Share(id=f"s{number}", amount=amount) for number, amount in enumerate(apportioned(due, [1] * ways), 1)]


def with_shares(order: Order) -> Order:
    """The order with as many equal shares as before."""
    return order.model_copy(update={"shares": equal_shares(order, len(order.shares))}) if order.shares else order
