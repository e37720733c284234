"""A real Tryton on loopback: sales with VAT and refunds are posted once, and agree to the cent."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.sync.adapters.contract import TargetDocument, TargetLine
from functions.sync.adapters.tryton_amounts import CENT, sale_lines_of
from functions.sync.documents.document import Kind, LineType
from functions.sync.engine import send
from functions.sync.engine import target as target_module
from functions.sync.outside.exchange import HttpReply
from functions.sync.states import DocumentState
from shared.kit.outside.exchange import Lost
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.tryton import Tryton
from tests.simulators.tryton_books import TrytonBooks
from tests.support.orders import Caller, an_order, open_store
from tests.support.sync import CHAIN, Sync

VAT: dict[str, Any] = {"currency": "CNY", "taxes": [{"id": "vat", "name": "VAT", "percent": "6", "inclusive": True}]}
CODES = {
    "items": {"hawaiian": "D0000", "cola": "D0001"},
    "tenders": {"cash": "CASH", "card": "CARD"},
    "taxes": {"vat": "V6"},
    "units": {"piece": "Unit"},
}


@pytest.fixture
def to_tryton(env: Environment, database: MariaDB, tryton: Tryton, call: Caller) -> tuple[Sync, str]:
    """Tryton as the system of a new store, and the store."""
    sync = Sync(env, database.owner.url)
    body = {"kind": "tryton", "url": tryton.url, "settings": {"batch": 5}}
    credentials = {"credentials": {"user": tryton.user, "password": tryton.password}}
    reply = sync.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body | credentials)
    assert reply.status == 200, reply.text
    store = open_store(call, **VAT)
    for kind, codes in {**CODES, "stores": {store: "S1"}}.items():
        sync.put_codes(kind, codes)
    sync.begin()
    return sync, store


def sell(call: Caller, store: str, **different: Any) -> str:
    """A pizza and two colas with 10 % off: 17.33 with 0.98 of VAT inside."""
    order = an_order(
        store,
        currency="CNY",
        lines=[
            {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325},
            {"item": "cola", "quantity": 2, "unit_price": 300},
        ],
        discounts=[{"code": "TENTH", "amount": 192}],
        # 19.25 - 1.92 = 17.33; 17.33 x 6 / 106 = 0.981.
        total=1733,
        tax=98,
        payments=[{"reference": "p1", "method": "cash", "amount": 1733}],
    )
    reply = call("POST", "/v1/orders", order | different)
    assert reply.status == 201, reply.text
    order_id: str = reply.json["id"]
    return order_id


def ours(sync: Sync, books: TrytonBooks) -> dict[str, int]:
    """How many valid copies Tryton has of each document of this test."""
    keys = {row.target_key for row in sync.rows()}
    return {key: count for key, count in books.references().items() if key in keys}


def test_sales_and_a_refund_agree_to_the_cent_and_a_changed_line_is_named(
    to_tryton: tuple[Sync, str], tryton: Tryton, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    sync, store = to_tryton
    books = TrytonBooks(tryton.books)
    orders = [sell(call, store) for _ in range(4)]
    both = [{"reference": "a", "method": "cash", "amount": 1000}, {"reference": "b", "method": "card", "amount": 733}]
    sell(call, store, payments=both)
    refund = {"reference": "r1", "amount": 500, "reason": "cold"}
    assert call("POST", f"/v1/orders/{orders[0]}/refunds", refund).status == 201
    sync.push(2)
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}, sync.rows()
    assert Counter(ours(sync, books).values()) == {1: 6}
    [sale] = [row for row in books.sales() if row["reference"] == f"S{orders[1]}.1"]
    assert (sale["net"], sale["tax"], sale["gross"]) == (Decimal("16.35"), Decimal("0.98"), Decimal("17.33"))

    # Before the end of a business day the orders are of the day before: three days later that is four days ago.
    sync.begin("reconcile", hour=0, days=5)
    sync.call.at = int((sync.env.clock() + timedelta(days=2)).timestamp())
    moved_clock(2 * 86_400)
    result = sync.reconcile()
    assert (result["documents"], result["gross"], result["differing_documents"]) == (6, 0, 0), result["differences"]

    books.change_line(f"S{orders[2]}.1", 0, "13.00")
    sync.call.at = int((sync.env.clock() + timedelta(days=1)).timestamp())
    moved_clock(86_400)
    [difference] = sync.reconcile()["differences"]["documents"]
    assert (difference["fault"], difference["key"]) == ("differs", f"S{orders[2]}")
    assert difference["gross_here"] == 1733
    [changed] = [row for row in books.sales() if row["reference"] == f"S{orders[2]}.1"]
    assert difference["gross_there"] == int(changed["gross"] * 100) != 1733


def test_a_late_sale_changes_a_day_that_tryton_has_processed_and_the_day_is_there_once(
    to_tryton: tuple[Sync, str], tryton: Tryton, call: Caller, moved_clock: Callable[[float], None]
) -> None:
    sync, store = to_tryton
    books = TrytonBooks(tryton.books)
    sync.begin(per="day")
    sync.begin("reconcile", hour=0, days=5)
    placed = sync.env.clock().isoformat()
    before = sum((row["gross"] for row in books.sales()), Decimal(0))
    sell(call, store, placed_at=placed)
    sync.push()
    moved_clock(2 * 86_400)
    sync.push()
    assert sum((row["gross"] for row in books.sales()), Decimal(0)) - before == Decimal("17.33")
    sync.call.at = call.at = int(sync.env.clock().timestamp())
    sell(call, store, placed_at=placed)
    for _ in range(3):
        sync.push()
        moved_clock(1000)
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}, sync.rows()
    # The first day's document, its return, and the new document.
    assert sum((row["gross"] for row in books.sales()), Decimal(0)) - before == Decimal("34.66")
    assert sorted(ours(sync, books).values()) == [1, 1]
    sync.call.at = int(sync.env.clock().timestamp())
    result = sync.reconcile()
    assert result["documents"] == 1
    # Of both documents and the return there is no difference. Other tests have sales in these books, too.
    mine = {row.source_key for row in sync.rows()}
    named = {difference["key"].lstrip("-") for difference in result["differences"]["documents"]}
    assert not mine & named, result["differences"]


@pytest.mark.parametrize("lost", [3, 5, 7])
def test_an_answer_that_is_lost_makes_no_second_sale(
    to_tryton: tuple[Sync, str],
    tryton: Tryton,
    call: Caller,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    lost: int,
) -> None:
    sync, store = to_tryton
    sell(call, store)
    real = target_module.read_target
    unsafe = iter(range(1, 1000))

    def target(*arguments: Any) -> Any:
        made = real(*arguments)
        exchange = made.fence._exchange

        def losing(requests: Any) -> Any:
            replies = exchange(requests)
            return [HttpReply(failure="no_reply")] if next(unsafe) == lost else replies  # type: ignore[arg-type]

        made.fence._exchange = losing
        return made

    monkeypatch.setattr(send, "read_target", target)
    for _ in range(4):
        sync.push()
        moved_clock(1000)
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}
    assert list(ours(sync, TrytonBooks(tryton.books)).values()) == [1]


def test_an_old_answer_to_a_search_makes_no_second_sale(
    to_tryton: tuple[Sync, str],
    tryton: Tryton,
    call: Caller,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sync, store = to_tryton
    sell(call, store)
    real = target_module.read_target
    faults = [b"sale.sale.create", b'sale.sale.search_read", "params": [[["reference"']

    def target(*arguments: Any) -> Any:
        made = real(*arguments)
        exchange = made.fence._exchange

        def faulty(requests: Any) -> Any:
            if not faults or faults[0] not in requests[0].body:
                return exchange(requests)
            if len(faults) == 2:
                exchange(requests)  # the sale is made, and its answer is lost
            fault = faults.pop(0)
            old = HttpReply(200, b'{"id": "old", "result": []}')
            return [HttpReply(failure=Lost.NO_REPLY) if b"create" in fault else old]

        made.fence._exchange = faulty
        return made

    monkeypatch.setattr(send, "read_target", target)
    for _ in range(4):
        sync.push()
        moved_clock(1000)
    assert not faults, "both faults must have met a request"
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}
    assert list(ours(sync, TrytonBooks(tryton.books)).values()) == [1]


@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 20_000)), min_size=1, max_size=8),
)
def test_completed_lines_have_exactly_the_amounts_of_the_document(lines: list[tuple[int, int]]) -> None:
    """The oracle is Tryton's rule: each line rounded, each tax once, from the sum of its lines."""
    rate = Decimal("0.06")
    made = []
    for quantity, gross in lines:
        tax = (Decimal(gross) * 6 / 106).quantize(Decimal(1))
        net, tax_amount = Decimal(gross - int(tax)) / 100, tax / 100
        made.append(
            TargetLine(LineType.ITEM, "x", "D0", Decimal(quantity), None, net, tax_amount, "V6" if tax else None)
        )
    taxed = [line for line in made if line.tax_code]
    net = sum((line.net for line in made), Decimal(0))
    tax_sum = sum((line.tax for line in made), Decimal(0))
    document = TargetDocument(
        "k", Kind.SALE, "S1", date(2026, 5, 1), "r", "CNY", None, "CASH", None, tuple(made), (), net, tax_sum
    )
    completed = sale_lines_of(document, {"V6": rate})
    base = sum((line.amount for line in completed if line.taxes), Decimal(0))
    assert sum((line.amount for line in completed), Decimal(0)) == net
    if taxed:
        assert (base * rate).quantize(CENT) == tax_sum
