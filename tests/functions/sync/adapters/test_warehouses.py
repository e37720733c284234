"""Warehouse systems: 旺店通 and 聚水潭 by public sources, and a generic one on the REST interface."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.sync.adapters import jushuitan, numbered_pages, rest, wangdian
from functions.sync.adapters.contract import (
    Accepted,
    AccessRefused,
    InDoubt,
    NotSent,
    Refused,
    StockLevel,
    TargetDocument,
    TargetLine,
)
from functions.sync.documents.document import Kind, LineType
from functions.sync.outside.client import Client
from functions.sync.states import Cause
from tests.simulators import jushuitan as jst
from tests.simulators import wangdian as wdt
from tests.simulators.wms import Wms

WAREHOUSES = {"W1": "North", "W2": "South"}
ITEMS = [{"code": f"F{n}", "name": f"Flour {n}", "unit": "KG", "price": "3.50"} for n in range(1, 8)]


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client(local=True)
    yield client
    client.close()


@pytest.fixture(params=["wangdian", "jushuitan"])
def warehouse(request: pytest.FixtureRequest, client: Client) -> Iterator[tuple[Any, Any]]:
    """(the simulated system, its adapter)."""
    if request.param == "wangdian":
        with wdt.Wangdian() as system:
            system.add(WAREHOUSES, ITEMS)
            system.books.add_codes("units", {"KG": "kilogram"})
            yield system, wangdian.make(system.server, vars(system.account), {}, client.exchange)
    else:
        with jst.Jushuitan() as system:
            system.add(WAREHOUSES, ITEMS)
            system.books.add_codes("units", {"KG": "kilogram"})
            yield system, jushuitan.make(system.url, vars(system.account), {}, client.exchange)


def a_move(
    key: str, kind: Kind = Kind.RECEIPT, item: str = "F1", quantity: str = "10", to_store: str | None = None
) -> TargetDocument:
    line = TargetLine(LineType.ITEM, "Flour", item, Decimal(quantity), "KG", Decimal(0), Decimal(0), None)
    day = datetime.now(UTC).date()
    return TargetDocument(key, kind, "W1", day, key, None, to_store, None, None, (line,), (), Decimal(0), Decimal(0))


def test_receipts_come_in_and_wastage_goes_out_by_its_key(warehouse: tuple[Any, Any]) -> None:
    system, adapter = warehouse
    results = adapter.post([a_move("R1"), a_move("O1", Kind.WASTAGE, quantity="2.5"), a_move("C1", Kind.CONSUMPTION)])
    assert all(isinstance(result, Accepted) for result in results.values()), results
    assert system.stock("W1", "F1") == Decimal("-2.5")
    assert [found.key for found in adapter.find(Kind.RECEIPT, ["R1", "R9"])] == ["R1"]
    assert [found.quantity for found in adapter.find(Kind.WASTAGE, ["O1"])] == [Decimal("2.5")]


def test_what_the_system_lacks_is_refused_with_the_person_who_must_act(warehouse: tuple[Any, Any]) -> None:
    _, adapter = warehouse
    results = adapter.post([a_move("R1", item="X"), a_move("T1", Kind.SALE), a_move("R2")])
    assert isinstance(results["R1"], Refused)
    assert results["R1"].cause == Cause.DATA
    assert isinstance(results["T1"], Refused)
    assert (results["T1"].cause, results["T1"].reason) == (Cause.RIGHTS, "kind_not_taken")
    assert isinstance(results["R2"], Accepted)


def test_a_transfer_moves_stock_between_two_warehouses_and_is_found(warehouse: tuple[Any, Any]) -> None:
    system, adapter = warehouse
    system.fail(["lost"])
    with pytest.raises(InDoubt):
        adapter.post([a_move("T1", Kind.TRANSFER, quantity="4", to_store="W2")])
    [found] = adapter.find(Kind.TRANSFER, ["T1", "T9"])
    assert (found.key, found.quantity, found.state) == ("T1", Decimal(4), "posted")
    assert (system.stock("W1", "F1"), system.stock("W2", "F1")) == (Decimal(-4), Decimal(4))
    [refused] = adapter.cancel(Kind.TRANSFER, [found.id]).values()
    assert (refused.cause, refused.reason) == (Cause.RIGHTS, "no_cancellation")


def test_a_count_of_jushuitan_sets_the_stock_once_and_one_of_wangdian_is_refused(warehouse: tuple[Any, Any]) -> None:
    system, adapter = warehouse
    adapter.post([a_move("R1")])
    count = a_move("C1", Kind.COUNT, quantity="7")
    if isinstance(adapter, wangdian.Wangdian):
        [refused] = adapter.post([count]).values()
        assert isinstance(refused, Refused)
        assert (refused.cause, refused.reason) == (Cause.RIGHTS, "kind_not_taken")
        assert system.stock("W1", "F1") == 10
        return
    system.fail(["lost"])
    with pytest.raises(InDoubt):
        adapter.post([count])
    adapter.post([a_move("R2", quantity="1")])
    assert adapter.find(Kind.COUNT, ["C1"]) == []
    # The number is known: what came in meanwhile stays.
    assert adapter.post([count]) == {"C1": Accepted("C1", "C1")}
    assert system.stock("W1", "F1") == 8


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.TRANSFER])
def test_jushuitan_takes_counts_and_transfers_in_whole_pieces(warehouse: tuple[Any, Any], kind: Kind) -> None:
    system, adapter = warehouse
    if isinstance(adapter, wangdian.Wangdian):
        return
    [refused] = adapter.post([a_move("K1", kind, quantity="2.5", to_store="W2")]).values()
    assert (refused.cause, refused.reason) == (Cause.DATA, "quantity_not_whole")
    assert system.books.rows("SELECT id FROM documents") == []


def test_jushuitan_cancels_a_document_and_wangdian_says_that_a_person_must(warehouse: tuple[Any, Any]) -> None:
    system, adapter = warehouse
    [done] = adapter.post([a_move("R1")]).values()
    for _ in range(2):
        [result] = adapter.cancel(Kind.RECEIPT, [done.id]).values()
        if isinstance(adapter, wangdian.Wangdian):
            assert (result.cause, result.reason) == (Cause.RIGHTS, "no_cancellation")
        else:
            assert result == done
    cancelled = isinstance(adapter, jushuitan.Jushuitan)
    assert system.stock("W1", "F1") == (0 if cancelled else 10)
    assert [found.state for found in adapter.find(Kind.RECEIPT, ["R1"])] == ["cancelled" if cancelled else "posted"]
    unknown = adapter.cancel(Kind.RECEIPT, ["999@W1"])["999@W1"]
    assert (unknown.cause, isinstance(unknown, Refused)) == (Cause.RIGHTS, True)


def test_a_lost_answer_is_a_doubt_and_the_document_is_found(warehouse: tuple[Any, Any]) -> None:
    system, adapter = warehouse
    system.fail(["lost"])
    with pytest.raises(InDoubt):
        adapter.post([a_move("R1")])
    assert [found.key for found in adapter.find(Kind.RECEIPT, ["R1"])] == ["R1"]
    assert system.stock("W1", "F1") == 10


def test_too_many_requests_and_a_wrong_login_have_their_own_failures(warehouse: tuple[Any, Any]) -> None:
    system, adapter = warehouse
    system.fail(["too_many"])
    with pytest.raises(NotSent) as failure:
        adapter.post([a_move("R1")])
    assert failure.value.retry_after == 60
    system.fail(["session_lost"])
    with pytest.raises(AccessRefused):
        adapter.post([a_move("R1")])


@pytest.mark.parametrize("fault", ["html", "truncated", "half"])
def test_an_answer_that_cannot_be_read_is_a_doubt(warehouse: tuple[Any, Any], fault: str) -> None:
    system, adapter = warehouse
    system.fail([fault])
    with pytest.raises(InDoubt):
        adapter.post([a_move("R1")])


def test_stock_is_read_over_pages_and_windows(warehouse: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    system, adapter = warehouse
    monkeypatch.setattr(adapter, "page", 3)
    for number in range(1, 8):
        adapter.post([a_move(f"R{number}", item=f"F{number}", quantity=str(number))])
    now = datetime.now(UTC) + timedelta(seconds=2)
    pages = list(adapter.read_stock(now - timedelta(days=70), now))
    levels = {level.item: level.quantity for page in pages for level in page}
    assert levels == {f"F{number}": Decimal(number) for number in range(1, 8)}
    assert len(pages) == (3 if isinstance(adapter, wangdian.Wangdian) else 10)
    assert system.stock("W1", "F7") == 7


def test_a_row_that_changes_while_pages_are_read_hides_no_other() -> None:
    rows = [{"item": str(number)} for number in range(10)]

    def read(first: str, last: str, page: int) -> tuple[int, list[dict[str, Any]]]:
        del first, last
        found = len(rows), rows[page * 3 : page * 3 + 3]
        if rows[0]["item"] == "0":
            rows.pop(0)  # it has changed: it is in the next window
        return found

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    got = numbered_pages._rows(moment, moment, 3, read)
    assert {row["item"] for row in got} >= {str(number) for number in range(1, 10)}


def test_signatures_are_those_of_the_published_example_and_of_the_simulator() -> None:
    fields = {
        "appkey": "test2-xx", "page_no": "0", "end_time": "2016-08-01 13:00:00", "start_time": "2016-08-01 12:00:00",
        "page_size": "40", "sid": "test2", "timestamp": "1470042310",
    }  # fmt: skip
    assert wangdian.sign(fields, "12345") == "ad4e6fe037ea6e3ba4768317be9d1309"
    form = {"version": "2", "app_key": "a", "biz": '{"名":1}', "charset": ""}
    assert jushuitan.sign(form, "s") == jst.sign(form, "s")


def test_the_generic_warehouse_takes_stock_on_the_rest_interface_and_no_sales(client: Client) -> None:
    with Wms() as system:
        system.base({"codes": {"stores": WAREHOUSES, "units": {"KG": "kilogram"}}, "items": ITEMS})
        adapter = rest.make(system.url, {"user": system.user, "secret": system.secret}, {}, client.exchange)
        results = adapter.post([a_move("R1"), a_move("O1", Kind.WASTAGE, quantity="4")])
        assert all(isinstance(result, Accepted) for result in results.values()), results
        assert system.books.stock("W1", "F1") == 6
        now = datetime.now(UTC) + timedelta(seconds=2)
        [level] = [level for page in adapter.read_stock(now - timedelta(days=1), now) for level in page]
        assert isinstance(level, StockLevel)
        assert (level.store, level.item, level.quantity) == ("W1", "F1", Decimal(6))
        sale = a_move("S1", Kind.SALE)
        assert isinstance(adapter.post([sale])["S1"], Refused)
