"""Random strange sales of tills and platforms. The store keeps them all, even against each of its rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.bills import change, close, open_bill
from tests.support.orders import EVERYTHING, Caller, an_order, new_key, open_store
from tests.support.priced_menu import MENU

CODES = some.sampled_from([
    "burger", "meal", "box", "cola", "fries", "ham-by-weight", "card", "dearest", "average", "ham", "M", "L", "S",
    "main", "side", "drink", "half", "sauce", "extras", "mayo", "hot", "bacon", "portion", "small", "cut", "top",
    "宫保鸡丁", "a b", "../x", "' OR 1", "x" * 70, "\u200b", "🍕", "\x07", "TENTH", "FIVER", "standard", "food",
])  # fmt: skip
TEXTS = some.one_of(CODES, some.text(max_size=12), some.sampled_from(["", " ", "x" * 1_200, "a\tb\nc"]))
FEW = some.integers(0, 3)
AMOUNTS = some.one_of(some.integers(0, 3_000), some.sampled_from([0, 1, 10**6]))
PIECES = some.integers(1, 99)
METADATA = some.dictionaries(TEXTS, TEXTS, max_size=3)
INSTANTS = some.integers(-40 * 24 * 60, 10 * 24 * 60).map(
    lambda minutes: (datetime(2026, 11, 30, 12, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat()
)


def fields(required: dict[str, Any], optional: dict[str, Any]) -> Any:
    return some.fixed_dictionaries(required, optional=optional)


CHOICES = some.recursive(
    fields({"option": CODES}, {"group": TEXTS, "quantity": PIECES, "without": some.booleans()}),
    lambda deeper: fields({"option": CODES}, {"group": CODES, "choices": some.lists(deeper, max_size=2)}),
    max_leaves=4,
)
DISCOUNT = {"kind": some.sampled_from(["code", "open", "comp"]), "reason": TEXTS, "person": TEXTS, "code": TEXTS}
PARTS = fields(
    {"part": CODES, "item": CODES},
    {"name": TEXTS, "size": TEXTS, "choices": some.lists(CHOICES, max_size=2), "quantity": PIECES, "note": TEXTS},
)
LINES = fields(
    {"item": CODES, "quantity": PIECES, "unit_price": AMOUNTS},
    {
        "name": TEXTS, "category": TEXTS, "size": TEXTS, "options": some.lists(CODES, max_size=3), "note": TEXTS,
        "station": TEXTS, "id": TEXTS, "kind": some.sampled_from(["goods", "gift_card", "deposit", "voucher"]),
        "choices": some.lists(CHOICES, max_size=3), "parts": some.lists(PARTS, max_size=3),
        "weight": some.one_of(some.integers(0, 2_000), some.just(100_000)),
        "discounts": some.lists(fields({}, {**DISCOUNT, "amount": AMOUNTS}), max_size=2),
        "tax_class": TEXTS, "seat": FEW, "metadata": METADATA,
    },
)  # fmt: skip
TAXES = fields(
    {"percent": some.sampled_from(["7", "19", "8.875", "0", "120"]), "amount": AMOUNTS},
    {"id": TEXTS, "inclusive": some.booleans(), "base": AMOUNTS},
)
PAYMENTS = fields(
    {"reference": some.sampled_from(["p", "q", "card-1"]), "method": some.sampled_from(["cash", "card", "gift_card"]),
     "amount": AMOUNTS},
    {"tip": AMOUNTS, "tendered": AMOUNTS, "change": AMOUNTS, "rounding": some.integers(-9, 9), "share": TEXTS,
     "taken_at": INSTANTS, "metadata": METADATA},
)  # fmt: skip
SALES = fields(
    {"lines": some.lists(LINES, min_size=1, max_size=3), "total": AMOUNTS},
    {
        "service": some.sampled_from(["dine_in", "takeaway", "delivery"]), "table": TEXTS,
        "guest": fields({}, {"member": TEXTS, "name": TEXTS, "phone": TEXTS, "address": TEXTS}),
        "open": some.booleans(), "taxes": some.lists(TAXES, max_size=2), "tax": AMOUNTS, "service_charge": AMOUNTS,
        "delivery_charge": AMOUNTS, "payments": some.lists(PAYMENTS, max_size=3), "placed_at": INSTANTS,
        "discounts": some.lists(fields({"amount": AMOUNTS}, DISCOUNT), max_size=3), "wanted_for": INSTANTS,
        "covers": FEW, "waiter": TEXTS, "note": TEXTS, "metadata": METADATA,
    },
)  # fmt: skip
TAX_RULES = [
    {"id": "food-out", "name": "Food", "percent": "7", "classes": ["food"], "services": ["takeaway"]},
    {"id": "added", "name": "City", "percent": "8.875", "inclusive": False, "classes": ["drink"]},
    {"id": "rest", "name": "Rest", "percent": "19", "classes": ["standard"]},
]


@pytest.fixture
def till(call: Caller, env: Environment, database: MariaDB) -> Caller:
    """A till that may give discounts and take lines off."""
    return Caller(call.handler, new_key(env, database.owner.url, [*EVERYTHING, "orders:discount", "orders:void"]))


@pytest.fixture
def stores(call: Caller) -> list[str]:
    """A store with every rule, and one that is closed for good."""
    rules: dict[str, Any] = {"taxes": TAX_RULES, "tax_rounding": "line", "slots": {"minutes": 15, "orders": 1}}
    strict = open_store(call, MENU, **rules)
    assert call("PUT", f"/v1/stores/{strict}/opening-hours", {"week": [[]] * 7}).status == 200
    assert call("PUT", f"/v1/stores/{strict}/sold-out", {"items": ["cola", "burger/size/L"]}).status == 200
    for item in ("fries", "meal", "ham-by-weight"):
        assert call("PUT", f"/v1/stock/{strict}/{item}", {"left": 1}).status == 200
    return [strict, open_store(call, MENU, closed_from="2026-01-01")]


def in_any_order(order: dict[str, Any]) -> dict[str, Any]:
    """The order with sorted lists of payments and differences; a read sorts its payments by time."""
    return order | {name: sorted(order[name], key=repr) for name in ("payments", "differences")}


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=CHECKS,
    phases=[Phase.generate],  # to shrink an example would take minutes
)  # fmt: skip
@given(sale=SALES, kind=some.sampled_from(["till", "platform"]), which=some.integers(0, 1))
def test_a_sale_that_has_happened_is_kept(
    call: Caller, stores: list[str], sale: dict[str, Any], kind: str, which: int
) -> None:
    body = an_order(stores[which], **sale)
    body["source"]["kind"] = kind
    answer = call("POST", "/v1/orders", body)
    assert answer.status == 201, answer.text
    order = answer.json
    pieces = [(line["quantity"], line["unit_price"]) for line in body["lines"]]
    assert [(line["quantity"], line["unit_price"]) for line in order["lines"]] == pieces
    assert order["paid"] == sum(payment["amount"] for payment in body.get("payments", []))
    assert order["total"] == (sale["total"] if not sale.get("open") else order["total"])
    assert in_any_order(call("GET", f"/v1/orders/{order['id']}").json) == in_any_order(order)


@settings(
    max_examples=50, deadline=None, derandomize=True, suppress_health_check=CHECKS,
    phases=[Phase.generate],  # to shrink an example would take minutes
)  # fmt: skip
@given(lines=some.lists(LINES, min_size=1, max_size=3), covers=FEW, texts=some.tuples(TEXTS, TEXTS, TEXTS))
def test_a_round_that_was_served_is_kept(
    till: Caller, stores: list[str], lines: list[dict[str, Any]], covers: int, texts: tuple[str, str, str]
) -> None:
    bill = open_bill(till, stores[0])
    table, waiter, note = texts
    values = {"table": table, "waiter": waiter, "note": note, "covers": covers}
    answer = change(till, bill["id"], version=1, add=lines, set=values)
    assert answer.status == 200, answer.text
    pieces = [(line["quantity"], line["unit_price"]) for line in lines]
    assert [(line["quantity"], line["unit_price"]) for line in answer.json["lines"]] == pieces
    first = answer.json["lines"][0]["id"]
    void = {"line": first, "quantity": 1, "reason": "x" * 1_000}
    again = change(till, bill["id"], version=2, void=[void], add=lines[:1])
    assert again.status == 200, (first, again.text)
    assert close(till, bill["id"], 3, total=1).status == 200


@pytest.mark.parametrize(
    ("line", "order", "path"),
    [
        ({"station": "hot kitchen"}, {}, "lines[0].station"),
        ({"id": "a b"}, {}, "lines[0].id"),
        ({"tax_class": "宫"}, {}, "lines[0].tax_class"),
        ({"kind": "voucher"}, {}, "lines[0].kind"),
        ({"weight": 0}, {}, "lines[0].weight"),
        ({"seat": 0}, {}, "lines[0].seat"),
        ({"metadata": {"k": "v" * 501}}, {}, "lines[0].metadata.k"),
        ({}, {"covers": 0}, "covers"),
        ({}, {"metadata": {"k": "a\x07"}}, "metadata.k"),
        ({}, {"taxes": [{"percent": "7", "amount": 1}] * 21}, "taxes"),
    ],
)
def test_a_guest_is_told_to_correct_what_a_till_has_sold(
    call: Caller, stores: list[str], line: dict[str, Any], order: dict[str, Any], path: str
) -> None:
    sold = {"lines": [{"item": "ham", "size": "M", "quantity": 1, "unit_price": 1000} | line], "total": 1000} | order
    kept = call("POST", "/v1/orders", an_order(stores[0], **sold))
    assert kept.status == 201, kept.text
    guest = an_order(stores[0], **sold)
    guest["source"]["kind"] = "mini_program"
    refused = call("POST", "/v1/orders", guest)
    assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])
