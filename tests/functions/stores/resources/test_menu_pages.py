"""A menu for a page: in a language, and with the prices of a channel, a service and a time."""

from typing import Any

import pytest

from tests.support.environments import Another
from tests.support.orders import Caller, open_store
from tests.support.store_changes import HOUR, NOON

MENU: dict[str, Any] = {
    "items": [
        {"id": "tea", "name": "Tea", "category": "drink", "price": 250, "allergens": ["milk"],
         "picture": "https://pictures.example/tea.jpg",
         "texts": {"zh": {"name": "茶", "description": "热"}, "zh-Hant-TW": {"name": "茗"}}},
        {"id": "cola", "name": "Cola", "category": "drink", "price": 300},
    ],
    "price_lists": [
        {"id": "lunch", "name": "Lunch", "items": ["tea"], "windows": [
            {"weekdays": [3], "opens": "13:00", "closes": "14:00"}]},
        {"id": "delivery", "name": "Delivery", "services": ["delivery"], "prices": [{"item": "tea", "price": 290}]},
    ],
}  # fmt: skip


@pytest.fixture
def call(another: Another) -> Caller:
    """A caller at noon in New York, a Wednesday."""
    return another(NOON)


@pytest.mark.parametrize(
    ("language", "name", "tags"),
    [
        ("zh", "茶", ["zh"]), ("zh-CN", "茶", ["zh"]), ("zh-Hant-TW", "茗", ["zh-Hant-TW"]), ("zh-hant-tw", "茗", None),
        ("zh-Hant", "茶", ["zh"]), ("de", "Tea", []),
    ],
)  # fmt: skip
def test_a_menu_has_the_names_of_a_language(call: Caller, language: str, name: str, tags: list[str] | None) -> None:
    store = open_store(call, MENU)
    tea, cola = call("GET", f"/v1/stores/{store}/menu?language={language}").json["menu"]["items"]
    assert (tea["name"], cola["name"]) == (name, "Cola")
    assert tags is None or list(tea["texts"]) == tags
    assert (tea["allergens"], tea["picture"]) == (["milk"], "https://pictures.example/tea.jpg")


def test_a_menu_has_the_prices_of_a_service_and_a_time(call: Caller) -> None:
    store = open_store(call, MENU)

    def prices(query: str) -> dict[str, int]:
        menu = call("GET", f"/v1/stores/{store}/menu?{query}").json["menu"]
        assert menu["price_lists"] == []
        return {item["id"]: item["price"] for item in menu["items"]}

    one = (NOON + HOUR).isoformat().replace("+", "%2B")
    assert prices("channel=till") == {"tea": 250, "cola": 300}
    assert prices("service=delivery") == {"tea": 290, "cola": 300}
    assert prices(f"at={one}") == {"tea": 250}
    assert prices(f"at={one}&service=delivery&channel=platform") == {"tea": 290}


def test_the_menu_itself_has_all_price_lists_and_an_entity_tag(call: Caller) -> None:
    store = open_store(call, MENU)
    whole = call("GET", f"/v1/stores/{store}/menu")
    assert [price_list["id"] for price_list in whole.json["menu"]["price_lists"]] == ["lunch", "delivery"]
    assert "etag" in whole.headers
    # Time alone changes these prices, so no tag can say that they are the same.
    assert "etag" not in call("GET", f"/v1/stores/{store}/menu?channel=till").headers
