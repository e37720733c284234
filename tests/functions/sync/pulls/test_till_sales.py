"""Sales of an outside till become orders once, by its API and by files; the others are named with the reason."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.sync import on_file_dropped
from functions.sync.pulls import files
from shared.spine.env import Environment
from stack.emulator import Emulator
from tests.simulators.erp import Erp
from tests.simulators.erp_books import instant
from tests.simulators.faults import Fault
from tests.support.orders import SETTINGS, Caller, open_store
from tests.support.queues import Inbox
from tests.support.sync import CHAIN, Sync, base
from tests.support.sync_pulls import deliver, drop, pull_sales, the_file, the_sales, waiting
from tests.support.till_files import AGAIN, BROKEN, FAULTY_ROWS, GOOD, large

BUCKET = "drops"


@pytest.fixture
def s3(emulator: Emulator, env: Environment) -> Iterator[Any]:
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    vars(env.settings)["drops_bucket"] = BUCKET
    yield client
    client.close()


@pytest.fixture
def till(sync: Sync, call: Caller) -> str:
    """A store in Shanghai that sells by the till: its id. The flow begins now."""
    store = open_store(call, timezone="Asia/Shanghai", currency="CNY")
    sync.put_codes("stores", {store: "S1"})
    sync.put_codes("items", {"hawaiian/M": "P1", "cola": "P2"})
    sync.put_codes("tenders", {"cash": "cash"})
    sync.begin("pull_till_sales")
    return store


def a_sale(number: str, moment: datetime, **different: Any) -> dict[str, Any]:
    """A sale of 13.25 + 2 × 3.00 = 19.25."""
    return {
        "number": number, "store": "S1", "sold_at": instant(moment), "service": "takeaway", "currency": "CNY",
        "lines": [
            {"item": "P1", "name": "披萨", "quantity": 1, "unit_price": "13.25", "amount": "13.25"},
            {"item": "P2", "name": "Cola", "quantity": 2, "unit_price": "3.00", "amount": "6.00"},
        ],
        "tax": "0.00", "total": "19.25",
        "payments": [{"reference": f"p-{number}", "method": "cash", "amount": "19.25", "taken_at": instant(moment)}],
        "refunds": [],
    } | different  # fmt: skip


def orders(call: Caller, store: str) -> list[dict[str, Any]]:
    reply = call("GET", f"/v1/orders?store={store}&limit=100")
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = reply.json["orders"]
    return found


def test_a_sale_of_the_till_does_not_go_back_to_it(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    erp.base(base(till))
    sync.put_codes("stores", {till: "S1"})
    erp.books.put("sales", [a_sale("A1", datetime.now(UTC) - timedelta(minutes=1))])
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    assert len(orders(call, till)) == 1
    sync.push(2)
    assert (sync.rows(), erp.books.rows("SELECT id FROM documents")) == ([], [])
    # In the form of whole days it is no part of the day either.
    sync.begin(per="day", grace_hours=0)
    sync.backfill(sync.env.clock().date() - timedelta(days=1), 3)
    sync.push(2)
    assert sync.rows() == []


def test_a_sale_of_the_api_becomes_one_order_with_its_payment(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    erp.books.put("sales", [a_sale("A1", moment)])
    for _ in range(2):
        moved_clock(1)
        pull_sales()
    assert deliver(inbox) == ["sync.sale_pulled", "sale.placed", "sale.placed"]
    [order] = orders(call, till)
    assert (order["total"], order["payment"], order["placed_at"][:19]) == (1925, "paid", instant(moment)[:19])
    assert [(line["item"], line["size"], line["quantity"], line["amount"]) for line in order["lines"]] == [
        ("hawaiian", "M", 1, 1325), ("cola", None, 2, 600),
    ]  # fmt: skip
    assert order["source"] == {"kind": "till", "id": "erp", "number": "A1"}
    sale = the_sales(sync)["A1"]
    assert (sale["state"], sale["order"], sale["total"]) == ("placed", order["id"], 1925)


def test_a_refund_of_the_till_is_added_once(
    till: str, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    erp.books.put("sales", [a_sale("A1", moment)])
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    refund = {"reference": "r1", "amount": "6.00", "reason": "cold", "refunded_at": instant(moment)}
    erp.books.put("sales", [a_sale("A1", moment, refunds=[refund])])
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    [order] = orders(call, till)
    assert [(refund["reference"], refund["amount"]) for refund in order["refunds"]] == [("r1", 600)]


def test_a_refused_sale_is_sent_again_when_a_person_asks(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    sync.put_codes("stores", {till: None, "opens-later": "S1"})
    moment = datetime.now(UTC) - timedelta(minutes=1)
    erp.books.put("sales", [a_sale("A1", moment), a_sale("A2", moment)])
    moved_clock(1)
    pull_sales()
    deliver(inbox, times=1)
    assert {sale["state"] for sale in the_sales(sync).values()} == {"refused"}
    [(cause, reason, count)] = waiting(sync, "pull_till_sales")
    assert (cause, count) == ("data", 2)
    assert call("PUT", "/v1/stores/opens-later", SETTINGS | {"currency": "CNY"}).status == 201
    first = the_sales(sync)["A1"]
    replays = f"/v1/sync/systems/erp/replays{CHAIN}"
    assert sync.call("POST", replays, {"key": first["key"]}).json == {"replayed": 1}
    deliver(inbox, times=2)
    assert {number: sale["state"] for number, sale in the_sales(sync).items()} == {"A1": "placed", "A2": "refused"}
    assert sync.call("POST", replays, {"reason": reason}).json == {"replayed": 1}
    deliver(inbox)
    assert {sale["state"] for sale in the_sales(sync).values()} == {"placed"}
    assert (len(orders(call, "opens-later")), waiting(sync, "pull_till_sales")) == (2, [])


def test_a_flow_of_files_has_no_lag(sync: Sync, moved_clock: Callable[[float], None]) -> None:
    for flow in ("pull_till_sales", "pull_employees"):
        sync.begin(flow, files=True)
    moved_clock(86_400)
    sync.call.at = int(sync.env.clock().timestamp())
    lags = {
        row["flow"]: row["lag_seconds"] for row in sync.call("GET", f"/v1/sync/systems/erp/flows{CHAIN}").json["flows"]
    }
    assert (lags["pull_till_sales"], lags["pull_employees"]) == (0, 0)
    assert lags["push_sales"] >= 86_400


def test_a_sale_with_another_amount_under_its_number_is_named(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    for total in ("19.25", "19.00"):
        erp.books.put("sales", [a_sale("A1", moment, total=total)])
        moved_clock(1)
        pull_sales()
        deliver(inbox)
    assert [order["total"] for order in orders(call, till)] == [1925]
    sale = the_sales(sync)["A1"]
    assert (sale["state"], sale["cause"], sale["reason"]) == ("refused", "data", "order_exists")


def test_late_and_tied_rows_over_many_pages_come_once(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("functions.sync.adapters.rest.PAGE", 3)
    now = datetime.now(UTC)
    tied = instant(now)
    erp.books.put("sales", [a_sale(f"T{n}", now - timedelta(minutes=1), changed_at=tied) for n in range(8)])
    moved_clock(1)
    pull_sales()
    # Committed late: its change is older than the checkpoint.
    erp.books.put(
        "sales", [a_sale("LATE", now - timedelta(minutes=1), changed_at=instant(now - timedelta(seconds=60)))]
    )
    moved_clock(1)
    pull_sales()
    deliver(inbox, times=1)
    assert sorted(order["source"]["number"] for order in orders(call, till)) == ["LATE", *(f"T{n}" for n in range(8))]
    assert {sale["state"] for sale in the_sales(sync).values()} == {"placed"}


def test_a_sale_that_waits_for_a_code_is_placed_when_the_code_is_there(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    new_item = {"item": "P9", "name": "New", "quantity": 1, "unit_price": "19.25", "amount": "19.25"}
    erp.books.put("sales", [a_sale("A1", moment, lines=[new_item]), a_sale("A2", moment)])
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    sale = the_sales(sync)["A1"]
    assert (sale["state"], sale["cause"], sale["detail"]) == ("refused", "mapping", "There is no code for items P9.")
    assert len(orders(call, till)) == 1
    sync.put_codes("items", {"hawaiian/L": "P9"})
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    assert len(orders(call, till)) == 2
    assert the_sales(sync)["A1"]["state"] == "placed"


def test_a_malformed_sale_is_named_and_the_others_come(
    till: str, sync: Sync, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None]
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    erp.books.put("sales", [a_sale("A1", moment, total="NaN"), a_sale("A2", moment)])
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    sale = the_sales(sync)["A1"]
    assert (sale["state"], sale["cause"], sale["reason"]) == ("refused", "data", "malformed")
    assert sale["detail"].startswith("total: ")
    erp.books.put("sales", [a_sale("A1", moment)])
    moved_clock(1)
    pull_sales()
    deliver(inbox)
    assert the_sales(sync)["A1"]["state"] == "placed"
    assert len(orders(call, till)) == 2


@pytest.mark.parametrize("fault", ["html", "half", "truncated", "unavailable", "session_lost", "duplicate_page"])
def test_a_fault_of_the_till_loses_no_sale(
    till: str, call: Caller, erp: Erp, inbox: Inbox, moved_clock: Callable[[float], None], fault: str
) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    for number in ("A1", "A2", "A3"):
        erp.books.put("sales", [a_sale(number, moment)])
        erp.fail([Fault(fault, "/v1/sales")])
        moved_clock(20)
        pull_sales()
    erp.fail([])
    moved_clock(20)
    pull_sales()
    deliver(inbox)
    assert sorted(order["source"]["number"] for order in orders(call, till)) == ["A1", "A2", "A3"]


def test_files_bring_their_sales_once_and_name_each_faulty_row(
    till: str, sync: Sync, call: Caller, inbox: Inbox, s3: Any
) -> None:
    dropped = [*GOOD, *(file for file in FAULTY_ROWS if "store" in file.key)]
    ids = {drop(sync, s3, BUCKET, file): file for file in dropped}
    deliver(inbox)
    for file_id, file in ids.items():
        found = the_file(sync, file_id)
        assert (found["state"], found["reason"]) == ("read", None)
        assert {fault["row"]: fault["column"] for fault in found["faults"]} == file.refused
    expected = {number: int(total * 100) for file in dropped for number, total in file.sales.items()}
    assert {order["source"]["number"]: order["total"] for order in orders(call, till)} == expected
    waiting = the_sales(sync)["F2"]
    assert (waiting["state"], waiting["detail"]) == ("refused", "There is no code for stores S99.")


def test_the_file_of_a_day_that_comes_again_brings_what_is_new_and_names_what_differs(
    till: str, sync: Sync, call: Caller, inbox: Inbox, s3: Any
) -> None:
    drop(sync, s3, BUCKET, GOOD[0])
    deliver(inbox)
    drop(sync, s3, BUCKET, AGAIN)
    deliver(inbox)
    assert {order["source"]["number"]: order["total"] for order in orders(call, till)} == {
        "A1": 1200, "A2": 3050, "A3": 1200,
    }  # fmt: skip
    assert {number: sale["reason"] for number, sale in the_sales(sync).items()} == {
        "A1": None, "A2": "order_exists", "A3": None,
    }  # fmt: skip


def test_a_broken_file_is_refused_whole(till: str, sync: Sync, inbox: Inbox, s3: Any) -> None:
    ids = {drop(sync, s3, BUCKET, file): file for file in BROKEN}
    deliver(inbox)
    for file_id, file in ids.items():
        found = the_file(sync, file_id)
        assert found["state"] == "refused"
        assert file.refused_whole in found["reason"]
    assert the_sales(sync) == {}
    assert till


def test_a_file_is_taken_over_several_runs(
    till: str, sync: Sync, call: Caller, env: Environment, inbox: Inbox, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "STEP", 10)
    take_step, clock = files._take_step, env.clock

    def one_step(*arguments: Any) -> Any:
        env.clock = lambda: clock() + on_file_dropped.RUN_TIME  # the time of the run is over
        return take_step(*arguments)

    def begin_run(*arguments: Any) -> Any:
        env.clock = clock
        return content(*arguments)

    content = files._content
    monkeypatch.setattr(files, "_take_step", one_step)
    monkeypatch.setattr(files, "_content", begin_run)
    file_id = drop(sync, s3, BUCKET, large(35))
    ends = 0
    while (found := the_file(sync, file_id))["state"] != "read":
        assert found["records"] == 10 * ends
        ends += 1
        until = clock() + timedelta(seconds=1)
        assert files.take_file(env, "demo:erp", file_id, until) == (ends == 4)
    env.clock = clock
    assert (ends, found["records"]) == (4, 35)
    deliver(inbox, times=1)
    assert len(orders(call, till)) == 35


def test_another_chain_sees_no_file(sync: Sync, till: str) -> None:
    body = {"flow": "pull_till_sales", "name": "x.csv", "size": 10}
    assert sync.call("POST", "/v1/sync/systems/erp/files?chain=rival", body).status == 403
    assert sync.call("GET", "/v1/sync/systems/erp/sales?chain=rival").status == 403
    assert till
