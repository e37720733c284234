"""Every flow is killed at its steps, meets a system that misbehaves, and has 5 seconds: nothing is lost or twice.

`DRILL_SEEDS=20 DRILL_STRIDE=1` makes it long: 20 seeds of faults, and a kill at every step.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.orders import on_sale_pulled
from functions.sync import (
    on_file_dropped,
    on_sale_answered,
    pull_employees,
    pull_till_sales,
    push_sales,
    reconcile,
)
from functions.sync.engine.batches import Writer
from functions.sync.pulls import windows
from functions.sync.states import DocumentState
from ops.mail import MailSenders
from shared.contracts.ids import new_id
from shared.spine import env as env_module
from stack.emulator import Emulator
from stack.gateway_event import Context
from tests.simulators.erp import Erp
from tests.simulators.erp_books import instant
from tests.simulators.faults import Fault, Script, Seeded
from tests.support.mail import MailInbox
from tests.support.orders import SETTINGS, Caller, an_order, open_store, paid
from tests.support.sync import CHAIN, NO_FAILURES, PULLS, PUSHES, Sync, base, erp_item
from tests.support.sync_kills import killed_at
from tests.support.sync_pulls import drop
from tests.support.till_files import TillFile
from tests.support.till_files import row as till_row
from tests.support.till_files import text as till_text

SEEDS = range(int(os.environ.get("DRILL_SEEDS", "1")))
# A kill at each STRIDE-th step, beginning with another one for each flow.
STRIDE = int(os.environ.get("DRILL_STRIDE", "9"))
RECORDS = {
    "push_wastage": "wastage",
    "push_counts": "count",
    "push_receipts": "receipt",
    "push_transfers": "transfer",
}
FLOWS = (
    "push_consumption", *RECORDS, "pull_items", "pull_stock", "pull_employees", "pull_till_sales", "files", "reconcile",
)  # fmt: skip
# Those that ask a system themselves, and those whose runs end by their time.
CALLING = tuple(flow for flow in FLOWS if flow != "files")
TIMED = tuple(flow for flow in CALLING if flow != "reconcile")
DROPS, SENDER = "drops", "sync@chain.example.com"
# Days that a comparison covers.
NIGHTS = 3
MENU = {"items": [{"id": "cola", "name": "Cola", "category": "drinks", "price": 300}]}
# The flow of the system, and its settings.
SETTINGS_OF: dict[str, tuple[str, dict[str, Any]]] = {
    "pull_items": ("pull_items", {"menu": "main"}),
    "files": ("pull_till_sales", {"files": True}),
    "reconcile": ("reconcile", {"hour": 0, "days": NIGHTS}),
}
BEFORE = ("cut_before", "session_lost", "too_many", "unavailable", "html")
AFTER = ("lost", "failed_after", "html_after", "truncated", "half", "slow")
OF_BATCHES = ("reordered", "missing_result", "partial")
# A slow answer, and the pause that a 429 asks for.
SLOW_SECONDS = 0.05
CHANGES = 4
# Longer than the leases of all flows, in seconds.
RESTED = 1_000


@dataclass
class World:
    """A chain and its outside system, with one flow."""

    flow: str
    sync: Sync
    erp: Erp
    call: Caller
    store: str
    other: str
    move: Callable[[float], None]
    s3: Any
    mail: MailInbox
    reader: str
    # Messages that a run has taken, as a queue deletes them. A killed run takes none.
    taken: set[str] = field(default_factory=set)

    def change(self, number: int) -> None:
        """Something that the flow must bring to the other side, for the `number`-th time (from 1)."""
        now = self.sync.env.clock()
        self.call.at = self.sync.call.at = int(now.timestamp())
        if self.flow in RECORDS:
            self._record(number)
        elif self.flow == "push_consumption":
            self._sell(now)
            self.move(2 * 86_400)  # the day is over
        elif self.flow == "reconcile":
            self._sell(now)
            plan, self.erp.plan = self.erp.plan, Script()
            push_sales.handler({}, Context())
            self.erp.plan = plan
            self.move(86_400)  # the next night
        elif self.flow == "files":
            different = {"store": f"W-{self.store}", "sold_at": instant(now), "currency": "USD"}
            line = till_row(f"A{number}", erp_item("cola"), price="3.00", payment_method="CASH", **different)
            drop(self.sync, self.s3, DROPS, TillFile(f"{number}.csv", till_text(line).encode()))
        elif self.flow == "pull_items":
            price = {"code": erp_item("cola"), "name": "Cola", "price": f"{3 + number}.00", "currency": "USD"}
            self._put("items", price | {"unit": "PCS", "tax_code": "V6", "active": True})
        elif self.flow == "pull_stock":
            level = {"store": f"W-{self.store}", "unit": "PCS"}
            self._put("levels", level | {"item": f"OTHER-{number}", "quantity": "1"})
            self._put("levels", level | {"item": erp_item("cola"), "quantity": "0" if number % 2 else "9"})
        elif self.flow == "pull_employees":
            contract = {"hours_per_week": "38.5", "from": "2026-01-01", "to": None, "kind": "full_time"}
            person = {"id": f"E{number:02}", "name": f"P{number}", "store": f"W-{self.store}", "role": "cook"}
            self._put("employees", person | {"skills": [], "contract": contract, "active": True})
        else:
            self._put("sales", self._sale(number, instant(now)))

    def _sell(self, now: datetime) -> None:
        order = an_order(self.store, payments=paid(1325), placed_at=now.isoformat())
        assert self.call("POST", "/v1/orders", order).status == 201

    def _put(self, feed: str, row: dict[str, Any]) -> None:
        self.erp.books.put(feed, [row | {"changed_at": instant(self.sync.env.clock())}])
        self.move(200)  # older than what a run reads again

    def _record(self, number: int) -> None:
        kind = RECORDS[self.flow]
        entries = [{"item": "flour", "quantity": str(number), "unit": "g"}]
        body = {"kind": kind, "store": self.store, "reference": f"r{number}", "entries": entries}
        body |= {"to_store": self.other} if kind == "transfer" else {}
        assert self.sync.call("POST", "/v1/sync/stock-records", body).status == 201

    def _sale(self, number: int, moment: str) -> dict[str, Any]:
        line = {"item": erp_item("cola"), "name": "Cola", "quantity": 1, "unit_price": "3.00", "amount": "3.00"}
        payment = {"reference": f"p{number}", "method": "CASH", "amount": "3.00", "taken_at": moment}
        return {
            "number": f"A{number}", "store": f"W-{self.store}", "sold_at": moment, "service": "takeaway",
            "currency": "USD", "lines": [line], "tax": "0.00", "total": "3.00", "payments": [payment], "refunds": [],
        }  # fmt: skip

    def run(self, milliseconds: int = 60_000) -> None:
        """The timer of the flow."""
        context = Context(milliseconds=milliseconds)
        if self.flow in PUSHES:
            PUSHES[self.flow].handler({}, context)
        elif self.flow in PULLS:
            PULLS[self.flow][0].handler({}, context)
        elif self.flow == "files":
            waiting = [body for body in self.messages("sync.file_dropped") if body not in self.taken]
            self._give(waiting, on_file_dropped)
            self.taken.update(waiting)
        elif self.flow == "reconcile":
            reconcile.handler({}, context)
        else:
            {"pull_employees": pull_employees, "pull_till_sales": pull_till_sales}[self.flow].handler({}, context)

    def deliver(self) -> None:
        """Give each message that the flow ever announced to its consumer, the last ones first."""
        consumers = {"sync.sale_pulled": on_sale_pulled, "sale.placed": on_sale_answered}
        consumers |= {kind: consumer for _, consumer, kind in PULLS.values()}
        for kind, consumer in consumers.items():
            self._give(self.messages(kind), consumer)

    def _give(self, bodies: list[str], consumer: Any) -> None:
        for body in reversed(bodies):
            reply = consumer.handler({"Records": [{"messageId": "m", "receiptHandle": "r", "body": body}]}, Context())
            assert reply == NO_FAILURES

    def messages(self, kind: str) -> list[str]:
        """The messages of a type in the order of their making."""
        with env_module.environment().db.transaction() as transaction:
            rows = transaction.rows("SELECT body FROM messages WHERE type = %(kind)s ORDER BY id", {"kind": kind})
        return [row["body"] for row in rows]

    def require(self, number: int) -> None:
        """Each of the changes has come to the other side once."""
        self.call.at = self.sync.call.at = int(self.sync.env.clock().timestamp())
        assert self.arrived(number) == self.wanted(number)
        states = {row.state for row in self.sync.rows()}
        assert states <= {DocumentState.DONE}

    def wanted(self, number: int) -> object:
        """The state of the other side that so many changes make."""
        if self.flow in PUSHES:
            return Counter({1: number})
        if self.flow == "pull_items":
            return 300 + 100 * number, True
        if self.flow == "pull_stock":
            return ["cola"] if number % 2 else []
        if self.flow == "reconcile":
            return min(number, NIGHTS), 0, True
        if self.flow == "pull_employees":
            return [f"E{each:02}" for each in range(1, number + 1)]
        return Counter({(f"A{each}", 300, "paid"): 1 for each in range(1, number + 1)})

    def arrived(self, number: int) -> object:
        """The state of the other side. No change makes two versions of a menu."""
        if self.flow in PUSHES:
            kind = RECORDS.get(self.flow, "consumption")
            return Counter(self.erp.books.copies(kind).values())
        if self.flow == "pull_items":
            menu = self.call("GET", "/v1/menus/main").json
            return menu["menu"]["items"][0]["price"], len(menu["versions"]) <= 1 + number
        if self.flow == "pull_stock":
            return self.call("GET", "/v1/stores/m1/menu").json["sold_out"]
        if self.flow == "reconcile":
            reply = self.sync.call("GET", f"/v1/sync/systems/erp/reconciliations{CHAIN}").json["reconciliations"]
            nights = [found["day_until"] for found in reply]
            assert len(nights) == len(set(nights)), "a night is compared once"
            differing = sum(found["differing_documents"] + found["differing_cells"] for found in reply)
            return reply[0]["documents"], differing, len(self.mail.mails(self.reader)) >= len(reply)
        if self.flow == "pull_employees":
            people = self.sync.call("GET", f"/v1/sync/systems/erp/employees{CHAIN}").json["employees"]
            return sorted(person["id"] for person in people)
        orders = self.call("GET", f"/v1/orders?store={self.store}&limit=100").json["orders"]
        return Counter((order["source"]["number"], order["total"], order["payment"]) for order in orders)


@pytest.fixture
def drops(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bucket of dropped files, for this process and for those that are killed."""
    monkeypatch.setenv("DROPS_BUCKET", DROPS)


