"""A real Tryton on loopback: records of stores move its stock once; its prices and its stock are on the menu."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from functions.sync.engine import send
from functions.sync.engine import target as target_module
from functions.sync.outside.exchange import HttpReply
from functions.sync.states import Cause, DocumentState, Goal
from shared.kit.outside.exchange import Lost
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.tryton import Tryton
from tests.simulators.tryton_books import TrytonBooks
from tests.simulators.tryton_rpc import Client
from tests.support.orders import SETTINGS, Caller, an_order, open_store, paid
from tests.support.sync import CHAIN, Sync

FLOWS = ("push_consumption", "push_wastage", "push_transfers", "push_receipts", "push_counts")
PIZZA = {"id": "hawaiian", "name": "Hawaiian", "category": "classic", "price": 1325}
COLA = {"id": "cola", "name": "Cola", "category": "drinks", "price": 300}


@pytest.fixture(scope="module")
def clerk(tryton: Tryton) -> Iterator[Client]:
    """A person at Tryton."""
    with tryton.client() as client:
        yield client


@dataclass
class Kitchen:
    """Two stores whose stock is in Tryton, with a recipe."""

    sync: Sync
    books: TrytonBooks
    first: str
    second: str

    def record(self, kind: str, quantity: str, **fields: Any) -> str:
        """A record of the first store about its cheese, and its id."""
        entries = [{"item": "cheese", "quantity": quantity, "unit": "pc"}]
        body = {"kind": kind, "store": self.first, "reference": f"{kind}-{quantity}", "entries": entries}
        reply = self.sync.call("POST", "/v1/sync/stock-records", body | fields)
        assert reply.status == 201, reply.text
        made: str = reply.json["id"]
        return made

    def stock(self, store: str, product: str) -> Decimal:
        return self.books.stock(store, product)

    def not_done(self) -> list[Any]:
        return [(row.kind, row.state, row.detail) for row in self.sync.rows() if row.state != DocumentState.DONE]


@pytest.fixture
def kitchen(env: Environment, database: MariaDB, tryton: Tryton, call: Caller) -> Kitchen:
    sync = Sync(env, database.owner.url)
    credentials = {"credentials": {"user": tryton.user, "password": tryton.password}}
    body = {"kind": "tryton", "url": tryton.url, "settings": {"batch": 5, "supplier": "KITCHEN"}} | credentials
    assert sync.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body).status == 200
    first, second = open_store(call), open_store(call)
    sync.put_codes("stores", {first: "S1", second: "S2"})
    sync.put_codes("items", {"dough": "D0010", "cheese": "D0011", "hawaiian": "D0012", "cola": "D0013"})
    sync.put_codes("units", {"pc": "Unit"})
    items = [{"id": name, "name": name, "unit": "pc"} for name in ("dough", "cheese")]
    recipe = {"code": "hawaiian", "ingredients": [{"item": "dough", "quantity": "2", "unit": "pc"}]}
    assert sync.call("PUT", f"/v1/sync/stock-items{CHAIN}", {"items": items}).status == 200
    assert sync.call("PUT", f"/v1/sync/recipes{CHAIN}", {"recipes": [recipe]}).status == 200
    for flow in FLOWS:
        sync.begin(flow, grace_hours=0)
    return Kitchen(sync, TrytonBooks(tryton.books), first, second)


def test_what_stores_record_moves_the_stock_of_tryton(
    kitchen: Kitchen, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    before = {(store, item): kitchen.stock(store, item) for store in ("S1", "S2") for item in ("D0010", "D0011")}
    wasted = kitchen.record("wastage", "3")
    kitchen.record("transfer", "3", to_store=kitchen.second)
    kitchen.record("receipt", "40")
    assert call("POST", "/v1/orders", an_order(kitchen.first, payments=paid(1325))).status == 201
    for flow in FLOWS:
        kitchen.sync.push_stock(flow)
    moved_clock(2 * 86_400)
    for flow in FLOWS:
        kitchen.sync.push_stock(flow)
    assert kitchen.not_done() == []
    assert Counter(row.kind for row in kitchen.sync.rows()) == dict.fromkeys(
        ("consumption", "receipt", "transfer", "wastage"), 1
    )
    # 40 received, 3 wasted and 3 sent to the other store; one pizza took 2 of the dough.
    assert kitchen.stock("S1", "D0011") - before["S1", "D0011"] == 34
    assert kitchen.stock("S2", "D0011") - before["S2", "D0011"] == 3
    assert before["S1", "D0010"] - kitchen.stock("S1", "D0010") == 2
    kitchen.sync.call.at = int(kitchen.sync.env.clock().timestamp())
    assert kitchen.sync.call("POST", f"/v1/sync/stock-records/{wasted}/cancel").status == 200
    kitchen.sync.push_stock("push_wastage")
    assert kitchen.not_done() == []
    # What was wasted goes the way back.
    assert kitchen.stock("S1", "D0011") - before["S1", "D0011"] == 37


def test_a_changed_day_of_sales_uses_up_its_stock_once(
    kitchen: Kitchen, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    before = kitchen.stock("S1", "D0010")
    placed = kitchen.sync.env.clock().isoformat()
    order = an_order(kitchen.first, payments=paid(1325), placed_at=placed)
    assert call("POST", "/v1/orders", order).status == 201
    moved_clock(2 * 86_400)
    for _ in range(2):
        kitchen.sync.push_stock("push_consumption")
    call.at = int(kitchen.sync.env.clock().timestamp())
    # A till that was offline sends a sale of that day.
    assert call("POST", "/v1/orders", an_order(kitchen.first, payments=paid(1325), placed_at=placed)).status == 201
    for _ in range(3):
        kitchen.sync.push_stock("push_consumption")
    assert kitchen.not_done() == []
    assert before - kitchen.stock("S1", "D0010") == 4


def test_a_receipt_that_is_taken_back_waits_for_a_person(kitchen: Kitchen) -> None:
    received = kitchen.record("receipt", "7")
    kitchen.sync.push_stock("push_receipts")
    assert kitchen.sync.call("POST", f"/v1/sync/stock-records/{received}/cancel").status == 200
    kitchen.sync.push_stock("push_receipts")
    [refused] = [row for row in kitchen.sync.rows() if row.state != DocumentState.DONE]
    assert (refused.goal, refused.state, refused.cause) == (Goal.CANCEL, DocumentState.PARKED, Cause.RIGHTS)


def test_a_count_is_the_stock_of_tryton(kitchen: Kitchen) -> None:
    kitchen.record("count", "512")
    for _ in range(2):
        kitchen.sync.push_stock("push_counts")
    assert kitchen.not_done() == []
    assert kitchen.stock("S1", "D0011") == 512


@pytest.mark.parametrize(
    ("kind", "flow", "lost", "stock"),
    [
        # The draft, its note, its confirmation.
        *[("count", "push_counts", lost, 700 + lost) for lost in (1, 2, 3)],
        # The draft, and the last of its two steps.
        *[("receipt", "push_receipts", lost, None) for lost in (1, 3)],
    ],
)
def test_a_lost_answer_moves_no_stock_twice(
    kitchen: Kitchen,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    flow: str,
    lost: int,
    stock: int | None,
) -> None:
    before = kitchen.stock("S1", "D0011")
    kitchen.record(kind, str(stock or 9))
    requests = iter(range(1, 1000))
    real = target_module.read_target

    def target(*arguments: Any) -> Any:
        made = real(*arguments)
        exchange = made.fence._exchange

        def losing(request: Any) -> Any:
            replies = exchange(request)
            unsafe = not request[0].safe
            return [HttpReply(failure=Lost.NO_REPLY)] if unsafe and next(requests) == lost else replies

        made.fence._exchange = losing
        return made

    monkeypatch.setattr(send, "read_target", target)
    for _ in range(4):
        kitchen.sync.push_stock(flow)
        moved_clock(1000)
    assert next(requests) > lost, "the answer must have been lost"
    assert kitchen.not_done() == []
    assert kitchen.stock("S1", "D0011") == (stock or before + 9)


def test_a_receipt_without_a_supplier_is_named(kitchen: Kitchen, tryton: Tryton) -> None:
    body = {"kind": "tryton", "url": tryton.url, "settings": {"batch": 5}}
    headers = {"if-match": kitchen.sync.call("GET", f"/v1/sync/systems/erp{CHAIN}").headers["etag"]}
    assert kitchen.sync.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body, headers=headers).status == 200
    kitchen.record("receipt", "1")
    kitchen.sync.push_stock("push_receipts")
    [row] = kitchen.sync.rows()
    assert (row.state, row.cause, row.reason) == (DocumentState.PARKED, Cause.MAPPING, "no_supplier")


@pytest.fixture
def selling(kitchen: Kitchen, call: Caller) -> Kitchen:
    """A menu in Tryton's currency, and a third store that sells from it."""
    assert call("PUT", "/v1/menus/main", {"currency": "CNY", "menu": {"items": [PIZZA, COLA]}}).status in (200, 201)
    settings = SETTINGS | {"menu": "main", "currency": "CNY"}
    assert call("PUT", "/v1/stores/m1", settings).status in (200, 201)
    kitchen.sync.put_codes("stores", {"m1": "S3"})
    return kitchen


