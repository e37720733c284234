"""The relay's side of the print link: who is let in, what each frame does (docs/develop/print-link.md)."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.printing import ws_connect, ws_message
from functions.printing.link import tokens
from functions.printing.states import JobState
from functions.printing.tables.printers import update_printer_settings
from functions.printing.ticket.records import Profile
from shared.spine.entry import Frame
from shared.spine.epoch import advance_epoch
from shared.spine.errors import DumbwaiterError
from tests.functions.printing.conftest import READY, Hand, Relay, key_of
from tests.support.orders import an_order

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def refusal(agent: Hand, header: str) -> tuple[int, str]:
    with pytest.raises(DumbwaiterError) as refused:
        agent.dial(header)
    return int(refused.value.status), refused.value.code


# $connect


def test_the_token_of_the_specification_is_understood() -> None:
    signature = "0de9259d052ec4ff14becfc406ef8e656493bac98cc4d57121cfdfb6562b2654"
    token = tokens.read(
        f"DUMBWAITER-AGENT-HMAC-SHA256 Agent=ag_01J9, Time=1795300000, Nonce=Zr0p9_kqT2uVb1sXy3c4Dw, "
        f"Signature={signature}"
    )
    assert token
    assert token.signed_by(b"k" * 32)
    assert not token.signed_by(b"l" * 32)


def test_a_token_is_good_once_and_for_two_minutes(relay: Relay, agent: Hand) -> None:
    token = agent.header()
    assert agent.dial(token)
    assert refusal(agent, token) == (401, "nonce_used")
    for seconds in (-119, 119):
        assert agent.dial(agent.header(at=relay.now + timedelta(seconds=seconds)))
    for seconds in (-122, 122):
        assert refusal(agent, agent.header(at=relay.now + timedelta(seconds=seconds))) == (401, "time_skewed")


def test_a_refusal_tells_the_time(relay: Relay, agent: Hand) -> None:
    with pytest.raises(DumbwaiterError) as refused:
        agent.dial(agent.header(at=relay.now - timedelta(days=3)))
    assert refused.value.members == {"time": relay.now.timestamp()}


def test_who_cannot_sign_is_not_let_in(relay: Relay, agent: Hand, store: str) -> None:
    stranger = Hand(relay, "ag_nobody", agent.key, store)
    assert refusal(stranger, stranger.header()) == (401, "signature_wrong")
    assert refusal(agent, agent.header(key=b"x" * 32)) == (401, "signature_wrong")
    good = agent.header()
    for bad in ("", "Bearer x", good.replace(", ", ","), good.upper(), good + " "):
        assert refusal(agent, bad) == (401, "token_missing")
    assert relay.rows("SELECT * FROM print_connections") == []


def test_a_revoked_agent_hears_that_it_is_and_nothing_else(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    with relay.database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE print_agents SET revoked_at = NOW()")
    relay.printed(store)
    agent.heard()
    [frame] = agent.arrive()
    assert (frame["type"], frame["code"]) == ("error", "revoked")
    assert relay.gateway.hung_up == [agent.connection]
    assert refusal(agent, agent.header(key=b"x" * 32)) == (401, "signature_wrong")


def test_keys_are_kept_encrypted(relay: Relay, agent: Hand) -> None:
    [(kept,)] = relay.rows("SELECT encrypted FROM print_agents")
    assert agent.key not in kept


def test_a_frame_cannot_pretend_to_be_the_gateway(relay: Relay, agent: Hand) -> None:
    frame = Frame("c1", "MESSAGE", '{"type": "$connect"}', "", {"authorization": agent.header()})
    with pytest.raises(DumbwaiterError):
        ws_connect.admit(frame, relay.env)
    assert relay.rows("SELECT * FROM print_connections") == []


# hello


def test_the_first_agent_of_a_store_is_welcomed_to_print(agent: Hand, relay: Relay, said: Said) -> None:
    [welcome] = agent.arrive()
    assert welcome == {
        "type": "welcome", "protocol": 1, "time": relay.now.timestamp(), "heartbeat": 60, "lifetime": 7000,
        "role": "printing", "confirm": False, "epoch": 0, "capabilities": ["bundle"],
    }  # fmt: skip
    assert [(kind, data.get("state")) for kind, data in said()] == [
        ("printing.agent_online", None), ("printing.printer_changed", "ready"),
    ]  # fmt: skip


def test_a_welcome_has_the_epoch_of_the_database(agent: Hand, relay: Relay) -> None:
    with relay.env.db.transaction() as transaction:
        advance_epoch(transaction, relay.now)
    assert agent.arrive()[0]["epoch"] == 1


def test_an_agent_of_a_protocol_to_come_is_told_what_is_spoken_here(agent: Hand) -> None:
    assert agent.arrive(protocol=3, oldest=2) == [
        {"type": "error", "code": "protocol_unsupported", "about": "hello", "oldest": 1, "newest": 1}
    ]
    assert agent.arrive(protocol=3, oldest=1)[0]["protocol"] == 1


def test_what_waited_comes_behind_the_welcome_in_order(relay: Relay, agent: Hand, store: str) -> None:
    jobs = [relay.printed(store) for _ in range(3)]
    welcome, *found = agent.arrive()
    assert welcome["type"] == "welcome"
    assert [(f["job"], f["seq"], f["after"]) for f in found] == [(jobs[0], 1, 0), (jobs[1], 2, 1), (jobs[2], 3, 2)]


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


def test_who_takes_no_parts_gets_what_fits_a_frame(relay: Relay, agent: Hand, store: str, said: Said) -> None:
    agent.arrive(capabilities=[])
    lines = [an_order(store)["lines"][0] | {"note": f"{n} " + "long note " * 15} for n in range(190)]
    order = relay.order(store, lines=lines, total=1325 * 190, payments=[])
    said()
    relay.paid(order)
    assert agent.heard() == []
    [job] = relay.jobs(order)
    assert (job.state, job.code) == ("failed", "too_large")
    assert [kind for kind, _ in said()] == ["print.job_queued", "print.job_failed", "printing.needs_person"]
    relay.printed(store)
    assert [frame["type"] for frame in agent.heard()] == ["job"]


def test_lost_acknowledgements_are_made_good_by_the_cursor(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    jobs = [relay.printed(store) for _ in range(3)]
    agent.heard()
    frames = agent.arrive(cursor={"kitchen": 2})
    assert [frame["job"] for frame in frames if frame["type"] == "job"] == jobs[2:]
    assert [relay.job(store, job).state for job in jobs] == ["received", "received", "sent"]


def test_an_agent_that_has_forgotten_makes_what_it_had_unknown(
    relay: Relay, agent: Hand, store: str, said: Said
) -> None:
    agent.arrive()
    had, ended = relay.printed(store), relay.printed(store)
    agent.say("ack", job=had)
    agent.end(ended)
    said()
    agent.journal = "journal-2"
    frames = agent.arrive()
    assert [frame["type"] for frame in frames] == ["welcome"]
    assert (relay.job(store, had).state, relay.job(store, ended).state) == ("unknown", "printed")
    assert [kind for kind, _ in said()] == ["print.job_unknown", "printing.needs_person"]


# Jobs


def test_a_job_goes_from_queued_to_printed_with_its_evidence(relay: Relay, agent: Hand, store: str, said: Said) -> None:
    agent.arrive()
    said()
    job = relay.printed(store)
    states = [relay.job(store, job).state]
    agent.say("ack", job=job)
    states.append(relay.job(store, job).state)
    agent.say("progress", job=job, state="printing", at=relay.now.timestamp())
    states.append(relay.job(store, job).state)
    assert agent.end(job, evidence="B") == [{"type": "noted", "jobs": [job]}]
    ended = relay.job(store, job)
    assert [*states, ended.state] == ["sent", "received", "printing", "printed"]
    assert (ended.evidence, ended.attempts, ended.agent_id) == ("B", 1, agent.id)
    kinds = [kind for kind, _ in said()]
    assert kinds == ["print.job_queued", "print.job_printed"]


def test_frames_in_any_order_end_in_the_same_state(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.end(job)
    agent.say("progress", job=job, state="printing", at=relay.now.timestamp())
    agent.say("ack", job=job)
    assert relay.job(store, job).state == "printed"


def test_the_first_result_is_final_and_every_one_is_noted(relay: Relay, agent: Hand, store: str, said: Said) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.end(job, "unknown", code="agent_stopped")
    said()
    assert agent.end(job, "printed") == [{"type": "noted", "jobs": [job]}]
    assert relay.job(store, job).state == "unknown"
    assert said() == []


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("failed", ["print.job_failed", "printing.needs_person"]),
        ("unknown", ["print.job_unknown", "printing.needs_person"]),
        ("expired", ["print.job_expired", "printing.needs_person"]),
        ("cancelled", ["print.job_cancelled", "print.job_queued"]),
    ],
)
def test_an_end_without_paper_is_told_and_a_person_with_it(
    relay: Relay, agent: Hand, store: str, said: Said, state: str, told: list[str]
) -> None:
    agent.arrive()
    job = relay.printed(store)
    said()
    agent.end(job, state, code="stuck")
    found = said()
    assert [kind for kind, _ in found] == told
    assert {data["job"] for kind, data in found if kind != "print.job_queued"} == {job}


def test_a_printer_gets_twenty_jobs_at_a_time_and_five_that_are_not_acknowledged(
    relay: Relay, agent: Hand, store: str
) -> None:
    jobs = [relay.printed(store) for _ in range(23)]
    had = [frame["job"] for frame in agent.arrive() if frame["type"] == "job"]
    assert had == jobs[:5]
    for job in jobs[:20]:
        had += [frame["job"] for frame in agent.say("ack", job=job) if frame["type"] == "job"]
    assert had == jobs[:20]
    assert [frame["job"] for frame in agent.end(jobs[0]) if frame["type"] == "job"] == jobs[20:21]


def test_another_store_s_job_is_refused_and_stays_as_it_is(relay: Relay, agent: Hand) -> None:
    elsewhere = relay.store()
    other = relay.agent(elsewhere)
    other.arrive()
    job = relay.printed(elsewhere)
    agent.arrive()
    for frame in (
        agent.say("ack", job=job), agent.say("begin", job=job), agent.end(job),
        agent.say("progress", job=job, state="printing", at=1.0), agent.say("refuse", job=job, code="digest_wrong"),
    ):  # fmt: skip
        assert {"type": "error", "code": "unknown_job", "job": job} in frame
    assert relay.job(elsewhere, job).state == JobState.SENT


def test_a_refused_job_goes_again_at_once_but_not_for_ever(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.heard()
    again = [agent.say("refuse", job=job, code="parts_missing") for _ in range(6)]
    assert [len(frames) for frames in again] == [1, 1, 1, 0, 0, 0]


def test_a_full_journal_is_given_time(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.heard()
    assert agent.say("refuse", job=job, code="journal_full") == []
    relay.later(seconds=21)
    assert [frame["job"] for frame in agent.jobs()] == [job]


# Bundles


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
    found = agent.arrive(capabilities=["mark", "bundle"])
    opened = [one for frame in found for one in frame.get("frames", [frame])]
    assert [one["job"] for one in opened[1:] if one["type"] == "job"] == jobs
    assert 1 < len(found) < len(opened)


def test_a_bundle_does_what_its_frames_do(relay: Relay, agent: Hand, store: str, said: Said) -> None:
    agent.arrive()
    printed, unknown = relay.printed(store), relay.printed(store)
    said()
    agent.heard()
    at = relay.now.timestamp()
    frames = [
        {"type": "ack", "job": printed},
        {"type": "result", "job": printed, "state": "printed", "evidence": "A", "at": at, "copies": 1},
        {"type": "result", "job": unknown, "state": "unknown", "code": "no_proof", "at": at},
    ]
    assert agent.say("bundle", frames=frames) == [{"type": "noted", "jobs": [job]} for job in (printed, unknown)]
    assert [relay.job(store, job).state for job in (printed, unknown)] == ["printed", "unknown"]
    assert sorted(kind for kind, _ in said()) == ["print.job_printed", "print.job_unknown", "printing.needs_person"]


def test_acknowledgements_in_a_bundle_make_room_for_as_many(relay: Relay, agent: Hand, store: str) -> None:
    jobs = [relay.printed(store) for _ in range(12)]
    had = [frame["job"] for frame in agent.arrive() if frame["type"] == "job"]
    came = agent.say("bundle", frames=[{"type": "ack", "job": job} for job in had])
    assert [frame["job"] for frame in came] == jobs[5:10]


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


# Printers, beats, connections


def test_a_printer_that_runs_out_of_paper_is_told_at_once_and_once(agent: Hand, said: Said, relay: Relay) -> None:
    agent.arrive()
    said()
    for _ in range(2):
        at = relay.now.timestamp()
        agent.say("printer", printer="kitchen", **READY | {"state": "stopped", "paper": "out"}, at=at)
    [(kind, data)] = said()
    assert kind == "printing.printer_changed"
    assert (data["printer"], data["state"], data["paper"], data["can_print"]) == ("kitchen", "stopped", "out", False)


def test_a_printer_at_whose_address_another_one_answers_is_told_and_shown(
    agent: Hand, said: Said, relay: Relay
) -> None:
    agent.arrive()
    said()
    at = relay.now.timestamp()
    agent.say("printer", printer="kitchen", state="unreachable", proof="echo", trouble="other_printer", at=at)
    [(kind, data)] = said()
    assert (kind, data["can_print"], data["trouble"]) == ("printing.printer_changed", False, "other_printer")
    assert relay.rows("SELECT trouble FROM print_printers") == [("other_printer",)]
    agent.say("printer", printer="kitchen", **READY, at=at)
    assert relay.rows("SELECT trouble FROM print_printers") == [(None,)]


def test_an_older_word_about_a_printer_does_not_overtake(agent: Hand, relay: Relay) -> None:
    agent.arrive()
    relay.wait(seconds=5)
    now = relay.now.timestamp()
    agent.say("printer", printer="kitchen", **READY | {"state": "stopped"}, at=now - 1)
    agent.say("printer", printer="kitchen", **READY, at=now - 2)
    assert relay.rows("SELECT state FROM print_printers") == [("stopped",)]


def test_a_printer_s_word_from_the_future_is_one_of_now(agent: Hand, relay: Relay) -> None:
    agent.arrive()
    agent.say("printer", printer="kitchen", **READY, at=relay.now.timestamp() + 10**8)
    relay.wait(seconds=10)
    agent.say("printer", printer="kitchen", **READY | {"state": "stopped"}, at=relay.now.timestamp())
    assert relay.rows("SELECT state FROM print_printers") == [("stopped",)]


@pytest.mark.parametrize("kind", ["progress", "result"])
def test_nothing_has_begun_in_the_future(agent: Hand, relay: Relay, store: str, kind: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    at = relay.now.timestamp() + 10**6
    if kind == "progress":
        agent.say("progress", job=job, state="printing", at=at)
    else:
        agent.end(job, began=at)
    assert relay.job(store, job).begun_at == relay.now


def test_a_beat_is_answered_with_the_time(agent: Hand, relay: Relay) -> None:
    agent.arrive()
    assert agent.say("beat") == [{"type": "beat", "time": relay.now.timestamp()}]


def test_the_newest_connection_is_sent_on_and_the_old_one_s_end_ends_nothing(
    relay: Relay, agent: Hand, store: str
) -> None:
    agent.arrive()
    old = agent.connection
    agent.arrive()
    new, agent.connection = agent.connection, old
    assert agent.say("bye", reason="reconnected") == []
    agent.leave()
    agent.connection = new
    relay.printed(store)
    assert len(agent.jobs()) == 1


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


# Bad frames


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
    other = relay.agent(relay.store())
    other.arrive()
    for _ in range(let_through):  # with hello a thousand points; a frame that cannot be read costs 21
        agent.text(json.dumps({"type": kind}))
    assert relay.gateway.hung_up == []
    for _ in range(3):
        agent.text(json.dumps({"type": kind}))
    assert set(relay.gateway.hung_up) == {agent.connection}
    assert "too many frames" in caplog.text
    assert [frame["type"] for frame in other.say("beat")] == ["beat"]
    assert agent.arrive()[0]["type"] == "welcome"
    job = relay.printed(store)
    assert [frame["job"] for frame in agent.jobs()] == [job]
