"""Orders for later print when their kitchen begins; sales that are over when we hear of them print nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from demo.printers import ROUTING
from functions.printing import send_due_jobs
from tests.functions.printing.conftest import Hand, Office, Relay, office, office_with  # noqa: F401 - fixtures
from tests.support.orders import an_order, open_store

KITCHEN = {"id": "kitchen_hot", "name": "Hot", "printer": "kitchen"}
PACKING = {"id": "pack", "name": "Pack", "kind": "packing", "printer": "pack"}
RECEIPT = {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"}
ALL = {"stations": [KITCHEN, PACKING, RECEIPT]}
PRINTERS = ("kitchen", "pack", "till", "bar")
TWO_DAYS = timedelta(days=2)
# A store's lead is 30 minutes unless it says otherwise, and so is the patience with a kitchen ticket.
LEAD = timedelta(minutes=30)
Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def agent(relay: Relay) -> Hand:
    """Of a store with a kitchen, a packer and a till, connected."""
    agent = relay.agent(relay.store(ALL))
    agent.arrive(*PRINTERS)
    return agent


def source(kind: str) -> dict[str, Any]:
    return {"source": an_order("")["source"] | {"kind": kind}}


def printers(frames: list[dict[str, Any]]) -> list[str]:
    return sorted(frame["printer"] for frame in frames if frame["type"] == "job")


def returns(relay: Relay, agent: Hand, **time: float) -> list[dict[str, Any]]:
    """Time passes without a beat, the agent comes back, and the timers run."""
    relay.wait(**time)
    frames = agent.arrive(*PRINTERS)
    relay.tick()
    return frames + agent.heard()


def wanted_for(relay: Relay, after: timedelta) -> dict[str, str]:
    return {"wanted_for": (relay.now + after).isoformat()}


def sold(relay: Relay, before: timedelta) -> dict[str, str]:
    return {"placed_at": (relay.now - before).isoformat()}


# Orders for later


@pytest.mark.parametrize("kind", ["platform", "mini_program"])
def test_an_order_for_the_day_after_tomorrow_prints_when_its_kitchen_begins(
    relay: Relay, agent: Hand, kind: str
) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source(kind))
    begins_at = relay.now + TWO_DAYS - LEAD
    relay.paid(order)
    assert (printers(agent.heard()), relay.jobs(order)) == ([], [])
    assert printers(returns(relay, agent, hours=47, minutes=29)) == []
    assert printers(returns(relay, agent, minutes=1)) == ["kitchen", "pack", "till"]
    deadlines = {job.kind: job.deadline - begins_at for job in relay.jobs(order)}
    assert deadlines == {
        "kitchen": timedelta(minutes=30), "packing": timedelta(hours=1), "receipt": timedelta(hours=2),
    }  # fmt: skip
    relay.later(minutes=1)
    assert len(relay.jobs(order)) == 3


def test_who_pays_at_a_till_gets_the_receipt_at_once(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS))
    relay.paid(order)
    assert printers(agent.heard()) == ["till"]
    agent.end(relay.jobs(order)[0].id)
    assert printers(returns(relay, agent, days=1, hours=23, minutes=31)) == ["kitchen", "pack"]


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(minutes=4)])
def test_an_order_for_within_the_lead_prints_at_once(relay: Relay, agent: Hand, ahead: timedelta) -> None:
    """Also where the till's clock is ahead of ours."""
    times = wanted_for(relay, timedelta(minutes=20)) | sold(relay, -ahead)
    relay.paid(relay.order(agent.store, **times))
    assert printers(agent.heard()) == ["kitchen", "pack", "till"]


def test_however_often_it_is_heard_of_it_is_planned_and_printed_once(relay: Relay, agent: Hand) -> None:
    relay.route(agent.store, ALL | {"prints_on": "placed"})
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform"))
    for hear in (relay.placed, relay.paid, relay.placed, relay.paid):
        hear(order)
    frames = returns(relay, agent, hours=47, minutes=31)
    relay.paid(order)
    relay.tick()
    assert printers(frames + agent.heard()) == ["kitchen", "pack", "till"]