def price_of_cola(call: Caller) -> list[int]:
    items = call("GET", "/v1/menus/main").json["menu"]["items"]
    return [item["price"] for item in items if item["id"] == "cola"]


def test_prices_of_tryton_are_on_the_menu_and_what_is_withdrawn_is_not(
    selling: Kitchen, clerk: Client, call: Caller
) -> None:
    selling.sync.begin("pull_items", menu="main")
    selling.sync.pull("pull_items")
    assert price_of_cola(call) == [3300]  # the company's product 13 costs 20 + 13
    [template] = clerk.ids("product.template", ("code", "=", "D0013"))
    clerk.call("product.template.write", [template], {"list_price": Decimal("34.50")})
    selling.sync.pull("pull_items")
    assert price_of_cola(call) == [3450]
    reply = selling.sync.call("GET", f"/v1/sync/systems/erp/items{CHAIN}&limit=500")
    [cola] = [item for item in reply.json["items"] if item["code"] == "D0013"]
    # The other stores of this chain have menus of their own, in dollars.
    assert (cola["tax_code"], cola["reason"]) == ("V6", "other_currency")
    clerk.insist("product.product.write", clerk.ids("product.product", ("code", "=", "D0013")), {"active": False})
    selling.sync.pull("pull_items")
    assert price_of_cola(call) == []


def test_stock_of_tryton_makes_an_item_sold_out_until_it_is_back(selling: Kitchen, clerk: Client, call: Caller) -> None:
    def count(quantity: float) -> None:
        storage = clerk.one("stock.location", ("code", "=", "S3-STO"))
        lines = [("create", [{"product": clerk.one("product.product", ("code", "=", "D0012")), "quantity": quantity}])]
        row = {"location": storage, "date": selling.sync.env.clock().date(), "lines": lines}
        clerk.call("stock.inventory.confirm", clerk.create("stock.inventory", row))
        selling.sync.pull("pull_stock")

    def sold_out() -> list[str]:
        marks: list[str] = call("GET", "/v1/stores/m1/menu").json["sold_out"]
        return marks

    selling.sync.begin("pull_stock", safety_stock="2")
    selling.sync.pull("pull_stock")
    assert sold_out() == []
    count(2)  # less the safety stock there is none
    assert sold_out() == ["hawaiian"]
    count(3)
    assert sold_out() == []
