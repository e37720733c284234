"""Prices, tax classes and withdrawals of the ERP's item master go on the menus of a chain."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulators.erp import Erp
from tests.support.orders import SETTINGS, Caller
from tests.support.sync import Sync, erp_item
from tests.support.sync_pulls import refused_records, waiting

PIZZA: dict[str, Any] = {
    "id": "hawaiian",
    "name": "The Hawaiian Pizza",
    "category": "classic",
    "sizes": [{"id": "S", "price": 1050}, {"id": "M", "price": 1325}],
}
COLA: dict[str, Any] = {"id": "cola", "name": "Cola", "category": "drinks", "price": 300, "allergens": ["caffeine"]}
COMBO: dict[str, Any] = {
    "id": "lunch",
    "name": "Lunch",
    "category": "sets",
    "price": 1500,
    "combo": {
        "parts": [
            {"id": "drink", "name": "Drink", "min": 0, "choices": [{"item": "cola"}, {"item": "hawaiian", "size": "S"}]}
        ]
    },
}


def item(ours: str, **fields: Any) -> dict[str, Any]:
    """An item of the ERP's master, as docs/develop/rest-system.md has it."""
    return {
        "code": erp_item(ours), "name": ours, "unit": "PCS", "tax_code": "V6", "active": True, "currency": "USD",
    } | fields  # fmt: skip


@pytest.fixture
def erp_prices(sync: Sync, call: Caller, erp: Erp) -> Erp:
    """A chain menu, a store that sells from it, and an ERP with the same prices."""
    body = {"currency": "USD", "menu": {"items": [PIZZA, COLA, COMBO]}}
    assert call("PUT", "/v1/menus/main", body).status in (200, 201)
    assert call("PUT", "/v1/stores/s1", SETTINGS | {"menu": "main"}).status in (200, 201)
    prices = {"hawaiian/S": "10.50", "hawaiian/M": "13.25", "cola": "3.00"}
    rows = [item(ours, price=price) for ours, price in prices.items()]
    erp.books.put("items", [*rows, item("hawaiian/L", active=False)])
    sync.begin("pull_items", menu="main")
    sync.pull("pull_items")
    return erp


def menu(call: Caller, at: datetime | None = None) -> dict[str, dict[str, Any]]:
    query = f"?at={at.isoformat().replace('+00:00', 'Z')}" if at else ""
    reply = call("GET", f"/v1/menus/main{query}")
    assert reply.status == 200, reply.text
    return {entry["id"]: entry for entry in reply.json["menu"]["items"]}


def versions(call: Caller) -> int:
    return len(call("GET", "/v1/menus/main").json["versions"])


def test_a_malformed_item_does_not_stop_the_others(sync: Sync, call: Caller, erp_prices: Erp) -> None:
    erp_prices.books.put("items", [item("hawaiian/M", price="cheap"), item("cola", price="3.30")])
    sync.pull("pull_items")
    assert (menu(call)["cola"]["price"], menu(call)["hawaiian"]["sizes"][1]["price"]) == (330, 1325)
    [refused] = refused_records(sync, "pull_items")
    assert refused["key"] == erp_item("hawaiian/M")
    assert ("data", "malformed", 1) in waiting(sync, "pull_items")
    erp_prices.books.put("items", [item("hawaiian/M", price="13.50")])
    sync.pull("pull_items")
    assert (menu(call)["hawaiian"]["sizes"][1]["price"], refused_records(sync, "pull_items")) == (1350, [])


@pytest.mark.usefixtures("erp_prices")
def test_equal_prices_announce_nothing(sync: Sync, call: Caller) -> None:
    assert versions(call) == 1
    with sync.env.db.transaction() as transaction:
        assert transaction.rows("SELECT id FROM messages WHERE type = 'sync.items_pulled'") == []


def test_a_price_of_the_erp_is_on_the_menu_once(sync: Sync, erp_prices: Erp, call: Caller) -> None:
    erp_prices.books.put("items", [item("cola", price="3.50"), item("hawaiian/M", price="14")])
    for _ in range(3):
        sync.pull("pull_items")
    assert menu(call)["cola"]["price"] == 350
    assert menu(call)["hawaiian"]["sizes"] == [{"id": "S", "price": 1050}, {"id": "M", "price": 1400}]
    assert versions(call) == 2


@pytest.mark.usefixtures("erp_prices")
def test_a_price_that_a_person_changes_is_set_back_and_a_name_stays(sync: Sync, call: Caller) -> None:
    changed = [PIZZA, COLA | {"price": 1, "name": "Coca-Cola"}, COMBO]
    assert call("PUT", "/v1/menus/main", {"currency": "USD", "menu": {"items": changed}}).status == 200
    sync.pull("pull_items")
    assert (menu(call)["cola"]["price"], menu(call)["cola"]["name"]) == (300, "Coca-Cola")