def test_an_order_that_is_cancelled_before_its_time_prints_nothing_and_no_slip(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform"))
    relay.paid(order)
    relay.cancelled(order)
    assert printers(returns(relay, agent, days=2)) == []
    assert relay.jobs(order) == []
    assert relay.rows("SELECT * FROM print_plans") == []


def test_an_order_that_was_cancelled_before_it_was_heard_of_is_not_planned(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform"))
    relay.cancelled(order)
    relay.paid(order)
    assert printers(returns(relay, agent, days=2)) == []


def test_it_prints_where_the_station_is_by_then(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform"))
    relay.paid(order)
    relay.route(agent.store, {"stations": [KITCHEN | {"printer": "bar", "copies": 2}]})
    assert printers(returns(relay, agent, hours=47, minutes=31)) == ["bar", "bar"]


def test_a_store_that_opens_its_stations_after_the_order_prints_it(relay: Relay, agent: Hand) -> None:
    relay.route(agent.store, {"stations": []})
    relay.paid(relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform")))
    relay.route(agent.store, ALL)
    assert printers(returns(relay, agent, hours=47, minutes=31)) == ["kitchen", "pack", "till"]


def test_a_store_that_does_not_print_plans_nothing(relay: Relay, announced: Said) -> None:
    store = open_store(relay.call)
    relay.paid(relay.order(store, **wanted_for(relay, TWO_DAYS)))
    assert announced() == []
    assert relay.rows("SELECT * FROM print_plans") == []


def test_an_order_for_later_does_not_hold_up_its_printer(relay: Relay, agent: Hand) -> None:
    relay.paid(relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform")))
    relay.paid(relay.order(agent.store))
    assert printers(agent.heard()) == ["kitchen", "pack", "till"]


def test_one_that_cannot_be_read_holds_up_no_other(relay: Relay, agent: Hand) -> None:
    broken, sound = (
        relay.order(agent.store, **wanted_for(relay, TWO_DAYS + more), **source("platform"))
        for more in (timedelta(), timedelta(seconds=1))
    )
    for order in (broken, sound):
        relay.paid(order)
    with relay.database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE print_plans SET document = '{}' WHERE order_id = %s", (broken.id,))
        connection.commit()
    relay.wait(hours=47, minutes=31)
    agent.arrive(*PRINTERS)
    with pytest.raises(ValidationError):  # which an alarm sees
        send_due_jobs.send_due_jobs(relay.env, relay.now + timedelta(seconds=40))
    assert printers(agent.heard()) == ["kitchen", "pack", "till"]
    assert len(relay.jobs(sound)) == 3


def test_one_that_could_not_be_printed_in_its_time_is_told_to_a_person(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source("platform"))
    relay.paid(order)
    relay.wait(days=2, minutes=1)
    relay.tick()
    [kitchen] = [job for job in relay.jobs(order) if job.kind == "kitchen"]
    assert (kitchen.state, kitchen.code, kitchen.attention) == ("expired", "late", "expired")


def test_its_trace_says_for_when_it_is_planned(relay: Relay, agent: Hand, announced: Said) -> None:
    order = relay.order(agent.store, **wanted_for(relay, TWO_DAYS))
    relay.paid(order)
    [(_, data)] = [(kind, data) for kind, data in announced() if kind == "print.order_planned"]
    assert (data["order"], data["store"], data["chain"], data["receipts"]) == (order.id, agent.store, "demo", False)
    assert order.kitchen_at is not None
    assert data["begins_at"] == order.kitchen_at.isoformat().replace("+00:00", "Z")
    about = relay.rows("SELECT about FROM messages WHERE type = 'print.order_planned'")
    assert about == [(f"order/{order.id}",)]


# Late uploads


def test_yesterday_s_sale_is_not_cooked_today_and_wakes_nobody(
    relay: Relay,
    agent: Hand,
    announced: Said,
    office: Office,  # noqa: F811 - a fixture
) -> None:
    order = relay.order(agent.store, **sold(relay, timedelta(days=1)))
    announced()
    relay.paid(order)
    assert printers(agent.heard()) == []
    assert [(job.state, job.code, job.attention) for job in relay.jobs(order)] == [("expired", "late_upload", None)] * 3
    assert Counter(kind for kind, _ in announced()) == {"print.job_queued": 3, "print.job_expired": 3}
    [document] = office("GET", "/fleet?chain=demo").json["stores"]
    assert (document["late_uploads"], document["jobs_for_person"], document["orders_planned"]) == (3, 0, 0)
    relay.wait(days=1, minutes=1)
    assert office("GET", "/fleet?chain=demo").json["stores"][0]["late_uploads"] == 0


def test_the_fleet_says_how_many_orders_are_planned(relay: Relay, agent: Hand, office: Office) -> None:  # noqa: F811
    for kind in ("till", "platform"):
        relay.paid(relay.order(agent.store, **wanted_for(relay, TWO_DAYS), **source(kind)))
    assert office("GET", "/fleet?chain=demo").json["stores"][0]["orders_planned"] == 2


@pytest.mark.parametrize(("minutes", "printed"), [(29, ["kitchen", "pack", "till"]), (31, ["till"])])
def test_a_till_that_was_offline_for_less_than_the_kitchen_s_patience_prints(
    relay: Relay, agent: Hand, minutes: int, printed: list[str]
) -> None:
    """The receipt is good for two hours; whoever packs has nothing to pack where nothing is cooked."""
    relay.paid(relay.order(agent.store, **sold(relay, timedelta(minutes=minutes))))
    assert printers(agent.heard()) == printed


@pytest.mark.parametrize("kind", ["till", "platform", "mini_program"])
@pytest.mark.parametrize(("hours", "attention", "code"), [(2, "expired", "came_late"), (4, None, "late_upload")])
def test_a_guest_may_still_wait_for_it_or_a_clock_be_an_hour_off_and_a_person_is_told(
    relay: Relay, agent: Hand, kind: str, hours: int, attention: str | None, code: str
) -> None:
    order = relay.order(agent.store, **sold(relay, timedelta(hours=hours)), **source(kind))
    relay.paid(order)
    assert {(job.state, job.code, job.attention) for job in relay.jobs(order) if job.kind != "receipt"} == {
        ("expired", code, attention)
    }


def test_an_order_that_is_paid_long_after_it_was_placed_is_cooked(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store)
    relay.wait(hours=1)
    agent.arrive(*PRINTERS)
    relay.paid(order)
    assert "kitchen" in printers(agent.heard())


def test_a_message_of_before_has_no_kitchen_time_and_prints(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **sold(relay, timedelta(days=1)))
    relay.paid(order.model_copy(update={"kitchen_at": None}))
    assert printers(agent.heard()) == ["kitchen", "pack", "till"]


def test_a_store_may_have_late_uploads_printed(relay: Relay, agent: Hand) -> None:
    relay.route(agent.store, ALL | {"late_uploads": "print"})
    relay.paid(relay.order(agent.store, **sold(relay, timedelta(days=1))))
    assert printers(agent.heard()) == ["kitchen", "pack", "till"]


def test_the_demo_prints_its_orders_of_years_ago(relay: Relay, agent: Hand) -> None:
    relay.route(agent.store, ROUTING)
    agent.arrive("kitchen", "front")
    relay.paid(relay.order(agent.store, placed_at="2015-01-01T12:30:00-05:00"))
    assert printers(agent.heard()) == ["front", "kitchen"]


def test_a_late_upload_that_is_cancelled_prints_no_slip(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store, **sold(relay, timedelta(days=1)))
    relay.paid(order)
    relay.cancelled(order)
    assert printers(agent.heard()) == []


def test_a_late_upload_takes_no_room_from_the_next_order(relay: Relay, agent: Hand) -> None:
    for _ in range(3):
        relay.paid(relay.order(agent.store, **sold(relay, timedelta(days=1))))
    relay.paid(relay.order(agent.store))
    assert printers(agent.heard()) == ["kitchen", "pack", "till"]


def test_a_late_upload_can_be_printed_by_hand(relay: Relay, agent: Hand, office: Office) -> None:  # noqa: F811
    order = relay.order(agent.store, **sold(relay, timedelta(days=1)))
    relay.paid(order)
    [kitchen] = [job for job in relay.jobs(order) if job.kind == "kitchen"]
    assert office("POST", f"/stores/{agent.store}/jobs/{kitchen.id}/reprint", {}, key="k").status == 201
    assert printers(agent.heard()) == ["kitchen"]
