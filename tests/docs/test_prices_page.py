"""The examples of the page about prices: each order agrees with the settings and the menu that the page shows."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.price import Priced, price
from shared.contracts.menu import Menu
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/api/prices.md").read_text()
BLOCKS: list[dict[str, Any]] = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
(SETTINGS,) = [block for block in BLOCKS if "tax_rounding" in block]
(MENU,) = [block for block in BLOCKS if "items" in block]
ORDERS = {block["source"]["number"]: block for block in BLOCKS if "lines" in block}
STORE = {"name": "Corner", "chain": "demo", "region": "north", "timezone": "Europe/Berlin", "currency": "EUR"}


def priced(number: str) -> Priced:
    settings = StoreSettings.model_validate_json(json.dumps(STORE | SETTINGS))
    store = Store("corner", 1, settings, None, Menu.model_validate_json(json.dumps(MENU)), frozenset())
    order = OrderIn.model_validate_json(json.dumps(ORDERS[number]))
    return price(order, store, datetime(2026, 11, 30, 12, tzinfo=UTC), may_discount=True)


@pytest.mark.parametrize("number", ["41", "42", "43"])
def test_each_order_of_the_page_agrees_with_its_menu(number: str) -> None:
    assert priced(number).differences == []


def test_the_page_states_all_orders_that_are_tested() -> None:
    assert sorted(ORDERS) == ["41", "42", "43"]


def test_the_shares_of_the_meal_are_those_of_the_page() -> None:
    shares = [part.amount for part in priced("42").lines[0].parts]
    assert shares == [813, 316, 271]
    assert "are 813, 316 and 271" in PAGE