def test_a_planned_price_holds_from_its_day_on_and_can_be_taken_back(sync: Sync, erp_prices: Erp, call: Caller) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    planned = [{"from": day.isoformat(), "price": "3.80"}]
    erp_prices.books.put("items", [item("cola", price="3.00", prices=planned)])
    sync.pull("pull_items")
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    assert (menu(call)["cola"]["price"], menu(call, noon)["cola"]["price"]) == (300, 380)
    assert menu(call, noon - timedelta(days=1))["cola"]["price"] == 300
    # A person plans another menu for the day before: the ERP's price holds in it, too.
    person = {"currency": "USD", "menu": {"items": [PIZZA, COLA | {"price": 77}]}}
    begins = (noon - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert call("PUT", "/v1/menus/main", person | {"begins_at": begins}).status == 200
    sync.pull("pull_items")
    assert menu(call, noon - timedelta(hours=20))["cola"]["price"] == 300
    erp_prices.books.put("items", [item("cola", price="3.00", prices=[])])
    sync.pull("pull_items")
    assert menu(call, noon + timedelta(days=1))["cola"]["price"] == 300


def test_what_is_withdrawn_leaves_the_menu_and_comes_back_as_it_was(sync: Sync, erp_prices: Erp, call: Caller) -> None:
    erp_prices.books.put(
        "items", [item("cola", price="3.00", active=False), item("hawaiian/S", price="10.50", active=False)]
    )
    sync.pull("pull_items")
    # The lunch has no choice left.
    assert sorted(menu(call)) == ["hawaiian"]
    assert menu(call)["hawaiian"]["sizes"] == [{"id": "M", "price": 1325}]
    erp_prices.books.put("items", [item("cola", price="3.20", active=True)])
    for _ in range(2):
        sync.pull("pull_items")
    assert (menu(call)["cola"]["price"], menu(call)["cola"]["allergens"]) == (320, ["caffeine"])
    assert menu(call)["lunch"]["combo"]["parts"][0]["choices"] == [{"item": "cola", "size": None, "price": 0}]


def test_an_item_that_comes_back_keeps_the_fields_that_the_system_does_not_own(
    sync: Sync, erp_prices: Erp, call: Caller
) -> None:
    ours = COLA | {"name": "Our cola", "texts": {"zh": {"name": "我们的可乐"}}}
    assert call("PUT", "/v1/menus/main", {"currency": "USD", "menu": {"items": [PIZZA, ours, COMBO]}}).status == 200
    sync.put_codes("categories", {"drinks": "DR"})
    theirs = {"name": "COLA 330", "names": {"zh": "可乐"}, "category": "DR", "price": "3.20"}
    for owned, price in ((["price", "active"], 320), (["active"], 300)):
        sync.begin("pull_items", menu="main", owned=owned)
        assert call("PUT", "/v1/menus/main", {"currency": "USD", "menu": {"items": [PIZZA, ours, COMBO]}}).status == 200
        erp_prices.books.put("items", [item("cola", active=False)])
        sync.pull("pull_items")
        assert "cola" not in menu(call)
        erp_prices.books.put("items", [item("cola", **theirs)])
        for _ in range(2):
            sync.pull("pull_items")
        back = menu(call)["cola"]
        assert (back["name"], back["texts"]["zh"]["name"], back["price"]) == ("Our cola", "我们的可乐", price)


def test_an_item_that_lost_all_its_sizes_comes_back_with_the_one_that_is_sold_again(
    sync: Sync, erp_prices: Erp, call: Caller
) -> None:
    erp_prices.books.put("items", [item("hawaiian/S", active=False), item("hawaiian/M", active=False)])
    sync.pull("pull_items")
    assert "hawaiian" not in menu(call)
    erp_prices.books.put("items", [item("hawaiian/M", price="14.00")])
    for _ in range(2):
        sync.pull("pull_items")
    back = menu(call)["hawaiian"]
    assert (back["name"], back["sizes"]) == ("The Hawaiian Pizza", [{"id": "M", "price": 1400}])


def test_a_new_item_is_added_when_its_category_has_a_code(sync: Sync, erp_prices: Erp, call: Caller) -> None:
    sync.put_codes("items", {"lemonade": "LEMO", "flour": "FLOUR"})
    sync.put_codes("categories", {"drinks": "DR"})
    sync.put_codes("tax_classes", {"reduced": "V13"})
    rows = [
        item("x", code="LEMO", name="Lemonade", names={"zh": "柠檬水"}, category="DR", price="2.50", tax_code="V13"),
        item("x", code="FLOUR", name="Flour", category="RAW", price="0.50"),
    ]
    erp_prices.books.put("items", rows)
    sync.pull("pull_items")
    added = menu(call)["lemonade"]
    assert (added["price"], added["tax_class"], added["category"]) == (250, "reduced", "drinks")
    assert added["texts"]["zh"]["name"] == "柠檬水"
    assert "flour" not in menu(call)


def test_a_price_that_cannot_be_is_named_and_the_others_go_on(sync: Sync, erp_prices: Erp, call: Caller) -> None:
    erp_prices.books.put("items", [item("cola", price="3.005"), item("hawaiian/M", price="15.00")])
    sync.pull("pull_items")
    assert menu(call)["hawaiian"]["sizes"][1]["price"] == 1500
    reply = sync.call("GET", "/v1/sync/systems/erp/items?chain=demo&cause=data")
    [refused] = reply.json["items"]
    assert (refused["code"], refused["reason"]) == (erp_item("cola"), "price_invalid")


@pytest.mark.usefixtures("erp_prices")
def test_late_and_tied_rows_and_pages_are_not_lost(sync: Sync, call: Caller, erp: Erp) -> None:
    """1,200 items of one moment are three pages; a row that was committed a minute late is read by the next run."""
    tied = "2026-11-29T10:00:00.000000Z"
    erp.books.put("items", [item("x", code=f"T{number:04}", price="1.00", changed_at=tied) for number in range(1_200)])
    late = (datetime.now(UTC) - timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    sync.pull("pull_items")
    erp.books.put("items", [item("cola", price="4.00", changed_at=late)])
    sync.pull("pull_items")
    assert menu(call)["cola"]["price"] == 400
