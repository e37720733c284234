"""$default: bad frames, bundles and floods stop no frame after them and no second agent."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.printing import ws_message
from shared.spine.entry import Frame
from shared.spine.errors import DumbwaiterError
from tests.functions.printing.conftest import READY, Hand, Relay

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def test_a_bundle_does_what_its_frames_do(relay: Relay, agent: Hand, store: str, announced: Said) -> None:
    agent.arrive()
    printed, unknown = relay.printed(store), relay.printed(store)
    announced()
    agent.heard()
    at = relay.now.timestamp()
    frames = [
        {"type": "ack", "job": printed},
        {"type": "result", "job": printed, "state": "printed", "evidence": "A", "at": at, "copies": 1},
        {"type": "result", "job": unknown, "state": "unknown", "code": "no_proof", "at": at},
    ]
    assert agent.say("bundle", frames=frames) == [{"type": "noted", "jobs": [job]} for job in (printed, unknown)]
    assert [relay.job(store, job).state for job in (printed, unknown)] == ["printed", "unknown"]
    assert sorted(kind for kind, _ in announced()) == [
        "print.job_printed",
        "print.job_unknown",
        "printing.needs_person",
    ]


def test_acknowledgements_in_a_bundle_make_room_for_as_many(relay: Relay, agent: Hand, store: str) -> None:
    jobs = [relay.printed(store) for _ in range(12)]
    had = [frame["job"] for frame in agent.arrive() if frame["type"] == "job"]
    answers = agent.say("bundle", frames=[{"type": "ack", "job": job} for job in had])
    assert [frame["job"] for frame in answers] == jobs[5:10]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"type": "bundle", "frames": []}, "unknown_type"), ({"type": "ack"}, "bad_member"), ([], "no_type"),
        ({"type": "ack", "job": "01ANOTHERSTORESJOB"}, "unknown_job"),
    ],
)  # fmt: skip
def test_what_is_bad_in_a_bundle_keeps_nothing_else_back(
    relay: Relay, agent: Hand, store: str, bad: Any, code: str
) -> None:
    agent.arrive()
    jobs = [relay.printed(store) for _ in range(2)]
    agent.heard()
    first, second = ({"type": "ack", "job": job} for job in jobs)
    assert [frame["code"] for frame in agent.say("bundle", frames=[first, bad, second])] == [code]
    assert [relay.job(store, job).state for job in jobs] == ["received", "received"]


def test_what_meets_a_bug_in_a_bundle_keeps_nothing_else_back(
    relay: Relay, agent: Hand, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.arrive()
    jobs = [relay.printed(store) for _ in range(2)]
    agent.heard()
    monkeypatch.setattr(
        "functions.printing.agents.frame_handlers.on_beat", lambda _: 1 / 0
    )  # no frame that we know of does it
    first, second = ({"type": "ack", "job": job} for job in jobs)
    with pytest.raises(ZeroDivisionError):
        agent.say("bundle", frames=[first, {"type": "beat"}, second])
    assert [relay.job(store, job).state for job in jobs] == ["received", "received"]


@pytest.mark.parametrize("frames", [[{"type": "beat"}] * 51, "beat", None])
def test_a_bundle_that_is_none_is_refused_as_a_whole(agent: Hand, frames: Any) -> None:
    agent.arrive()
    [answer] = agent.say("bundle", frames=frames)
    assert (answer["code"], answer["about"]) == ("bad_member", "bundle")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"), ("{", "not_json"), ("[" * 20_000, "not_json"), ("[]", "no_type"), ("{}", "no_type"),
        ('{"type": 1}', "no_type"), ('{"type": "dance"}', "unknown_type"), ('{"type": "ack"}', "bad_member"),
        ('{"type": "ack", "job": null}', "bad_member"), ('{"type": "ack", "job": "../x"}', "bad_member"),
        ('{"type": "beat", "x": "' + "x" * 32_800 + '"}', "too_large"),
        ('{"type": "result", "job": "a", "state": "printed", "at": "now"}', "bad_member"),
    ],
)  # fmt: skip
def test_a_frame_without_sense_is_answered_and_changes_nothing(agent: Hand, text: str, code: str) -> None:
    agent.arrive()
    [answer] = agent.text(text)
    assert (answer["type"], answer["code"]) == ("error", code)


def test_an_error_is_never_answered(agent: Hand) -> None:
    agent.arrive()
    assert agent.text('{"type": "error"}') == []
    assert agent.say("error", code="unknown_type", about="role") == []


def test_members_and_nulls_of_a_later_version_are_no_fault(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.say("ack", job=job, mood="good", detail=None)
    assert relay.job(store, job).state == "received"


def test_a_connection_that_was_never_let_in_gets_nothing(relay: Relay) -> None:
    with pytest.raises(DumbwaiterError, match="unknown_connection"):
        ws_message.receive_message(Frame("c-nobody", "MESSAGE", json.dumps({"type": "beat"}), ""), relay.env)


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "result", "job": "a", "state": "printed", "at": 1, "copies": 4294967296}',
        '{"type": "result", "job": "a", "state": "printed", "at": 1e300}',
        '{"type": "printer", "printer": "kitchen", "state": "ready", "at": 1e12}',
        '{"type": "printer", "printer": "kitchen", "state": "unreachable", "trouble": "fr\u00e9mde"}',
        '{"type": "progress", "job": "a", "state": "printing", "at": 1, "held": "' + "x" * 65 + '"}',
    ],
)
def test_what_no_column_holds_is_a_bad_member(agent: Hand, text: str) -> None:
    agent.arrive()
    [answer] = agent.text(text)
    assert (answer["type"], answer["code"]) == ("error", "bad_member")


def test_capabilities_in_any_script_are_no_fault(agent: Hand) -> None:
    assert agent.arrive(capabilities=["mark", "印"])[0]["type"] == "welcome"


def test_an_agent_cannot_make_printers_without_end(relay: Relay, agent: Hand) -> None:
    agent.arrive(*(f"p{number}" for number in range(100)))
    agent.say("printer", printer="one-more", **READY)
    assert relay.rows("SELECT COUNT(*) FROM print_printers") == [(100,)]
    agent.say("printer", printer="p7", **READY | {"paper": "low"})
    assert relay.rows("SELECT paper FROM print_printers WHERE id = 'p7'") == [("low",)]


def test_the_frames_of_a_bundle_count_one_by_one(relay: Relay, agent: Hand) -> None:
    agent.arrive()
    for _ in range(19):
        agent.say("bundle", frames=[{"type": "beat"}] * 50)
    assert relay.gateway.hung_up == []
    agent.say("bundle", frames=[{"type": "beat"}] * 50)
    assert relay.gateway.hung_up == [agent.connection]


@pytest.mark.parametrize(("kind", "let_through"), [("beat", 999), ("dance", 47)])
def test_a_flood_is_cut_off_and_the_others_are_served(
    relay: Relay, agent: Hand, store: str, kind: str, let_through: int, caplog: pytest.LogCaptureFixture
) -> None:
    agent.arrive()
    stranger = relay.agent(relay.store())
    stranger.arrive()
    for _ in range(let_through):  # with hello a thousand points; a frame that cannot be read costs 21
        agent.text(json.dumps({"type": kind}))
    assert relay.gateway.hung_up == []
    for _ in range(3):
        agent.text(json.dumps({"type": kind}))
    assert set(relay.gateway.hung_up) == {agent.connection}
    assert "too many frames" in caplog.text
    assert [frame["type"] for frame in stranger.say("beat")] == ["beat"]
    assert agent.arrive()[0]["type"] == "welcome"
    job = relay.printed(store)
    assert [frame["job"] for frame in agent.jobs()] == [job]
