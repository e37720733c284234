"""The connection as a pure object: frames and times in, frames and events out."""

import hashlib
import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dumbwaiter_agent.jobs import Job
from dumbwaiter_agent.link import (
    Asked,
    Broken,
    Complained,
    Delivered,
    Event,
    Granted,
    Leave,
    Link,
    Noted,
    Refused,
    RoleGiven,
    TimeTold,
    Welcomed,
    Withdrawn,
)
from print_link.frames import FROM_AGENT, decode

WELCOME = {"type": "welcome", "protocol": 1, "time": 1000.5, "heartbeat": 60, "lifetime": 7000}
HELLO = {"agent": "0", "journal": "j", "capabilities": [], "printers": [], "cursor": {}}
JOB = {"type": "job", "job": "j1", "printer": "p1", "seq": 7, "after": 6, "deadline": 99, "kind": "kitchen"}


def linked(*, welcomed: bool = True, jitter: float = 0.5) -> Link:
    link = Link(HELLO, 0.0, jitter=lambda: jitter)
    if welcomed:
        link.receive(json.dumps(WELCOME), 0.0)
        link.take_events()
    link.take_frames()
    return link


def described(payload: bytes, **way: Any) -> dict[str, Any]:
    return {"bytes": len(payload), "sha256": hashlib.sha256(payload).hexdigest(), **way}


def feed(link: Link, *frames: dict[str, Any], now: float = 1.0) -> list[Event]:
    for frame in frames:
        link.receive(json.dumps(frame), now)
    return link.take_events()


def sent(link: Link) -> list[dict[str, Any]]:
    return [decode(text, FROM_AGENT) for text in link.take_frames()]


def test_a_relay_that_takes_bundles_is_told_in_one_frame_what_is_said_together() -> None:
    link = linked()
    feed(link, WELCOME | {"capabilities": ["bundle"]})
    link.send({"type": "ack", "job": "a"})
    assert link.take_frames() == ['{"type":"ack","job":"a"}']
    for name in "bc":
        link.send({"type": "ack", "job": name})
    [bundle] = sent(link)
    assert bundle == {"type": "bundle", "frames": [{"type": "ack", "job": name} for name in "bc"]}


@pytest.mark.parametrize("welcome", [WELCOME, WELCOME | {"capabilities": ["teleport"]}])
def test_a_relay_that_does_not_is_told_one_by_one(welcome: dict[str, Any]) -> None:
    link = linked()
    feed(link, welcome)
    for name in "ab":
        link.send({"type": "ack", "job": name})
    assert [frame["type"] for frame in sent(link)] == ["ack", "ack"]


@given(st.lists(st.integers(1, 20_000), max_size=120))
def test_bundles_fit_and_keep_the_order(sizes: list[int]) -> None:
    link = linked()
    feed(link, WELCOME | {"capabilities": ["bundle"]})
    for number, size in enumerate(sizes):
        link.send({"type": "dance", "number": number, "x": "y" * size})
    texts = link.take_frames()
    assert all(len(text) <= 32_768 for text in texts)
    frames = [one for frame in map(json.loads, texts) for one in frame.get("frames", [frame])]
    assert [frame["number"] for frame in frames] == list(range(len(sizes)))
    assert all(len(frame.get("frames", [])) <= 50 for frame in map(json.loads, texts))


def test_what_comes_in_a_bundle_is_taken_up_in_its_order_and_what_is_bad_in_it_is_answered() -> None:
    link = linked()
    frames = [
        {"type": "go", "job": "a"},
        {"type": "dance"},
        {"type": "bundle", "frames": []},
        {"type": "go", "job": "b"},
    ]
    assert feed(link, {"type": "bundle", "frames": frames}) == [Granted("a"), Granted("b")]
    assert [(frame["code"], frame["about"]) for frame in sent(link)] == [
        ("unknown_type", "dance"), ("unknown_type", "bundle"),
    ]  # fmt: skip


def in_parts(payload: bytes, size: int, name: str = "j1") -> list[dict[str, Any]]:
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)]
    parts = [
        {"type": "part", "job": name, "part": number, "data": b64encode(piece).decode()}
        for number, piece in enumerate(pieces)
    ]
    return [{**JOB, "job": name, "payload": described(payload, parts=len(pieces))}, *parts]


