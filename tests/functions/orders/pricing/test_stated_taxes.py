"""Taxes that a source states, compared with the rules of the store."""

from typing import Any

import pytest

from tests.support.priced_menu import a_store, an_order, priced

TAXES = [{"id": "food", "name": "Food", "percent": "7", "classes": ["food"]},
         {"id": "drink", "name": "Drinks", "percent": "19", "classes": ["drink"]}]  # fmt: skip
SHOPPING = [{"item": "fries", "unit_price": 350}, {"item": "cola", "size": "S", "unit_price": 250}]
FOOD, DRINKS = {"id": "food", "percent": "7", "amount": 23}, {"id": "drink", "percent": "19", "amount": 40}


def test_stated_taxes_are_compared_by_rate() -> None:
    """350 × 7 / 107 is 22.90; 250 × 19 / 119 is 39.92."""
    store = a_store(taxes=TAXES)
    result = priced(an_order(*SHOPPING, tax=63, taxes=[FOOD, DRINKS | {"id": None, "percent": "19.0"}]), store)
    assert result.differences == []
    assert [(tax.id, tax.base, tax.amount) for tax in result.taxes] == [("food", 327, 23), ("drink", 210, 40)]
    assert priced(an_order(*SHOPPING, taxes=[FOOD, DRINKS]), store).tax == 63


@pytest.mark.parametrize(
    ("stated", "points"),
    [
        ({"tax": 64, "taxes": [FOOD | {"amount": 24}, DRINKS]},
         [("taxes[0].amount", "amount_differs"), ("tax", "amount_differs")]),
        ({"tax": 63, "taxes": [FOOD | {"base": 1}, DRINKS]}, [("taxes[0].base", "amount_differs")]),
        ({"tax": 63, "taxes": [FOOD | {"percent": "8"}, DRINKS]}, [("taxes[0].percent", "tax_rate_differs")]),
        ({"tax": 63, "taxes": [FOOD]}, [("taxes", "tax_missing"), ("taxes", "taxes_differ_from_tax")]),
        ({"tax": 63, "taxes": [FOOD | {"id": "vat"}, DRINKS]}, [("taxes[0]", "unknown_tax"), ("taxes", "tax_missing")]),
        ({"tax": 60}, [("tax", "amount_differs")]),
    ],
)  # fmt: skip
def test_each_point_of_stated_taxes_is_named_and_the_breakdown_sums_to_the_tax(stated: Any, points: Any) -> None:
    result = priced(an_order(*SHOPPING, **stated), a_store(taxes=TAXES))
    assert sorted((d.path, d.code) for d in result.differences) == sorted(points)
    assert sum(tax.amount for tax in result.taxes) == result.tax == stated["tax"]


def test_a_tax_of_a_store_without_taxes_is_kept() -> None:
    result = priced(an_order(SHOPPING[0], tax=20))
    assert [(tax.id, tax.amount) for tax in result.taxes] == [("other", 20)]
