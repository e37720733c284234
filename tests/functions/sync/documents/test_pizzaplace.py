"""A year of one real pizzeria in the books of the ERP: its sum, its tax, its days and its sizes."""

import csv
import importlib.resources
import json
from collections import Counter, defaultdict
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from demo.pizzaplace import Sale, sales
from functions.sync.adapters import rest
from functions.sync.adapters.contract import Accepted
from functions.sync.documents.day_sales import day_documents
from functions.sync.engine.translation import Codes, translated
from functions.sync.outside.client import Client
from shared.contracts.ids import derived_id
from shared.contracts.messages.orders import Order
from tests.simulators.erp import Erp

SAME = Codes({}, frozenset({"stores", "items", "tenders", "taxes", "units"}))
TAX = 6  # percent on top of the prices, rounded half up for each order


def order_of(sale: Sale) -> Order:
    """The sale as a paid order, with a tax on top."""
    at = sale.at.replace(tzinfo=UTC)
    tax = (sale.total * TAX + 50) // 100
    lines: list[dict[str, Any]] = [
        {
            "item": pizza, "name": pizza, "category": "pizza", "size": size, "options": [], "quantity": count,
            "unit_price": price, "amount": price * count, "note": None, "station": None,
        }
        for (pizza, size, price), count in sale.pizzas.items()
    ]  # fmt: skip
    taxes = [{"id": "vat", "name": "VAT", "percent": "6", "inclusive": False, "base": sale.total, "amount": tax}]
    paid = sale.total + tax
    fields: dict[str, Any] = {
        "id": derived_id(at, sale.number), "store": "s1", "chain": "demo",
        "source": {"kind": "till", "id": "t", "number": sale.number}, "pickup_number": 1,
        "business_day": at.date(), "service": "takeaway", "table": None, "guest": None, "lines": lines,
        "discounts": [], "subtotal": sale.total, "service_charge": 0, "delivery_charge": 0, "tax": tax, "taxes": taxes,
        "total": paid, "currency": "USD", "payment": "paid", "fulfilment": "handed_over", "paid": paid, "refunded": 0,
        "payments": [{"reference": "p", "method": "card", "amount": paid, "taken_at": at}], "refunds": [],
        "differences": [], "placed_at": at, "received_at": at, "wanted_for": None, "settled_at": at,
    }  # fmt: skip
    return Order.model_validate(fields)


def rows() -> list[dict[str, str]]:
    """The data as it is published."""
    file = importlib.resources.files("great_tables") / "data/05-pizzaplace.csv"
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_a_year_in_the_books_has_the_published_sum_and_the_tax_of_the_rule(erp: Erp) -> None:
    by_day: dict[date, list[Order]] = defaultdict(list)
    for sale in sales():
        by_day[sale.at.date()].append(order_of(sale))
    items = {f"{pizza}/{size}" for sale in sales() for pizza, size, _ in sale.pizzas}
    codes = {"stores": ["s1"], "tenders": ["card"], "taxes": ["vat"], "units": ["piece"]}
    erp.base(
        {
            "codes": {kind: {code: code for code in names} for kind, names in codes.items()},
            "items": [{"code": item, "name": item, "unit": "piece"} for item in sorted(items)],
        }
    )
    client = Client(local=True)
    adapter = rest.make(erp.url, {"user": erp.user, "secret": erp.secret}, {}, client.exchange)
    documents = [
        translated(document, f"{document.source_key}.1", SAME, None)
        for day, orders in by_day.items()
        for document in day_documents("demo:s1", day, orders, {})
    ]
    for start in range(0, len(documents), 100):
        results = adapter.post(documents[start : start + 100])
        assert all(isinstance(result, Accepted) for result in results.values()), results
    client.close()

    totals = erp.totals("sale")
    assert sum((total.net for total in totals.values()), Decimal(0)) == Decimal("817860.05")
    tax = sum(Decimal((sale.total * TAX + 50) // 100) for sale in sales()) / 100
    assert sum((total.tax for total in totals.values()), Decimal(0)) == tax
    _check_days(erp)
    _check_sizes(erp)


def _check_days(erp: Erp) -> None:
    published: Counter[str] = Counter()
    for row in rows():
        published[row["date"]] += int(Decimal(row["price"]) * 100)
    booked = {day: int(total.net * 100) for (_, day, _), total in erp.totals("sale").items()}
    assert booked == published


def _check_sizes(erp: Erp) -> None:
    published: Counter[str] = Counter()
    for row in rows():
        published[row["size"]] += int(Decimal(row["price"]) * 100)
    booked: Counter[str] = Counter()
    for document in erp.books.rows("SELECT lines FROM documents"):
        for line in json.loads(document["lines"]):
            booked[line["item"].rpartition("/")[2]] += int(Decimal(line["net"]) * 100)
    assert booked == published
