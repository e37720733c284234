"""An announcement reaches each outlet of its segment once, in its language, after the quiet hours."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from functions.outlets.announcing.queue import queue_announcements
from functions.outlets.states import AnnouncementState
from functions.outlets.tables.announcements import Announcement, insert_announcement
from shared.contracts.ids import new_id
from tests.simulators.chat.fake import FakeChat
from tests.support.orders import open_store
from tests.support.outlets import CHAIN, Outlets

TEXTS = {"en": "New packaging from Monday.", "zh": "周一起使用新包装。"}


def announce(outlets: Outlets, **segment: list[str]) -> str:
    now = outlets.env.clock()
    announcement = Announcement(
        new_id(now), "demo", {"texts": TEXTS, "segment": segment}, AnnouncementState.SCHEDULED, now, now, "test"
    )
    with outlets.env.db.transaction() as transaction:
        insert_announcement(transaction, announcement)
    return announcement.id


def test_each_outlet_gets_it_once_in_its_language(outlets: Outlets, telegram: FakeChat) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    other, far = open_store(outlets.orders), open_store(outlets.orders, region="west")
    outlets.add_outlet(other, ("bot", "1002"), rules={"language": "zh"})
    outlets.add_outlet(far, ("bot", "1003"))
    announce(outlets, regions=["east"])
    for _ in range(3):
        outlets.look()
    shown = {arrival.chat: arrival.text for arrival in telegram.arrivals}
    assert len(telegram.arrivals) == 2
    assert TEXTS["en"] in shown["1001"]
    assert TEXTS["zh"] in shown["1002"]


def test_a_lost_reply_of_an_announcement_stays_unknown(outlets: Outlets, telegram: FakeChat) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    telegram.fail(["lost"])
    announce(outlets)
    for _ in range(3):
        outlets.look()
    assert len(telegram.attempts) == 1


def test_quiet_hours_postpone_an_announcement_and_no_order(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    local = datetime.now(UTC) - timedelta(hours=6)
    begin, end = f"{local - timedelta(hours=3):%H:%M}", f"{local + timedelta(hours=5):%H:%M}"
    outlets.rules(quiet_from=begin, quiet_until=end)
    announce(outlets)
    outlets.look()
    assert telegram.arrivals == []
    outlets.place(store)
    assert len(telegram.arrivals) == 1


def test_a_message_that_waited_until_quiet_hours_goes_after_them(
    outlets: Outlets, telegram: FakeChat, moved_clock: Callable[[float], None]
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    announce(outlets)
    queue_announcements(outlets.env)
    local = datetime.now(UTC) - timedelta(hours=6)
    begin, end = f"{local - timedelta(hours=3):%H:%M}", f"{local + timedelta(hours=5):%H:%M}"
    outlets.rules(quiet_from=begin, quiet_until=end)
    outlets.look()
    assert telegram.arrivals == []
    moved_clock(9 * 3600)
    outlets.look()
    assert len(telegram.arrivals) == 1


def test_an_announcement_has_its_files_and_its_time(
    outlets: Outlets, telegram: FakeChat, moved_clock: Callable[[float], None]
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    now = outlets.env.clock()
    file = {"title": "Price list", "url": "https://files.example.com/prices.pdf", "media_type": "application/pdf"}
    body = {"texts": TEXTS, "attachments": [file], "starts_at": (now + timedelta(hours=1)).isoformat()}
    made = outlets.api("POST", f"/v1/outlets/announcements{CHAIN}", body)
    assert (made.status, made.json["attachments"]) == (201, [file]), made.text
    outlets.look()
    assert telegram.arrivals == []
    target = f"/v1/outlets/announcements/{made.json['announcement']}/state{CHAIN}"
    later = {"state": "scheduled", "starts_at": (now + timedelta(hours=2)).isoformat()}
    assert outlets.api("PUT", target, later).status == 200
    moved_clock(3700)
    outlets.look()
    assert telegram.arrivals == []
    moved_clock(3600)
    outlets.look()
    [arrival] = telegram.arrivals
    assert TEXTS["en"] in arrival.text
    assert file["url"] in arrival.text or file["url"] in arrival.links


def test_a_draft_waits_until_it_is_sent(outlets: Outlets, telegram: FakeChat) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    made = outlets.api("POST", f"/v1/outlets/announcements{CHAIN}", {"texts": TEXTS, "state": "paused"})
    outlets.look()
    assert (made.json["state"], telegram.arrivals) == ("paused", [])
    target = f"/v1/outlets/announcements/{made.json['announcement']}/state{CHAIN}"
    assert outlets.api("PUT", target, {"state": "scheduled"}).status == 200
    outlets.look()
    assert len(telegram.arrivals) == 1


def receipts(outlets: Outlets, announcement: str, query: str = "") -> dict[str, str]:
    outlets.api.at = int(outlets.env.clock().timestamp())
    answer = outlets.api("GET", f"/v1/outlets/announcements/{announcement}/receipts{CHAIN}{query}")
    assert answer.status == 200, answer.text
    listed = [(one["outlet"], one["state"]) for one in answer.json["receipts"]]
    assert len(dict(listed)) == len(listed)
    return dict(listed)


def counts(outlets: Outlets) -> dict[str, int]:
    [listed] = outlets.api("GET", f"/v1/outlets/announcements{CHAIN}").json["announcements"]
    messages: dict[str, int] = listed["messages"]
    return messages


def test_a_chat_of_several_outlets_shows_it_once_and_each_outlet_has_its_receipt(
    outlets: Outlets, telegram: FakeChat, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    others = [open_store(outlets.orders) for _ in range(2)]
    for other in others:
        outlets.add_outlet(other, ("bot", "1001"))
    # Each outlet is in a batch of its own.
    monkeypatch.setattr("functions.outlets.announcing.queue.BATCH", 1)
    made = announce(outlets)
    for _ in range(3):
        outlets.look()
    assert len(telegram.arrivals) == 1
    assert receipts(outlets, made, "&unread=true") == dict.fromkeys([store, *others], "sent")
    assert counts(outlets) == {"sent": 3}


def test_outlets_of_a_shared_chat_that_dies_get_it_in_their_own_next_chats(
    outlets: Outlets, telegram: FakeChat, store: str
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    outlets.add_robot("bot-2", telegram, 2)
    others = [open_store(outlets.orders) for _ in range(3)]
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "2001"))
    for other, chat in zip(others, ("2001", "2002", None), strict=True):
        outlets.add_outlet(other, ("bot", "1001"), *([("bot-2", chat)] if chat else []))
    telegram.dead_chats.add("1001")
    made = announce(outlets)
    outlets.look_until(lambda: len([one for one in telegram.arrivals if TEXTS["en"] in one.text]) >= 2)
    for _ in range(2):
        outlets.look()
    shown = [arrival.chat for arrival in telegram.arrivals if TEXTS["en"] in arrival.text]
    assert sorted(shown) == ["2001", "2002"]
    assert receipts(outlets, made) == dict.fromkeys([store, *others[:2]], "sent") | {others[2]: "failed"}
    assert counts(outlets) == {"sent": 3, "failed": 1}


def test_an_outlet_without_a_living_chat_has_not_read_it(outlets: Outlets, store: str) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    mute = open_store(outlets.orders)
    outlets.add_outlet(mute)
    made = announce(outlets)
    for _ in range(2):
        outlets.look()
    assert receipts(outlets, made, "&unread=true") == {store: "sent", mute: "failed"}
    answer = outlets.api("GET", f"/v1/outlets/announcements/{made}/receipts{CHAIN}&unread=true")
    assert {one["outlet"]: one["failure"] for one in answer.json["receipts"]}[mute] == "no_chat"
