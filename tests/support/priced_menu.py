"""A menu of option groups, combos, weight and gift cards, and orders from it, priced at noon."""

import json
from datetime import UTC, datetime
from typing import Any

from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.price import Priced, price
from functions.orders.pricing.sale import sale_of
from shared.contracts.menu import Menu
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings
from shared.spine.errors import Rejected

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday, 13:00 in Berlin
SETTINGS = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "Europe/Berlin", "currency": "EUR"}
SALT = {"id": "seasoning", "name": "Seasoning", "options": [{"id": "salt", "name": "Salt"}]}
PORTION = {
    "id": "portion", "name": "Portion", "min": 1, "max": 1,
    "options": [
        {"id": "small", "name": "Small", "groups": [SALT]},
        {"id": "large", "name": "Large", "price": 100, "groups": [SALT]},
    ],
}  # fmt: skip
BURGER = {
    "id": "burger", "name": "Burger", "category": "burgers", "station": "grill", "tax_class": "food",
    "sizes": [{"id": "M", "price": 900}, {"id": "L", "price": 1200}],
    "options": [{"id": "cut", "name": "Cut in half"}],
    "groups": [
        {"id": "sauce", "name": "Sauce", "min": 1, "max": 2, "options": [
            {"id": "mayo", "name": "Mayonnaise"}, {"id": "hot", "name": "Hot sauce", "price": 50, "max": 2}]},
        {"id": "extras", "name": "Extras", "max": 3, "options": [
            {"id": "bacon", "name": "Bacon", "price": 150, "prices_by_size": {"L": 200}, "max": 3},
            {"id": "onion", "name": "Onions"},
            {"id": "fries", "name": "Fries", "price": 300, "groups": [PORTION]}]},
    ],
}  # fmt: skip
SIDES = [
    {"id": "fries", "name": "Fries", "category": "sides", "station": "fryer", "tax_class": "food", "price": 350},
    {"id": "salad", "name": "Salad", "category": "sides", "station": "cold", "tax_class": "food", "price": 450},
    {"id": "cola", "name": "Cola", "category": "drinks", "station": "bar", "tax_class": "drink",
     "sizes": [{"id": "S", "price": 250}, {"id": "B", "price": 400}]},
]  # fmt: skip
PIZZAS = [
    {"id": id_, "name": id_.title(), "category": "pizzas", "station": "oven",
     "sizes": [{"id": "M", "price": price}, {"id": "L", "price": price + 300}],
     "groups": [{"id": "top", "name": "Top", "options": [{"id": "olives", "name": "Olives", "price": 100}]}]}
    for id_, price in (("ham", 1000), ("tuna", 1101), ("plain", 800))
]  # fmt: skip


def halves(rule: str) -> dict[str, Any]:
    """A pizza of two halves, in two sizes."""
    choices = [{"item": pizza["id"]} for pizza in PIZZAS[:2]] + [{"item": "plain", "price": 50}]
    return {"id": rule, "name": "Halves", "category": "pizzas",
            "sizes": [{"id": "M", "price": 0}, {"id": "L", "price": 0}],
            "combo": {"price": rule, "parts": [
                {"id": "half", "name": "Half", "min": 2, "max": 2, "choices": choices}]}}  # fmt: skip


MEAL = {
    "id": "meal", "name": "Meal", "category": "meals", "price": 1400,
    "combo": {"parts": [
        {"id": "main", "name": "Main", "choices": [
            {"item": "burger", "size": "M"}, {"item": "burger", "size": "L", "price": 250}]},
        {"id": "side", "name": "Side", "choices": [{"item": "fries"}, {"item": "salad", "price": 80}]},
        {"id": "drink", "name": "Drink", "min": 0, "max": 2, "choices": [{"item": "cola", "size": "S"}]},
    ]},
}  # fmt: skip
OTHERS = [
    {"id": "ham-by-weight", "name": "Ham", "category": "deli", "price": 1999, "sold_by": "kilogram"},
    {"id": "card", "name": "Gift card", "category": "cards", "price": 5000, "kind": "gift_card"},
    {"id": "box", "name": "Lunch box", "category": "meals", "price": 1000, "combo": {"parts": [
        {"id": "dish", "name": "Dish", "choices": [{"item": "fries"}]},
        {"id": "drink", "name": "Drink", "choices": [{"item": "cola", "size": "S"}]}]}},
]  # fmt: skip
MENU: dict[str, Any] = {
    "items": [BURGER, *SIDES, *PIZZAS, halves("dearest"), halves("average"), MEAL, *OTHERS],
    "discounts": [{"code": "TENTH", "rate": 1000}, {"code": "FIVER", "amount": 500}],
}


def a_store(sold_out: tuple[str, ...] = (), price_lists: Any = (), **settings: Any) -> Store:
    menu = Menu.model_validate_json(json.dumps(MENU | {"price_lists": price_lists}))
    return Store(
        "s1", 1, StoreSettings.model_validate(SETTINGS | settings, strict=False), None, menu, frozenset(sold_out)
    )


def an_order(*lines: dict[str, Any], kind: str = "till", total: int | None = None, **parts: Any) -> OrderIn:
    made: list[dict[str, Any]] = [{"quantity": 1} | line for line in lines]
    sum_ = sum(line["unit_price"] * line["quantity"] for line in made)
    body: dict[str, Any] = {
        "store": "s1",
        "source": {"kind": kind, "id": "t", "number": "1"},
        "service": "takeaway",
        "lines": made,
    }
    body |= {"total": sum_ if total is None else total, "currency": "EUR"}
    return OrderIn.model_validate_json(json.dumps(body | parts))


def priced(order: OrderIn, store: Store | None = None, **rights: bool) -> Priced:
    cleaned = sale_of(order, NOON)
    result = price(cleaned.order, store or a_store(), NOON, **rights)
    return Priced(**vars(result) | {"differences": [*cleaned.differences, *result.differences]})


def differences(*lines: dict[str, Any], store: Store | None = None, **parts: Any) -> list[tuple[str, str]]:
    """Path and code of each point of a till's order. A mini-program's is refused for the same ones."""
    found = [(d.path, d.code) for d in priced(an_order(*lines, **parts), store).differences]
    order = an_order(*lines, kind="mini_program", **parts)
    try:
        refused = [(d.path, d.code) for d in priced(order, store).differences]
    except Rejected as rejected:
        refused = [(fault.path, fault.code) for fault in rejected.faults]
    faults = [point for point in found if point[1] != "amount_differs"]
    assert refused == (faults or found)
    return found


def burger(unit_price: int, *choices: Any, size: str = "M", **parts: Any) -> dict[str, Any]:
    stated = [{"option": choice} if isinstance(choice, str) else choice for choice in choices]
    return {"item": "burger", "size": size, "unit_price": unit_price, "choices": stated} | parts


def of(option: str, **parts: Any) -> dict[str, Any]:
    return {"option": option} | parts


def meal(unit_price: int, *parts: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"item": "meal", "unit_price": unit_price, "parts": list(parts)} | others


def part(id_: str, item: str, *choices: str, **others: Any) -> dict[str, Any]:
    return {"part": id_, "item": item, "choices": [{"option": choice} for choice in choices]} | others


MAIN, SIDE, DRINK = part("main", "burger", "mayo", size="M"), part("side", "fries"), part("drink", "cola")
