"""The taxes of an order as its source states them, compared with those by the store's rules. Pure functions."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from functions.orders.pricing.order_request import OrderIn, TaxIn
from shared.contracts.messages.order_parts import TaxAmount
from shared.contracts.messages.orders import Difference
from shared.kit.apportion import apportioned

# The tax of an order whose store has none.
OTHER_ID, OTHER_NAME = "other", "Other tax"


def tax_of(order: OrderIn) -> int:
    """The tax that the source states: `tax`, else the sum of `taxes`."""
    if order.taxes and "tax" not in order.model_fields_set:
        return stated_sum(order.taxes)
    return order.tax


def stated_sum(taxes: Iterable[TaxIn]) -> int:
    """The sum of stated taxes."""
    return sum(tax.amount for tax in taxes)


def tax_differences(taxes: Sequence[TaxIn], stated_tax: int, expected: Sequence[TaxAmount]) -> Iterator[Difference]:
    """Each point of stated `taxes` that disagrees with the rules, or with the stated sum. None of no taxes."""
    if not taxes:
        return
    matches = _matches(taxes, expected)
    for number, (tax, rule) in enumerate(zip(taxes, matches, strict=True)):
        yield from _differences_of(f"taxes[{number}]", tax, rule)
    for rule in expected:
        if rule not in matches:
            yield Difference(path="taxes", code="tax_missing", expected=rule.id)
    total = stated_sum(taxes)
    if total != stated_tax:
        yield Difference(path="taxes", code="taxes_differ_from_tax", stated=total, expected=stated_tax)


def _differences_of(path: str, tax: TaxIn, rule: TaxAmount | None) -> Iterator[Difference]:
    if rule is None:
        yield Difference(path=path, code="unknown_tax", stated=tax.id or tax.percent)
        return
    if (Decimal(tax.percent), tax.inclusive) != (Decimal(rule.percent), rule.inclusive):
        yield Difference(path=f"{path}.percent", code="tax_rate_differs", stated=tax.percent, expected=rule.percent)
    if tax.base not in (None, rule.base):
        yield Difference(path=f"{path}.base", stated=tax.base, expected=rule.base)
    if tax.amount != rule.amount:
        yield Difference(path=f"{path}.amount", stated=tax.amount, expected=rule.amount)


def taxes_as_stated(stated: Sequence[TaxIn], stated_tax: int, expected: Sequence[TaxAmount]) -> list[TaxAmount]:
    """The breakdown of the stated tax. It sums to it.

    It is the source's, else that by the rules. When its sum is another one, the stated tax is divided in proportion.
    """
    taxes = [_stated(tax, rule) for tax, rule in zip(stated, _matches(stated, expected), strict=True)]
    taxes = taxes or list(expected)
    amounts = [entry.amount for entry in taxes]
    if sum(amounts) == stated_tax:
        return taxes
    if stated_tax == 0:
        return []
    if not taxes:
        return [TaxAmount(id=OTHER_ID, name=OTHER_NAME, percent="0", inclusive=True, base=0, amount=stated_tax)]
    shares = apportioned(stated_tax, amounts)
    return [entry.model_copy(update={"amount": share}) for entry, share in zip(taxes, shares, strict=True)]


def _matches(taxes: Sequence[TaxIn], expected: Sequence[TaxAmount]) -> list[TaxAmount | None]:
    """The rule of each stated tax: of the same id, or of the same rate if it has no id."""
    free = list(expected)
    matches: list[TaxAmount | None] = []
    for tax in taxes:
        match = next((rule for rule in free if _is_same(tax, rule)), None)
        if match:
            free.remove(match)
        matches.append(match)
    return matches


def _is_same(tax: TaxIn, rule: TaxAmount) -> bool:
    if tax.id is not None:
        return tax.id == rule.id
    return (Decimal(tax.percent), tax.inclusive) == (Decimal(rule.percent), rule.inclusive)


def _stated(tax: TaxIn, rule: TaxAmount | None) -> TaxAmount:
    id_ = tax.id or (rule.id if rule else tax.percent)
    base = tax.base if tax.base is not None else rule.base if rule else 0
    name = rule.name if rule else id_
    return TaxAmount(id=id_, name=name, percent=tax.percent, inclusive=tax.inclusive, base=base, amount=tax.amount)
