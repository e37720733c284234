"""What head office sees and does over HTTP: settings, agents, jobs, the fleet."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import serverless_wsgi
from PIL import Image

from functions.printing import api
from functions.printing.tables import fleet
from stack.gateway_event import Answer, Context, event
from stack.mariadb import MariaDB
from stack.signed_requests import signed_headers
from tests.functions.printing.conftest import ONE_KITCHEN, Hand, Relay
from tests.support.orders import Caller, new_key, open_store

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@dataclass
class Office:
    """Calls to printing on the relay's clock, with one key."""

    relay: Relay
    caller: Caller

    def __call__(self, method: str, target: str, body: Any = None, **more: Any) -> Answer:
        self.relay.wait(seconds=1)  # the same again within a second is the same request
        at = int(self.relay.now.timestamp())
        return replace(self.caller, at=at)(method, f"/v1/printing{target}", body, **more)


@pytest.fixture
def office_with(relay: Relay, database: MariaDB) -> Callable[..., Office]:
    app = api.make_app(relay.env)

    def handler(request: dict[str, Any], context: Any) -> Any:
        return serverless_wsgi.handle_request(app, request | {"cookies": []}, context)

    def make(rights: list[str] | None = None, at: str = "chain:demo") -> Office:
        return Office(relay, Caller(handler, new_key(relay.env, database.owner.url, rights, at)))

    return make


@pytest.fixture
def office(office_with: Callable[..., Office]) -> Office:
    return office_with()


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    found = relay.agent(store)
    found.arrive()
    return found


@pytest.fixture
def unknown(relay: Relay, store: str, agent: Hand) -> str:
    """A job of which nobody can say whether it is on paper."""
    job = relay.printed(store)
    agent.end(job, "unknown", evidence="E", code="no_proof")
    return job


# Settings


def test_routing_is_read_and_replaced_at_its_revision(office: Office, store: str) -> None:
    read = office("GET", f"/stores/{store}/routing")
    tag = read.headers["etag"]
    assert [station["id"] for station in read.json["stations"]] == ["kitchen_hot"]
    assert office("GET", f"/stores/{store}/routing", headers={"If-None-Match": tag}).status == 304
    bar = {"stations": [{"id": "bar", "name": "Bar", "printer": "bar", "language": "zh"}], "prints_on": "placed"}
    assert office("PUT", f"/stores/{store}/routing", bar, headers={"If-Match": tag}).status == 200
    late = office("PUT", f"/stores/{store}/routing", ONE_KITCHEN, headers={"If-Match": tag})
    assert (late.status, late.json["code"]) == (412, "changed")
    after = office("GET", f"/stores/{store}/routing")
    assert (after.json["stations"][0]["language"], after.json["prints_on"]) == ("zh", "placed")
    assert after.headers["etag"] != tag


def test_a_store_that_nobody_set_up_has_the_defaults(office: Office, relay: Relay) -> None:
    fresh = open_store(relay.call)
    read = office("GET", f"/stores/{fresh}/routing")
    assert (read.json["stations"], read.json["heartbeat"], read.headers["etag"]) == ([], 60, '"0"')
    assert office("PUT", f"/stores/{fresh}/routing", ONE_KITCHEN, headers={"If-Match": '"0"'}).status == 200