def test_the_first_frame_says_hello() -> None:
    link = Link(HELLO, 0.0, jitter=lambda: 0.5)
    assert sent(link) == [{"type": "hello", "protocol": 1, "oldest": 1, **HELLO}]


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        (WELCOME, Welcomed(1000.5, standby=False, confirm=False)),
        ({**WELCOME, "role": "standby", "confirm": True}, Welcomed(1000.5, standby=True, confirm=True)),
        ({"type": "go", "job": "j"}, Granted("j")),
        ({"type": "cancel", "job": "j"}, Withdrawn("j", None)),
        ({"type": "cancel", "job": "j", "printer": "p"}, Withdrawn("j", "p")),
        ({"type": "noted", "jobs": ["a", "b"]}, Noted(("a", "b"))),
        ({"type": "role", "role": "standby"}, RoleGiven(standby=True)),
        ({"type": "role", "role": "printing"}, RoleGiven(standby=False)),
        ({"type": "ask"}, Asked()),
        ({"type": "beat", "time": 5}, TimeTold(5)),
        ({"type": "reconnect", "within": 30}, Leave(15)),
        ({"type": "error", "code": "revoked", "detail": "by Ann"}, Refused("revoked", "by Ann")),
        ({"type": "error", "code": "wrong_store"}, Refused("wrong_store", "")),
        ({"type": "error", "code": "bad_member", "about": "ack", "detail": "job"}, Complained("bad_member ack job")),
        ({**WELCOME, "protocol": 2}, Refused("protocol_unsupported", "the relay speaks 2")),
        (
            {**JOB, "payload": described(b"hello", data=b64encode(b"hello").decode())},
            Delivered(Job("j1", "p1", 7, 6, 99, "kitchen"), b"hello"),
        ),
        (
            {**JOB, "interrupted": "reprint", "mark": "IQ==", "payload": described(b"x", data="eA==")},
            Delivered(Job("j1", "p1", 7, 6, 99, "kitchen", "reprint", b"!"), b"x"),
        ),
        (
            {**JOB, "payload": {"bytes": 9, "sha256": "0" * 64, "link": "https://l"}},
            Delivered(Job("j1", "p1", 7, 6, 99, "kitchen"), link="https://l", size=9, sha256="0" * 64),
        ),
    ],
)
def test_a_frame_becomes_an_event(frame: dict[str, Any], event: Event) -> None:
    link = linked()
    assert feed(link, frame) == [event]
    assert sent(link) == []


@pytest.mark.parametrize(
    ("text", "code", "about"),
    [
        ("}", "not_json", None),
        ('{"type": "dance"}', "unknown_type", "dance"),
        ('{"type": "go"}', "bad_member", "go"),
        ('{"type": "go", "job": "' + "j" * 40_000 + '"}', "too_large", None),
    ],
)
def test_a_frame_that_cannot_be_acted_on_is_answered(text: str, code: str, about: str | None) -> None:
    link = linked()
    link.receive(text, 1.0)
    [error] = sent(link)
    assert (error["type"], error["code"], error.get("about")) == ("error", code, about)
    assert link.take_events() == []


@pytest.mark.parametrize("text", ['{"type": "error"}', '{"type": "error", "code": "who_knows"}'])
def test_an_error_is_never_answered_with_an_error(text: str) -> None:
    link = linked()
    link.receive(text, 1.0)
    assert sent(link) == []


def test_a_hello_that_is_refused_ends_the_connection_and_says_why() -> None:
    link = linked(welcomed=False)
    assert feed(link, {"type": "error", "code": "bad_member", "about": "hello", "detail": "printers.0"}) == [
        Broken("bad_member hello printers.0")
    ]


# Parts


def test_parts_become_one_payload_in_any_order_and_however_often() -> None:
    payload = bytes(range(256)) * 4
    job, *parts = in_parts(payload, 100)
    link = linked()
    assert feed(link, job, *reversed(parts[1:]), *parts[1:]) == []
    assert feed(link, parts[0]) == [Delivered(Job("j1", "p1", 7, 6, 99, "kitchen"), payload)]
    assert sent(link) == []


@given(st.data())
def test_a_payload_in_parts_arrives_as_it_is_or_not_at_all(data: st.DataObject) -> None:
    payload = data.draw(st.binary(min_size=1, max_size=200))
    job, *parts = in_parts(payload, data.draw(st.integers(1, 60)))
    stream = [job, *data.draw(st.permutations(parts + data.draw(st.lists(st.sampled_from(parts), max_size=3))))]
    kept = data.draw(st.lists(st.sampled_from(range(len(stream))), unique=True).map(sorted))
    link = linked()
    events = feed(link, *[stream[at] for at in kept])
    complete = 0 in kept and {stream[at]["part"] for at in kept if at} == set(range(len(parts)))
    assert [event.payload for event in events if isinstance(event, Delivered)] == [payload] * complete


def test_parts_without_their_job_are_asked_for_again() -> None:
    link = linked()
    feed(link, {"type": "part", "job": "j9", "part": 0, "data": "eA=="})
    assert [(frame["type"], frame["job"], frame["code"]) for frame in sent(link)] == [("refuse", "j9", "parts_missing")]


