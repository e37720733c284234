"""Price lists: when they apply, and the prices that they give. Expected values are read off the calendar by hand."""

import json
from datetime import datetime
from typing import Any

import pytest

from shared.contracts.menu import Menu
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.price_lists import menu_for

TEA: dict[str, Any] = {
    "id": "tea", "name": "Tea", "category": "drink", "sizes": [{"id": "S", "price": 200}, {"id": "L", "price": 300}],
    "options": [{"id": "milk", "name": "Milk", "price": 50, "prices_by_size": {"L": 70}}],
    "groups": [{"id": "top", "name": "Top", "options": [{"id": "foam", "name": "Foam", "price": 40}]}],
}  # fmt: skip
COLA: dict[str, Any] = {"id": "cola", "name": "Cola", "category": "drink", "price": 300}
HAPPY: dict[str, Any] = {"id": "happy", "name": "Happy hour", "prices": [{"item": "cola", "price": 150}]}
# 2026-03-04 is a Wednesday.
WEDNESDAY_NOON = datetime.fromisoformat("2026-03-04T12:00")


def priced(lists: list[dict[str, Any]], at: datetime | str = WEDNESDAY_NOON, **of: Any) -> dict[str, Any]:
    local = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    menu = Menu.model_validate_json(json.dumps({"items": [TEA, COLA], "price_lists": lists}))
    found = menu_for(menu, of.get("channel", SourceKind.TILL), of.get("service", Service.DINE_IN), local)
    return {item.id: item for item in found.items}


def cola_at(lists: list[dict[str, Any]], at: datetime | str = WEDNESDAY_NOON, **of: Any) -> int | None:
    price: int | None = priced(lists, at, **of)["cola"].price
    return price


def window(opens: str, closes: str, *weekdays: int) -> list[dict[str, Any]]:
    return [{"weekdays": list(weekdays), "opens": opens, "closes": closes}]


@pytest.mark.parametrize(
    ("limits", "at", "price"),
    [
        ({}, "2026-03-04T12:00", 150),
        ({"windows": window("12:00", "14:00", 3)}, "2026-03-04T11:59", 300),
        ({"windows": window("12:00", "14:00", 3)}, "2026-03-04T12:00", 150),
        ({"windows": window("12:00", "14:00", 3)}, "2026-03-04T13:59", 150),
        ({"windows": window("12:00", "14:00", 3)}, "2026-03-04T14:00", 300),
        ({"windows": window("12:00", "14:00", 3)}, "2026-03-05T12:00", 300),
        # Wednesday's night is still Wednesday's.
        ({"windows": window("22:00", "02:00", 3)}, "2026-03-05T01:59", 150),
        ({"windows": window("22:00", "02:00", 3)}, "2026-03-05T22:00", 300),
        ({"windows": window("22:00", "02:00", 3)}, "2026-03-04T01:59", 300),
        ({"windows": window("18:00", "24:00", 3)}, "2026-03-04T23:59", 150),
        ({"begins_on": "2026-03-04", "ends_on": "2026-03-04"}, "2026-03-04T00:00", 150),
        ({"begins_on": "2026-03-04", "ends_on": "2026-03-04"}, "2026-03-04T23:59", 150),
        ({"begins_on": "2026-03-05"}, "2026-03-04T23:59", 300),
        ({"ends_on": "2026-03-03"}, "2026-03-04T00:00", 300),
        # The last night of the list reaches into the day after.
        ({"ends_on": "2026-03-04", "windows": window("22:00", "02:00", 3, 4)}, "2026-03-05T01:00", 150),
        ({"ends_on": "2026-03-04", "windows": window("22:00", "02:00", 3, 4)}, "2026-03-05T23:00", 300),
    ],
)
def test_a_list_applies_on_its_days_and_in_its_hours(limits: dict[str, Any], at: str, price: int) -> None:
    assert cola_at([HAPPY | limits], at) == price


def test_a_list_applies_to_its_channels_and_services() -> None:
    delivery = HAPPY | {"channels": ["platform"], "services": ["delivery"]}
    assert cola_at([delivery], channel=SourceKind.PLATFORM, service=Service.DELIVERY) == 150
    assert cola_at([delivery], channel=SourceKind.TILL, service=Service.DELIVERY) == 300
    assert cola_at([delivery], channel=SourceKind.PLATFORM, service=Service.DINE_IN) == 300
    assert cola_at([delivery], channel=None, service=None) == 300


def test_the_first_list_that_has_a_price_counts_and_limits_add_up() -> None:
    first = {"id": "first", "name": "First", "prices": [{"item": "tea", "size": "S", "price": 1}]}
    second = HAPPY | {"prices": [{"item": "tea", "size": "S", "price": 2}, {"item": "cola", "price": 3}]}
    found = priced([first, second])
    assert ([size.price for size in found["tea"].sizes], found["cola"].price) == ([1, 300], 3)
    assert set(priced([first | {"items": ["tea"]}, second])) == {"tea"}
    assert set(priced([first | {"items": ["tea"]}, second | {"items": ["cola"]}])) == set()


def test_a_price_of_an_option_is_for_all_sizes_or_for_one() -> None:
    prices = [
        {"item": "tea", "option": "milk", "price": 10}, {"item": "tea", "option": "foam", "size": "S", "price": 20},
    ]  # fmt: skip
    tea = priced([{"id": "l", "name": "L", "prices": prices}])["tea"]
    [milk], [foam] = tea.options, tea.groups[0].options
    assert (milk.price, milk.prices_by_size) == (10, {})
    assert (foam.price, foam.prices_by_size) == (40, {"S": 20})
    assert [size.price for size in tea.sizes] == [200, 300]


def test_the_menu_is_the_same_object_while_no_list_applies() -> None:
    menu = Menu.model_validate({"items": [COLA], "price_lists": [HAPPY | {"ends_on": "2020-01-01"}]})
    assert menu_for(menu, SourceKind.TILL, Service.DINE_IN, WEDNESDAY_NOON) is menu