def test_a_printer_is_set_kept_in_use_and_forgotten(office: Office, store: str) -> None:
    profile = {"encoding": "gb18030", "dots": 384, "lacks": ["sizes"]}
    made = office("PUT", f"/stores/{store}/printers/bar", {"profile": profile, "backup": "kitchen"})
    assert (made.status, made.json["profile"]["dots"], made.json["backup"]) == (200, 384, "kitchen")
    assert (made.json["can_print"], made.json["state"]) == (False, None)
    office("PUT", f"/stores/{store}/printers/kitchen", {"profile": {}})
    listed = office("GET", f"/stores/{store}/printers").json
    assert [printer["id"] for printer in listed["printers"]] == ["bar", "kitchen"]
    used = office("DELETE", f"/stores/{store}/printers/kitchen")
    assert (used.status, used.json["code"]) == (409, "printer_in_use")
    assert (used.json["stations"], used.json["printers"], used.json["jobs"]) == (["kitchen_hot"], ["bar"], 0)
    stale = {"If-Match": f'"{listed["revision"] - 1}"'}
    assert office("DELETE", f"/stores/{store}/printers/bar", headers=stale).status == 412
    gone = office("DELETE", f"/stores/{store}/printers/bar")
    assert [printer["id"] for printer in gone.json["printers"]] == ["kitchen"]
    assert office("DELETE", f"/stores/{store}/printers/bar").json["code"] == "unknown_printer"


def test_a_printer_that_comes_back_goes_on_with_its_numbers(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    office("POST", f"/stores/{store}/printers/kitchen/test-page")
    [frame] = agent.jobs()
    agent.end(frame["job"])
    relay.route(store, {"stations": []})
    assert office("DELETE", f"/stores/{store}/printers/kitchen").status == 200
    office("PUT", f"/stores/{store}/printers/kitchen", {"profile": {}})
    office("POST", f"/stores/{store}/printers/kitchen/test-page")
    [again] = agent.jobs()
    assert (again["seq"], again["after"]) == (frame["seq"] + 1, frame["seq"])


def test_a_logo_of_few_bytes_and_many_dots_is_refused_before_it_is_drawn(office: Office, store: str) -> None:
    png = io.BytesIO()
    Image.new("1", (5_000, 5_000)).save(png, "PNG")
    body = {"profile": {"logo": base64.b64encode(png.getvalue()).decode()}}
    refused = office("PUT", f"/stores/{store}/printers/bar", body)
    assert (refused.status, refused.json["code"]) == (422, "logo_unreadable")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"profile": {"dots": 500}}, "body_invalid"),
        ({"profile": {"colour": "red"}}, "body_invalid"),
        ({"profile": {"logo": base64.b64encode(b"no picture").decode()}}, "logo_unreadable"),
    ],
)
def test_a_printer_without_sense_is_refused(office: Office, store: str, body: Any, code: str) -> None:
    refused = office("PUT", f"/stores/{store}/printers/bar", body)
    assert (refused.status, refused.json["code"]) == (422, code)


# Jobs


