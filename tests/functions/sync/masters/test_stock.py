"""Stock of the ERP makes items of a store sold out, with safety stock, and available again."""

import json
from typing import Any

import pytest

from functions.sync import pull_stock
from stack.gateway_event import Context
from tests.simulators.erp import Erp
from tests.support.orders import Caller
from tests.support.sync import CHAIN, Sync, erp_item
from tests.support.sync_pulls import refused_records, waiting


@pytest.fixture
def stocked(sync: Sync, erp: Erp, store: str) -> Erp:
    """Two pieces of safety stock, and five of the cola."""
    erp.books.put("levels", [level(store, "cola", "3"), level(store, "hawaiian/M", "3")])
    sync.begin("pull_stock", safety_stock="0", safety_by_item={erp_item("cola"): "2"})
    sync.pull("pull_stock")
    return erp


def level(store: str, ours: str, quantity: str) -> dict[str, Any]:
    return {"store": f"W-{store}", "item": erp_item(ours), "unit": "PCS", "quantity": quantity}


def sold_out(call: Caller, store: str) -> list[str]:
    reply = call("GET", f"/v1/stores/{store}/menu")
    entries: list[str] = reply.json["sold_out"]
    return entries


def test_a_level_in_another_unit_is_converted_and_the_safety_stock_of_the_item_counts(
    sync: Sync, erp: Erp, call: Caller, store: str
) -> None:
    sync.put_codes("items", {"flour": "RAW-1"})
    recipe = {"code": "cola", "ingredients": [{"item": "flour", "quantity": "200", "unit": "g"}]}
    flour = {"id": "flour", "name": "Flour", "unit": "g", "safety_stock": "150"}
    for path, body in (
        ("units", {"units": {"kg": {"base": "g", "factor": "1000"}}}),
        ("stock-items", {"items": [flour]}),
        ("recipes", {"recipes": [recipe]}),
    ):
        assert sync.call("PUT", f"/v1/sync/{path}{CHAIN}", body).status == 200
    sync.begin("pull_stock")

    def sold_out_with(kilograms: str) -> list[str]:
        stock = {"store": f"W-{store}", "item": "RAW-1", "unit": "KGM", "quantity": kilograms}
        erp.books.put("levels", [stock])
        sync.pull("pull_stock")
        return sold_out(call, store)

    # One takes 200 g, and 150 g are kept.
    assert sold_out_with("0.349") == ["cola"]
    assert sold_out_with("0.351") == []
    # The ounce has no conversion: nothing is known of the stock.
    ounces = {"store": f"W-{store}", "item": "RAW-1", "unit": "ONZ", "quantity": "0"}
    erp.books.put("levels", [ounces])
    sync.pull("pull_stock")
    assert sold_out(call, store) == []


def test_a_malformed_level_does_not_stop_the_others(sync: Sync, stocked: Erp, call: Caller, store: str) -> None:
    bad = level(store, "hawaiian/M", "many")
    stocked.books.put("levels", [bad, level(store, "cola", "0")])
    sync.pull("pull_stock")
    assert sold_out(call, store) == ["cola"]
    [refused] = refused_records(sync, "pull_stock")
    assert refused["key"] == f"{bad['store']}/{bad['item']}"
    assert waiting(sync, "pull_stock") == [("data", "malformed", 1)]
    stocked.books.put("levels", [level(store, "hawaiian/M", "0")])
    sync.pull("pull_stock")
    assert (sold_out(call, store), refused_records(sync, "pull_stock")) == (["cola", "hawaiian/size/M"], [])


def test_an_item_is_sold_out_at_its_safety_stock_in_its_store_alone(
    sync: Sync, stocked: Erp, call: Caller, store: str
) -> None:
    assert sold_out(call, store) == []
    stocked.books.put(
        "levels", [level(store, "cola", "2.5"), level(store, "hawaiian/M", "0"), level("other", "cola", "0")]
    )
    for _ in range(2):
        sync.pull("pull_stock")
    # 2.5 less the safety stock of 2 is less than one piece.
    assert sold_out(call, store) == ["cola", "hawaiian/size/M"]
    stocked.books.put("levels", [level(store, "cola", "3")])
    sync.pull("pull_stock")
    assert sold_out(call, store) == ["hawaiian/size/M"]


def test_a_mark_of_a_person_stays_when_the_stock_is_back(sync: Sync, stocked: Erp, call: Caller, store: str) -> None:
    assert call("PUT", f"/v1/stores/{store}/sold-out", {"items": ["cola"]}).status == 200
    stocked.books.put("levels", [level(store, "cola", "0"), level(store, "hawaiian/M", "-1")])
    sync.pull("pull_stock")
    stocked.books.put("levels", [level(store, "cola", "9"), level(store, "hawaiian/M", "9")])
    sync.pull("pull_stock")
    assert sold_out(call, store) == ["cola"]


@pytest.mark.parametrize("fault", ["cut_before", "html", "truncated", "session_lost", "duplicate_page", "unavailable"])
def test_a_fault_of_the_erp_loses_no_level(sync: Sync, stocked: Erp, store: str, fault: str, moved_clock: Any) -> None:
    stocked.books.put("levels", [level(store, "cola", "0")])
    stocked.fail([fault])
    for _ in range(3):
        sync.pull("pull_stock")
        moved_clock(1000)
    with sync.env.db.transaction() as transaction:
        row = transaction.row("SELECT sold_out FROM store_records WHERE store_id = %s", [f"demo:{store}"])
    assert json.loads(row["sold_out"] if row else "") == ["cola"]


def test_a_dish_is_sold_out_when_an_ingredient_is(sync: Sync, stocked: Erp, call: Caller, store: str) -> None:
    """Two pizzas take 1 kg of dough; the stock is in kilograms, and 0.4 kg are less than one pizza takes."""
    sync.put_codes("items", {"dough": "RAW-1", "salt": "RAW-2"})
    for path, body in (
        ("units", {"units": {"kg": {"base": "g", "factor": "1000"}}}),
        ("stock-items", {"items": [{"id": name, "name": name, "unit": "kg"} for name in ("dough", "salt")]}),
        ("recipes", {"recipes": [{
            "code": "hawaiian", "portions": "2", "ingredients": [
                {"item": "dough", "quantity": "1000", "unit": "g"}, {"item": "salt", "quantity": "9", "unit": "g"},
            ],
        }]}),
    ):  # fmt: skip
        reply = sync.call("PUT", f"/v1/sync/{path}?chain=demo", body)
        assert reply.status == 200, reply.text

    def dough(quantity: str, unit: str = "KGM") -> list[str]:
        row = {"store": f"W-{store}", "item": "RAW-1", "unit": unit, "quantity": quantity}
        stocked.books.put("levels", [row])
        sync.pull("pull_stock")
        return sold_out(call, store)

    assert dough("0.5") == []
    assert dough("0.4") == [f"hawaiian/size/{size}" for size in ("L", "M", "S")]
    assert dough("0.6") == []
    # A level in another unit is no measure of the need.
    assert dough("0.4", "PCS") == []


def test_a_mark_comes_off_though_the_stock_is_back_before_the_store_heard_of_it(
    sync: Sync, stocked: Erp, call: Caller, store: str
) -> None:
    stocked.books.put("levels", [level(store, "cola", "0")])
    pull_stock.handler({}, Context())  # the message is on its way
    stocked.books.put("levels", [level(store, "cola", "9")])
    sync.pull("pull_stock")
    assert sold_out(call, store) == []
