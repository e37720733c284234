"""Discounts and comps of one line: the amounts by the store's menu, and faults of the discounts. Pure functions."""

from collections.abc import Iterator, Sequence

from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.order_request import DiscountIn, LineDiscountIn
from shared.contracts.messages.order_parts import DiscountKind, LineDiscount
from shared.contracts.messages.orders import Difference
from shared.contracts.money import share
from shared.spine.errors import Fault


def discounts_of_line(
    discounts: Sequence[LineDiscountIn], amount: int, occasion: Occasion, *, stated: bool
) -> list[LineDiscount]:
    """The discounts of a line of `amount`, one after the other, each at most by what remains.

    With `stated` the source's amounts count, as far as it has any. Otherwise a code counts by the menu, and a comp
    takes off what remains.
    """
    taken: list[LineDiscount] = []
    remaining = amount
    for discount in discounts:
        by_menu = _by_menu(discount, amount, remaining, occasion)
        wanted = discount.amount if stated and discount.amount is not None else by_menu
        taken.append(LineDiscount(**dict(discount) | {"amount": min(wanted, remaining)}))
        remaining -= taken[-1].amount
    return taken


def differing_amounts(
    path: str, stated: Sequence[LineDiscountIn], by_menu: Sequence[LineDiscount]
) -> Iterator[Difference]:
    """A difference for each amount that the source states, and for which the menu has another one."""
    for number, (discount, expected) in enumerate(zip(stated, by_menu, strict=True)):
        if discount.amount is not None and discount.amount != expected.amount:
            path_of_amount = f"{path}.discounts[{number}].amount"
            yield Difference(path=path_of_amount, stated=discount.amount, expected=expected.amount)


def line_discount_faults(path: str, discounts: Sequence[LineDiscountIn], occasion: Occasion) -> Iterator[Fault]:
    """Faults of a line's discounts."""
    for number, discount in enumerate(discounts):
        yield from discount_faults(f"{path}.discounts[{number}]", discount, occasion)
        if discount.kind == DiscountKind.OPEN and discount.amount is None:
            yield Fault(f"{path}.discounts[{number}].amount", "amount_missing", "an open discount needs an amount")


def discount_faults(path: str, discount: DiscountIn | LineDiscountIn, occasion: Occasion) -> Iterator[Fault]:
    """Faults of a discount: an unknown code, or an open discount or comp without a right or a reason."""
    if discount.kind == DiscountKind.CODE:
        # Without a menu no code is known; the store's fault names that once.
        if occasion.store.menu and discount.code not in occasion.discounts:
            yield Fault(f"{path}.code", "unknown_discount", "not a discount of this store", discount.code)
        return
    if not occasion.may_discount:
        yield Fault(path, "discount_not_allowed", "an open discount and a comp need the right orders:discount")
    if not discount.reason:
        yield Fault(f"{path}.reason", "reason_missing", "an open discount and a comp need a reason")


def _by_menu(discount: LineDiscountIn, amount: int, remaining: int, occasion: Occasion) -> int:
    if discount.kind == DiscountKind.COMP:
        return remaining
    rule = occasion.discounts.get(discount.code or "") if discount.kind == DiscountKind.CODE else None
    if rule is None:
        return discount.amount or 0
    return rule.amount if rule.amount is not None else share(amount, rule.rate or 0)
