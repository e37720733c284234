"""A menu names each thing once, and names nothing that it lacks."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.contracts.menu import Menu, pruned_combo

COLA: dict[str, Any] = {"id": "cola", "name": "Cola", "category": "drink", "price": 300}
TEA: dict[str, Any] = {
    "id": "tea", "name": "Tea", "category": "drink", "sizes": [{"id": "S", "price": 200}, {"id": "L", "price": 300}],
    "options": [{"id": "milk", "name": "Milk", "price": 50, "prices_by_size": {"L": 70}}],
    "groups": [{"id": "sugar", "name": "Sugar", "min": 1, "max": 1, "options": [{"id": "none", "name": "No sugar"}]}],
}  # fmt: skip
SET: dict[str, Any] = {
    "id": "set", "name": "Set", "category": "set", "price": 500,
    "combo": {"parts": [{"id": "drink", "name": "Drink", "choices": [{"item": "tea", "size": "S"}, {"item": "cola"}]}]},
}  # fmt: skip
LUNCH: dict[str, Any] = {
    "id": "lunch", "name": "Lunch", "items": ["tea", "set"],
    "prices": [
        {"item": "tea", "size": "L", "price": 250}, {"item": "tea", "option": "none", "price": 0},
        {"item": "cola", "price": 200},
    ],
}  # fmt: skip
GOOD: dict[str, Any] = {"items": [COLA, TEA, SET], "price_lists": [LUNCH]}


def nested(depth: int) -> list[dict[str, Any]]:
    inner = nested(depth - 1) if depth > 1 else []
    return [{"id": "g", "name": "G", "options": [{"id": "o", "name": "O", "groups": inner}]}]


def with_list(**different: Any) -> dict[str, Any]:
    return GOOD | {"price_lists": [LUNCH | different]}


def with_tea(**different: Any) -> dict[str, Any]:
    return {"items": [COLA, TEA | different]}


def with_part(**different: Any) -> dict[str, Any]:
    part = SET["combo"]["parts"][0] | different
    return {"items": [COLA, TEA, SET | {"combo": {"parts": [part]}}]}


def test_a_menu_whose_references_lead_somewhere_is_accepted() -> None:
    assert Menu.model_validate(GOOD).price_lists[0].id == "lunch"
    assert Menu.model_validate(with_tea(groups=nested(3)))


@pytest.mark.parametrize(
    ("menu", "fault"),
    [
        (GOOD | {"price_lists": [LUNCH, LUNCH]}, "price list lunch is there twice"),
        (with_list(items=["beer"]), "unknown item beer"),
        (with_list(prices=[{"item": "beer", "price": 1}]), "unknown item beer"),
        (with_list(prices=[{"item": "cola", "size": "L", "price": 1}]), "unknown size L"),
        (with_list(prices=[{"item": "tea", "size": "L", "option": "lemon", "price": 1}]), "unknown option lemon"),
        (with_list(prices=[{"item": "tea", "price": 1}]), "without a size"),
        (with_list(prices=[{"item": "cola", "price": 1}, {"item": "cola", "price": 2}]), "twice"),
        (with_list(begins_on="2026-02-02", ends_on="2026-02-01"), "ends before it begins"),
        (with_tea(groups=nested(4)), "nested deeper than 3"),
        (with_tea(options=[{"id": "milk", "name": "Milk", "groups": nested(3)}]), "nested deeper than 3"),
        (with_tea(groups=[*TEA["groups"], *TEA["groups"]]), "option group of tea sugar is there twice"),
        (with_tea(groups=[TEA["groups"][0] | {"min": 2}]), "min above its max"),
        (with_tea(groups=[TEA["groups"][0] | {"min": 2, "max": None}]), "too few options"),
        (with_tea(groups=[TEA["groups"][0] | {"options": TEA["groups"][0]["options"] * 2}]), "none is there twice"),
        (with_tea(options=[{"id": "milk", "name": "Milk", "prices_by_size": {"XL": 1}}]), "unknown size XL"),
        (with_part(choices=[{"item": "beer"}]), "unknown item beer"),
        (with_part(choices=[{"item": "tea", "size": "XL"}]), "unknown size XL"),
        (with_part(choices=[{"item": "set"}]), "a combo itself"),
        (with_part(choices=[{"item": "cola"}, {"item": "cola"}]), "twice"),
        (with_part(min=2), "min above its max"),
    ],
)  # fmt: skip
def test_a_menu_that_contradicts_itself_is_refused(menu: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Menu.model_validate(menu)


def test_a_combo_loses_choices_that_the_menu_lost_and_goes_with_the_last_of_a_part() -> None:
    menu = Menu.model_validate(GOOD)
    items = {item.id: item for item in menu.items}
    combo = items.pop("set")
    assert pruned_combo(combo, items) == combo
    items.pop("tea")
    pruned = pruned_combo(combo, items)
    assert pruned is not None
    assert pruned.combo is not None
    assert [choice.item for choice in pruned.combo.parts[0].choices] == ["cola"]
    items.pop("cola")
    assert pruned_combo(combo, items) is None
