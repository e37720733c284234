"""An open bill in the kitchens: each round, each change, and the bill."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.printing import on_order_changed
from functions.printing.jobs.bill_changes import print_bill
from functions.printing.ticket.records import TicketKind, TicketLine
from shared.contracts.messages.bills import Delta, LineChange, VoidedLine
from shared.contracts.messages.order_parts import BillStatus, FieldChange, LinePart
from shared.contracts.messages.orders import Guest, Line, Order, PaymentStatus
from stack.gateway_event import Context
from tests.functions.printing.conftest import Relay

ROUTING = {
    "stations": [
        {"id": "hot", "name": "Hot", "printer": "kitchen", "categories": ["classic"]},
        {"id": "bar", "name": "Bar", "printer": "bar", "categories": ["drink"]},
        {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"},
    ],
    "bills": True,
}
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def line(line_id: str, name: str, category: str, quantity: int = 1, **fields: Any) -> Line:
    return Line(
        id=line_id, item=name.lower(), name=name, category=category, size=None, options=[], quantity=quantity,
        unit_price=500, amount=500 * quantity, note=None, station=None, **fields,
    )  # fmt: skip


PIZZA, COLA, WINE = line("1", "Pizza", "classic", 2), line("2", "Cola", "drink"), line("3", "Wine", "drink", 2)


@pytest.fixture
def bill(relay: Relay) -> Order:
    """Opened with two pizzas and a cola; not paid."""
    order = relay.order(relay.store(ROUTING), payments=[])
    fields = {"lines": [PIZZA, COLA], "opened": True, "bill": BillStatus.OPEN, "table": "4", "paid": 0}
    return order.model_copy(update=fields)


def changed(relay: Relay, bill: Order, version: int, **delta: Any) -> Order:
    """The bill after a change of which printing has heard."""
    lines = [*bill.lines, *delta.get("added", [])]
    order = bill.model_copy(update={"version": version, "lines": lines})
    print_bill(relay.env, order, Delta(version=version, at=AT, client="till", **delta), relay.now)
    return order


def change_tickets(relay: Relay, order: Order) -> dict[str, list[TicketLine]]:
    """The lines of change tickets by printer."""
    return {job.printer: job.ticket.lines for job in relay.jobs(order) if job.kind == TicketKind.CHANGE}


def test_a_round_is_printed_where_it_is_made_and_only_there(relay: Relay, bill: Order) -> None:
    changed(relay, bill, 2, added=[WINE])
    [wine] = change_tickets(relay, bill).pop("bar")
    assert (wine.name, wine.quantity, wine.mark) == ("Wine", 2, "added")
    assert "kitchen" not in change_tickets(relay, bill)


def test_the_same_change_prints_once_however_often_it_is_heard(relay: Relay, bill: Order) -> None:
    for _ in range(3):
        changed(relay, bill, 2, added=[WINE])
    changed(relay, bill, 3, added=[WINE])
    assert [job.kind for job in relay.jobs(bill)] == ["change", "change"]


def test_a_void_and_a_change_say_what_to_take_off_and_what_was_before(relay: Relay, bill: Order) -> None:
    more = PIZZA.model_copy(update={"quantity": 3, "note": "no onion"})
    voided = VoidedLine(line=COLA, reason="guest changed his mind", person="Li")
    changed(relay, bill, 2, changed=[LineChange(before=PIZZA, after=more)], voided=[voided])
    tickets = change_tickets(relay, bill)
    [pizza], [cola] = tickets["kitchen"], tickets["bar"]
    assert (pizza.mark, pizza.quantity, pizza.note, pizza.before) == ("changed", 3, "no onion", "2 x Pizza")
    assert (cola.mark, cola.name, cola.reason) == ("removed", "Cola", "guest changed his mind")


def test_a_change_of_the_price_alone_is_nothing_to_the_kitchen(relay: Relay, bill: Order) -> None:
    cheaper = PIZZA.model_copy(update={"unit_price": 400, "amount": 800})
    changed(relay, bill, 2, changed=[LineChange(before=PIZZA, after=cheaper)])
    assert change_tickets(relay, bill) == {}


def test_kitchens_that_cook_for_a_table_hear_of_its_move(relay: Relay, bill: Order) -> None:
    order = bill.model_copy(update={"table": "9"})
    changed(relay, order, 2, fields=[FieldChange(field="table", before="4", after="9")])
    moved = [job.ticket for job in relay.jobs(bill)]
    assert [(ticket.moved_from, ticket.table) for ticket in moved] == [("4", "9"), ("4", "9")]


@pytest.mark.parametrize("cause", ["split", "merge"])
def test_lines_that_moved_between_bills_are_not_cooked_again(relay: Relay, bill: Order, cause: str) -> None:
    changed(relay, bill, 2, added=[WINE], cause=cause)
    assert relay.jobs(bill) == []


def test_a_round_after_the_cancellation_is_not_cooked(relay: Relay, bill: Order) -> None:
    relay.cancelled(bill)
    changed(relay, bill, 2, added=[WINE])
    assert change_tickets(relay, bill) == {}


def printed(relay: Relay, bill: Order) -> None:
    """All paper of the bill has come out."""
    with relay.env.db.transaction() as transaction:
        transaction.execute("UPDATE print_jobs SET state = 'printed' WHERE order_id = %s", (bill.id,))


def test_a_cancelled_bill_takes_off_every_round_also_where_only_a_round_was_printed(relay: Relay, bill: Order) -> None:
    relay.placed(bill.model_copy(update={"lines": [PIZZA]}))
    changed(relay, bill, 2, added=[WINE])
    more = PIZZA.model_copy(update={"id": "9", "quantity": 1})
    changed(relay, bill, 3, added=[more])
    printed(relay, bill)
    relay.cancelled(bill)
    slips = {job.printer: job.ticket.lines for job in relay.jobs(bill) if job.kind == TicketKind.CANCELLATION}
    lines = {printer: [(made.name, made.quantity) for made in slip] for printer, slip in slips.items()}
    assert lines == {"kitchen": [("Pizza", 2), ("Pizza", 1)], "bar": [("Wine", 2)]}


def test_a_scheduled_bill_is_cooked_in_its_latest_version_whatever_is_heard_last(relay: Relay, bill: Order) -> None:
    later = relay.now + timedelta(hours=3)
    planned = bill.model_copy(update={"wanted_for": later, "kitchen_at": later, "placed_at": relay.now})
    relay.placed(planned)
    newest = changed(relay, planned, 3, added=[WINE])
    changed(relay, planned, 2, added=[])
    assert Order.model_validate_json(plan_of(relay, bill)).version == newest.version == 3


def test_a_change_from_before_the_erasure_brings_no_guest_back_into_the_plan(relay: Relay, bill: Order) -> None:
    later = relay.now + timedelta(hours=3)
    guest = Guest(name="Ana Ferreira", phone="+1 555 0100")
    planned = bill.model_copy(update={"wanted_for": later, "kitchen_at": later, "placed_at": relay.now, "guest": guest})
    relay.placed(planned)
    assert "Ana Ferreira" in plan_of(relay, bill)
    with relay.env.db.transaction() as transaction:
        values = {"order": bill.id, "now": relay.now}
        transaction.execute("INSERT INTO erased_orders (order_id, erased_at) VALUES (%(order)s, %(now)s)", values)
    changed(relay, planned, 2, added=[WINE])
    assert "Ana Ferreira" not in plan_of(relay, bill)
    assert "555 0100" not in plan_of(relay, bill)
    assert Order.model_validate_json(plan_of(relay, bill)).version == 2


def plan_of(relay: Relay, bill: Order) -> str:
    """The order of the stored plan, as JSON."""
    with relay.env.db.transaction() as transaction:
        row = transaction.row("SELECT document FROM print_plans WHERE order_id = %s", (bill.id,))
    assert row
    return str(row["document"])


def test_the_parts_of_a_combo_go_to_the_kitchens_that_make_them(relay: Relay, bill: Order) -> None:
    parts = [
        LinePart(part="main", item="pizza", name="Pizza", category="classic", amount=700),
        LinePart(part="drink", item="cola", name="Cola", category="drink", quantity=2, amount=300),
    ]
    changed(relay, bill, 2, added=[line("4", "Lunch", "set", 3, parts=parts)])
    tickets = change_tickets(relay, bill)
    assert [(made.name, made.quantity) for made in tickets["kitchen"]] == [("Pizza", 3)]
    assert [(made.name, made.quantity) for made in tickets["bar"]] == [("Cola", 6)]


def test_a_bill_is_printed_when_it_is_closed_and_no_receipt_before_it_is_paid(relay: Relay, bill: Order) -> None:
    closed = bill.model_copy(update={"bill": BillStatus.CLOSED, "version": 3})
    for _ in range(2):
        print_bill(relay.env, closed, None, relay.now)
    assert [(job.kind, job.printer) for job in relay.jobs(bill)] == [("bill", "till")]


def test_a_closed_bill_that_is_paid_gets_a_receipt_alone(relay: Relay, bill: Order) -> None:
    closed = bill.model_copy(update={"bill": BillStatus.CLOSED, "version": 3, "payment": PaymentStatus.PAID})
    print_bill(relay.env, closed, None, relay.now)
    relay.paid(closed)
    assert [(job.kind, job.printer) for job in relay.jobs(bill)] == [("receipt", "till")]


def test_messages_in_any_order_cook_each_line_once(relay: Relay, bill: Order) -> None:
    order = changed(relay, bill, 2, added=[WINE])
    relay.paid(order.model_copy(update={"bill": BillStatus.CLOSED, "version": 3, "paid": order.total}))
    relay.placed(bill)
    cooked = sorted(
        (made.name, made.quantity) for job in relay.jobs(bill) if job.printer != "till" for made in job.ticket.lines
    )
    assert cooked == [("Cola", 1), ("Pizza", 2), ("Wine", 2)]


def test_a_bill_that_was_split_off_cooks_nothing_again(relay: Relay, bill: Order) -> None:
    part = bill.model_copy(update={"split_from": bill.id})
    relay.placed(part)
    relay.paid(part)
    assert [job.kind for job in relay.jobs(bill)] == ["receipt"]


def test_the_handler_reads_changes_and_closed_bills(relay: Relay, bill: Order) -> None:
    order = bill.model_copy(update={"version": 2, "lines": [*bill.lines, WINE]})
    delta = Delta(version=2, at=AT, client="till", added=[WINE])
    documents = [
        ("order.changed", 2, {"order": order.model_dump(mode="json"), "delta": delta.model_dump(mode="json")}),
        ("order.closed", 3, {"order": order.model_copy(update={"version": 3}).model_dump(mode="json")}),
    ]
    records = [record(relay, bill, *document) for document in documents]
    assert on_order_changed.handler({"Records": records}, Context()) == {"batchItemFailures": []}


def record(relay: Relay, bill: Order, message_type: str, sequence: int, data: dict[str, Any]) -> dict[str, Any]:
    """A record of the queue."""
    envelope = {
        "id": bill.id[:-1] + str(sequence), "type": message_type, "source": "dumbwaiter/orders",
        "subject": f"order/{bill.id}", "time": relay.now.isoformat(), "sequence": sequence,
        "dataschema": f"urn:dumbwaiter:message:{message_type}:1", "data": data, "specversion": "1.0",
    }  # fmt: skip
    return {"messageId": str(sequence), "body": json.dumps(envelope), "attributes": {"ApproximateReceiveCount": "1"}}


def late_round(relay: Relay, bill: Order, minutes: int) -> dict[str, tuple[str, str | None]]:
    """The state and code of the jobs of a round that comes so many minutes after it was placed."""
    delta = Delta(version=2, at=AT, client="till", added=[WINE], placed_at=AT - timedelta(minutes=minutes))
    print_bill(relay.env, bill.model_copy(update={"version": 2, "lines": [*bill.lines, WINE]}), delta, relay.now)
    return {job.kind: (job.state, job.code) for job in relay.jobs(bill)}


@pytest.mark.parametrize(
    ("minutes", "job"), [(29, ("queued", None)), (31, ("expired", "came_late")), (181, ("expired", "late_upload"))]
)
def test_a_round_that_a_till_uploads_late_is_not_cooked(
    relay: Relay, bill: Order, minutes: int, job: tuple[str, str | None]
) -> None:
    """The patience of a kitchen is 30 minutes, and a guest may wait for three hours."""
    early = bill.model_copy(update={"kitchen_at": AT - timedelta(days=1)})
    assert late_round(relay, early, minutes) == {TicketKind.CHANGE: job}


def test_a_round_of_a_scheduled_bill_is_in_time_until_the_kitchen_has_begun(relay: Relay, bill: Order) -> None:
    scheduled = bill.model_copy(update={"kitchen_at": AT - timedelta(minutes=29)})
    assert late_round(relay, scheduled, 200) == {TicketKind.CHANGE: ("queued", None)}


def test_a_store_may_have_late_rounds_printed(relay: Relay, bill: Order) -> None:
    relay.route(bill.store, ROUTING | {"late_uploads": "print"})
    assert late_round(relay, bill.model_copy(update={"kitchen_at": AT}), 200) == {TicketKind.CHANGE: ("queued", None)}
