"""The bill of an order: cases by hand, and an oracle in exact fractions."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from functions.orders.pricing.bill import Bill, total_bill
from shared.contracts.menu import Menu
from shared.contracts.messages.order_parts import LinePart
from shared.contracts.messages.orders import Discount, Line, Service
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings
from tests.support.bill_oracle import OracleLine, OracleTax, oracle_bill

SETTINGS = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "Europe/Berlin", "currency": "EUR"}
CLASSES = ("standard", "food", "drink", "book")


def a_store(menu: dict[str, Any] | None = None, **settings: Any) -> Store:
    items = [{"id": "soup", "name": "Soup", "category": "starters", "price": 500}]
    parsed = Menu.model_validate({"items": items} | (menu or {}), strict=False)
    return Store("s1", 1, StoreSettings.model_validate(SETTINGS | settings, strict=False), None, parsed, frozenset())


def a_line(amount: int, tax_class: str = "standard", **parts: Any) -> Line:
    line: dict[str, Any] = {
        "item": "soup",
        "name": "Soup",
        "category": "starters",
        "size": None,
        "options": [],
        "quantity": 1,
    }
    line |= {"unit_price": amount, "amount": amount, "note": None, "station": None, "tax_class": tax_class}
    return Line.model_validate(line | parts)


def a_combo(*parts: tuple[str, int]) -> Line:
    made = [LinePart(part=str(n), item="x", name="X", category="c", tax_class=of, amount=amount)
            for n, (of, amount) in enumerate(parts)]  # fmt: skip
    return a_line(sum(amount for _, amount in parts), parts=made)


def taxes(bill: Bill) -> dict[str, tuple[int, int]]:
    return {tax.id: (tax.base, tax.amount) for tax in bill.taxes}


def a_tax(id_: str, percent: str, *, inclusive: bool = True, **rule: Any) -> dict[str, Any]:
    return {"id": id_, "name": id_.title(), "percent": percent, "inclusive": inclusive} | rule


GERMAN = [
    a_tax("reduced", "7", classes=["food"], services=["takeaway", "delivery"]),
    a_tax("full", "19", classes=["food"], services=["dine_in"]),
    a_tax("full-drinks", "19", classes=["drink"], charges=True),
]


def test_food_to_take_away_and_drinks_have_their_own_rates() -> None:
    bill = total_bill([a_line(1070, "food"), a_line(238, "drink")], a_store(taxes=GERMAN), Service.TAKEAWAY)
    assert taxes(bill) == {"reduced": (1000, 70), "full-drinks": (200, 38)}
    assert (bill.subtotal, bill.tax, bill.total) == (1308, 108, 1308)


def test_the_same_food_at_a_table_has_the_full_rate() -> None:
    bill = total_bill([a_line(1190, "food")], a_store(taxes=GERMAN), Service.DINE_IN)
    assert taxes(bill) == {"full": (1000, 190)}


def test_two_taxes_are_added_to_one_price() -> None:
    """Quebec: GST 5 % and QST 9.975 %, both of the price without taxes: 10.00 costs 11.50 (0.50 and 0.9975)."""
    quebec = [a_tax("gst", "5", inclusive=False), a_tax("qst", "9.975", inclusive=False)]
    bill = total_bill([a_line(1000)], a_store(taxes=quebec), Service.DINE_IN)
    assert taxes(bill) == {"gst": (1000, 50), "qst": (1000, 100)}
    assert bill.total == 1150


def test_an_added_tax_is_one_of_the_price_without_the_contained_tax() -> None:
    """1100 contain 10 %, so 1000 are without tax; 5 % of these are added."""
    mixed = [a_tax("vat", "10"), a_tax("city", "5", inclusive=False)]
    bill = total_bill([a_line(1100)], a_store(taxes=mixed), Service.DINE_IN)
    assert taxes(bill) == {"vat": (1000, 100), "city": (1000, 50)}
    assert (bill.tax, bill.total) == (150, 1150)


def test_base_and_amount_of_a_contained_tax_sum_to_the_price() -> None:
    """A price of 1325 contains 100 %: 662.5 each. The tax is rounded up, and the base down."""
    bill = total_bill([a_line(1325)], a_store(taxes=[a_tax("luxury", "100")]), Service.DINE_IN)
    assert taxes(bill) == {"luxury": (662, 663)}


def test_a_tax_is_rounded_once_an_order_or_on_each_line() -> None:
    """8 % of three lines of 31: 7.44 once, or three times 2.48."""
    lines = [a_line(31), a_line(31), a_line(31)]
    added = [a_tax("sales", "8", inclusive=False)]
    assert total_bill(lines, a_store(taxes=added), Service.DINE_IN).tax == 7
    assert total_bill(lines, a_store(taxes=added, tax_rounding="line"), Service.DINE_IN).tax == 6


def test_charges_bear_a_tax_on_all_classes_or_one_that_names_them() -> None:
    charged: dict[str, Any] = {"service_charge": 100, "delivery_charge": 200}
    rules = [a_tax("all", "10", inclusive=False), a_tax("food", "10", inclusive=False, classes=["food"])]
    bill = total_bill([a_line(1000, "drink")], a_store(taxes=rules), Service.DELIVERY, **charged)
    assert taxes(bill) == {"all": (1300, 130)}
    rules = [a_tax("all", "10", inclusive=False, charges=False)]
    assert total_bill([a_line(1000)], a_store(taxes=rules), Service.DELIVERY, **charged).tax == 100


def test_a_tax_of_no_percent_is_in_the_breakdown() -> None:
    assert taxes(total_bill([a_line(100)], a_store(taxes=[a_tax("zero", "0")]), Service.DINE_IN)) == {"zero": (100, 0)}


def test_the_parts_of_a_combo_have_their_own_taxes() -> None:
    bill = total_bill([a_combo(("food", 1070), ("drink", 238))], a_store(taxes=GERMAN), Service.TAKEAWAY)
    assert taxes(bill) == {"reduced": (1000, 70), "full-drinks": (200, 38)}


def test_gift_cards_and_deposits_bear_no_tax_and_no_discount() -> None:
    """10 % of the goods of 1000; a card of 5000 and a deposit of 25 are owed to the guest."""
    lines = [a_line(1000), a_line(5000, kind="gift_card"), a_line(25, kind="deposit")]
    store = a_store({"discounts": [{"code": "TENTH", "rate": 1000}]}, tax={"rate": 1000, "inclusive": False})
    bill = total_bill(lines, store, Service.TAKEAWAY, discounts=[Discount(code="TENTH", amount=0)])
    assert [discount.amount for discount in bill.discounts] == [100]
    assert (bill.subtotal, bill.liabilities, bill.tax, bill.total) == (6025, 5025, 90, 6015)
    assert bill.nets == [900, 5000, 25]


def test_discounts_of_a_line_come_before_those_of_the_order() -> None:
    """1000 less 200 is 800; 10 % of it is 80."""
    off = [{"kind": "open", "amount": 200, "reason": "late", "person": "Ann"}]
    store = a_store({"discounts": [{"code": "TENTH", "rate": 1000}]})
    bill = total_bill(
        [a_line(1000, discounts=off)], store, Service.DINE_IN, discounts=[Discount(code="TENTH", amount=0)]
    )
    assert (bill.subtotal, bill.total) == (800, 720)


def test_discounts_that_exceed_the_goods_come_off_one_after_the_other() -> None:
    asked = [Discount(code="open", amount=700, kind="open"), Discount(code="open", amount=700, kind="open")]
    bill = total_bill([a_line(1000)], a_store(), Service.DINE_IN, discounts=asked)
    assert [discount.amount for discount in bill.discounts] == [700, 300]
    assert bill.total == 0


def test_a_comp_of_the_order_takes_off_what_remains() -> None:
    asked = [Discount(code="open", amount=100, kind="open"), Discount(code="open", amount=0, kind="comp")]
    bill = total_bill([a_line(1000)], a_store(), Service.DINE_IN, discounts=asked)
    assert [discount.amount for discount in bill.discounts] == [100, 900]


def test_stated_amounts_count_instead_of_the_menu() -> None:
    menu = {"discounts": [{"code": "TENTH", "rate": 1000}], "service_charge": {"rate": 1000, "services": ["dine_in"]}}
    asked = [Discount(code="TENTH", amount=7)]
    by_menu = total_bill([a_line(1000)], a_store(menu), Service.DINE_IN, discounts=asked, service_charge=1)
    assert (by_menu.discounts[0].amount, by_menu.service_charge) == (100, 90)
    stated = total_bill(
        [a_line(1000)], a_store(menu), Service.DINE_IN, discounts=asked, service_charge=1, as_stated=True
    )
    assert (stated.discounts[0].amount, stated.service_charge, stated.total) == (7, 1, 994)


def test_a_bill_without_lines_is_of_nothing() -> None:
    bill = total_bill([], a_store(taxes=GERMAN), Service.DINE_IN)
    assert (bill.subtotal, bill.tax, bill.total, bill.taxes) == (0, 0, 0, [])


def test_the_single_tax_is_the_only_line_of_the_breakdown() -> None:
    bill = total_bill([a_line(5310)], a_store(tax={"rate": 600}), Service.DINE_IN)
    assert [tax.model_dump() for tax in bill.taxes] == [
        {"id": "tax", "name": "Tax", "percent": "6", "inclusive": True, "base": 5009, "amount": 301}
    ]


AMOUNTS = some.one_of(some.integers(0, 3000), some.integers(0, 10**9))
PARTS = some.tuples(some.sampled_from(CLASSES), AMOUNTS)
PERCENTS = some.one_of(
    some.sampled_from(["5", "7", "9.975", "8.875", "19", "10", "0"]),
    some.integers(0, 30_000).map(lambda rate: f"{rate // 1000}.{rate % 1000:03d}"),
)
RULES = some.lists(
    some.builds(
        OracleTax,
        id=some.uuids().map(str),
        percent=PERCENTS,
        inclusive=some.booleans(),
        classes=some.lists(some.sampled_from(CLASSES), max_size=2, unique=True).map(tuple),
        services=some.lists(some.sampled_from(["dine_in", "takeaway"]), max_size=2, unique=True).map(tuple),
        charges=some.booleans(),
    ),
    min_size=1,
    max_size=5,
)
LINES = some.lists(
    some.tuples(some.lists(PARTS, min_size=1, max_size=3), some.sampled_from(["goods", "goods", "goods", "gift_card"])),
    max_size=8,
)
DISCOUNTS = some.lists(
    some.one_of(
        some.tuples(some.just("amount"), AMOUNTS), some.tuples(some.just("rate"), some.integers(1, 10_000))
    ),
    max_size=4,
)  # fmt: skip


def _line(parts: list[tuple[str, int]], kind: str) -> Line:
    if len(parts) == 1:
        return a_line(parts[0][1], parts[0][0], kind=kind)
    return a_combo(*parts).model_copy(update={"kind": kind})


@given(
    lines=LINES,
    rules=RULES,
    discounts=DISCOUNTS,
    charges=some.tuples(some.integers(0, 999), some.integers(0, 999)),
    service=some.sampled_from(list(Service)),
    by_line=some.booleans(),
)
def test_every_bill_equals_the_oracle(
    lines: list[tuple[list[tuple[str, int]], str]],
    rules: list[OracleTax],
    discounts: list[tuple[str, int]],
    charges: tuple[int, int],
    service: Service,
    *,
    by_line: bool,
) -> None:
    settings = [{**vars(rule), "name": "T"} for rule in rules]
    codes = [{"code": f"D{n}", kind: value} for n, (kind, value) in enumerate(discounts) if value]
    store = a_store({"discounts": codes}, taxes=settings, tax_rounding="line" if by_line else "order")
    asked = [Discount(code=f"D{n}", amount=0) for n in range(len(discounts))]
    bill = total_bill(
        [_line(*line) for line in lines], store, service,
        discounts=asked, service_charge=charges[0], delivery_charge=charges[1],
    )  # fmt: skip
    made = [OracleLine(tuple(parts), kind == "goods") for parts, kind in lines]
    expected = oracle_bill(made, rules, service, discounts, charges, by_line=by_line)
    found = bill.fields() | {"taxes": taxes(bill), "discounts": [discount.amount for discount in bill.discounts]}
    assert {name: found[name] for name in expected} == expected
    assert sum(bill.nets) == bill.subtotal - sum(expected["discounts"])
