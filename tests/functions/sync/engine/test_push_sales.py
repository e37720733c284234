"""Orders become sales documents and credit notes in the ERP, once, to the cent."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.sync.states import Cause, DocumentState, Goal
from functions.sync.tables.stores import ChainStore
from shared.contracts.ids import first_id
from shared.contracts.store_settings import StoreSettings
from stack.mariadb import MariaDB
from tests.simulators.erp import Erp
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.sync import Sync, base

VAT: dict[str, Any] = {"taxes": [{"id": "vat", "name": "VAT", "percent": "6", "inclusive": True}]}


def posted(erp: Erp, kind: str = "sale") -> list[dict[str, object]]:
    """The documents that are valid in the ERP."""
    return erp.books.rows("SELECT * FROM documents WHERE kind = ? AND state = 'posted' ORDER BY id", kind)


def test_an_order_is_posted_once_with_its_tax_and_tender(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    sync.push(3)
    [document] = posted(erp)
    assert (document["gross"], document["net"], document["tax"]) == ("13.25", "13.25", "0.00")
    assert document["store"] == f"W-{store}"
    [row] = sync.rows()
    assert (row.state, row.target_id, row.payload) == (DocumentState.DONE, str(document["id"]), None)


def test_an_unpaid_order_waits_until_it_is_paid(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    order = call("POST", "/v1/orders", an_order(store)).json["id"]
    sync.push()
    assert posted(erp) == []
    assert call("POST", f"/v1/orders/{order}/payments", paid(1325)[0]).status == 201
    sync.push()
    assert len(posted(erp)) == 1


def test_inclusive_vat_discount_tip_and_charge_add_up(sync: Sync, call: Caller, erp: Erp) -> None:
    store = open_store(call, **VAT)
    erp.base(base(store))
    sync.map_codes(store)
    order = an_order(
        store,
        lines=[
            {"item": "hawaiian", "size": "M", "quantity": 2, "unit_price": 1325},
            {"item": "cola", "quantity": 1, "unit_price": 300},
        ],
        discounts=[{"code": "TENTH", "amount": 295}],
        delivery_charge=200,
        service="delivery",
        tax=162,
        total=2855,
        payments=[{"reference": "p1", "method": "card", "amount": 2855, "tip": 145}],
    )
    reply = call("POST", "/v1/orders", order)
    assert reply.status == 201, reply.text
    sync.push()
    [document] = posted(erp)
    # 26.50 + 3.00 - 2.95 + 2.00 = 28.55 with 6 % inside: 28.55 × 6 ÷ 106 = 1.616. The tip bears no tax.
    assert (document["tax"], document["gross"]) == ("1.62", "30.00")
    assert Decimal(str(document["net"])) == Decimal("28.38")


def test_a_refund_is_a_credit_note_with_its_share_of_the_tax(sync: Sync, call: Caller, erp: Erp) -> None:
    store = open_store(call, **VAT)
    erp.base(base(store))
    sync.map_codes(store)
    order = call("POST", "/v1/orders", an_order(store, tax=75, payments=paid(1325))).json["id"]
    for reference, amount in (("r1", 500), ("r2", 825)):
        refund = {"reference": reference, "amount": amount, "reason": "cold"}
        assert call("POST", f"/v1/orders/{order}/refunds", refund).status == 201
        sync.push()
    [sale] = posted(erp)
    notes = posted(erp, "credit_note")
    # 13.25 × 6 ÷ 106 = 0.75; 5.00 of 13.25 has 0.283; the rest has 0.47.
    assert sale["tax"] == "0.75"
    assert [(note["gross"], note["tax"]) for note in notes] == [("5.00", "0.28"), ("8.25", "0.47")]
    assert {note["refers_to"] for note in notes} == {sale["key"]}


def test_a_cancelled_order_is_cancelled_there(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json["id"]
    sync.push()
    assert call("POST", f"/v1/orders/{order}/cancel", {"reason": "mistake"}).status == 200
    sync.push()
    assert posted(erp) == []
    [row] = sync.rows()
    assert (row.goal, row.state) == (Goal.CANCEL, DocumentState.DONE)


def test_a_backfill_after_a_lost_ledger_adopts_what_is_there(
    sync: Sync, call: Caller, store: str, erp: Erp, database: MariaDB
) -> None:
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json
    sync.push()
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM sync_documents")
    assert sync.backfill(date.fromisoformat(order["business_day"])) == 1
    sync.push()
    [document] = posted(erp)
    [row] = sync.rows()
    assert (row.state, row.target_id) == (DocumentState.DONE, str(document["id"]))


@pytest.mark.parametrize(("search_first", "copies"), [(True, 1), (False, 2)])
def test_a_restored_database_sends_nothing_again_with_search_first(
    sync: Sync,
    call: Caller,
    store: str,
    erp: Erp,
    database: MariaDB,
    monkeypatch: pytest.MonkeyPatch,
    *,
    search_first: bool,
    copies: int,
) -> None:
    # The first page of a run is searched for in any case, because it may have been read before.
    monkeypatch.setattr("functions.sync.engine.plan.OVERLAP", timedelta())
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    sync.push()
    hour_ago = first_id(sync.env.clock() - timedelta(hours=1))
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM sync_documents")
        cursor.execute("UPDATE sync_flows SET position = %s", [hour_ago])
    path, settings = "/v1/sync/systems/erp/flows/push_sales?chain=demo", {"search_first": search_first}
    assert sync.call("PUT", path, settings, headers={"If-Match": '"1"'}).status == 200
    sync.push()
    assert list(erp.books.copies("sale").values()) == [copies]
    assert [row.state for row in sync.rows()] == [DocumentState.DONE]


def test_a_missing_code_is_named_before_anything_is_sent(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    sync.put_codes("tenders", {"cash": None})
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    sync.push()
    [row] = sync.rows()
    assert (row.state, row.cause, row.reason, row.attempts) == (
        DocumentState.PARKED,
        Cause.MAPPING,
        "no_code_tenders",
        0,
    )
    assert row.detail == "There is no code for tenders cash."
    assert erp.books.rows("SELECT id FROM documents") == []
    assert sync.put_codes("tenders", {"cash": "CASH"}) == 1
    sync.push()
    assert len(posted(erp)) == 1


@pytest.mark.parametrize(
    "fault",
    ["cut_before", "session_lost", "too_many", "unavailable", "html", "lost", "failed_after", "html_after", "truncated",
     "half", "reordered", "missing_result", "partial"],
)  # fmt: skip
def test_a_fault_of_the_erp_makes_no_duplicate_and_loses_nothing(
    sync: Sync, call: Caller, store: str, erp: Erp, fault: str, moved_clock: Callable[[float], None]
) -> None:
    for _ in range(3):
        call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    erp.fail([fault])
    for _ in range(4):
        sync.push()
        moved_clock(1000)
    copies = erp.books.copies("sale")
    assert sorted(copies.values()) == [1, 1, 1]
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}


def test_a_business_day_ends_by_the_clock_of_its_store_and_is_kept_in_utc() -> None:
    settings = {"name": "x", "chain": "demo", "region": "east", "currency": "USD", "day_ends_at": "04:00"}
    ends = {
        zone: ChainStore("demo:s", StoreSettings.model_validate(settings | {"timezone": zone})).day_ended_at(
            date(2026, 11, 29)
        )
        for zone in ("America/New_York", "Asia/Shanghai")
    }
    assert {zone: moment.isoformat() for zone, moment in ends.items()} == {
        "America/New_York": "2026-11-30T09:00:00+00:00",
        "Asia/Shanghai": "2026-11-29T20:00:00+00:00",
    }
