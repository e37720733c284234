"""A job leaves as frames that its agent can take."""

import hashlib
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.printing.tables.printers import update_printer_settings
from functions.printing.ticket.records import Profile
from tests.functions.printing.conftest import Hand, Relay, key_of
from tests.support.orders import an_order

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def test_the_payload_is_what_its_length_and_digest_say(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    relay.printed(store)
    [job] = agent.jobs()
    payload = b64decode(job["payload"]["data"])
    assert payload.startswith(b"\x1b@")
    assert job["payload"]["bytes"] == len(payload)
    assert job["payload"]["sha256"] == hashlib.sha256(payload).hexdigest()
    assert job["deadline"] == pytest.approx((relay.now + timedelta(minutes=30)).timestamp())
    assert (job["kind"], job["printer"], job["interrupted"]) == ("kitchen", "kitchen", "reprint")
    assert b"REPRINT 1" in b64decode(job["mark"])


def test_a_ticket_over_a_frame_goes_in_parts(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    lines = [
        {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "note": f"{n} " + "long note " * 15}
        for n in range(190)
    ]
    order = relay.order(store, lines=lines, total=1325 * 190, payments=[])
    relay.paid(order)
    job, *parts = agent.heard()
    assert job["payload"]["parts"] == len(parts) > 1
    data = b"".join(b64decode(part["data"]) for part in sorted(parts, key=lambda part: part["part"]))
    assert hashlib.sha256(data).hexdigest() == job["payload"]["sha256"]


def test_who_takes_no_parts_gets_what_fits_a_frame(relay: Relay, agent: Hand, store: str, announced: Said) -> None:
    agent.arrive(capabilities=[])
    lines = [an_order(store)["lines"][0] | {"note": f"{n} " + "long note " * 15} for n in range(190)]
    order = relay.order(store, lines=lines, total=1325 * 190, payments=[])
    announced()
    relay.paid(order)
    assert agent.heard() == []
    [job] = relay.jobs(order)
    assert (job.state, job.code) == ("failed", "too_large")
    assert [kind for kind, _ in announced()] == ["print.job_queued", "print.job_failed", "printing.needs_person"]
    relay.printed(store)
    assert [frame["type"] for frame in agent.heard()] == ["job"]


def test_an_agent_that_takes_bundles_gets_what_waits_in_one_frame(relay: Relay, agent: Hand, store: str) -> None:
    jobs = [relay.printed(store) for _ in range(3)]
    [bundle] = agent.arrive(capabilities=["mark", "bundle"])
    assert [frame["type"] for frame in bundle["frames"]] == ["welcome", "job", "job", "job"]
    assert [frame["job"] for frame in bundle["frames"][1:]] == jobs


def test_what_does_not_fit_one_frame_goes_in_several(relay: Relay, agent: Hand, store: str) -> None:
    """The gateway of these tests takes no frame over 32 KiB."""
    with relay.env.db.transaction() as transaction:
        update_printer_settings(transaction, key_of(store), "kitchen", Profile(encoding="raster"), None)
    jobs = [relay.printed(store) for _ in range(5)]
    frames = agent.arrive(capabilities=["mark", "bundle"])
    opened = [inner for frame in frames for inner in frame.get("frames", [frame])]
    assert [frame["job"] for frame in opened[1:] if frame["type"] == "job"] == jobs
    assert 1 < len(frames) < len(opened)


def test_a_connection_that_is_gone_is_forgotten_and_its_jobs_come_with_the_next(
    relay: Relay, agent: Hand, store: str
) -> None:
    agent.arrive()
    relay.gateway.gone.add(agent.connection)
    job = relay.printed(store)
    assert relay.rows("SELECT * FROM print_connections") == []
    assert relay.rows("SELECT connection_id FROM print_agents") == [(None,)]
    assert [frame["job"] for frame in agent.arrive() if frame["type"] == "job"] == [job]


def test_a_gateway_that_fails_loses_nothing(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    relay.gateway.failing = True
    job = relay.printed(store)
    relay.gateway.failing = False
    relay.later(seconds=21)
    assert [frame["job"] for frame in agent.jobs()] == [job]
