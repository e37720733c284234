"""Orders priced by a menu in one process: a simple order, and one of 60 combos with choices and several taxes."""

import gc
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bench.figures import Figure, limited, told
from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.price import price
from functions.orders.pricing.sale import sale_of
from shared.contracts.menu import Menu
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings

ROUNDS = 25
COMBOS = 60
MILLISECONDS = 1_000
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
EXTRAS = {"id": "extras", "name": "Extras", "max": 3, "options": [
    {"id": "bacon", "name": "Bacon", "price": 150, "prices_by_size": {"L": 200}},
    {"id": "onions", "name": "Onions", "max": 2, "price": 50},
]}  # fmt: skip
BURGERS = [
    {"id": f"burger-{number}", "name": f"Burger {number}", "category": "burgers", "station": "grill",
     "tax_class": "food", "sizes": [{"id": "M", "price": 900}, {"id": "L", "price": 1200}], "groups": [EXTRAS]}
    for number in range(200)
]  # fmt: skip
SIDES = [
    {"id": "fries", "name": "Fries", "category": "sides", "station": "fryer", "tax_class": "food", "price": 350},
    {"id": "cola", "name": "Cola", "category": "drinks", "station": "bar", "tax_class": "drink", "price": 300},
]
COMBO = {"id": "meal", "name": "Meal", "category": "meals", "price": 1400, "combo": {"parts": [
    {"id": "burger", "name": "Burger", "choices": [
        {"item": f"burger-{number}", "size": "L", "price": number} for number in range(50)
    ]},
    {"id": "side", "name": "Side", "choices": [{"item": "fries"}]},
    {"id": "drink", "name": "Drink", "choices": [{"item": "cola"}]},
]}}  # fmt: skip
TAXES = [
    {"id": "food", "name": "Food", "percent": "7", "classes": ["food"]},
    {"id": "drink", "name": "Drinks", "percent": "19", "classes": ["drink"]},
    {"id": "city", "name": "City", "percent": "1.125", "inclusive": False},
]
SETTINGS = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "Europe/Berlin", "currency": "EUR"}


def bench() -> Iterator[Figure]:
    """Processor time of one order, from its cleaned body to its stored lines and amounts."""
    store = _store({"taxes": TAXES})
    combos = _right_order([_combo(number) for number in range(COMBOS)], store)
    yield limited("pricing.combos_60_lines", _milliseconds(combos, store), "ms", 2.0)
    simple_store = _store({"tax": {"rate": 600}})
    line = {"item": "burger-3", "size": "M", "quantity": 2, "unit_price": 900}
    yield told("pricing.simple_order", _milliseconds(_right_order([line], simple_store), simple_store), "ms")


def _store(settings: dict[str, Any]) -> Store:
    menu = Menu.model_validate({"items": [*BURGERS, *SIDES, COMBO]}, strict=False)
    return Store("s1", 1, StoreSettings.model_validate(SETTINGS | settings, strict=False), None, menu, frozenset())


def _combo(number: int) -> dict[str, Any]:
    """A meal with a burger, bacon and two portions of onions: 1400, the burger's addition, 200 and 2 × 50."""
    choices = [{"group": "extras", "option": "bacon"}, {"group": "extras", "option": "onions", "quantity": 2}]
    burger = {"part": "burger", "item": f"burger-{number % 50}", "size": "L", "choices": choices}
    parts = [burger, {"part": "side", "item": "fries"}, {"part": "drink", "item": "cola"}]
    return {"item": "meal", "quantity": 1, "unit_price": 1700 + number % 50, "parts": parts}


def _right_order(lines: list[dict[str, Any]], store: Store) -> OrderIn:
    """The order with the amounts that the store expects, so that no point differs."""
    body = {
        "store": "s1",
        "source": {"kind": "till", "id": "t", "number": "1"},
        "service": "takeaway",
        "lines": lines,
        "total": 0,
        "currency": "EUR",
    }
    wrong = price(OrderIn.model_validate_json(json.dumps(body)), store, NOW)
    amounts = {difference.path: difference.expected for difference in wrong.differences}
    if unexpected := set(amounts) - {"tax", "total"}:
        raise ValueError(f"the bench states wrong amounts: {min(unexpected)}")
    return OrderIn.model_validate_json(json.dumps(body | amounts))


def _milliseconds(order: OrderIn, store: Store) -> float:
    """The fastest of several rounds: another load on the machine only adds."""
    times = []
    sale = sale_of(order, NOW)
    gc.freeze()  # as the functions do at their start
    for _ in range(ROUNDS):
        started = time.process_time()
        priced = price(sale.order, store, NOW)
        times.append(time.process_time() - started)
        if priced.differences:
            raise ValueError("the amounts differ")
    return round(min(times) * MILLISECONDS, 3)
