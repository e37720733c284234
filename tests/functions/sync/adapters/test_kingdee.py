"""Kingdee K3Cloud by its official SDK's signature and a simulator: bills are audited once, after any interruption."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.sync.adapters import kingdee
from functions.sync.adapters.contract import InDoubt
from functions.sync.adapters.kingdee_api import STUB, SUFFIX, Account, signed_headers
from functions.sync.documents.document import Kind
from functions.sync.outside.client import Client
from functions.sync.states import Cause, DocumentState
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.faults import Fault, Seeded
from tests.simulators.kingdee import K3Cloud
from tests.simulators.kingdee_signature import Tenant
from tests.support.kingdee_sdk import official_headers
from tests.support.orders import Caller, an_order, open_store
from tests.support.sync import CHAIN, Sync

PATH = f"/k3cloud/{STUB}BatchSave{SUFFIX}"
VAT: dict[str, Any] = {"currency": "CNY", "taxes": [{"id": "vat", "name": "VAT", "percent": "6", "inclusive": True}]}
SERVICES = ("CHARGE", "DISCOUNT", "TIP", "ROUNDING", "LIABILITY")
FAULTS = (
    "session_lost", "too_many", "unavailable", "html", "lost", "truncated", "reordered", "missing_result", "partial",
    "duplicate_page",
)  # fmt: skip


class WithStaleSearches(Seeded):
    """An old answer comes for searches alone: no network keeps the answer to a request that changes something."""

    def next_fault(self, path: str) -> Fault | None:
        fault = super().next_fault(path)
        stale = fault and fault.kind == "duplicate_page"
        return Fault("lost") if stale and "ExecuteBillQuery" not in path else fault


@pytest.mark.parametrize("now", [1_700_000_000, 1_795_999_999])
@pytest.mark.parametrize("tenant", [Tenant(), Tenant(user="张三", organisation="101", language=1033)])
def test_the_signature_is_that_of_the_official_sdk(tenant: Tenant, now: int) -> None:
    account = Account(tenant.account, tenant.user, tenant.app, tenant.secret, str(tenant.language), tenant.organisation)
    official = official_headers(f"https://erp.example.com{PATH}", tenant, now)
    ours = signed_headers(account, PATH, str(now), str(now))
    assert {name: official[name] for name in ours} == ours


@pytest.fixture
def k3() -> Iterator[K3Cloud]:
    with K3Cloud() as k3:
        for form, names in {
            "ORG_Organizations": ["100"],
            "BD_Customer": ["CASH", "CARD"],
            "BD_UNIT": ["PCS"],
            "BD_STOCK": ["S1"],
            "BD_MATERIAL": ["P1", "P2", *SERVICES],
        }.items():
            k3.books.add_base(form, {name: name for name in names})
        yield k3


@pytest.fixture
def to_kingdee(env: Environment, database: MariaDB, k3: K3Cloud, call: Caller) -> tuple[Sync, str]:
    """Kingdee as the system of a new store, and the store."""
    sync = Sync(env, database.owner.url)
    tenant = k3.tenant
    credentials = {"account": tenant.account, "user": tenant.user, "app": tenant.app, "secret": tenant.secret}
    body = {"kind": "kingdee", "url": k3.server, "credentials": credentials}
    reply = sync.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body)
    assert reply.status == 200, reply.text
    store = open_store(call, **VAT)
    codes = {
        "items": {"hawaiian": "P1", "cola": "P2"}, "tenders": {"cash": "CASH", "card": "CARD"},
        "taxes": {"vat": "6"}, "units": {"piece": "PCS"}, "stores": {store: "S1"},
    }  # fmt: skip
    for kind, by_code in codes.items():
        sync.put_codes(kind, by_code)
    sync.begin()
    return sync, store


def sell(sync: Sync, call: Caller, store: str, **different: Any) -> str:
    """A pizza and three colas with 10 % off: 20.02 with 1.13 of VAT inside."""
    order = an_order(
        store,
        currency="CNY",
        lines=[
            {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325},
            {"item": "cola", "quantity": 3, "unit_price": 300},
        ],
        discounts=[{"code": "TENTH", "amount": 223}],
        # 22.25 - 2.23 = 20.02; 20.02 x 6 / 106 = 1.133.
        total=2002,
        tax=113,
        payments=[{"reference": "p1", "method": "cash", "amount": 2002}],
    )
    call.at = int(sync.env.clock().timestamp())
    reply = call("POST", "/v1/orders", order | different)
    assert reply.status == 201, reply.text
    order_id: str = reply.json["id"]
    return order_id


def test_audited_bills_have_the_amounts_of_the_orders(
    to_kingdee: tuple[Sync, str], k3: K3Cloud, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    sync, store = to_kingdee
    orders = [sell(sync, call, store) for _ in range(3)]
    refund = {"reference": "r1", "amount": 1000, "reason": "cold"}
    assert call("POST", f"/v1/orders/{orders[0]}/refunds", refund).status == 201
    sync.push()
    [total] = k3.books.totals("SAL_OUTSTOCK").values()
    assert total[:5] == (3, total[1], Decimal("56.67"), Decimal("3.39"), Decimal("60.06"))
    [back] = k3.books.totals("SAL_RETURNSTOCK").values()
    assert back[4] == Decimal("10.00")
    sync.begin("reconcile", hour=0)
    sync.call.at = int((sync.env.clock() + timedelta(days=2)).timestamp())
    moved_clock(2 * 86_400)
    result = sync.reconcile()
    assert (result["documents"], result["gross"], result["differing_documents"]) == (4, 0, 0), result["differences"]


@pytest.mark.parametrize("operation", ["BatchSave", "Submit", "Audit"])
@pytest.mark.parametrize("fault", ["lost", "unavailable", "session_lost", "cut_before"])
def test_a_step_that_is_interrupted_goes_on_from_the_status_of_the_bill(
    to_kingdee: tuple[Sync, str],
    k3: K3Cloud,
    call: Caller,
    moved_clock: Callable[[float], None],
    operation: str,
    fault: str,
) -> None:
    sync, store = to_kingdee
    for _ in range(3):
        sell(sync, call, store)
    k3.fail([Fault(fault, operation)])
    for _ in range(4):
        sync.push()
        moved_clock(400)
    assert Counter(k3.books.statuses("SAL_OUTSTOCK").values()) == {"C": 3}
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}


def test_a_bill_that_is_refused_does_not_stop_its_batch(
    to_kingdee: tuple[Sync, str], k3: K3Cloud, call: Caller
) -> None:
    sync, store = to_kingdee
    orders = [sell(sync, call, store) for _ in range(3)]
    k3.poison = {f"S{orders[1]}.1"}
    sync.push()
    states = Counter((row.state, row.cause) for row in sync.rows())
    assert states == {(DocumentState.DONE, None): 2, (DocumentState.PARKED, Cause.DATA): 1}
    k3.poison = set()
    sync.call("POST", f"/v1/sync/systems/erp/replays{CHAIN}", {"cause": "data"})
    sync.push()
    assert Counter(k3.books.statuses("SAL_OUTSTOCK").values()) == {"C": 3}


def test_a_cancelled_order_leaves_no_bill(to_kingdee: tuple[Sync, str], k3: K3Cloud, call: Caller) -> None:
    sync, store = to_kingdee
    order = sell(sync, call, store)
    sync.push()
    assert call("POST", f"/v1/orders/{order}/cancel", {"reason": "mistake"}).status == 200
    sync.push()
    assert k3.books.statuses("SAL_OUTSTOCK") == {}


@pytest.mark.parametrize("seed", range(5))
def test_faults_by_a_seed_make_no_second_bill_and_lose_none(
    to_kingdee: tuple[Sync, str], k3: K3Cloud, call: Caller, moved_clock: Callable[[float], None], seed: int
) -> None:
    sync, store = to_kingdee
    plan = WithStaleSearches(seed, 0.3, FAULTS, most=30)
    k3.fail(plan)
    for _ in range(6):
        sell(sync, call, store)
        sync.push()
        moved_clock(1000)
    k3.fail([])
    for _ in range(4):
        sync.push()
        moved_clock(1000)
    assert plan.met
    assert Counter(k3.books.statuses("SAL_OUTSTOCK").values()) == {"C": 6}
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}


class StaleQueries:
    """The `number`-th query gets the answer to an earlier one."""

    def __init__(self, number: int) -> None:
        self.left = number

    def next_fault(self, path: str) -> Fault | None:
        if "ExecuteBillQuery" not in path:
            return None
        self.left -= 1
        return Fault("duplicate_page") if self.left == 0 else None


def test_a_search_for_more_rows_than_a_query_gives_finds_all_bills_whole(
    to_kingdee: tuple[Sync, str], k3: K3Cloud, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, store = to_kingdee
    for _ in range(20):
        sell(sync, call, store)
    sync.push()
    # A bill has three entries at the least, so that a page holds two whole ones.
    monkeypatch.setattr("functions.sync.adapters.kingdee_search.PAGE", 8)
    tenant = k3.tenant
    credentials = {"account": tenant.account, "user": tenant.user, "app": tenant.app, "secret": tenant.secret}
    client = Client(local=True)
    adapter = kingdee.make(k3.server, credentials, {}, client.exchange)
    keys = {f"{row.source_key}.1" for row in sync.rows()}
    for _ in range(3):
        found = {bill.key: bill.gross for bill in adapter.find(Kind.SALE, sorted(keys)) if bill.key in keys}
        assert found == dict.fromkeys(keys, Decimal("20.02"))
    client.close()


@pytest.mark.parametrize("bills", [1, 4, 30])
def test_a_search_refuses_the_answer_to_an_earlier_search(
    to_kingdee: tuple[Sync, str], k3: K3Cloud, call: Caller, bills: int
) -> None:
    sync, store = to_kingdee
    for _ in range(bills):
        sell(sync, call, store)
    sync.push()
    tenant = k3.tenant
    credentials = {"account": tenant.account, "user": tenant.user, "app": tenant.app, "secret": tenant.secret}
    client = Client(local=True)
    adapter = kingdee.make(k3.server, credentials, {}, client.exchange)
    found = {bill.id: bill.key for bill in adapter.find(Kind.SALE, [f"{row.source_key}.1" for row in sync.rows()])}
    assert len(found) == bills
    for _ in range(5):
        adapter.find(Kind.SALE, ["S-other.1"])  # its answer has no bill of ours
        k3.fail(StaleQueries(2))
        with pytest.raises(InDoubt):
            adapter.find(Kind.SALE, list(found.values()))
        k3.fail(StaleQueries(2))
        with pytest.raises(InDoubt):
            adapter.cancel(Kind.SALE, list(found))
    k3.fail([])
    assert len(adapter.find(Kind.SALE, list(found.values()))) == bills
    client.close()
