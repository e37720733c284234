"""Prices and withdrawals of the ERP's item master reach the own menu of a store, in the fields that the ERP owns."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions.sync.masters.test_items import COLA, COMBO, PIZZA, item
from tests.simulators.erp import Erp
from tests.support.orders import SETTINGS, Caller
from tests.support.sync import Sync


@pytest.fixture
def own_menu(sync: Sync, call: Caller, erp: Erp) -> Erp:
    """A store with a menu of its own, one without a menu, and an ERP with the same prices."""
    for store in ("s1", "s2"):
        assert call("PUT", f"/v1/stores/{store}", SETTINGS).status in (200, 201)
    assert call("PUT", "/v1/stores/s1/menu", {"items": [PIZZA, COLA, COMBO]}).status == 200
    prices = {"hawaiian/S": "10.50", "hawaiian/M": "13.25", "cola": "3.00"}
    rows = [item(ours, price=price) for ours, price in prices.items()]
    erp.books.put("items", [*rows, item("hawaiian/L", active=False)])
    sync.begin("pull_items")
    sync.pull("pull_items")
    return erp


def menu(call: Caller) -> dict[str, dict[str, Any]]:
    reply = call("GET", "/v1/stores/s1/menu")
    assert reply.status == 200, reply.text
    return {entry["id"]: entry for entry in reply.json["menu"]["items"]}


def cola(call: Caller) -> dict[str, Any]:
    """The item, in the fields that were entered."""
    return {name: value for name, value in menu(call)["cola"].items() if name in COLA}


def revision(call: Caller) -> int:
    found: int = call("GET", "/v1/stores/s1/menu").json["revision"]
    return found


def messages(sync: Sync) -> int:
    with sync.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT body FROM messages WHERE type = 'sync.store_items_pulled'")
    return sum(json.loads(row["body"])["data"]["store"] == "s1" for row in rows)


@pytest.mark.usefixtures("own_menu")
def test_equal_prices_announce_nothing(sync: Sync) -> None:
    assert messages(sync) == 0


def test_a_price_reaches_the_own_item_once_and_its_other_fields_stay(sync: Sync, own_menu: Erp, call: Caller) -> None:
    before = revision(call)
    own_menu.books.put("items", [item("cola", price="3.50"), item("hawaiian/M", price="14")])
    for _ in range(3):
        sync.pull("pull_items")
    assert cola(call) == COLA | {"price": 350}
    assert {size["id"]: size["price"] for size in menu(call)["hawaiian"]["sizes"]} == {"S": 1050, "M": 1400}
    assert (revision(call), messages(sync)) == (before + 1, 1)


@pytest.mark.usefixtures("own_menu")
def test_a_price_that_a_person_changed_is_set_back_and_a_name_stays(sync: Sync, call: Caller) -> None:
    changed = COLA | {"price": 999, "name": "Our cola"}
    assert call("PUT", "/v1/stores/s1/menu", {"items": [PIZZA, changed, COMBO]}).status == 200
    sync.pull("pull_items")
    assert cola(call) == COLA | {"name": "Our cola"}


def test_a_withdrawn_item_leaves_the_own_menu_and_comes_back_as_it_was(sync: Sync, own_menu: Erp, call: Caller) -> None:
    own_menu.books.put("items", [item("cola", price="3.00", active=False)])
    sync.pull("pull_items")
    assert set(menu(call)) == {"hawaiian", "lunch"}
    own_menu.books.put("items", [item("cola", price="3.20", active=True)])
    sync.pull("pull_items")
    assert cola(call) == COLA | {"price": 320}
    # A person takes it off: it stays off, since no system did it.
    assert call("PUT", "/v1/stores/s1/menu", {"items": [PIZZA]}).status == 200
    sync.pull("pull_items")
    assert set(menu(call)) == {"hawaiian"}


def test_a_new_item_of_the_erp_is_not_added(sync: Sync, own_menu: Erp, call: Caller) -> None:
    own_menu.books.put("items", [item("hawaiian/L", price="20.00", category="PIZZA")])
    sync.put_codes("categories", {"classic": "PIZZA"})
    sync.put_codes("items", {"soup": "I-soup"})
    own_menu.books.put("items", [item("soup", price="5.00", category="PIZZA")])
    sync.pull("pull_items")
    assert set(menu(call)) == {"hawaiian", "cola", "lunch"}


def test_a_planned_price_comes_with_its_business_day(
    sync: Sync, own_menu: Erp, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    planned = [{"from": day.isoformat(), "price": "3.80"}]
    own_menu.books.put("items", [item("cola", price="3.00", prices=planned)])
    sync.pull("pull_items")
    assert menu(call)["cola"]["price"] == 300
    moved_clock(4 * 86_400)
    sync.call.at = call.at = int(sync.env.clock().timestamp())
    sync.pull("pull_items")
    assert menu(call)["cola"]["price"] == 380


def test_a_price_in_another_currency_is_named_with_the_store(sync: Sync, own_menu: Erp, call: Caller) -> None:
    own_menu.books.put("items", [item("cola", price="3.50", currency="EUR")])
    sync.pull("pull_items")
    assert menu(call)["cola"]["price"] == 300
    [refused] = sync.call("GET", "/v1/sync/systems/erp/items?chain=demo&cause=data").json["items"]
    assert (refused["code"], refused["reason"]) == ("I-cola", "other_currency")
    assert refused["detail"].startswith("Store s1: ")
