"""Jobs over HTTP: lists, previews, reprints, cancellations, resolutions."""

import base64
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from stack.gateway_event import Context, event
from stack.signed_requests import signed_headers
from tests.functions.printing.conftest import Hand, Office, Relay

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    agent = relay.agent(store)
    agent.arrive()
    return agent


@pytest.fixture
def unknown(relay: Relay, store: str, agent: Hand) -> str:
    """A job of which nobody can say whether it is on paper."""
    job = relay.printed(store)
    agent.end(job, "unknown", evidence="E", code="no_proof")
    return job


def test_jobs_are_listed_by_what_is_asked_for_a_page_at_a_time(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    jobs = []
    for _ in range(5):
        relay.now += timedelta(milliseconds=1)
        jobs.append(relay.printed(store))
    agent.end(jobs[0])
    agent.end(jobs[1], "unknown", code="no_proof")

    def listed(query: str = "") -> list[str]:
        answer = office("GET", f"/stores/{store}/jobs{query}")
        assert answer.status == 200, answer.text
        return [job["id"] for job in answer.json["jobs"]]

    newest = jobs[::-1]
    assert listed() == newest
    assert listed("?state=printed") == [jobs[0]]
    assert listed("?person=true") == [jobs[1]]
    assert listed("?printer=bar") == []
    order = office("GET", f"/stores/{store}/jobs/{jobs[2]}").json["order"]
    assert listed(f"?order={order}") == [jobs[2]]
    first = office("GET", f"/stores/{store}/jobs?limit=3").json
    assert [job["id"] for job in first["jobs"]] == newest[:3]
    second = office("GET", f"/stores/{store}/jobs?limit=3&cursor={first['next']}").json
    assert ([job["id"] for job in second["jobs"]], second["next"]) == (newest[3:], None)


def test_a_job_tells_its_paper_its_evidence_and_what_happened(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    job = relay.printed(store)
    agent.end(job, evidence="A", began=relay.now.timestamp())
    detail = office("GET", f"/stores/{store}/jobs/{job}").json
    assert (detail["state"], detail["evidence"], detail["attempts"], detail["agent"]) == ("printed", "A", 1, agent.id)
    assert [line["name"] for line in detail["ticket"]["lines"]] == ["The Hawaiian Pizza"]
    assert [happened["type"] for happened in detail["history"]] == ["print.job_queued", "print.job_printed"]
    assert office("GET", f"/stores/{relay.store()}/jobs/{job}").json["code"] == "unknown_job"


def test_the_preview_is_a_picture_as_wide_as_the_paper(office: Office, relay: Relay, store: str) -> None:
    office("PUT", f"/stores/{store}/printers/kitchen", {"profile": {"dots": 384}})
    job = relay.printed(store)
    target = f"/v1/printing/stores/{store}/jobs/{job}/preview"
    headers = {name.lower(): value for name, value in signed_headers(office.caller.key, "GET", target, b"").items()}
    reply = office.caller.handler(event("GET", target, {"host": "api"} | headers, b""), Context())
    assert (reply["statusCode"], reply["headers"]["Content-Type"]) == (200, "image/png")
    with Image.open(io.BytesIO(base64.b64decode(reply["body"]))) as picture:
        assert picture.width == 384 + 2 * 24  # the paper's margins
        dark = picture.convert("L").point(lambda grey: 255 * (grey < 128)).getbbox()
    assert dark is not None
    assert dark[3] - dark[1] > 200


def test_a_reprint_says_which_one_it_is_and_takes_a_job_that_has_ended(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    job = relay.printed(store)
    early = office("POST", f"/stores/{store}/jobs/{job}/reprint", {})
    assert (early.status, early.json["code"]) == (409, "illegal_move")
    agent.end(job)
    first = office("POST", f"/stores/{store}/jobs/{job}/reprint", {}, key="a").json
    assert office("POST", f"/stores/{store}/jobs/{job}/reprint", {}, key="a").json == first
    papers = agent.jobs()
    agent.end(first["id"])
    second = office("POST", f"/stores/{store}/jobs/{first['id']}/reprint", {}).json
    papers += agent.jobs()
    assert [(copy["reprint"], copy["original"]) for copy in (first, second)] == [(1, job), (2, job)]
    for paper, number in zip(papers, (b"1", b"2"), strict=True):
        assert b"REPRINT " + number in base64.b64decode(paper["payload"]["data"])
    elsewhere = office("POST", f"/stores/{store}/jobs/{job}/reprint", {"printer": "nowhere"})
    assert (elsewhere.status, elsewhere.json["code"]) == (404, "unknown_printer")


def test_a_second_copy_that_the_agent_made_has_a_number_too(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    job = relay.printed(store)
    agent.end(job, code="paper_out", copies=2)  # the second one says REPRINT 1
    copy = office("POST", f"/stores/{store}/jobs/{job}/reprint", {}).json
    assert copy["reprint"] == 2
    agent.end(copy["id"], copies=2)  # REPRINT 3
    assert office("POST", f"/stores/{store}/jobs/{job}/reprint", {}).json["reprint"] == 4


def test_the_reason_of_a_reprint_is_in_its_message(office: Office, relay: Relay, store: str, agent: Hand) -> None:
    job = relay.printed(store)
    agent.end(job)
    copy = office("POST", f"/stores/{store}/jobs/{job}/reprint", {"reason": "paper fell down"}).json
    history = office("GET", f"/stores/{store}/jobs/{copy['id']}").json["history"]
    assert history[0]["data"]["reason"] == "paper fell down"


def test_a_waiting_job_moves_to_another_printer_at_once(office: Office, relay: Relay, store: str) -> None:
    office("PUT", f"/stores/{store}/printers/bar", {"profile": {}})
    job = relay.printed(store)
    moved = office("POST", f"/stores/{store}/jobs/{job}/move", {"printer": "bar"})
    assert (moved.status, moved.json["state"], moved.json["code"]) == (200, "cancelled", "moved")
    [new] = office("GET", f"/stores/{store}/jobs?printer=bar").json["jobs"]
    assert (new["state"], new["moved_from"], new["original"], new["reprint"]) == ("queued", job, job, 0)
    agent = relay.agent(store)
    frames = agent.arrive("kitchen", "bar")
    assert [frame["printer"] for frame in frames if frame["type"] == "job"] == ["bar"]


def test_a_job_at_an_agent_moves_when_the_agent_returns_it(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    office("PUT", f"/stores/{store}/printers/bar", {"profile": {}})
    job = relay.printed(store)
    agent.heard()
    target = f"/stores/{store}/jobs/{job}/move"
    assert office("POST", target, {"printer": "bar"}).json["state"] == "sent"
    assert [frame["type"] for frame in agent.heard()] == ["cancel"]
    assert office("POST", target, {"printer": "bar"}).json["code"] == "illegal_move"
    papers = [frame for frame in agent.end(job, "cancelled", code="moved") if frame["type"] == "job"]
    assert [paper["printer"] for paper in papers] == ["bar"]


def test_a_job_that_has_begun_or_ended_stays(office: Office, relay: Relay, store: str, agent: Hand) -> None:
    office("PUT", f"/stores/{store}/printers/bar", {"profile": {}})
    job = relay.printed(store)
    target = f"/stores/{store}/jobs/{job}/move"
    for printer, code in (("kitchen", "same_printer"), ("nowhere", "unknown_printer")):
        assert office("POST", target, {"printer": printer}).json["code"] == code
    agent.end(job)
    assert office("POST", target, {"printer": "bar"}).json["code"] == "illegal_move"


def test_a_queued_job_is_cancelled_at_once_and_one_at_an_agent_when_that_says_so(
    office: Office, relay: Relay, store: str
) -> None:
    waiting = relay.printed(store)
    cancelled = office("POST", f"/stores/{store}/jobs/{waiting}/cancel")
    assert (cancelled.status, cancelled.json["state"], cancelled.json["code"]) == (200, "cancelled", "by_hand")
    agent = relay.agent(store)
    agent.arrive()
    sent = relay.printed(store)
    withdrawn = office("POST", f"/stores/{store}/jobs/{sent}/cancel")
    assert (withdrawn.json["state"], withdrawn.json["withdrawn"]) == ("sent", "by_hand")
    assert [frame["job"] for frame in agent.heard() if frame["type"] == "cancel"] == [sent]
    agent.end(sent, "cancelled", code="withdrawn")
    assert relay.job(store, sent).state == "cancelled"
    assert office("POST", f"/stores/{store}/jobs/{sent}/cancel").json["code"] == "illegal_move"


def test_a_person_says_that_an_unknown_ticket_is_on_paper(
    office: Office, store: str, unknown: str, announced: Said
) -> None:
    answer = office("POST", f"/stores/{store}/jobs/{unknown}/resolve", {"resolution": "on_paper"})
    assert (answer.status, answer.json["attention"], answer.json["resolution"]) == (200, None, "on_paper")
    assert answer.json["resolved_by"] == office.caller.key["id"]
    assert [data["by"] for kind, data in announced() if kind == "print.job_resolved"] == [office.caller.key["id"]]
    conflict = office("POST", f"/stores/{store}/jobs/{unknown}/resolve", {"resolution": "again"})
    assert (conflict.status, conflict.json["code"]) == (409, "nothing_to_resolve")


def test_a_person_lets_an_unknown_ticket_print_again_with_its_mark(
    office: Office, store: str, agent: Hand, unknown: str
) -> None:
    agent.heard()
    assert office("POST", f"/stores/{store}/jobs/{unknown}/resolve", {"resolution": "again"}).status == 200
    [frame] = agent.jobs()
    assert b"REPRINT 1" in base64.b64decode(frame["payload"]["data"])
