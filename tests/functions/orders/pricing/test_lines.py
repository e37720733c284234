"""Lines by the menu: options, sold-out marks, weight, kinds and ids. Amounts are worked out by hand."""

from typing import Any

import pytest
from pydantic import ValidationError

from functions.orders.pricing.order_request import ChoiceIn, LineIn, OrderIn, PartIn, TaxIn
from functions.orders.pricing.sale import sale_of
from shared.contracts.menu import Combo, Item
from shared.contracts.store_settings import StoreSettings, TaxRule
from shared.spine.errors import Rejected
from tests.support.priced_menu import MAIN, NOON, SIDE, a_store, an_order, burger, differences, meal, of, priced


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


def test_repeated_line_ids_get_a_new_one() -> None:
    fries = {"item": "fries", "unit_price": 350}
    result = priced(an_order(fries | {"id": "2"}, fries, fries | {"id": "2"}, fries | {"id": "x"}))
    assert [line.id for line in result.lines] == ["2", "2.2", "2.3", "x"]
    assert [(d.path, d.code, d.stated, d.expected) for d in result.differences] == [
        ("lines[2].id", "line_id_repeated", "2", "2.3")
    ]
    with pytest.raises(Rejected, match="fault"):
        priced(an_order(fries | {"id": "2"}, fries | {"id": "2"}, kind="mini_program"))


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


def test_examples_of_the_openapi_document_fit_their_schemas() -> None:
    line = LineIn.model_json_schema()["properties"]
    for name, part in (("choices", ChoiceIn), ("parts", PartIn)):
        for value in line[name]["examples"][0]:
            assert part.model_validate(value, strict=False).model_dump(exclude_unset=True) == value
    for value in OrderIn.model_json_schema()["properties"]["taxes"]["examples"][0]:
        assert TaxIn.model_validate(value).amount == value["amount"]
    for value in StoreSettings.model_json_schema()["properties"]["taxes"]["examples"][0]:
        assert TaxRule.model_validate(value, strict=False).classes == value["classes"]
    combo = Item.model_json_schema()["properties"]["combo"]["examples"][0]
    assert [part.id for part in Combo.model_validate(combo).parts] == ["main", "drink"]


@pytest.mark.parametrize("depth", [20, 100, 1_000, 20_000])
def test_choices_nested_without_end_are_refused_or_kept_and_end_no_process(depth: int) -> None:
    nested = '{"option":"a","choices":[' * depth + '{"option":"b"}' + "]}" * depth
    body = an_order({"item": "burger", "size": "M", "unit_price": 900}).model_dump_json(exclude_unset=True)
    text = body.replace('"unit_price":900', f'"unit_price":900,"choices":[{nested}]')
    try:
        order = OrderIn.model_validate_json(text)
    except ValidationError:
        return
    assert len(priced(order).lines[0].options) == 1
