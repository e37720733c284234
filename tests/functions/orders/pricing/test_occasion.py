"""Items and prices by service, day and hour: price lists."""

import pytest

from functions.orders.pricing.price import price
from tests.support.priced_menu import MAIN, NOON, SIDE, a_store, an_order, burger, differences, meal, priced

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
