"""A real Tryton on loopback: wastage, consumption and transfers move its stock once."""

from collections.abc import Callable, Iterator

import pytest

from functions.sync.states import Cause, DocumentState, Goal
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.tryton import Tryton
from tests.simulators.tryton_books import TrytonBooks
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.sync import CHAIN, Sync

FLOWS = ("push_consumption", "push_wastage", "push_transfers")


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    with Tryton(tmp_path_factory.mktemp("tryton-stock")) as server:
        yield server


@pytest.fixture
def kitchen(env: Environment, database: MariaDB, tryton: Tryton, call: Caller) -> tuple[Sync, str, str]:
    """Tryton as the system of two stores, with a recipe."""
    sync = Sync(env, database.owner.url)
    credentials = {"credentials": {"user": tryton.user, "password": tryton.password}}
    body = {"kind": "tryton", "url": tryton.url, "settings": {"batch": 5}} | credentials
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
    return sync, first, second


def test_wastage_a_transfer_and_consumption_move_the_stock_of_tryton(
    kitchen: tuple[Sync, str, str], tryton: Tryton, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    sync, first, second = kitchen
    books = TrytonBooks(tryton.books)
    before = {(store, item): books.stock(store, item) for store in ("S1", "S2") for item in ("D0010", "D0011")}
    entries = [{"item": "cheese", "quantity": "3", "unit": "pc"}]
    record = {"store": first, "reference": "r1", "entries": entries}
    wasted = sync.call("POST", "/v1/sync/stock-records", record | {"kind": "wastage"}).json["id"]
    assert sync.call("POST", "/v1/sync/stock-records", record | {"kind": "transfer", "to_store": second}).status == 201
    assert call("POST", "/v1/orders", an_order(first, payments=paid(1325))).status == 201
    for flow in FLOWS:
        sync.push_stock(flow)
    moved_clock(2 * 86_400)
    for flow in FLOWS:
        sync.push_stock(flow)
    assert [(row.kind, row.state, row.detail) for row in sync.rows() if row.state != DocumentState.DONE] == []
    assert len(sync.rows()) == 3
    # 3 wasted and 3 sent to the other store; one pizza took 2 of the dough.
    assert before["S1", "D0011"] - books.stock("S1", "D0011") == 6
    assert books.stock("S2", "D0011") - before["S2", "D0011"] == 3
    assert before["S1", "D0010"] - books.stock("S1", "D0010") == 2
    sync.call.at = int(sync.env.clock().timestamp())
    assert sync.call("POST", f"/v1/sync/stock-records/{wasted}/cancel").status == 200
    sync.push_stock("push_wastage")
    [refused] = [row for row in sync.rows() if row.state != DocumentState.DONE]
    assert (refused.goal, refused.state, refused.cause) == (Goal.CANCEL, DocumentState.PARKED, Cause.RIGHTS)
