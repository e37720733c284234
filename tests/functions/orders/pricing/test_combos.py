"""Combos, set menus and pizzas of two halves. Amounts are worked out by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.support.priced_menu import DRINK, MAIN, SIDE, an_order, differences, meal, part, priced


@pytest.mark.parametrize(
    "line",
    [
        meal(1400, MAIN, SIDE),
        meal(1650, part("main", "burger", "mayo", size="L"), SIDE),
        meal(1730, part("main", "burger", "mayo", size="L"), part("side", "salad"), DRINK),  # 1400 + 250 + 80
        meal(1550, part("main", "burger", "mayo", "bacon", size="M"), SIDE, DRINK),
        meal(1400, MAIN, SIDE, part("drink", "cola", quantity=2)),
        {"item": "dearest", "size": "M", "unit_price": 1101, "parts": [part("half", "ham"), part("half", "tuna")]},
        {"item": "dearest", "size": "L", "unit_price": 1401, "parts": [part("half", "ham"), part("half", "tuna")]},
        {"item": "dearest", "size": "M", "unit_price": 1000, "parts": [part("half", "ham"), part("half", "plain")]},
        {"item": "dearest", "size": "M", "unit_price": 850, "parts": [part("half", "plain", quantity=2)]},
        # The mean of 1000 and 1101 is 1050.5, and of 1000 and 800 + 50 it is 925.
        {"item": "average", "size": "M", "unit_price": 1051, "parts": [part("half", "ham"), part("half", "tuna")]},
        {"item": "average", "size": "M", "unit_price": 925, "parts": [part("half", "ham"), part("half", "plain")]},
        {"item": "average", "size": "M", "unit_price": 1000, "parts": [part("half", "ham", quantity=2)]},
        # Olives on one half are added to the price of the pizza.
        {"item": "dearest", "size": "M", "unit_price": 1201,
         "parts": [part("half", "ham", "olives"), part("half", "tuna")]},
        {"item": "box", "unit_price": 1000},
    ],
)  # fmt: skip
def test_combos_have_their_price(line: dict[str, Any]) -> None:
    assert differences(line) == []
    assert ("lines[0].unit_price", "amount_differs") in differences(line | {"unit_price": line["unit_price"] - 1})


@pytest.mark.parametrize(
    ("line", "point"),
    [
        (meal(1400, MAIN), ("lines[0].parts", "part_missing")),
        (meal(1400, MAIN, SIDE, SIDE), ("lines[0].parts", "too_many_parts")),
        (meal(1400, MAIN, SIDE, part("sweet", "cola")), ("lines[0].parts[2].part", "unknown_part")),
        (meal(1400, MAIN, part("side", "cola")), ("lines[0].parts[1].item", "unknown_choice")),
        (meal(1400, part("main", "burger", "mayo", size="XL"), SIDE), ("lines[0].parts[0].item", "unknown_choice")),
        (meal(1400, part("main", "burger", size="M"), SIDE), ("lines[0].parts[0].choices", "option_missing")),
        ({"item": "fries", "unit_price": 350, "parts": [SIDE]}, ("lines[0].parts[0].part", "unknown_part")),
    ],
)
def test_each_fault_of_a_combo_is_named(line: dict[str, Any], point: tuple[str, str]) -> None:
    assert differences(line) == [point]


def test_parts_have_station_tax_class_and_a_share_by_their_prices_alone() -> None:
    """Alone they cost 900, 350 and 250. 1400 × 900 / 1500 is 840, then 326 2/3 and 233 1/3."""
    (line,) = priced(an_order(meal(1400, MAIN, SIDE, DRINK | {"note": "no ice"}))).lines
    found = [(p.part, p.item, p.station, p.tax_class, p.category, p.size, p.note, p.amount) for p in line.parts]
    assert found == [
        ("main", "burger", "grill", "food", "burgers", "M", None, 840),
        ("side", "fries", "fryer", "food", "sides", None, None, 327),
        ("drink", "cola", "bar", "drink", "drinks", "S", "no ice", 233),
    ]


def test_options_of_a_part_count_for_its_share() -> None:
    """With bacon the burger costs 1050 alone, and fries 350: 1550 × 1050 / 1400 is 1162.5, and 387.5 remain."""
    (line,) = priced(an_order(meal(1550, part("main", "burger", "mayo", "bacon", size="M"), SIDE))).lines
    assert [p.amount for p in line.parts] == [1163, 387]


def test_a_part_with_a_single_choice_need_not_be_stated() -> None:
    (line,) = priced(an_order({"item": "box", "unit_price": 1000})).lines
    assert [(p.part, p.item, p.size, p.quantity) for p in line.parts] == [
        ("dish", "fries", None, 1), ("drink", "cola", "S", 1),
    ]  # fmt: skip


@given(
    parts=some.lists(some.sampled_from(["ham", "tuna", "plain", "gone"]), max_size=4),
    price_=some.integers(0, 3000),
    rule=some.sampled_from(["dearest", "average", "meal", "box"]),
)
def test_the_shares_of_parts_sum_to_the_line(parts: list[str], price_: int, rule: str) -> None:
    stated = [part("half", item) for item in parts]
    line = {"item": rule, "unit_price": price_, "quantity": 3, "parts": stated}
    (stored,) = priced(an_order(line)).lines
    if stored.parts:
        assert sum(p.amount for p in stored.parts) == stored.amount == 3 * price_
