"""New discounts of a line of an open bill, judged by the rules of a new line. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.orders.pricing.line_discounts import differing_amounts, discounts_of_line, line_discount_faults
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.order_request import LineDiscountIn
from functions.orders.pricing.price import difference_of
from shared.contracts.messages.order_parts import LineDiscount
from shared.contracts.messages.orders import Difference
from shared.spine.errors import Fault


@dataclass(frozen=True)
class ChangedDiscounts:
    """The discounts as they are stored. A sale has `differences` where another change has `faults`."""

    discounts: list[LineDiscount]
    faults: list[Fault]
    differences: list[Difference]


def changed_discounts(path: str, sent: Sequence[LineDiscountIn], amount: int, occasion: Occasion) -> ChangedDiscounts:
    """The discounts of a line of `amount`, at the path of its change."""
    stored = discounts_of_line(sent, amount, occasion, stated=occasion.is_sale)
    by_menu = discounts_of_line(sent, amount, occasion, stated=False)
    faults = list(line_discount_faults(path, sent, occasion))
    differing = list(differing_amounts(path, sent, by_menu))
    if occasion.is_sale:
        return ChangedDiscounts(stored, [], [*map(difference_of, faults), *differing])
    detail = "the menu has another amount"
    faults += [Fault(point.path, "differs", detail, point.stated, point.expected) for point in differing]
    return ChangedDiscounts(stored, faults, [])
