"""Announcements over the API: a test to one chat, progress, a pause, and who has not read it."""

from tests.simulators.chat.fake import FakeChat
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
