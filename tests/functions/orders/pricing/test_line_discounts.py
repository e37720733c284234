"""Discounts and comps of a line, and open discounts of an order."""

from typing import Any

import pytest

from tests.support.priced_menu import an_order, differences, priced


def discounted(*discounts: dict[str, Any], unit_price: int = 350, quantity: int = 2) -> dict[str, Any]:
    return {"item": "fries", "unit_price": unit_price, "quantity": quantity, "discounts": list(discounts)}


def test_discounts_of_a_line_come_off_one_after_the_other() -> None:
    """700 less a tenth is 630; the five euro after it take 500, and a comp takes the remaining 130."""
    line = discounted({"kind": "code", "code": "TENTH", "amount": 70}, {"kind": "code", "code": "FIVER", "amount": 500},
                      {"kind": "comp", "reason": "late", "person": "Ann"})  # fmt: skip
    result = priced(an_order(line, total=0), may_discount=True)
    assert result.differences == []
    assert [discount.amount for discount in result.lines[0].discounts] == [70, 500, 130]
    assert (result.subtotal, result.lines[0].amount) == (0, 700)


def test_an_open_discount_without_the_right_is_kept_and_named() -> None:
    line = discounted({"kind": "open", "amount": 100, "reason": "cold", "person": "Ann"})
    assert differences(line, total=600) == [("lines[0].discounts[0]", "discount_not_allowed")]
    order = an_order(line, total=600)
    assert priced(order, may_discount=True).differences == []
    assert priced(order).lines[0].discounts[0].person == "Ann"


@pytest.mark.parametrize(
    ("discount", "total", "points"),
    [
        ({"kind": "open", "amount": 100}, 600, [("reason", "reason_missing")]),
        ({"kind": "open", "reason": "x"}, 700, [("amount", "amount_missing")]),
        ({"kind": "code", "code": "GONE", "amount": 100}, 600, [("code", "unknown_discount")]),
        ({"kind": "code", "code": "TENTH", "amount": 71}, 630, [("amount", "amount_differs")]),
        ({"kind": "open", "amount": 800, "reason": "x"}, 0, [("amount", "amount_differs")]),
        ({"kind": "comp", "amount": 5, "reason": "x"}, 0, [("amount", "amount_differs")]),
    ],
)
def test_each_fault_of_a_line_discount_is_named(discount: dict[str, Any], total: int, points: Any) -> None:
    found = priced(an_order(discounted(discount), total=total), may_discount=True).differences
    assert [(d.path, d.code) for d in found] == [(f"lines[0].discounts[0].{name}", code) for name, code in points]


def test_an_open_discount_of_the_order_needs_a_reason_and_the_right() -> None:
    line, off = {"item": "fries", "unit_price": 350}, {"kind": "open", "amount": 50}
    order = an_order(line, total=300, discounts=[off])
    assert [(d.path, d.code) for d in priced(order).differences] == [
        ("discounts[0]", "discount_not_allowed"), ("discounts[0].reason", "reason_missing"),
    ]  # fmt: skip
    good = an_order(line, total=250, discounts=[off | {"reason": "a"}, off | {"reason": "b"}])
    assert priced(good, may_discount=True).differences == []
