"""The lines of a sale: what was sold, discounts, charges, roundings and tips, each with its part of the taxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.sync.documents.document import KILOGRAM, PIECE, DocumentLine, LineType
from shared.contracts.messages.order_parts import LineKind, TaxAmount
from shared.contracts.messages.orders import Line, Order
from shared.contracts.store_settings import TaxRule
from shared.kit.apportion import apportioned

# The tax of an order from before orders named their taxes.
UNNAMED_TAX = "tax"


@dataclass(frozen=True)
class _Bearer:
    """An amount that bears taxes: before the order's discounts, and after them."""

    line: DocumentLine
    tax_class: str | None
    amount: int
    discounted: int


def sale_lines(order: Order, rules: Mapping[str, TaxRule]) -> tuple[DocumentLine, ...]:
    """The lines, whose gross sums to the payments and tips of the order.

    The taxes of the order are spread by the largest remainder over the lines that bear them. `rules` by tax id say
    which lines these are. Without a rule all goods and charges bear the tax.
    """
    bearers = _bearers(order)
    taxes = taxes_of(order)
    by_tax = [_spread(tax, bearers, rules.get(tax.id)) for tax in taxes]
    lines = [_taxed(bearer, taxes, [shares[index] for shares in by_tax]) for index, bearer in enumerate(bearers)]
    discount = _discount_line(order, bearers, taxes, by_tax, lines)
    return (*lines, *discount, *_other_lines(order))


def taxes_of(order: Order) -> Sequence[TaxAmount]:
    """The taxes of the order. An order from before they were named has one, of its amount."""
    if order.taxes or not order.tax:
        return order.taxes
    without = order.subtotal - _off(order) + order.service_charge + order.delivery_charge
    inclusive = order.total == without
    return [
        TaxAmount(id=UNNAMED_TAX, name="Tax", percent="0", inclusive=inclusive, base=max(without, 0), amount=order.tax)
    ]


def _off(order: Order) -> int:
    return sum(discount.amount for discount in order.discounts)


def _bearers(order: Order) -> list[_Bearer]:
    goods = [line for line in order.lines if line.kind == LineKind.GOODS]
    nets = [line.net for line in goods]
    lessened = apportioned(_off(order), nets) if goods else []
    bearers = [
        _Bearer(_item_line(line), line.tax_class, net, net - less)
        for line, net, less in zip(goods, nets, lessened, strict=True)
    ]
    charges = {"Service charge": order.service_charge, "Delivery charge": order.delivery_charge}
    return bearers + [
        _Bearer(DocumentLine(LineType.CHARGE, name), None, amount, amount) for name, amount in charges.items() if amount
    ]


def _item_line(line: Line) -> DocumentLine:
    code = f"{line.item}/{line.size}" if line.size else line.item
    if line.weight is not None:
        return DocumentLine(LineType.ITEM, line.name, code, f"{line.weight / 1000:.3f}", KILOGRAM)
    return DocumentLine(LineType.ITEM, line.name, code, str(line.quantity), PIECE)


def _bears(bearer: _Bearer, rule: TaxRule | None) -> bool:
    if rule is None:
        return True
    if bearer.tax_class is None:
        return rule.on_charges
    return not rule.classes or bearer.tax_class in rule.classes


def _spread(tax: TaxAmount, bearers: Sequence[_Bearer], rule: TaxRule | None) -> list[int]:
    """The tax of each bearer."""
    weights = [bearer.discounted if _bears(bearer, rule) else 0 for bearer in bearers]
    if not any(weights):
        weights = [bearer.discounted for bearer in bearers]
    return apportioned(tax.amount, weights) if bearers else []


def _taxed(bearer: _Bearer, taxes: Sequence[TaxAmount], amounts: Sequence[int]) -> DocumentLine:
    """The line before the order's discounts: the tax grows in proportion."""
    full = [_in_full(amount, bearer) for amount in amounts]
    inclusive = sum(amount for tax, amount in zip(taxes, full, strict=True) if tax.inclusive)
    codes = [tax.id for tax, amount in zip(taxes, amounts, strict=True) if amount]
    code = "+".join(codes) or None
    return bearer.line._replace(net=bearer.amount - inclusive, tax=sum(full), tax_code=code)


def _in_full(tax: int, bearer: _Bearer) -> int:
    if bearer.discounted <= 0:
        return 0
    return (2 * tax * bearer.amount + bearer.discounted) // (2 * bearer.discounted)


def _discount_line(
    order: Order,
    bearers: Sequence[_Bearer],
    taxes: Sequence[TaxAmount],
    by_tax: Sequence[Sequence[int]],
    lines: Sequence[DocumentLine],
) -> list[DocumentLine]:
    """One line that takes off the order's discounts, with the tax that is not due because of them."""
    off = _off(order)
    due = sum(sum(shares) for shares in by_tax)
    inclusive_due = sum(sum(shares) for tax, shares in zip(taxes, by_tax, strict=True) if tax.inclusive)
    net_due = sum(bearer.discounted for bearer in bearers) - inclusive_due
    net, tax = net_due - sum(line.net for line in lines), due - sum(line.tax for line in lines)
    if not (off or net or tax):
        return []
    codes = {line.tax_code for line in lines if line.type == LineType.ITEM}
    name = ", ".join(discount.code for discount in order.discounts) or "Discount"
    return [DocumentLine(LineType.DISCOUNT, name, net=net, tax=tax, tax_code=codes.pop() if len(codes) == 1 else None)]


def _other_lines(order: Order) -> list[DocumentLine]:
    """Gift cards and deposits, coins that were rounded, money above the total, and tips."""
    liabilities = [
        DocumentLine(LineType.LIABILITY, line.name, _item_line(line).item, str(line.quantity), net=line.net)
        for line in order.lines
        if line.kind != LineKind.GOODS
    ]
    received = sum(payment.amount for payment in order.payments)
    above = {
        (LineType.ROUNDING, "Cash rounding"): order.rounding,
        (LineType.LIABILITY, "Paid above the total"): received - order.total - order.rounding,
        (LineType.TIP, "Tip"): sum(payment.tip for payment in order.payments),
    }
    return liabilities + [DocumentLine(kind, name, net=amount) for (kind, name), amount in above.items() if amount]
