"""One menu for many stores: changed, then visible in each store, then sold in each store."""

import statistics
from collections.abc import Callable, Iterator
from typing import Any

from bench.figures import Figure, limited, seconds, told
from bench.rig import Rig
from demo import pizzaplace

STORES, ITEMS, ROUNDS = 140, 400, 5
MENU = "/v1/menus/bench"
NAMES = [f"bench-{number:03d}" for number in range(STORES)]


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Changes of the chain's menu: for all stores alike, then with an override of each store."""
    rig = rig_of()
    rig.call(rig.event("PUT", MENU, _body(1)), 200)
    for name in NAMES:
        settings = pizzaplace.settings_of("harbour") | {"name": name, "menu": "bench"}
        rig.call(rig.event("PUT", f"/v1/stores/{name}", settings), 201)
    # Every store has a copy in order intake before the menu changes.
    _order_everywhere(rig, 1)
    yield from _figures(rig, "menus.", 10)
    for name in NAMES:
        override = {"prices": [{"item": "item-1", "price": 1}]}
        rig.call(rig.event("PUT", f"{MENU}/overrides/store%3A{name}", override), 200)
    yield from _figures(rig, "menus.overridden_", 20)


def _figures(rig: Rig, name: str, first: int) -> Iterator[Figure]:
    """The change, then the reading of all menus, then an order in each store at the new price."""
    rounds = [_round(rig, price) for price in range(first, first + ROUNDS)]
    changes, reads, orders = (statistics.median(times) for times in zip(*rounds, strict=True))
    yield told(f"{name}change", changes * 1000, "ms", f"{ITEMS} items, {STORES} stores")
    yield limited(f"{name}visible", changes + reads, f"s, {STORES} menus changed and read", 2)
    yield told(f"{name}sold", orders, f"s, {STORES} orders at the new price")


def _round(rig: Rig, price: int) -> tuple[float, float, float]:
    change = seconds(rig.call, rig.event("PUT", MENU, _body(price)), 200)
    return change, seconds(_read_everywhere, rig, price), seconds(_order_everywhere, rig, price)


def _read_everywhere(rig: Rig, price: int) -> None:
    for name in NAMES:
        text = rig.call(rig.event("GET", f"/v1/stores/{name}/menu", None), 200)
        # The first item. Reading all 400 would measure this program.
        if f'"price":{price},' not in text[:1_000]:
            raise AssertionError(f"{name} has an old menu")


def _order_everywhere(rig: Rig, price: int) -> None:
    for name in NAMES:
        rig.call(rig.event("POST", "/v1/orders", _order(name, price, f"{name}-{price}")), 201)


def _order(store: str, price: int, number: str) -> dict[str, Any]:
    """A mini-program's order: it is refused at any other price."""
    return {
        "store": store,
        "source": {"kind": "mini_program", "id": "bench", "number": number},
        "service": "takeaway",
        "lines": [{"item": "item-0", "quantity": 1, "unit_price": price}],
        "total": price,
        "currency": "USD",
    }


def _body(price: int) -> dict[str, Any]:
    """A menu of 400 items with texts, of which the first has this price."""
    items = [
        {
            "id": f"item-{number}",
            "name": f"Item {number}",
            "category": "bench",
            "station": "kitchen_hot",
            "price": price if number == 0 else 500 + number,
            "texts": {"zh": {"name": f"菜 {number}", "description": "一" * 40}},
            "allergens": ["milk", "egg"],
        }
        for number in range(ITEMS)
    ]
    return {"currency": "USD", "menu": {"items": items}}
