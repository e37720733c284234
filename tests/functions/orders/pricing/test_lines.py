"""Lines by the menu: options, combos, weight, price lists and discounts of a line. Amounts are worked out by hand."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

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
    made = [{"quantity": 1} | line for line in lines]
    sum_ = sum(line["unit_price"] * line["quantity"] for line in made)
    body = {"store": "s1", "source": {"kind": kind, "id": "t", "number": "1"}, "service": "takeaway", "lines": made}
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


@pytest.mark.parametrize(
    "line",
    [
        burger(900, "mayo"),
        burger(950, "hot"),
        burger(1000, of("hot", quantity=2)),  # 900 + 2 × 50
        burger(1050, "mayo", "bacon"),
        burger(1400, "mayo", "bacon", size="L"),  # bacon is 200 on a large one
        burger(1800, "mayo", of("bacon", quantity=3), size="L"),  # 1200 + 3 × 200
        burger(900, "mayo", of("bacon", without=True)),
        burger(900, "mayo", "cut"),
        burger(1300, "mayo", of("fries", choices=[of("large")])),  # 900 + 300 + 100
        burger(1200, "mayo", of("fries", choices=[of("small", choices=[of("salt", without=True)])])),
        burger(900, of("mayo", group="sauce")),
        {"item": "burger", "size": "M", "unit_price": 900, "options": ["mayo", "cut"]},
    ],
)
def test_choices_have_their_price(line: dict[str, Any]) -> None:
    assert differences(line) == []
    assert differences(line | {"unit_price": line["unit_price"] + 1}) == [
        ("lines[0].unit_price", "amount_differs"), ("total", "amount_differs"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "point"),
    [
        (burger(900), ("lines[0].choices", "option_missing")),
        (burger(900, of("mayo", without=True)), ("lines[0].choices", "option_missing")),
        (burger(1000, "mayo", of("hot", quantity=2)), ("lines[0].choices", "too_many_options")),
        (burger(900, of("mayo", quantity=2)), ("lines[0].choices", "too_many_options")),
        (burger(1200, "mayo", "fries"), ("lines[0].choices[1].choices", "option_missing")),
        (burger(900, "mayo", "gold"), ("lines[0].choices[1].option", "unknown_option")),
        (burger(900, "mayo", of("mayo", group="extras")), ("lines[0].choices[1].option", "unknown_option")),
        (burger(1300, "mayo", of("fries", choices=[of("large", choices=[of("gold")])])),
         ("lines[0].choices[1].choices[0].choices[0].option", "unknown_option")),
    ],
)  # fmt: skip
def test_each_fault_of_choices_is_named(line: dict[str, Any], point: tuple[str, str]) -> None:
    assert differences(line) == [point]


def test_the_kitchen_reads_choices_with_group_quantity_and_without() -> None:
    line = burger(1300, of("hot", quantity=2), of("fries", choices=[of("small")]), of("onion", without=True))
    (stored,) = priced(an_order(line)).lines
    assert [option.model_dump(mode="json") for option in stored.options] == [
        {"id": "hot", "name": "Hot sauce", "price": 50, "group": "sauce", "quantity": 2},
        {"id": "fries", "name": "Fries", "price": 300, "group": "extras",
         "options": [{"id": "small", "name": "Small", "price": 0, "group": "portion"}]},
        {"id": "onion", "name": "Onions", "price": 0, "group": "extras", "without": True},
    ]  # fmt: skip


def test_choices_of_a_sale_deeper_than_three_levels_are_kept_at_the_third() -> None:
    deep = of("fries", choices=[of("large", choices=[of("salt", choices=[of("coarse", choices=[of("grey")])])])])
    result = priced(an_order(burger(1300, "mayo", deep)))
    assert ("lines[0].choices[1].choices[0].choices[0].choices", "choice_too_deep") in [
        (d.path, d.code) for d in result.differences
    ]
    third = result.lines[0].options[1].options[0].options
    assert [option.id for option in third] == ["salt", "coarse", "grey"]


def meal(unit_price: int, *parts: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"item": "meal", "unit_price": unit_price, "parts": list(parts)} | others


def part(id_: str, item: str, *choices: str, **others: Any) -> dict[str, Any]:
    return {"part": id_, "item": item, "choices": [{"option": choice} for choice in choices]} | others


MAIN, SIDE, DRINK = part("main", "burger", "mayo", size="M"), part("side", "fries"), part("drink", "cola")


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


def test_a_part_with_a_single_choice_need_not_be_stated() -> None:
    (line,) = priced(an_order({"item": "box", "unit_price": 1000})).lines
    assert [(p.part, p.item, p.size, p.quantity) for p in line.parts] == [
        ("dish", "fries", None, 1), ("drink", "cola", "S", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "line", "path"),
    [
        ("burger", burger(900, "mayo"), "lines[0].item"),
        ("burger/size/M", burger(900, "mayo"), "lines[0].size"),
        ("burger/option/mayo", burger(900, "mayo"), "lines[0].choices[0].option"),
        ("burger/option/salt", burger(1200, "mayo", of("fries", choices=[of("small", choices=[of("salt")])])),
         "lines[0].choices[1].choices[0].choices[0].option"),
        ("burger/option/cut", {"item": "burger", "size": "M", "unit_price": 900, "options": ["mayo", "cut"]},
         "lines[0].options[1]"),
        ("fries", meal(1400, MAIN, SIDE), "lines[0].parts[1].item"),
        ("burger/size/M", meal(1400, MAIN, SIDE), "lines[0].parts[0].size"),
        ("burger/option/mayo", meal(1400, MAIN, SIDE), "lines[0].parts[0].choices[0].option"),
        ("meal", meal(1400, MAIN, SIDE), "lines[0].item"),
    ],
)  # fmt: skip
def test_a_sold_out_item_size_or_option_is_named(mark: str, line: dict[str, Any], path: str) -> None:
    assert differences(line, store=a_store((mark,))) == [(path, "sold_out")]
    assert differences(line, store=a_store(("burger/size/L", "burger/option/hot", "ham"))) == []


def test_a_choice_without_an_option_that_is_sold_out_is_no_fault() -> None:
    line = burger(900, "mayo", of("onion", without=True))
    assert differences(line, store=a_store(("burger/option/onion",))) == []


def test_goods_by_weight_cost_their_grams() -> None:
    """19.99 a kilogram × 0.235 is 4.69765, so 4.70; of two such pieces 9.40."""
    ham = {"item": "ham-by-weight", "unit_price": 1999, "weight": 235}
    assert priced(an_order(ham, total=470)).differences == []
    assert priced(an_order(ham | {"quantity": 2}, total=940)).lines[0].amount == 940
    assert differences(ham | {"weight": None}) == [("lines[0].weight", "weight_missing")]
    assert differences({"item": "fries", "unit_price": 350, "weight": 1000}) == [
        ("lines[0].weight", "weight_unexpected")
    ]


def test_the_menu_says_which_items_are_gift_cards_and_how_they_are_taxed() -> None:
    result = priced(an_order({"item": "card", "unit_price": 5000}, {"item": "fries", "unit_price": 350}))
    assert (result.differences, result.subtotal, result.liabilities) == ([], 5350, 5000)
    assert differences({"item": "fries", "unit_price": 350, "kind": "gift_card"}) == [("lines[0].kind", "kind_differs")]
    assert differences({"item": "fries", "unit_price": 350, "tax_class": "book"}) == [
        ("lines[0].tax_class", "tax_class_differs")
    ]


HAPPY_HOUR = {
    "id": "happy", "name": "Happy hour", "services": ["takeaway"],
    "windows": [{"weekdays": [1], "opens": "13:00", "closes": "14:00"}],
    "prices": [{"item": "fries", "price": 200}, {"item": "burger", "size": "M", "price": 700},
               {"item": "burger", "option": "bacon", "price": 100}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("service", "hour", "price_of_fries"), [("takeaway", 12, 200), ("takeaway", 13, 350), ("dine_in", 12, 350)]
)
def test_price_lists_count_for_their_service_and_local_time(service: str, hour: int, price_of_fries: int) -> None:
    store = a_store(price_lists=[HAPPY_HOUR])
    order = an_order({"item": "fries", "unit_price": price_of_fries}, service=service)
    for _ in range(2):  # by the menu, and by its copy in the cache
        assert price(order, store, NOON.replace(hour=hour)).differences == []


def test_a_price_list_changes_sizes_and_options() -> None:
    store = a_store(price_lists=[HAPPY_HOUR])
    assert priced(an_order(burger(800, "mayo", "bacon")), store).differences == []


def test_items_that_a_price_list_leaves_out_are_not_on_sale_but_may_be_in_a_combo() -> None:
    lunch = {"id": "lunch", "name": "Lunch", "items": ["meal"]}
    store = a_store(price_lists=[lunch])
    assert differences(meal(1400, MAIN, SIDE), {"item": "fries", "unit_price": 350}, store=store) == [
        ("lines[1].item", "unknown_item")
    ]


def discounted(*discounts: dict[str, Any], unit_price: int = 350, quantity: int = 2) -> dict[str, Any]:
    return {"item": "fries", "unit_price": unit_price, "quantity": quantity, "discounts": list(discounts)}


def test_discounts_of_a_line_come_off_one_after_the_other() -> None:
    """700 less a tenth is 630; the five euro after it take 500, and a comp takes the remaining 130."""
    line = discounted({"kind": "code", "code": "TENTH", "amount": 70}, {"kind": "code", "code": "FIVER", "amount": 500},
                      {"kind": "comp", "reason": "late", "person": "Ann"})  # fmt: skip
    result = priced(an_order(line, total=0), may_discount=True)
    assert result.differences == []
    assert [discount.amount for discount in result.lines[0].discounts] == [70, 500, 130]
    assert (result.subtotal, result.lines[0].amount) == (0, 700)


def test_an_open_discount_without_the_right_is_kept_and_named() -> None:
    line = discounted({"kind": "open", "amount": 100, "reason": "cold", "person": "Ann"})
    assert differences(line, total=600) == [("lines[0].discounts[0]", "discount_not_allowed")]
    order = an_order(line, total=600)
    assert priced(order, may_discount=True).differences == []
    assert priced(order).lines[0].discounts[0].person == "Ann"


@pytest.mark.parametrize(
    ("discount", "total", "points"),
    [
        ({"kind": "open", "amount": 100}, 600, [("reason", "reason_missing")]),
        ({"kind": "open", "reason": "x"}, 700, [("amount", "amount_missing")]),
        ({"kind": "code", "code": "GONE", "amount": 100}, 600, [("code", "unknown_discount")]),
        ({"kind": "code", "code": "TENTH", "amount": 71}, 630, [("amount", "amount_differs")]),
        ({"kind": "open", "amount": 800, "reason": "x"}, 0, [("amount", "amount_differs")]),
        ({"kind": "comp", "amount": 5, "reason": "x"}, 0, [("amount", "amount_differs")]),
    ],
)
def test_each_fault_of_a_line_discount_is_named(discount: dict[str, Any], total: int, points: Any) -> None:
    found = priced(an_order(discounted(discount), total=total), may_discount=True).differences
    assert [(d.path, d.code) for d in found] == [(f"lines[0].discounts[0].{name}", code) for name, code in points]


def test_an_open_discount_of_the_order_needs_a_reason_and_the_right() -> None:
    line, off = {"item": "fries", "unit_price": 350}, {"kind": "open", "amount": 50}
    order = an_order(line, total=300, discounts=[off])
    assert [(d.path, d.code) for d in priced(order).differences] == [
        ("discounts[0]", "discount_not_allowed"), ("discounts[0].reason", "reason_missing"),
    ]  # fmt: skip
    good = an_order(line, total=250, discounts=[off | {"reason": "a"}, off | {"reason": "b"}])
    assert priced(good, may_discount=True).differences == []


def test_repeated_line_ids_get_a_new_one() -> None:
    fries = {"item": "fries", "unit_price": 350}
    result = priced(an_order(fries | {"id": "2"}, fries, fries | {"id": "2"}, fries | {"id": "x"}))
    assert [line.id for line in result.lines] == ["2", "2.2", "2.3", "x"]
    assert [(d.path, d.code, d.stated, d.expected) for d in result.differences] == [
        ("lines[2].id", "line_id_repeated", "2", "2.3")
    ]
    with pytest.raises(Rejected, match="fault"):
        priced(an_order(fries | {"id": "2"}, fries | {"id": "2"}, kind="mini_program"))


TAXES = [{"id": "food", "name": "Food", "percent": "7", "classes": ["food"]},
         {"id": "drink", "name": "Drinks", "percent": "19", "classes": ["drink"]}]  # fmt: skip
SHOPPING = [{"item": "fries", "unit_price": 350}, {"item": "cola", "size": "S", "unit_price": 250}]
FOOD, DRINKS = {"id": "food", "percent": "7", "amount": 23}, {"id": "drink", "percent": "19", "amount": 40}


def test_stated_taxes_are_compared_by_rate() -> None:
    """350 × 7 / 107 is 22.90; 250 × 19 / 119 is 39.92."""
    store = a_store(taxes=TAXES)
    result = priced(an_order(*SHOPPING, tax=63, taxes=[FOOD, DRINKS | {"id": None, "percent": "19.0"}]), store)
    assert result.differences == []
    assert [(tax.id, tax.base, tax.amount) for tax in result.taxes] == [("food", 327, 23), ("drink", 210, 40)]
    assert priced(an_order(*SHOPPING, taxes=[FOOD, DRINKS]), store).tax == 63


@pytest.mark.parametrize(
    ("stated", "points"),
    [
        ({"tax": 64, "taxes": [FOOD | {"amount": 24}, DRINKS]},
         [("taxes[0].amount", "amount_differs"), ("tax", "amount_differs")]),
        ({"tax": 63, "taxes": [FOOD | {"base": 1}, DRINKS]}, [("taxes[0].base", "amount_differs")]),
        ({"tax": 63, "taxes": [FOOD | {"percent": "8"}, DRINKS]}, [("taxes[0].percent", "tax_rate_differs")]),
        ({"tax": 63, "taxes": [FOOD]}, [("taxes", "tax_missing"), ("taxes", "taxes_differ_from_tax")]),
        ({"tax": 63, "taxes": [FOOD | {"id": "vat"}, DRINKS]}, [("taxes[0]", "unknown_tax"), ("taxes", "tax_missing")]),
        ({"tax": 60}, [("tax", "amount_differs")]),
    ],
)  # fmt: skip
def test_each_point_of_stated_taxes_is_named_and_the_breakdown_sums_to_the_tax(stated: Any, points: Any) -> None:
    result = priced(an_order(*SHOPPING, **stated), a_store(taxes=TAXES))
    assert sorted((d.path, d.code) for d in result.differences) == sorted(points)
    assert sum(tax.amount for tax in result.taxes) == result.tax == stated["tax"]


def test_a_tax_of_a_store_without_taxes_is_kept() -> None:
    result = priced(an_order(SHOPPING[0], tax=20))
    assert [(tax.id, tax.amount) for tax in result.taxes] == [("other", 20)]


def test_texts_of_a_sale_are_cleaned_in_choices_parts_and_discounts() -> None:
    line = meal(1400, MAIN | {"note": "no\x00 salt", "choices": [of("mayo\x07")]}, SIDE | {"name": "n" * 1001})
    line |= {"discounts": [{"kind": "comp", "reason": "r\x01", "person": "p" * 1001}]}
    result = sale_of(an_order(line, note="a\x00b", waiter="w" * 1001), NOON)
    assert [(d.path, d.code) for d in result.differences] == [
        ("waiter", "text_too_long"), ("note", "control_characters"),
        ("lines[0].parts[0].note", "control_characters"),
        ("lines[0].parts[0].choices[0].option", "control_characters"),
        ("lines[0].parts[1].name", "text_too_long"),
        ("lines[0].discounts[0].reason", "control_characters"),
        ("lines[0].discounts[0].person", "text_too_long"),
    ]  # fmt: skip
    (clean,) = result.order.lines
    assert (clean.parts[0].note, clean.parts[0].choices[0].option) == ("no salt", "mayo")
    assert len(clean.parts[1].name or "") == 1000


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
