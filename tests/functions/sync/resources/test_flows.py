"""Settings of a flow that would send the same sales twice, or that no system can follow, are refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.sync.states import DocumentState, Flow
from tests.simulators.erp import Erp
from tests.support.orders import Caller, an_order, paid
from tests.support.sync import CHAIN, Sync

FLOWS = "/v1/sync/systems/erp/flows"


def gross(erp: Erp) -> list[str]:
    rows = erp.books.rows("SELECT gross FROM documents WHERE state = 'posted' ORDER BY id")
    return [str(row["gross"]) for row in rows]


def put(sync: Sync, **settings: Any) -> Any:
    return sync.call("PUT", f"{FLOWS}/push_sales{CHAIN}", settings)


def test_a_flow_with_documents_changes_its_form_from_a_day_to_come_alone(
    sync: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None]
) -> None:
    placed = sync.env.clock().isoformat()
    order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json["id"]
    sync.push()
    today = sync.env.clock().date()
    for day in (None, today.isoformat(), (today - timedelta(days=3)).isoformat()):
        refused = put(sync, per="day", per_from=day)
        assert (refused.status, refused.json["code"]) == (409, "form_in_use"), refused.text
    begins = (today + timedelta(days=2)).isoformat()
    changed = put(sync, per="day", per_from=begins)
    assert changed.status == 200, changed.text
    assert (changed.json["settings"]["per"], changed.json["settings"]["per_from"]) == ("day", begins)
    assert "forms" not in changed.json["settings"]

    # Sales of before that day stay as they are, also those that come late.
    assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201
    sync.push()
    assert gross(erp) == ["13.25", "13.25"]
    moved_clock(4 * 86_400)
    call.at = sync.call.at = int(sync.env.clock().timestamp())
    assert call("POST", "/v1/orders", an_order(store, payments=paid(1325), placed_at=placed)).status == 201
    sync.push()
    assert gross(erp) == ["13.25"] * 3
    # A sale of after that day and a refund of before it are of the new form.
    assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201
    assert call("POST", f"/v1/orders/{order}/refunds", {"reference": "r", "amount": 325, "reason": "x"}).status == 201
    sync.push()
    assert gross(erp) == ["13.25"] * 3
    moved_clock(2 * 86_400)
    sync.push()
    assert sorted(gross(erp)) == ["13.25"] * 4 + ["3.25"]
    assert [row.source_key[0] for row in sync.rows()].count("D") == 1
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}
    # The same settings once more, and settings of before the change was begun.
    sync.call.at = int(sync.env.clock().timestamp())
    assert put(sync, per="day", per_from=begins).status == 200
    assert put(sync, per="order").status == 409


def test_a_change_that_is_still_to_come_is_taken_back(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201
    sync.push()
    begins = (sync.env.clock().date() + timedelta(days=9)).isoformat()
    assert put(sync, per="day", per_from=begins).status == 200
    assert put(sync, per="order").status == 200
    assert put(sync, per="day").status == 409
    assert gross(erp) == ["13.25"]


def test_a_flow_without_documents_takes_any_form(sync: Sync) -> None:
    assert [put(sync, per=per).status for per in ("day", "order", "day")] == [200] * 3


@pytest.mark.parametrize(
    ("kind", "names", "offered"),
    [
        ("kingdee", ("account", "user", "app", "secret"), {Flow.PUSH_SALES, Flow.RECONCILE}),
        (
            "wangdian",
            ("sid", "appkey", "secret"),
            {
                Flow.PULL_STOCK,
                Flow.PUSH_CONSUMPTION,
                Flow.PUSH_RECEIPTS,
                Flow.PUSH_TRANSFERS,
                Flow.PUSH_WASTAGE,
            },
        ),
    ],
)
def test_a_system_has_the_flows_that_its_adapter_can(
    sync: Sync, erp: Erp, kind: str, names: tuple[str, ...], offered: set[Flow]
) -> None:
    body = {"kind": kind, "url": erp.url, "credentials": dict.fromkeys(names, "x")}
    assert sync.call("PUT", f"/v1/sync/systems/other{CHAIN}", body).status == 200
    for flow in Flow:
        reply = sync.call("PUT", f"/v1/sync/systems/other/flows/{flow}{CHAIN}", {})
        code = None if reply.status == 200 else reply.json["code"]
        assert code == (None if flow in offered else "flow_not_offered"), flow
    for flow in (Flow.PULL_EMPLOYEES, Flow.PULL_TILL_SALES):
        # Files come to a bucket of ours.
        assert sync.call("PUT", f"/v1/sync/systems/other/flows/{flow}{CHAIN}", {"files": True}).status == 200