def test_jobs_are_listed_by_what_is_asked_for_a_page_at_a_time(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    jobs = [relay.printed(store) for _ in range(5)]
    agent.end(jobs[0])
    agent.end(jobs[1], "unknown", code="no_proof")

    def listed(query: str = "") -> list[str]:
        answer = office("GET", f"/stores/{store}/jobs{query}")
        assert answer.status == 200, answer.text
        return [job["id"] for job in answer.json["jobs"]]

    newest = sorted(jobs, reverse=True)
    assert listed() == newest
    assert listed("?state=printed") == [jobs[0]]
    assert listed("?person=true") == [jobs[1]]
    assert listed("?printer=bar") == []
    order = office("GET", f"/stores/{store}/jobs/{jobs[2]}").json["order"]
    assert listed(f"?order={order}") == [jobs[2]]
    first = office("GET", f"/stores/{store}/jobs?limit=3").json
    assert [job["id"] for job in first["jobs"]] == newest[:3]
    rest = office("GET", f"/stores/{store}/jobs?limit=3&cursor={first['next']}").json
    assert ([job["id"] for job in rest["jobs"]], rest["next"]) == (newest[3:], None)


def test_a_page_ends_after_so_many_jobs_and_the_next_goes_on(
    office: Office, relay: Relay, store: str, agent: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = sorted(relay.printed(store) for _ in range(5))
    agent.end(jobs[0])
    monkeypatch.setattr(fleet, "LOOKED_THROUGH", 2)  # a thousand jobs would take the test minutes
    found, cursor, pages = [], "", 0
    while pages < 5:
        page = office("GET", f"/stores/{store}/jobs?state=printed{cursor}").json
        found += [job["id"] for job in page["jobs"]]
        pages += 1
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (found, pages) == ([jobs[0]], 3)


def test_a_job_tells_its_paper_its_evidence_and_what_happened(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    job = relay.printed(store)
    agent.end(job, evidence="A", began=relay.now.timestamp())
    found = office("GET", f"/stores/{store}/jobs/{job}").json
    assert (found["state"], found["evidence"], found["attempts"], found["agent"]) == ("printed", "A", 1, agent.id)
    assert [line["name"] for line in found["ticket"]["lines"]] == ["The Hawaiian Pizza"]
    assert [happened["type"] for happened in found["history"]] == ["print.job_queued", "print.job_printed"]
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
    assert [(made["reprint"], made["original"]) for made in (first, second)] == [(1, job), (2, job)]
    for paper, number in zip(papers, (b"1", b"2"), strict=True):
        assert b"REPRINT " + number in base64.b64decode(paper["payload"]["data"])
    elsewhere = office("POST", f"/stores/{store}/jobs/{job}/reprint", {"printer": "nowhere"})
    assert (elsewhere.status, elsewhere.json["code"]) == (404, "unknown_printer")


def test_a_second_copy_that_the_agent_made_has_a_number_too(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    job = relay.printed(store)
    agent.end(job, code="paper_out", copies=2)  # the second one says REPRINT 1
    made = office("POST", f"/stores/{store}/jobs/{job}/reprint", {}).json
    assert made["reprint"] == 2
    agent.end(made["id"], copies=2)  # REPRINT 3
    assert office("POST", f"/stores/{store}/jobs/{job}/reprint", {}).json["reprint"] == 4


def test_a_queued_job_is_cancelled_at_once_and_one_at_an_agent_when_that_says_so(
    office: Office, relay: Relay, store: str
) -> None:
    waiting = relay.printed(store)
    gone = office("POST", f"/stores/{store}/jobs/{waiting}/cancel")
    assert (gone.status, gone.json["state"], gone.json["code"]) == (200, "cancelled", "by_hand")
    agent = relay.agent(store)
    agent.arrive()
    sent = relay.printed(store)
    asked = office("POST", f"/stores/{store}/jobs/{sent}/cancel")
    assert (asked.json["state"], asked.json["withdrawn"]) == ("sent", "by_hand")
    assert [frame["job"] for frame in agent.heard() if frame["type"] == "cancel"] == [sent]
    agent.end(sent, "cancelled", code="withdrawn")
    assert relay.job(store, sent).state == "cancelled"
    assert office("POST", f"/stores/{store}/jobs/{sent}/cancel").json["code"] == "illegal_move"


def test_a_person_says_that_an_unknown_ticket_is_on_paper(office: Office, store: str, unknown: str, said: Said) -> None:
    answer = office("POST", f"/stores/{store}/jobs/{unknown}/resolve", {"resolution": "on_paper"})
    assert (answer.status, answer.json["attention"], answer.json["resolution"]) == (200, None, "on_paper")
    assert answer.json["resolved_by"] == office.caller.key["id"]
    assert [data["by"] for kind, data in said() if kind == "print.job_resolved"] == [office.caller.key["id"]]
    other = office("POST", f"/stores/{store}/jobs/{unknown}/resolve", {"resolution": "again"})
    assert (other.status, other.json["code"]) == (409, "nothing_to_resolve")


def test_a_person_lets_an_unknown_ticket_print_again_with_its_mark(
    office: Office, store: str, agent: Hand, unknown: str
) -> None:
    agent.heard()
    assert office("POST", f"/stores/{store}/jobs/{unknown}/resolve", {"resolution": "again"}).status == 200
    [frame] = agent.jobs()
    assert b"REPRINT 1" in base64.b64decode(frame["payload"]["data"])


# Agents


def test_a_revoked_agent_is_hung_up_on_and_its_jobs_go_to_a_person(
    office: Office, relay: Relay, store: str, agent: Hand, said: Said
) -> None:
    job = relay.printed(store)
    agent.heard()
    revoked = office("DELETE", f"/stores/{store}/agents/{agent.id}")
    assert (revoked.status, revoked.json["state"]) == (200, "revoked")
    assert [frame["code"] for frame in agent.heard()] == ["revoked"]
    assert relay.gateway.hung_up == [agent.connection]
    found = relay.job(store, job)
    assert (found.state, found.code, found.attention) == ("unknown", "agent_revoked", "unknown")
    assert [data["agent"] for kind, data in said() if kind == "printing.agent_offline"] == [agent.id]
    assert [frame["code"] for frame in agent.arrive()] == ["revoked"]
    assert office("DELETE", f"/stores/{store}/agents/{agent.id}").json["state"] == "revoked"
    assert office("DELETE", f"/stores/{relay.store()}/agents/{agent.id}").json["code"] == "unknown_agent"


def test_of_two_agents_the_other_one_prints_what_the_revoked_one_had(office: Office, relay: Relay, store: str) -> None:
    first = relay.agent(store, "till-1")
    relay.wait(seconds=1)
    second = relay.agent(store, "till-2")
    first.arrive()
    second.arrive()
    first.arrive()  # hears that it must ask before it begins
    job = relay.printed(store)
    listed = office("GET", f"/stores/{store}/agents").json["agents"]
    assert [(one["name"], one["state"], one["printing"]) for one in listed] == [
        ("till-1", "online", True), ("till-2", "online", False)
    ]  # fmt: skip
    office("DELETE", f"/stores/{store}/agents/{first.id}")
    assert [frame["job"] for frame in second.jobs()] == [job]
    assert relay.job(store, job).state == "sent"


def test_codes_that_nobody_used_are_ended(office: Office, relay: Relay, store: str) -> None:
    del relay
    for _ in range(2):
        office("POST", "/codes", {"store": store})
    assert office("DELETE", f"/codes?store={store}").json == {"chain": "demo", "store": store, "ended": 2}
    assert office("DELETE", f"/codes?store={store}").json["ended"] == 0


def test_whoever_guesses_codes_is_made_to_wait(office: Office, relay: Relay, store: str) -> None:
    body = {"key": "A" * 43, "name": "till", "agent": "0.1.0", "protocol": 1}
    code = office("POST", "/codes", {"store": store}).json["code"]
    guesses = [office("POST", "/enrolments", body | {"code": f"0000-{n:04}"}) for n in range(11)]
    assert [answer.status for answer in guesses] == [404] * 10 + [429]
    held = office("POST", "/enrolments", body | {"code": code})
    assert (held.status, held.headers["retry-after"]) == (429, "30")
    relay.wait(seconds=31)
    assert office("POST", "/enrolments", body | {"code": code}).status == 201


# The fleet


def test_the_fleet_tells_who_can_print_and_what_waits_for_a_person(
    office: Office, relay: Relay, store: str, agent: Hand, unknown: str
) -> None:
    [found] = office("GET", "/fleet?chain=demo").json["stores"]
    assert (found["store"], found["can_print"]) == (store, True)
    assert [(one["id"], one["state"]) for one in found["agents"]] == [(agent.id, "online")]
    assert [(one["id"], one["can_print"], one["paper"]) for one in found["printers"]] == [("kitchen", True, "ok")]
    assert (found["jobs_for_person"], [job["id"] for job in found["jobs"]]) == (1, [unknown])
    stopped = {"state": "stopped", "paper": "out", "cover": "closed", "error": "none", "proof": "echo"}
    agent.say("printer", printer="kitchen", at=relay.now.timestamp(), **stopped)
    waiting = relay.printed(store)
    [found] = office("GET", "/fleet?chain=demo").json["stores"]
    [printer] = found["printers"]
    assert (found["can_print"], printer["can_print"], printer["paper"]) == (False, False, "out")
    assert (printer["open_jobs"], relay.job(store, waiting).state) == (1, "sent")


def test_printers_of_an_agent_that_is_away_cannot_print(office: Office, relay: Relay, store: str, agent: Hand) -> None:
    del agent
    relay.wait(seconds=2 * 60 + 6)  # two heartbeats and five seconds
    [found] = office("GET", "/fleet?chain=demo").json["stores"]
    assert (found["can_print"], found["agents"][0]["state"], found["printers"][0]["state"]) == (
        False,
        "offline",
        "ready",
    )
    assert found["printers"][0]["can_print"] is False
    assert store == found["store"]


def test_the_fleet_comes_by_pages_and_as_far_as_the_key_reaches(
    office: Office, office_with: Callable[..., Office], relay: Relay
) -> None:
    stores = sorted(relay.store() for _ in range(3))
    first = office("GET", "/fleet?chain=demo&limit=2").json
    rest = office("GET", f"/fleet?chain=demo&limit=2&cursor={first['next']}").json
    assert [one["store"] for one in (*first["stores"], *rest["stores"])] == stores
    assert rest["next"] is None
    read = ["printing:read"]
    seen = {
        at: [one["store"] for one in office_with(read, at)("GET", "/fleet?chain=demo").json["stores"]]
        for at in (f"store:demo:{stores[1]}", "region:demo:east", "region:demo:west")
    }
    assert seen == {
        f"store:demo:{stores[1]}": [stores[1]],
        "region:demo:east": stores,
        "region:demo:west": [],
    }
    for rights, at in ((["orders:read"], "chain:demo"), (read, "chain:other"), (read, "region:other:east")):
        assert office_with(rights, at)("GET", "/fleet?chain=demo").status == 403


def test_each_operation_takes_its_own_right(office_with: Callable[..., Office], store: str, unknown: str) -> None:
    job, printer = f"/stores/{store}/jobs/{unknown}", f"/stores/{store}/printers/kitchen"
    calls: list[tuple[str, str, str, Any]] = [
        ("printing:read", "GET", f"/stores/{store}/routing", None),
        ("printing:read", "GET", f"/stores/{store}/printers", None),
        ("printing:read", "GET", f"/stores/{store}/jobs", None),
        ("printing:read", "GET", job, None),
        ("printing:read", "GET", f"{job}/preview", None),
        ("printing:read", "GET", f"/stores/{store}/agents", None),
        ("printing:write", "PUT", f"/stores/{store}/routing", ONE_KITCHEN),
        ("printing:write", "PUT", printer, {"profile": {}}),
        ("printing:write", "DELETE", printer, None),
        ("printing:operate", "POST", f"{printer}/test-page", None),
        ("printing:operate", "POST", f"{job}/reprint", {}),
        ("printing:operate", "POST", f"{job}/cancel", {}),
        ("printing:operate", "POST", f"{job}/resolve", {"resolution": "dismissed"}),
        ("printing:enrol", "POST", "/codes", {"store": store}),
        ("printing:enrol", "DELETE", f"/codes?store={store}", None),
        ("printing:enrol", "DELETE", f"/stores/{store}/agents/none", None),
        ("printing:enrol", "POST", f"/stores/{store}/agents/none/machine", {"keep": "known"}),
    ]
    assert len(calls) == sum(not one.public for one in api.OPERATIONS) - 1  # that of the fleet is above
    rights = {"printing:read", "printing:write", "printing:operate", "printing:enrol"}
    for right, method, target, body in calls:
        refused = office_with(sorted(rights - {right}))(method, target, body)
        assert (refused.status, refused.json["code"]) == (403, "not_allowed"), target
        elsewhere = office_with([right], "store:demo:other")(method, target, body)
        assert elsewhere.status == 403, target
        if not target.endswith("preview"):  # a picture; its own test reads it
            assert office_with([right], f"store:demo:{store}")(method, target, body).status in (200, 201, 404, 409), (
                target
            )
