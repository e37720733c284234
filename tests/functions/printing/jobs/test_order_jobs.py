"""An order makes one set of jobs, however often it is announced."""

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.printing import on_order_cancelled, on_order_paid, on_order_placed
from functions.printing.jobs.order_jobs import print_order
from functions.printing.routing.rules import Routing
from shared.contracts.messages import Message
from shared.contracts.messages.orders import Order, OrderPlaced
from shared.spine.env import Environment
from stack.gateway_event import Context
from tests.functions.printing.conftest import ONE_KITCHEN, Hand, Relay
from tests.support.orders import paid

TWO = {
    "stations": [
        {"id": "kitchen_hot", "name": "Hot", "printer": "kitchen", "copies": 2},
        {"id": "bar", "name": "Bar", "printer": "bar"},
        {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"},
    ]
}
LINES = [
    {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325},
    {"item": "cola", "quantity": 2, "unit_price": 300},
]
BOTH = {"lines": LINES, "total": 1925, "payments": [{"reference": "p", "method": "cash", "amount": 1925}]}


def made(relay: Relay, order: Order) -> list[tuple[str, str, str]]:
    return sorted((job.kind, job.printer, job.state) for job in relay.jobs(order))


@pytest.fixture
def agent(relay: Relay) -> Hand:
    """Of a store with one kitchen, connected."""
    agent = relay.agent(relay.store())
    agent.arrive()
    return agent


def test_a_paid_order_makes_a_job_for_each_ticket_copy_and_printer(relay: Relay) -> None:
    order = relay.order(relay.store(TWO), **BOTH)
    relay.paid(order)
    assert made(relay, order) == [
        ("kitchen", "bar", "queued"), ("kitchen", "kitchen", "queued"), ("kitchen", "kitchen", "queued"),
        ("receipt", "till", "queued"),
    ]  # fmt: skip
    bar = next(job for job in relay.jobs(order) if job.printer == "bar")
    assert [(line.name, line.quantity) for line in bar.ticket.lines] == [("Cola", 2)]
    assert (bar.ticket.pickup_number, bar.ticket.station) == (order.pickup_number, "Bar")


def test_an_order_makes_the_same_jobs_in_a_database_that_has_none_of_them(relay: Relay) -> None:
    order = relay.order(relay.store(TWO), **BOTH)
    relay.paid(order)
    jobs = {(job.id, job.kind, job.station) for job in relay.jobs(order)}
    with relay.database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for table in ("print_jobs", "print_orders"):
            cursor.execute(f"DELETE FROM {table}")
    relay.paid(order)
    assert len(jobs) == 4
    assert {(job.id, job.kind, job.station) for job in relay.jobs(order)} == jobs
    assert {job_id[:10] for job_id, _, _ in jobs} == {order.id[:10]}


def test_a_receipt_says_what_its_station_wants_said_and_where_the_guest_can_go_on(relay: Relay) -> None:
    till = {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"}
    announced = {"header": ["12 Main Street"], "footer": ["Grazie"], "qr": "https://shop.example/o/{order}"}
    order = relay.order(relay.store({"stations": [till | announced]}), **BOTH)
    relay.paid(order)
    [job] = relay.jobs(order)
    assert (job.ticket.header, job.ticket.footer) == (["12 Main Street"], ["Grazie"])
    assert job.ticket.qr == f"https://shop.example/o/{order.id}"


def test_a_store_that_cooks_first_gets_tickets_when_placed_and_receipts_when_paid(relay: Relay) -> None:
    order = relay.order(relay.store({**TWO, "prints_on": "placed"}), **BOTH)
    relay.placed(order)
    assert {kind for kind, _, _ in made(relay, order)} == {"kitchen"}
    relay.paid(order)
    assert [kind for kind, _, _ in made(relay, order)] == ["kitchen", "kitchen", "kitchen", "receipt"]


def test_an_unpaid_order_waits_where_the_store_wants_the_money_first(relay: Relay) -> None:
    order = relay.order(relay.store(TWO), payments=[])
    relay.placed(order)
    assert made(relay, order) == []


def test_of_an_order_that_is_paid_at_once_kitchens_hear_by_its_order_paid_alone(relay: Relay) -> None:
    store = relay.store({**TWO, "prints_on": "placed"})
    orders = [relay.order(store, **BOTH), relay.order(store, **BOTH | {"payments": []})]
    for order in orders:
        announced = OrderPlaced(order=order)
        message = Message(order.id, announced.type, f"order/{order.id}", relay.now, 1, store, announced)
        on_order_placed.print_placed_order(message, relay.env)
    assert [len(made(relay, order)) for order in orders] == [0, 3]
    relay.paid(orders[0])
    assert len(made(relay, orders[0])) == 4


@pytest.mark.parametrize("prints_on", ["placed", "paid"])
def test_however_often_and_in_whatever_order_it_is_heard_of_there_is_one_set(relay: Relay, prints_on: str) -> None:
    store = relay.store({**TWO, "prints_on": prints_on})
    for seed in range(6):
        order = relay.order(store, **BOTH)
        heard = [partial(relay.placed, order), partial(relay.paid, order)] * 3
        random.Random(seed).shuffle(heard)
        for hear in heard:
            hear()
        assert len(made(relay, order)) == 4


def test_an_order_that_is_paid_again_after_a_refund_prints_nothing_again(relay: Relay) -> None:
    order = relay.order(relay.store(TWO), **BOTH)
    relay.paid(order)
    relay.call("POST", f"/v1/orders/{order.id}/refunds", {"reference": "r", "amount": order.total, "reason": "card"})
    again = relay.call("POST", f"/v1/orders/{order.id}/payments", paid(order.total, "p2")[0])
    assert (again.status, again.json["payment"]) == (201, "paid")
    relay.paid(Order.model_validate_json(again.text))
    assert len(made(relay, order)) == 4


def test_a_message_of_an_hour_ago_goes_to_a_person_instead_of_a_kitchen(
    relay: Relay, agent: Hand, announced: Callable[[], list[tuple[str, dict[str, Any]]]]
) -> None:
    order = relay.order(agent.store)
    heard_at = relay.now
    relay.wait(hours=1)
    agent.arrive()
    announced()
    print_order(relay.env, order, heard_at, paid=True)
    assert made(relay, order) == [("kitchen", "kitchen", "expired")]
    assert agent.jobs() == []
    assert [kind for kind, _ in announced()] == ["print.job_queued", "print.job_expired", "printing.needs_person"]


def test_the_order_s_trace_has_its_print_jobs(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store)
    relay.wait(seconds=30)
    relay.paid(order)
    [job] = relay.jobs(order)
    agent.end(job.id)
    trace = relay.call("GET", f"/v1/orders/{order.id}/trace").json["messages"]
    assert [(m["subject"], m["sequence"], m["type"]) for m in trace] == [
        (f"order/{order.id}", 1, "order.placed"), (f"order/{order.id}", 2, "order.paid"),
        (f"job/{job.id}", 1, "print.job_queued"), (f"job/{job.id}", 2, "print.job_printed"),
    ]  # fmt: skip
    assert trace[3]["data"]["evidence"] == "A"


def test_a_store_that_does_not_print_makes_no_jobs(relay: Relay) -> None:
    order = relay.order(relay.store({"stations": []}), **BOTH)
    relay.paid(order)
    relay.cancelled(order)
    assert made(relay, order) == []


def test_the_samples_in_events_are_taken(env: Environment) -> None:
    del env
    handlers = {"placed": on_order_placed, "paid": on_order_paid, "cancelled": on_order_cancelled}
    for name, module in handlers.items():
        event = json.loads(Path(f"events/printing/on_order_{name}.json").read_text(encoding="utf-8"))
        assert module.handler(event, Context()) == {"batchItemFailures": []}


def test_the_default_is_a_routing_too() -> None:
    assert Routing.model_validate_json(json.dumps(ONE_KITCHEN)).prints_on == "paid"
