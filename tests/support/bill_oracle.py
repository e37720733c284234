"""The bill of an order in exact fractions, written from the rules in docs/api/prices.md and not from the code."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class OracleTax:
    """One tax of a store: `percent` as a text, `classes` and `services` empty for all."""

    id: str
    percent: str
    inclusive: bool
    classes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    charges: bool = True

    @property
    def rate(self) -> Fraction:
        return Fraction(Decimal(self.percent)) / 100


@dataclass(frozen=True)
class OracleLine:
    """The amount of a line after its own discounts, as (tax class, amount) of each part. `goods` false: gift cards."""

    parts: tuple[tuple[str, int], ...]
    goods: bool = True

    @property
    def amount(self) -> int:
        return sum(amount for _, amount in self.parts)


def half_up(exact: Fraction) -> int:
    return int((exact + HALF) // 1)


def half_down(exact: Fraction) -> int:
    return -int((HALF - exact) // 1)


def divided(amount: int, weights: Sequence[int]) -> list[int]:
    """The largest remainder, one unit after the other."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    exact = [Fraction(amount * weight, whole) for weight in weights]
    shares = [int(quota // 1) for quota in exact]
    while sum(shares) < amount:
        behind = [quota - given for quota, given in zip(exact, shares, strict=True)]
        shares[behind.index(max(behind))] += 1
    return shares


def oracle_bill(
    lines: Sequence[OracleLine],
    taxes: Sequence[OracleTax],
    service: str,
    discounts: Sequence[tuple[str, int]] = (),
    charges: tuple[int, int] = (0, 0),
    *,
    by_line: bool = False,
) -> dict[str, Any]:
    """The amounts of a bill. A discount is ("amount", minor units) or ("rate", ten-thousandths of the goods)."""
    goods = sum(line.amount for line in lines if line.goods)
    remaining, off = goods, []
    for kind, value in discounts:
        wanted = value if kind == "amount" else half_up(Fraction(goods * value, 10_000))
        off.append(min(wanted, remaining))
        remaining -= off[-1]
    lessened = divided(goods - remaining, [line.amount if line.goods else 0 for line in lines])
    rounded_apart: list[list[tuple[str | None, int]]] = []
    for line, less in zip(lines, lessened, strict=True):
        if line.goods:
            net = divided(line.amount - less, [amount for _, amount in line.parts])
            rounded_apart.append([(part[0], amount) for part, amount in zip(line.parts, net, strict=True)])
    rounded_apart += [[(None, charge)] for charge in charges]
    if not by_line:
        rounded_apart = [[portion for group in rounded_apart for portion in group]]
    due = [tax for tax in taxes if not tax.services or service in tax.services]
    breakdown = {tax.id: _tax(tax, due, rounded_apart) for tax in due if _bears(tax, rounded_apart)}
    added = sum(breakdown[tax.id][1] for tax in due if tax.id in breakdown and not tax.inclusive)
    subtotal = sum(line.amount for line in lines)
    return {
        "subtotal": subtotal,
        "discounts": off,
        "taxes": breakdown,
        "tax": sum(amount for _, amount in breakdown.values()),
        "total": subtotal - sum(off) + sum(charges) + added,
        "liabilities": subtotal - goods,
    }


def _applies(tax: OracleTax, tax_class: str | None) -> bool:
    return tax.charges if tax_class is None else not tax.classes or tax_class in tax.classes


def _bears(tax: OracleTax, groups: list[list[tuple[str | None, int]]]) -> bool:
    return any(amount for group in groups for tax_class, amount in group if _applies(tax, tax_class))


def _tax(tax: OracleTax, due: Sequence[OracleTax], groups: list[list[tuple[str | None, int]]]) -> tuple[int, int]:
    """(base, amount): the sums over groups that are rounded apart."""
    base = amount = 0
    for group in groups:
        exact = Fraction(0)
        for tax_class, price in group:
            if _applies(tax, tax_class):
                within = [other.rate for other in due if other.inclusive and _applies(other, tax_class)]
                exact += price / (1 + sum(within, Fraction(0)))
        base += half_down(exact)
        amount += half_up(exact * tax.rate)
    return base, amount