@pytest.fixture(params=FLOWS)
def world(
    request: pytest.FixtureRequest,
    drops: None,
    sync: Sync,
    erp: Erp,
    call: Caller,
    store: str,
    moved_clock: Callable[[float], None],
    emulator: Emulator,
) -> World:
    """The flow has begun, and has nothing to do."""
    del drops  # before the environment is made
    other, mail = open_store(call), MailInbox(emulator)
    mail.verify(SENDER)
    reader = f"books-{new_id(sync.env.clock())}@chain.example.com".lower()
    made = World(request.param, sync, erp, call, store, other, moved_clock, emulator.client("s3"), mail, reader)
    if made.flow == "files":
        made.s3.create_bucket(Bucket=DROPS)
    known = base(store)
    known["codes"]["stores"][f"W-{other}"] = f"W-{other}"
    known["items"].append({"code": "RAW", "name": "Flour", "unit": "PCS", "tax_code": "V6", "active": True})
    erp.base(known)
    sync.put_codes("stores", {other: f"W-{other}"})
    sync.put_codes("items", {"flour": "RAW"})
    sync.put_codes("units", {"g": "PCS"})
    stock = {"items": [{"id": "flour", "name": "Flour", "unit": "g"}]}
    recipe = {"code": "hawaiian", "ingredients": [{"item": "flour", "quantity": "200", "unit": "g"}]}
    assert sync.call("PUT", f"/v1/sync/stock-items{CHAIN}", stock).status == 200
    assert sync.call("PUT", f"/v1/sync/recipes{CHAIN}", {"recipes": [recipe]}).status == 200
    if made.flow in PULLS:
        assert call("PUT", "/v1/menus/main", {"currency": "USD", "menu": MENU}).status in (200, 201)
        assert call("PUT", "/v1/stores/m1", SETTINGS | {"menu": "main"}).status in (200, 201)
        made.store = "m1"
        sync.put_codes("stores", {"m1": "W-m1"})
    name, settings = SETTINGS_OF.get(made.flow, (made.flow, {"grace_hours": 0}))
    mails = {"mail_from": SENDER, "mail_to": [reader]} if made.flow == "reconcile" else {}
    if mails:
        senders = MailSenders(sync.url)
        senders.allow("demo", SENDER)
        senders.close()
    sync.begin(name, **settings | mails)
    if made.flow == "reconcile":
        # In the first half-hour of a day the documents of the day before are not due yet.
        now = sync.env.clock()
        moved_clock((now.replace(hour=12) + timedelta(days=1) - now).total_seconds())
    made.run()
    return made


