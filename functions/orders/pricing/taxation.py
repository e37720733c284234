"""Taxes of the amounts of an order, by rule. Pure functions.

The rules, as docs/api/prices.md states them: several taxes may apply to one amount. An inclusive tax is within the
amount, another one is added. Each is computed from the amount without any tax, and rounded by the store's rule.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from shared.contracts.messages.order_parts import TaxAmount
from shared.contracts.messages.orders import Service
from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_settings import StoreSettings

# The class of the order's charges. No item can have it, because it is no id.
CHARGES = ""
# Rates are in thousandths of a percent.
WHOLE = 100_000
# The one tax of a store without `taxes`.
SINGLE_ID, SINGLE_NAME = "tax", "Tax"


# A part of an order's amount that has one tax class: the number of its line, the class and the amount. Each charge is
# a line of its own. A plain tuple, because a large order has hundreds.
Portion = tuple[int, str, int]


class Rule(NamedTuple):
    """One tax at a service. `classes` empty means all. `rate` is in thousandths of a percent."""

    id: str
    name: str
    rate: int
    inclusive: bool
    classes: frozenset[str] = frozenset()
    charges: bool = True

    def applies_to(self, tax_class: str) -> bool:
        """Whether amounts of this class bear the tax."""
        if tax_class == CHARGES:
            return self.charges
        return not self.classes or tax_class in self.classes


def rules_of(settings: StoreSettings, service: Service) -> list[Rule]:
    """The store's taxes at a service. A single tax of no percent is none."""
    if not settings.taxes:
        rate = settings.tax.thousandths
        return [Rule(SINGLE_ID, SINGLE_NAME, rate, settings.tax.inclusive)] if rate else []
    return [
        Rule(tax.id, tax.name, tax.thousandths, tax.inclusive, frozenset(tax.classes), tax.on_charges)
        for tax in settings.taxes
        if not tax.services or service in tax.services
    ]


def taxes_of(portions: Iterable[Portion], rules: Sequence[Rule], *, by_line: bool) -> list[TaxAmount]:
    """The amount of each tax that applies to a portion, in the order of the rules. `by_line`: rounded on each line."""
    if not rules:
        return []
    groups: dict[int, dict[str, int]] = {}
    for line, tax_class, amount in portions:
        sums = groups.setdefault(line if by_line else 0, {})
        sums[tax_class] = sums.get(tax_class, 0) + amount
    classes = {tax_class for sums in groups.values() for tax_class, amount in sums.items() if amount}
    divisors = {tax_class: _divisor(tax_class, rules) for tax_class in classes}
    taxes = (_tax(rule, groups.values(), divisors) for rule in rules)
    return [tax for tax in taxes if tax]


def percent_text(rate: int) -> str:
    """A rate in thousandths of a percent as a decimal: percent_text(8875) is 8.875, percent_text(6000) is 6."""
    units, decimals = divmod(rate, 1_000)
    return f"{units}.{decimals:03d}".rstrip("0").rstrip(".")


def _divisor(tax_class: str, rules: Sequence[Rule]) -> int:
    """`WHOLE` plus the rates of the inclusive taxes: the price of `WHOLE`."""
    return WHOLE + sum(rule.rate for rule in rules if rule.inclusive and rule.applies_to(tax_class))


def _tax(rule: Rule, groups: Iterable[dict[str, int]], divisors: dict[str, int]) -> TaxAmount | None:
    """The tax of all groups, each rounded. None if the rule applies to no amount."""
    applied = {tax_class: divisor for tax_class, divisor in divisors.items() if rule.applies_to(tax_class)}
    if not applied:
        return None
    base = amount = 0
    for sums in groups:
        numerator, divisor = _without_tax(sums, applied)
        # Halves of the base go down, and halves of the tax up: so the two sum to a price that contains the tax.
        base -= (divisor - 2 * numerator * WHOLE) // (2 * divisor)
        amount += (2 * numerator * rule.rate + divisor) // (2 * divisor)
    # The bill that the menu expects of a wrong order may be above the largest amount: it is not validated.
    make = TaxAmount if max(base, amount) <= MAX_AMOUNT else TaxAmount.model_construct
    percent = percent_text(rule.rate)
    return make(id=rule.id, name=rule.name, percent=percent, inclusive=rule.inclusive, base=base, amount=amount)


def _without_tax(sums: dict[str, int], divisors: dict[str, int]) -> tuple[int, int]:
    """Numerator and divisor of the amounts without any tax, divided by `WHOLE`."""
    amounts: dict[int, int] = {}
    for tax_class, amount in sums.items():
        if tax_class in divisors:
            divisor = divisors[tax_class]
            amounts[divisor] = amounts.get(divisor, 0) + amount
    if len(amounts) == 1:
        ((divisor, amount),) = amounts.items()
        return amount, divisor
    exact = sum((Fraction(amount, divisor) for divisor, amount in amounts.items()), Fraction())
    return exact.numerator, exact.denominator
