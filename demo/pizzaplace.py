"""A year of one real pizzeria (pizzaplace, from great_tables, MIT): 21,350 orders of 2015, as orders of a demo chain.

The data has no store, guest or payment: orders are dealt to the chain's stores in turn and were paid in full. Three
of five get a member, by the time of day and the kind of pizza. Some members come often.
"""

import csv
import hashlib
import importlib.resources
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

CHAIN = "demo"
CURRENCY = "USD"
STORES = {
    "harbour": ("Harbour Street", "east", "America/New_York", "New York"),
    "market": ("Market Square", "east", "America/New_York", "New York"),
    "lakeside": ("Lakeside", "middle", "America/Chicago", "Chicago"),
    "station": ("Union Station", "middle", "America/Chicago", "Chicago"),
}


# The hour from which on a guest comes for dinner.
DINNER = 16


@dataclass(frozen=True)
class Sale:
    """One order of the data: when by the wall clock, and (pizza, size, cents) → how many."""

    number: str
    at: datetime
    pizzas: dict[tuple[str, str, int], int]

    @property
    def total(self) -> int:
        """In cents."""
        return sum(price * count for (_, _, price), count in self.pizzas.items())


@cache
def sales() -> tuple[Sale, ...]:
    """All orders, in their order."""
    by_id: dict[str, Sale] = {}
    for row in _rows():
        at = datetime.fromisoformat(f"{row['date']}T{row['time']}")
        sale = by_id.setdefault(row["id"], Sale(row["id"], at, Counter()))
        sale.pizzas[row["name"], row["size"], _cents(row["price"])] += 1
    return tuple(by_id.values())


def menu() -> dict[str, Any]:
    """The pizzeria's menu as a document: 32 pizzas by size."""
    items: dict[str, dict[str, Any]] = {}
    for row in _rows():
        item = items.setdefault(
            row["name"],
            {
                "id": row["name"],
                "name": row["name"].replace("_", " ").title(),
                "category": row["type"],
                "station": "kitchen_hot",
                "sizes": {},
            },
        )
        item["sizes"][row["size"]] = _cents(row["price"])
    for item in items.values():
        item["sizes"] = [{"id": size, "price": price} for size, price in sorted(item["sizes"].items())]
    return {"items": [items[name] for name in sorted(items)]}


def order_of(sale: Sale, store: str, *, kind: str = "till", source: str = "till-1", pay: bool = True) -> dict[str, Any]:
    """The body that posts this sale to a store; times are by the store's own clock."""
    placed_at = sale.at.replace(tzinfo=ZoneInfo(STORES[store][2])) if store in STORES else sale.at.astimezone()
    member = member_of(sale, store)
    payments = [{"reference": f"pay-{sale.number}", "method": "card", "amount": sale.total}]
    return {
        "store": store,
        "source": {"kind": kind, "id": f"{store}-{source}", "number": sale.number},
        "guest": {"member": member} if member else None,
        "service": "takeaway" if int(sale.number[-1]) % 2 else "dine_in",
        "lines": [
            {"item": pizza, "size": size, "quantity": count, "unit_price": price}
            for (pizza, size, price), count in sale.pizzas.items()
        ],
        "total": sale.total,
        "currency": CURRENCY,
        "placed_at": placed_at.isoformat(),
        "payments": payments if pay else [],
    }


def member_of(sale: Sale, store: str) -> str | None:
    """Made up, and always the same: one of 30 guests for this meal and the first pizza's kind, the first most often."""
    digest = hashlib.sha256(f"{store} {sale.number}".encode()).digest()
    if digest[0] % 5 in {3, 4}:
        return None
    kind = _kinds()[next(iter(sale.pizzas))[0]]
    meal = "lunch" if sale.at.hour < DINNER else "dinner"
    return f"{store}-{meal}-{kind}-{30 * digest[1] ** 2 // 256**2:02}"


@cache
def _kinds() -> dict[str, str]:
    """By pizza."""
    return {row["name"]: row["type"] for row in _rows()}


def settings_of(store: str) -> dict[str, Any]:
    """The settings document of a demo store."""
    name, region, timezone, city = STORES[store]
    place = {"region": region, "timezone": timezone, "city": city}
    return {"name": name, "chain": CHAIN, "currency": CURRENCY} | place


def store_of(sale: Sale) -> str:
    """The demo store that this sale is dealt to."""
    return list(STORES)[int(sale.number.rpartition("-")[2]) % len(STORES)]


def _rows() -> Iterator[dict[str, str]]:
    with (importlib.resources.files("great_tables") / "data/05-pizzaplace.csv").open() as file:
        yield from csv.DictReader(file)


def _cents(price: str) -> int:
    units, _, fraction = price.partition(".")
    return int(units) * 100 + int(fraction.ljust(2, "0"))