def test_a_flow_that_is_killed_at_any_step_loses_nothing_and_does_nothing_twice(world: World) -> None:
    step, number = FLOWS.index(world.flow) % STRIDE, 0
    while True:
        number += 1
        world.change(number)
        if not killed_at(step, world.run):
            break
        step += STRIDE
        # The leases of the killed run end; a document in doubt rests before it is searched for.
        for seconds in (RESTED, 60):
            world.move(seconds)
            world.run()
        world.deliver()
        world.require(number)
    world.deliver()
    world.require(number)
    assert number > 1, "no run was killed"


@pytest.mark.parametrize("world", CALLING, indirect=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_system_that_misbehaves_loses_nothing_and_gets_nothing_twice(world: World, seed: int) -> None:
    kinds = (*BEFORE, *AFTER, *OF_BATCHES, "duplicate_page", "changed_page")
    plan = WithoutStaleWrites(seed, 0.34, kinds, most=40, seconds=SLOW_SECONDS)
    world.erp.fail(plan)
    for number in range(1, CHANGES + 1):
        world.change(number)
        for _ in range(2):
            world.run()
            world.move(1000)
    world.erp.fail([])
    for _ in range(3):
        world.run()
        world.move(1000)
    world.deliver()
    world.require(CHANGES)
    assert plan.met, "the plan must have met a request"


class WithoutStaleWrites(Seeded):
    """An old answer comes for requests that change nothing: no network keeps the answer to another one."""

    def next_fault(self, path: str) -> Fault | None:
        fault = super().next_fault(path)
        stale = fault and fault.kind == "duplicate_page"
        return Fault("lost") if stale and path in ("/v1/documents", "/v1/documents/cancel", "/v1/session") else fault


@pytest.mark.parametrize("world", TIMED, indirect=True)
def test_a_flow_with_five_seconds_goes_on_in_the_next_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 1)
    monkeypatch.setattr("functions.sync.adapters.rest.PAGE", 2)
    monkeypatch.setattr("functions.sync.engine.plan.PAGE", 1)
    for number in range(1, CHANGES + 1):
        world.change(number)

    def slowly(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def slow(*arguments: Any, **named: Any) -> Any:
            world.move(1)
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, slow)

    slowly(Writer, "store_and_claim")
    slowly(windows, "_store_page")
    runs = 0
    while len(world.messages("sync.run_unfinished")) == runs:
        world.run(5_000)
        runs += 1
        assert runs < 40
    world.deliver()
    world.require(CHANGES)
    assert runs > 1
