"""Matrix, by spec.matrix.org: requests, refusals and transactions of an application service."""

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Blocked,
    Button,
    Card,
    Event,
    Failure,
    Forged,
    Pressed,
    Read,
    Refused,
    Unblocked,
    Unreadable,
    Written,
)
from tests.support.channels import NOW, TS, body_of, callback_of, failure_of, reply_of, robot_of, sent

MATRIX = CHANNELS["matrix"]
ROBOT = robot_of("matrix", base_url="http://127.0.0.1:8448/", user_id="@r:t", hs_token="secret")
MS = TS * 1000


def told(*events: object, ephemeral: object = ()) -> list[Event]:
    document = {"events": list(events), "ephemeral": ephemeral}
    return MATRIX.events(ROBOT, callback_of(document, "PUT", authorization="Bearer secret"), NOW)


def event_of(kind: str, content: object, **fields: object) -> dict[str, object]:
    return {
        "type": kind,
        "content": content,
        "room_id": "!a:t",
        "sender": "@o:t",
        "event_id": "$e",
        "origin_server_ts": MS,
    } | fields


def test_the_key_is_the_transaction_id() -> None:
    card = Card("@room tea", buttons=(Button("y", "Confirm", "v"), Button("n", "Decline", "w")))
    call = sent("matrix", card, chat="!a/b:t", key="01K", robot=ROBOT)
    assert call.method == "PUT"
    assert call.url == "http://127.0.0.1:8448/_matrix/client/v3/rooms/%21a%2Fb%3At/send/m.room.message/01K"
    body = body_of(call)
    assert body["body"] == "@room tea\n1️⃣ Confirm\n2️⃣ Decline"
    assert body["m.mentions"] == {}


def test_an_event_is_below_64_kilobytes() -> None:
    assert len(sent("matrix", Card('"\n' * 40_000)).body) < 62_000


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        (403, "M_FORBIDDEN", Failure.DEAD),
        (401, "M_UNKNOWN_TOKEN", Failure.RIGHTS),
        (413, "M_TOO_LARGE", Failure.CONTENT),
        (429, "M_LIMIT_EXCEEDED", Failure.LATER),
        (500, "M_UNKNOWN", None),
    ],
)
def test_refusals_by_their_code(status: int, code: str, failure: Failure | None) -> None:
    assert failure_of("matrix", {"errcode": code, "error": "e"}, status) is failure


def test_a_limit_says_how_long_to_wait() -> None:
    outcome = MATRIX.outcome(reply_of({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}, 429))
    assert isinstance(outcome, Refused)
    assert outcome.wait_seconds == 2.5
    assert MATRIX.outcome(reply_of({"event_id": "$e"})) == Accepted("$e")


def test_a_room_without_another_member_is_dead_though_it_answers_200() -> None:
    assert MATRIX.alive(reply_of({"joined": {"@r:t": {}, "@o:t": {}}})) is True
    assert MATRIX.alive(reply_of({"joined": {"@r:t": {}}})) is False
    assert MATRIX.alive(reply_of({"errcode": "M_FORBIDDEN"}, 403)) is False
    assert isinstance(MATRIX.alive(reply_of({"event_id": "$e"})), Unreadable)


def test_a_reaction_with_a_number_is_a_press() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$m", "key": "2⃣"}
    assert told(event_of("m.reaction", {"m.relates_to": relation})) == [Pressed("$m", "#2", "@o:t", NOW, "$e")]
    assert told(event_of("m.reaction", {"m.relates_to": relation | {"key": "🎉"}})) == []
    assert told(event_of("m.reaction", {"m.relates_to": relation}, sender="@r:t")) == []


def test_words_receipts_and_memberships_are_events() -> None:
    written = event_of("m.room.message", {"msgtype": "m.text", "body": "help"})
    receipt = {"type": "m.receipt", "room_id": "!a:t", "content": {"$m": {"m.read": {"@o:t": {"ts": MS}, "@r:t": {}}}}}
    assert told(written, ephemeral=[receipt]) == [Written("!a:t", "@o:t", "help", NOW, "$e"), Read("$m", NOW)]
    kicked = event_of("m.room.member", {"membership": "ban"}, state_key="@r:t")
    joined = event_of("m.room.member", {"membership": "join"}, state_key="@r:t")
    assert told(kicked, joined) == [Blocked("!a:t", NOW), Unblocked("!a:t", NOW)]


@pytest.mark.parametrize("content", [None, [], {"$m": []}, {"$m": {"m.read": []}}, {"$m": {"m.read": {"@o:t": 1}}}])
def test_a_receipt_of_another_form_is_harmless(content: object) -> None:
    events = told(ephemeral=[{"type": "m.receipt", "content": content}])
    assert events in ([], [Read("$m", NOW)])


@pytest.mark.parametrize("authorization", ["", "secret", "Bearer Secret", "Bearer "])
def test_another_token_is_forged(authorization: str) -> None:
    callback = callback_of({"events": []}, "PUT", authorization=authorization)
    for robot in (ROBOT, robot_of("matrix")):
        with pytest.raises(Forged):
            MATRIX.events(robot, callback, NOW)