def test_parts_that_do_not_come_are_given_up() -> None:
    link = linked()
    job, first, *_ = in_parts(b"x" * 100, 10)
    feed(link, job, first, now=1.0)
    feed(link, {"type": "beat", "time": 1}, now=50.0)
    link.tick(60.9)
    assert "refuse" not in {frame["type"] for frame in sent(link)}
    assert link.due() <= 61.0
    link.tick(61.0)
    assert [frame["code"] for frame in sent(link) if frame["type"] == "refuse"] == ["parts_missing"]


def test_what_is_in_parts_cannot_fill_the_memory() -> None:
    link = linked()
    for number in range(9):
        feed(link, in_parts(b"x" * 100, 10, f"j{number}")[0])
    assert [(frame["job"], frame["code"]) for frame in sent(link)] == [("j0", "parts_missing")]
    job, first, *_ = in_parts(b"x" * 100, 10, "liar")
    feed(link, job, {**first, "data": b64encode(b"y" * 101).decode()})
    assert ("liar", "parts_missing") in [(frame["job"], frame["code"]) for frame in sent(link)]


@pytest.mark.parametrize("wrong", [{"bytes": 2}, {"sha256": "0" * 64}])
def test_a_payload_that_is_not_what_was_announced_is_refused(wrong: dict[str, Any]) -> None:
    link = linked()
    assert feed(link, {**JOB, "payload": {**described(b"x", data="eA=="), **wrong}}) == []
    assert [frame["code"] for frame in sent(link)] == ["digest_wrong"]


def test_a_job_that_is_cancelled_among_its_parts_does_not_arrive() -> None:
    job, *parts = in_parts(b"x" * 20, 10)
    assert feed(linked(), job, parts[0], {"type": "cancel", "job": "j1"}, parts[1]) == [Withdrawn("j1", None)]


# Time


def test_no_welcome_within_ten_seconds_breaks_the_connection() -> None:
    link = linked(welcomed=False)
    assert link.due() == 10.0
    link.tick(9.9)
    assert link.take_events() == []
    link.tick(10.0)
    assert link.take_events() == [Broken("no_welcome")]


def test_it_beats_as_often_as_the_relay_says() -> None:
    link = linked()
    beats = []
    for second in range(1, 200):
        feed(link, {"type": "beat", "time": 1}, now=float(second))
        link.tick(float(second))
        beats += [second for frame in sent(link) if frame["type"] == "beat"]
    assert beats == [60, 120, 180]


def test_two_heartbeats_and_five_seconds_of_silence_break_the_connection() -> None:
    link = linked()
    feed(link, {"type": "beat", "time": 1}, now=30.0)
    link.tick(154.9)
    assert link.take_events() == []
    link.tick(155.0)
    assert link.take_events() == [Broken("silent")]


@pytest.mark.parametrize(("jitter", "at"), [(0.0, 5950.0), (1.0, 6650.0)])
def test_it_leaves_once_before_its_time_is_over(jitter: float, at: float) -> None:
    link = linked(jitter=jitter)
    feed(link, {"type": "beat", "time": 1}, now=at)
    link.tick(at - 0.1)
    assert Leave(0) not in link.take_events()
    link.tick(at)
    assert link.take_events() == [Leave(0)]
    link.tick(at + 1)
    assert link.take_events() == []


@given(st.lists(st.floats(0, 8000), max_size=40))
def test_due_is_always_ahead_of_what_was_ticked(times: list[float]) -> None:
    link = linked()
    for now in sorted(times):
        feed(link, {"type": "beat", "time": 1}, now=now)
        link.tick(now)
        assert link.due() > now


def test_a_relay_of_a_lower_epoch_is_left_before_it_can_send_a_job() -> None:
    link = Link(HELLO, 0.0, jitter=lambda: 0.5, epoch=4)
    [broken] = feed(
        link, WELCOME | {"epoch": 3}, JOB | {"payload": described(b"x", data="eA==")}, {"type": "go", "job": "j1"}
    )
    assert isinstance(broken, Broken)
    assert "epoch 3" in broken.reason
    assert not link.welcomed


def test_a_relay_that_names_no_epoch_is_older_than_one_that_does() -> None:
    assert isinstance(feed(Link(HELLO, 0.0, jitter=lambda: 0.5, epoch=1), WELCOME)[0], Broken)


@pytest.mark.parametrize("epoch", [4, 5])
def test_the_same_or_a_higher_epoch_is_welcome(epoch: int) -> None:
    link = Link(HELLO, 0.0, jitter=lambda: 0.5, epoch=4)
    assert feed(link, WELCOME | {"epoch": epoch}) == [Welcomed(1000.5, standby=False, confirm=False, epoch=epoch)]
