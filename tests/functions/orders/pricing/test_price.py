"""The price of an order: tables by hand, and an oracle in exact fractions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.pricing.order_request import OrderIn, SourceIn
from functions.orders.pricing.price import Priced, price
from shared.contracts.menu import Menu
from shared.contracts.messages.orders import SourceKind
from shared.contracts.store_record import Store
from shared.contracts.store_settings import OpeningHours, StoreSettings
from shared.spine.errors import Rejected

NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
ITEMS: list[dict[str, Any]] = [
    {
        "id": "pizza", "name": "Pizza", "category": "classic", "station": "oven",
        "sizes": [{"id": "S", "price": 1050}, {"id": "M", "price": 1325}, {"id": "L", "price": 1650}],
        "options": [{"id": "cheese", "name": "Cheese", "price": 150}, {"id": "thin", "name": "Thin"}],
    },
    {"id": "cola", "name": "Cola", "category": "drink", "price": 300},
]  # fmt: skip
DISCOUNTS = [
    {"code": "TENTH", "rate": 1000},
    {"code": "THIRD", "rate": 3333},
    {"code": "TINY", "rate": 1},
    {"code": "HALF", "rate": 5000},
    {"code": "WELCOME", "amount": 500},
    {"code": "FIVER", "amount": 500},
]


def a_store(menu: dict[str, Any] | None = None, sold_out: tuple[str, ...] = (), **settings: Any) -> Store:
    known = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "America/New_York", "currency": "USD"}
    made = Menu.model_validate({"items": ITEMS, "discounts": DISCOUNTS} | (menu or {}), strict=False)
    return Store("s1", 1, StoreSettings.model_validate(known | settings, strict=False), None, made, frozenset(sold_out))


def line(item: str, quantity: int, unit_price: int, size: str | None = None, *options: str) -> dict[str, Any]:
    return {"item": item, "quantity": quantity, "unit_price": unit_price, "size": size, "options": options}


def an_order(lines: list[dict[str, Any]], total: int, **parts: Any) -> OrderIn:
    order = {
        "store": "s1",
        "source": {"kind": "till", "id": "t1", "number": "1"},
        "service": "takeaway",
        "lines": lines,
        "total": total,
        "currency": "USD",
        "guest": {"address": "1 Main Street"},
    }
    return OrderIn.model_validate(order | parts, strict=False)


def off(**amounts: int) -> list[dict[str, Any]]:
    return [{"code": code, "amount": amount} for code, amount in amounts.items()]


@dataclass
class Case:
    """An order whose amounts were worked out by hand."""

    name: str
    lines: list[dict[str, Any]]
    total: int
    parts: dict[str, Any] = field(default_factory=dict)
    menu: dict[str, Any] = field(default_factory=dict)
    tax: dict[str, Any] = field(default_factory=dict)


M, COLA, S = line("pizza", 1, 1325, "M"), line("cola", 1, 300), line("pizza", 1, 1050, "S")
TENTH_FOR_TABLES = {"service_charge": {"rate": 1000, "services": ["dine_in"]}}
EIGHTH_FOR_TABLES = {"service_charge": {"rate": 1250, "services": ["dine_in"]}}
BROUGHT = {"delivery_charge": 350}
CASES = [
    Case("one pizza", [M], 1325),
    Case("options are charged per piece", [line("pizza", 3, 1475, "M", "cheese", "thin")], 4425),  # (1325 + 150) × 3
    Case("a free option", [line("pizza", 2, 1050, "S", "thin")], 2100),
    Case("several lines", [line("pizza", 2, 1050, "S"), line("cola", 4, 300)], 3300),
    Case("a tenth off 3300", [line("cola", 11, 300)], 2970, {"discounts": off(TENTH=330)}),
    Case("a tenth of 1325 is 132.5, so 133", [M], 1192, {"discounts": off(TENTH=133)}),
    Case("a third of 1050 is 349.965, so 350", [S], 700, {"discounts": off(THIRD=350)}),
    Case("a ten-thousandth of 1050 is 0.105, so nothing", [S], 1050, {"discounts": off(TINY=0)}),
    Case("a fixed amount off", [M], 825, {"discounts": off(WELCOME=500)}),
    Case("never more off than there is", [COLA], 0, {"discounts": off(WELCOME=300)}),
    Case("two vouchers worth more than the cart come off one after the other", [line("cola", 2, 300)], 0,
         {"discounts": off(WELCOME=500, FIVER=100)}),
    Case("a voucher after one that has taken all", [COLA], 0, {"discounts": off(WELCOME=300, FIVER=0)}),
    Case("a share is of the subtotal, though a voucher came before: half of 600 is 300, and 100 are left",
         [line("cola", 2, 300)], 0, {"discounts": off(WELCOME=500, HALF=100)}),
    Case("each discount is of the subtotal", [line("cola", 11, 300)], 2470, {"discounts": off(TENTH=330, WELCOME=500)}),
    Case("service on what is left: 2970 × 0.125 is 371.25", [line("cola", 11, 300)], 3341,
         {"service": "dine_in", "discounts": off(TENTH=330), "service_charge": 371}, EIGHTH_FOR_TABLES),
    Case("service on 300 × 0.125 is 37.5, so 38", [COLA], 338, {"service": "dine_in", "service_charge": 38},
         EIGHTH_FOR_TABLES),
    Case("no service charge on what is taken away", [COLA], 300, {}, EIGHTH_FOR_TABLES),
    Case("brought home", [M], 1675, {"service": "delivery", "delivery_charge": 350}, BROUGHT),
    Case("not brought home", [M], 1325, {}, BROUGHT),
    Case("a charge that the menu does not set is the source's", [M], 1409,
         {"service_charge": 77, "delivery_charge": 7}),
    Case("tax within: 1325 × 6 / 106 is 75", [M], 1325, {"tax": 75}, {}, {"rate": 600}),
    Case("tax within: 1050 × 6 / 106 is 59.43", [S], 1050, {"tax": 59}, {}, {"rate": 600, "inclusive": True}),
    Case("tax within at 100 % of 1325 is 662.5, so 663", [M], 1325, {"tax": 663}, {}, {"rate": 10_000}),
    Case("tax on top: 1325 × 0.0888 is 117.66", [M], 1443, {"tax": 118}, {}, {"rate": 888, "inclusive": False}),
    Case("tax on top: 132.5, so 133", [M], 1458, {"tax": 133}, {}, {"rate": 1000, "inclusive": False}),
    Case("tax on delivery too: (1325 + 350) × 0.1 is 167.5", [M], 1843,
         {"service": "delivery", "delivery_charge": 350, "tax": 168}, BROUGHT, {"rate": 1000, "inclusive": False}),
    # 2 × (1650 + 150) = 3600; less 360 and 500: 2740; a tenth on top: 3014; 6 % of it: 180.84.
    Case("everything at once", [line("pizza", 2, 1800, "L", "cheese")], 3195,
         {"service": "dine_in", "discounts": off(TENTH=360, WELCOME=500), "service_charge": 274, "tax": 181},
         TENTH_FOR_TABLES, {"rate": 600, "inclusive": False}),
]  # fmt: skip


def store_of(case: Case) -> Store:
    return a_store(case.menu, tax=case.tax)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_order_that_states_the_right_amounts_has_no_differences(case: Case) -> None:
    assert price(an_order(case.lines, case.total, **case.parts), store_of(case), NOON).differences == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("wrong", [1, 100])
def test_each_wrong_amount_is_named_with_what_it_should_be(case: Case, wrong: int) -> None:
    stated: dict[str, Any] = {"total": case.total + wrong, "tax": case.parts.get("tax", 0) + wrong}
    right: dict[str, int] = {"total": case.total, "tax": case.parts.get("tax", 0)}
    for charge in case.menu:
        right[charge] = case.parts.get(charge, 0)
        stated[charge] = right[charge] + wrong
    order = an_order(case.lines, stated.pop("total"), **case.parts | stated)
    named = {d.path: (d.stated, d.expected) for d in price(order, store_of(case), NOON).differences}
    assert named == {path: (expected + wrong, expected) for path, expected in right.items()}


def test_a_wrong_price_is_named_at_its_line_and_the_total_follows_the_menu() -> None:
    priced = price(an_order([COLA, line("pizza", 2, 1300, "M")], 2900), a_store(), NOON)
    assert [d.model_dump() for d in priced.differences] == [
        {"path": "lines[1].unit_price", "code": "amount_differs", "stated": 1300, "expected": 1325},
        {"path": "total", "code": "amount_differs", "stated": 2900, "expected": 2950},
    ]
    assert priced.subtotal == 2900


def test_a_wrong_discount_is_named_at_its_place() -> None:
    priced = price(an_order([M], 725, discounts=off(WELCOME=500, TENTH=100)), a_store(), NOON)
    assert [(d.path, d.stated, d.expected) for d in priced.differences] == [
        ("discounts[1].amount", 100, 133),
        ("total", 725, 692),
    ]


def test_lines_are_kept_with_the_names_and_stations_of_the_menu() -> None:
    lines = [line("pizza", 2, 1475, "M", "cheese"), COLA | {"station": "bar", "note": "no ice"}]
    pizza, cola = price(an_order(lines, 3250), a_store(), NOON).lines
    assert (pizza.name, pizza.category, pizza.station, pizza.amount) == ("Pizza", "classic", "oven", 2950)
    assert [(option.id, option.name, option.price) for option in pizza.options] == [("cheese", "Cheese", 150)]
    assert (cola.station, cola.note, cola.size) == ("bar", "no ice", None)


def of_a_mini_program(order: OrderIn) -> OrderIn:
    return order.model_copy(update={"source": SourceIn(kind=SourceKind.MINI_PROGRAM, id="mini", number="1")})


def codes(order: OrderIn, store: Store) -> list[tuple[str, str]]:
    """Why a mini-program's order is refused; the same as a till's is kept, and names the same points."""
    with pytest.raises(Rejected) as refused:
        price(of_a_mini_program(order), store, NOON)
    faults = [(fault.path, fault.code) for fault in refused.value.faults]
    if order.currency == store.settings.currency and faults != [("lines", "amount_too_large")]:
        differences = price(order, store, NOON).differences
        assert [(d.path, d.code) for d in differences if d.code != "amount_differs"] == faults
    return faults


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (line("calzone", 1, 1), [("lines[1].item", "unknown_item")]),
        (line("pizza", 1, 1, "XXL"), [("lines[1].size", "unknown_size")]),
        (line("pizza", 1, 1), [("lines[1].size", "unknown_size")]),
        (line("cola", 1, 1, "M"), [("lines[1].size", "unknown_size")]),
        (line("pizza", 1, 1, "M", "thin", "gold"), [("lines[1].options[1]", "unknown_option")]),
        (line("cola", 1, 1, None, "cheese"), [("lines[1].options[0]", "unknown_option")]),
    ],
)
def test_a_line_that_the_menu_does_not_know_is_refused_by_its_number(
    wrong: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert codes(an_order([M, wrong], 1), a_store()) == expected


def test_all_reasons_are_named_at_once() -> None:
    order = an_order(
        [COLA, line("calzone", 1, 1), line("pizza", 1, 1, "XXL", "gold")],
        302, discounts=off(GONE=1),
    )  # fmt: skip
    assert codes(order, a_store(sold_out=("cola",))) == [
        ("lines[0].item", "sold_out"),
        ("lines[1].item", "unknown_item"),
        ("lines[2].size", "unknown_size"),
        ("lines[2].options[0]", "unknown_option"),
        ("discounts[0].code", "unknown_discount"),
    ]


def test_a_sale_in_another_currency_is_refused_from_every_source() -> None:
    order = an_order([COLA], 300, currency="EUR")
    assert codes(order, a_store()) == [("currency", "wrong_currency")]
    with pytest.raises(Rejected, match="each reason is named"):
        price(order, a_store(), NOON)


def test_a_store_without_a_menu_takes_nothing() -> None:
    settings = a_store().settings
    assert codes(an_order([M], 1325), Store("s1", 1, settings, None, None, frozenset())) == [("store", "no_menu")]


def test_a_closed_store_takes_nothing() -> None:
    known = a_store()
    shut = Store("s1", 1, known.settings, OpeningHours(week=[[]] * 7), known.menu, frozenset())
    assert codes(an_order([M], 1325), shut) == [("store", "store_closed")]


def test_more_off_than_there_is_to_pay_is_refused() -> None:
    assert codes(an_order([COLA], 0, discounts=off(WELCOME=301)), a_store()) == [("discounts", "discount_too_large")]


def test_what_costs_more_than_an_order_may_by_the_menu_is_refused() -> None:
    dear = a_store({"items": [{"id": "gold", "name": "Gold", "category": "c", "price": 10**12}]})
    order = an_order([line("gold", 2, 1)], 2)
    assert codes(order, dear) == [("lines", "amount_too_large")]
    assert [(d.path, d.stated, d.expected) for d in price(order, dear, NOON).differences] == [
        ("lines[0].unit_price", 1, 10**12),
        ("total", 2, 2 * 10**12),
    ]


def rounded(exact: Fraction) -> int:
    return int((Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


@some.composite
def worlds(draw: some.DrawFn) -> tuple[Store, list[dict[str, Any]], str, list[str]]:
    """A store with prices, charges and tax of its own, and an order there."""
    prices = some.integers(0, 50_000)
    items: list[dict[str, Any]] = [
        {"id": f"i{n}", "name": "x", "category": "c", "price": draw(prices),
         "options": [{"id": "o", "name": "o", "price": draw(prices)}]}
        for n in range(draw(some.integers(1, 3)))
    ]  # fmt: skip
    menu: dict[str, Any] = {"items": items}
    menu["discounts"] = [{"code": "R", "rate": draw(some.integers(1, 10_000))}, {"code": "A", "amount": 700}]
    menu["service_charge"] = {"rate": draw(some.integers(0, 3000)), "services": ["dine_in"]}
    menu["delivery_charge"] = draw(some.integers(0, 2000))
    store = a_store(menu, tax={"rate": draw(some.integers(0, 3000)), "inclusive": draw(some.booleans())})
    wanted = some.tuples(some.sampled_from(items), some.booleans(), some.integers(1, 20))
    lines = [
        line(item["id"], quantity, item["price"] + with_option * item["options"][0]["price"], None,
             *["o"] * with_option)
        for item, with_option, quantity in draw(some.lists(wanted, min_size=1, max_size=5))
    ]  # fmt: skip
    service = draw(some.sampled_from(["dine_in", "takeaway", "delivery"]))
    return store, lines, service, draw(some.sampled_from([[], ["R"], ["A"], ["R", "A"]]))


def by_fractions(store: Store, lines: list[dict[str, Any]], service: str, used: list[str]) -> dict[str, Any]:
    """The right amounts, by the rules as docs give them and none of the code under test."""
    menu, tax = store.menu, store.settings.tax
    assert menu is not None
    assert menu.service_charge is not None
    assert menu.delivery_charge is not None
    subtotal = sum(one["unit_price"] * one["quantity"] for one in lines)
    rates = {found.code: found.rate for found in menu.discounts}
    taken: dict[str, int] = {}
    left = subtotal
    for code in used:
        face_value = rounded(Fraction(subtotal * (rates[code] or 0), 10_000)) if rates[code] else 700
        taken[code] = min(face_value, left)
        left -= taken[code]
    charge = rounded(Fraction(left * menu.service_charge.rate, 10_000)) if service == "dine_in" else 0
    delivery = menu.delivery_charge if service == "delivery" else 0
    taxed = left + charge + delivery
    rate = tax.rate or 0
    within = taxed - Fraction(taxed * 10_000, 10_000 + rate)
    due = rounded(within if tax.inclusive else Fraction(taxed * rate, 10_000))
    total = taxed if tax.inclusive else taxed + due
    return {
        "discounts": off(**taken), "service_charge": charge, "delivery_charge": delivery, "tax": due, "total": total,
    }  # fmt: skip


@given(worlds())
def test_what_fractions_say_is_what_the_menu_says(world: tuple[Store, list[dict[str, Any]], str, list[str]]) -> None:
    store, lines, service, used = world
    amounts = by_fractions(store, lines, service, used)
    total = amounts.pop("total")
    priced: Priced = price(an_order(lines, total, service=service, **amounts), store, NOON)
    assert priced.differences == []
    assert priced.subtotal == sum(found.amount for found in priced.lines)


@given(worlds(), some.integers(0, 10_000), some.sampled_from(SourceKind))
def test_the_total_is_the_sum_of_its_parts_or_named_as_different(
    world: tuple[Store, list[dict[str, Any]], str, list[str]], total: int, kind: SourceKind
) -> None:
    store, lines, service, _ = world
    order = an_order(lines, total, service=service, source={"kind": kind, "id": "a", "number": "1"})
    right: dict[str, Any] = {d.path: d.expected for d in price(order, store, NOON).differences}
    parts = sum(one["unit_price"] * one["quantity"] for one in lines)
    parts += right.get("service_charge", 0) + right.get("delivery_charge", 0)
    parts += 0 if store.settings.tax.inclusive else right.get("tax", 0)
    assert right.get("total", total) == parts
