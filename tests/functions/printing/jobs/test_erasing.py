"""A guest who was erased stands on no ticket that is kept, and on none that is made later."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from functions.orders.on_member_forgotten import erase_member
from functions.printing.jobs import actions
from shared.contracts.ids import member_id
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberForgotten
from shared.contracts.messages.orders import Order
from tests.functions.printing.conftest import Relay

GUEST = {"member": "card-7", "name": "Anna Karenina", "phone": "+8613800000001", "address": "Nevsky Prospekt 1"}
PACKING = {"stations": [{"id": "pack", "name": "Pack", "kind": "packing", "printer": "pack"}]}


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store(PACKING)


def delivery(relay: Relay, store: str, **parts: Any) -> Order:
    return relay.order(store, guest=GUEST, service="delivery", **parts)


def forget(relay: Relay) -> None:
    own = member_id("demo", GUEST["member"])
    forgotten = MemberForgotten(member=own, chain="demo", external_ids=[GUEST["member"]])
    erase_member(Message("m", forgotten.type, f"member/{own}", relay.now, 1, None, forgotten), relay.env)


def kept(relay: Relay) -> str:
    return str([relay.rows(f"SELECT * FROM {table}") for table in ("print_jobs", "print_plans", "print_orders")])


def test_tickets_of_an_erased_guest_keep_the_dishes_alone(relay: Relay, store: str) -> None:
    order, second = delivery(relay, store), relay.order(store, guest=GUEST | {"member": "ben"}, service="delivery")
    for erased_order in (order, second):
        relay.paid(erased_order)
    [job] = relay.jobs(order)
    assert job.ticket.guest
    assert job.ticket.guest.address == GUEST["address"]
    forget(relay)
    relay.later(seconds=30)
    [erased] = relay.jobs(order)
    assert erased.ticket == job.ticket.model_copy(update={"guest": None})
    [second_jobs] = relay.jobs(second)
    assert second_jobs.ticket.guest == second.guest


def test_what_is_printed_later_has_no_guest(relay: Relay, store: str) -> None:
    order, late = delivery(relay, store), delivery(relay, store)
    relay.paid(order)
    forget(relay)
    relay.later(seconds=30)
    relay.wait(days=3)
    relay.paid(late)  # its message was among the dead letters, and has the guest
    [job] = relay.jobs(order)
    with relay.shift(store) as shift:
        actions.reprint(shift, job, None)
    assert relay.jobs(late)
    assert not any(word in kept(relay) for word in GUEST.values())


def test_an_order_for_later_loses_the_guest_while_it_waits(relay: Relay, store: str) -> None:
    wanted_for = (relay.now + timedelta(hours=6)).astimezone(UTC).isoformat()
    relay.paid(delivery(relay, store, wanted_for=wanted_for))
    assert GUEST["address"] in kept(relay)
    forget(relay)
    relay.later(seconds=30)
    assert not any(word in kept(relay) for word in GUEST.values())
