"""Announcements over the API: a test to one chat, progress, a pause, and who has not read it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.simulators.chat.fake import FakeChat
from tests.simulators.faults import Fault
from tests.support.outlets import CHAIN, Outlets

BODY = {"texts": {"en": "New packaging from Monday.", "zh": "周一起使用新包装。"}}
PATH = "/v1/outlets/announcements"


def test_an_announcement_is_tried_paused_and_sent_once(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    made = outlets.api("POST", PATH + CHAIN, BODY)
    assert (made.status, made.json["state"]) == (201, "scheduled"), made.text
    one = f"{PATH}/{made.json['announcement']}"
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "paused"}).json["state"] == "paused"
    trial = {"robot": "bot", "address": "7007", "language": "zh"}
    assert outlets.api("POST", f"{one}/tests{CHAIN}", trial).status == 201
    outlets.look()
    assert [(arrival.chat, arrival.text) for arrival in telegram.arrivals] == [("7007", BODY["texts"]["zh"])]
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "scheduled"}).status == 200
    for _ in range(3):
        outlets.look()
    assert [arrival.chat for arrival in telegram.arrivals] == ["7007", "1001"]
    [listed] = outlets.api("GET", PATH + CHAIN).json["announcements"]
    assert (listed["state"], listed["messages"]) == ("done", {"sent": 1})
    [receipt] = outlets.api("GET", f"{one}/receipts{CHAIN}&unread=true").json["receipts"]
    assert (receipt["outlet"], receipt["state"]) == (store, "sent")
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "paused"}).status == 409


def test_a_test_message_goes_although_the_announcement_is_paused_after_it(outlets: Outlets, telegram: FakeChat) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    one = f"{PATH}/{outlets.api('POST', PATH + CHAIN, BODY).json['announcement']}"
    trial = {"robot": "bot", "address": "7007", "language": "en"}
    assert outlets.api("POST", f"{one}/tests{CHAIN}", trial).status == 201
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "paused"}).json["state"] == "paused"
    outlets.look()
    assert [arrival.chat for arrival in telegram.arrivals] == ["7007"]


def test_another_chain_has_no_such_announcement(outlets: Outlets) -> None:
    made = outlets.api("POST", PATH + CHAIN, BODY).json["announcement"]
    assert outlets.api("GET", f"{PATH}/{made}/receipts?chain=rival").status == 403


def test_the_check_says_what_is_missing_and_shows_no_secret(outlets: Outlets) -> None:
    checked = outlets.api("GET", f"/v1/outlets/robots/bot/check{CHAIN}")
    assert [part["name"] for part in checked.json["missing"]] == ["operations"]
    outlets.add_person("operations", "bot", "9001")
    assert outlets.api("GET", f"/v1/outlets/robots/bot/check{CHAIN}").json["ready"]
    for path in ("/v1/outlets/robots/bot", "/v1/outlets/robots", "/v1/outlets/health"):
        answer = outlets.api("GET", path + CHAIN)
        assert answer.status == 200, answer.text
        assert "fake-token" not in answer.text


def test_the_check_asks_the_service_now(outlets: Outlets, telegram: FakeChat) -> None:
    outlets.add_person("operations", "bot", "9001")

    def missing() -> list[str]:
        checked = outlets.api("GET", f"/v1/outlets/robots/bot/check{CHAIN}")
        assert checked.status == 200, checked.text
        return [part["name"] for part in checked.json["missing"]]

    telegram.robots_without_rights.add(telegram.secrets["token"])
    assert missing() == ["login"]
    telegram.robots_without_rights.clear()
    assert missing() == []
    telegram.fail(["cut_before"])
    assert missing() == ["answer"]
    assert telegram.attempts == []


def test_health_shows_the_windows_of_a_robot(outlets: Outlets, store: str) -> None:
    outlets.place(store)
    [robot] = outlets.api("GET", f"/v1/outlets/health{CHAIN}").json["robots"]
    assert robot["orders_waiting"] == 0
    assert all(pace["used"] <= pace["slots"] for pace in robot["paces"])


def test_an_announcement_starts_at_its_moment_in_any_zone(outlets: Outlets) -> None:
    for starts_at, moment in (
        ("2030-01-01T09:00:00+08:00", "2030-01-01T01:00:00Z"),
        ("9999-12-31T23:59:59-12:00", "9999-12-30T00:00:00Z"),
    ):
        body = {"texts": {"en": "Closed"}, "starts_at": starts_at}
        assert outlets.api("POST", f"/v1/outlets/announcements{CHAIN}", body).status == 201
        newest = outlets.api("GET", f"/v1/outlets/announcements{CHAIN}").json["announcements"][0]
        assert newest["starts_at"] == moment


def held(outlets: Outlets) -> str:
    """An announcement whose messages are queued, and wait for the end of the quiet hours."""
    outlets.rules(quiet_from="00:00", quiet_until="23:59", holidays=days(outlets))
    made = outlets.api("POST", PATH + CHAIN, BODY)
    for _ in range(3):
        outlets.look()
    [listed] = outlets.api("GET", PATH + CHAIN).json["announcements"]
    assert (listed["state"], listed["messages"]) == ("sending", {"waiting": 1})
    return f"{PATH}/{made.json['announcement']}"


def days(outlets: Outlets) -> list[str]:
    now = outlets.env.clock()
    return [f"{now + timedelta(days=number):%Y-%m-%d}" for number in range(-1, 2)]


def state(outlets: Outlets) -> tuple[str, dict[str, int]]:
    [listed] = outlets.api("GET", PATH + CHAIN).json["announcements"]
    return listed["state"], listed["messages"]


def test_a_text_that_quiet_hours_hold_can_be_cancelled(outlets: Outlets, telegram: FakeChat) -> None:
    one = held(outlets)
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "cancelled"}).status == 200
    outlets.rules(quiet_from=None, quiet_until=None)
    outlets.look()
    assert (state(outlets), telegram.arrivals) == (("cancelled", {"ended": 1}), [])


def test_a_text_that_was_queued_and_paused_goes_on_and_is_done(outlets: Outlets, telegram: FakeChat) -> None:
    one = held(outlets)
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "paused"}).status == 200
    outlets.rules(quiet_from=None, quiet_until=None)
    outlets.look()
    assert telegram.arrivals == []
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": "scheduled"}).json["state"] == "sending"
    for _ in range(2):
        outlets.look()
    assert (state(outlets), len(telegram.arrivals)) == (("done", {"sent": 1}), 1)


@pytest.mark.parametrize("stopped", ["paused", "cancelled"])
def test_a_message_that_its_service_refused_stays_stopped(
    outlets: Outlets, telegram: FakeChat, moved_clock: Callable[[float], None], stopped: str
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    one = f"{PATH}/{outlets.api('POST', PATH + CHAIN, BODY).json['announcement']}"
    telegram.fail([Fault("too_many", seconds=5)])
    outlets.look()
    assert outlets.api("PUT", f"{one}/state{CHAIN}", {"state": stopped}).status == 200
    with outlets.env.db.transaction() as transaction:
        # As the reply of a call that was under way leaves it.
        transaction.execute("UPDATE outlet_messages SET state = 'waiting', due_at = '2020-01-01'")
    moved_clock(60)
    outlets.look()
    assert telegram.attempts == []
    outlets.api.at = int(outlets.env.clock().timestamp())
    assert state(outlets) == (stopped, {"waiting" if stopped == "paused" else "ended": 1})
