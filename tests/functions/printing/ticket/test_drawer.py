"""The cash drawer opens for cash that a till has just taken, once an order, and for nothing else."""

from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest

from functions.printing.jobs import actions
from functions.printing.tables.printers import update_printer_settings
from functions.printing.ticket.records import Encoding, Profile
from tests.functions.printing.conftest import Hand, Relay, key_of
from tests.simulators.reader import Reader
from tests.support.orders import an_order, paid

TILL = {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"}
OFFICE = {"id": "office", "name": "Office", "kind": "receipt", "printer": "office"}
KITCHEN = {"id": "kitchen_hot", "name": "Hot", "printer": "kitchen"}
DRAWER = Profile(encoding=Encoding.CP437, drawer=True)


def kicks(frames: list[dict[str, Any]]) -> list[int]:
    """How often each job among the frames opens the drawer: ESC p of Epson's reference."""
    payloads = [_payload(frame, frames) for frame in frames if frame["type"] == "job"]
    return [sum(command.name == "ESC p" for command in Reader().feed(payload)) for payload in payloads]


def _payload(job: dict[str, Any], frames: list[dict[str, Any]]) -> bytes:
    if "data" in job["payload"]:
        return b64decode(job["payload"]["data"])
    parts = [frame for frame in frames if frame["type"] == "part" and frame["job"] == job["job"]]
    return b"".join(b64decode(part["data"]) for part in sorted(parts, key=lambda part: int(part["part"])))


def a_till(relay: Relay, *stations: dict[str, Any], drawers: tuple[str, ...] = ("till",)) -> Hand:
    """A connected agent of a store whose printers of these names have drawers."""
    store = relay.store({"stations": list(stations)})
    with relay.env.db.transaction() as transaction:
        for printer in drawers:
            update_printer_settings(transaction, key_of(store), printer, DRAWER, None)
    agent = relay.agent(store)
    agent.arrive("till", "office", "kitchen")
    return agent


def sell(relay: Relay, store: str, **parts: Any) -> None:
    relay.paid(relay.order(store, **parts))


def payment(method: str, amount: int = 1325, **members: Any) -> dict[str, Any]:
    return {"reference": f"{method}-{amount}", "method": method, "amount": amount, **members}


@pytest.mark.parametrize(
    ("kind", "payments", "opened"),
    [
        ("till", [payment("cash")], 1),
        ("till", [payment("CASH")], 1),
        ("till", [payment("card")], 0),
        ("till", [payment("card", 1000), payment("cash", 325)], 1),
        ("mini_program", [payment("cash")], 0),
        ("mini_program", [payment("wallet")], 0),
        ("platform", [payment("cash")], 0),
    ],
)
def test_the_drawer_opens_for_cash_at_a_till_alone(
    relay: Relay, kind: str, payments: list[dict[str, Any]], opened: int
) -> None:
    agent = a_till(relay, TILL)
    sell(relay, agent.store, payments=payments, source=an_order("")["source"] | {"kind": kind})
    assert kicks(agent.heard()) == [opened]


@pytest.mark.parametrize(("minutes", "opened"), [(4, 1), (6, 0)])
def test_cash_of_a_late_upload_is_in_the_drawer_already(relay: Relay, minutes: int, opened: int) -> None:
    agent = a_till(relay, TILL)
    taken_at = (relay.now - timedelta(minutes=minutes)).isoformat()
    sell(relay, agent.store, payments=[payment("cash", taken_at=taken_at)])
    assert kicks(agent.heard()) == [opened]


def test_a_till_whose_clock_is_ahead_opens_the_drawer_no_longer(relay: Relay) -> None:
    agent = a_till(relay, TILL)
    agent.leave()
    sell(relay, agent.store, payments=[payment("cash", taken_at=(relay.now + timedelta(hours=1)).isoformat())])
    relay.wait(minutes=6)
    assert kicks(agent.arrive("till")) == [0]


@pytest.mark.parametrize(("minutes", "opened"), [(4, 1), (6, 0)])
def test_a_receipt_that_had_to_wait_opens_no_drawer_that_nobody_stands_at(
    relay: Relay, minutes: int, opened: int
) -> None:
    agent = a_till(relay, TILL)
    agent.leave()
    sell(relay, agent.store)
    relay.wait(minutes=minutes)
    assert kicks(agent.arrive("till")) == [opened]


def test_of_two_copies_the_first_opens_it(relay: Relay) -> None:
    agent = a_till(relay, TILL | {"copies": 2})
    sell(relay, agent.store)
    assert kicks(agent.heard()) == [1, 0]


@pytest.mark.parametrize(
    ("drawers", "opened"), [(("till", "office"), {"till": 1, "office": 0}), (("office",), {"till": 0, "office": 1})]
)
def test_of_two_receipts_the_first_at_a_drawer_opens_it(
    relay: Relay, drawers: tuple[str, ...], opened: dict[str, int]
) -> None:
    agent = a_till(relay, TILL, OFFICE, KITCHEN, drawers=drawers)
    sell(relay, agent.store)
    jobs = [frame for frame in agent.heard() if frame["type"] == "job"]
    assert {job["printer"]: kicks([job])[0] for job in jobs} == {"kitchen": 0, **opened}


def test_neither_a_reprint_nor_a_test_page_opens_it(relay: Relay) -> None:
    agent = a_till(relay, TILL)
    order = relay.order(agent.store)
    relay.paid(order)
    [first] = relay.jobs(order)
    agent.heard()
    agent.end(first.id)
    with relay.shift(agent.store) as shift:
        actions.reprint(shift, actions.locked_job(shift, first.id), None)
        actions.print_test_page(shift, "till", [])
    assert kicks(agent.heard()) == [0, 0]


def test_the_backup_opens_its_drawer_where_the_first_one_stayed_shut(relay: Relay) -> None:
    agent = a_till(relay, TILL | {"backup": "office"}, drawers=("till", "office"))
    stopped = {"state": "stopped", "paper": "out", "cover": "closed", "error": "none", "proof": "echo"}
    agent.say("printer", printer="till", **stopped, at=relay.now.timestamp())
    order = relay.order(agent.store)
    relay.paid(order)
    [first] = relay.jobs(order)
    agent.heard()
    agent.say("ack", job=first.id)
    relay.later(seconds=61)  # the store's patience with a printer is 60 s
    agent.heard()
    frames = agent.end(first.id, "cancelled", code="withdrawn")  # nothing of it went out
    assert [frame["printer"] for frame in frames if frame["type"] == "job"] == ["office"]
    assert kicks(frames) == [1]


def test_a_receipt_that_was_begun_opens_no_drawer_at_another_printer(relay: Relay) -> None:
    agent = a_till(relay, TILL, drawers=("till", "office"))
    order = relay.order(agent.store)
    relay.paid(order)
    [first] = relay.jobs(order)
    agent.heard()
    agent.end(first.id, "unknown", code="connection_lost")
    with relay.shift(agent.store) as shift:
        actions.resolve(shift, actions.locked_job(shift, first.id), "again", "a person", printer="office")
    assert kicks(agent.heard()) == [0]


def test_an_agent_does_not_copy_a_receipt_with_its_pulse_by_itself(relay: Relay) -> None:
    agent = a_till(relay, TILL, KITCHEN)
    for method in ("cash", "card"):
        sell(relay, agent.store, payments=paid(1325) if method == "cash" else [payment("card")])
    jobs = [frame for frame in agent.heard() if frame["type"] == "job"]
    assert [(job["kind"], job.get("interrupted")) for job in jobs] == [
        ("kitchen", "reprint"), ("receipt", None), ("kitchen", "reprint"), ("receipt", "reprint"),
    ]  # fmt: skip
