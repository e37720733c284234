"""A message that may have been shown: the same text while the service keeps its key, and the word "again" after it."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.queueing.targets import ANNOUNCEMENT, NOTICE
from functions.outlets.sending import calls, first
from functions.outlets.sending.outcomes import marked
from functions.outlets.tables.messages import ChatMessage
from shared.kit.outside import remote
from tests.functions.outlets.announcing.test_queue import announce
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.outlets import Outlets

Move = Callable[[float], None]
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MESSAGE = ChatMessage("m", "demo", "demo:s", NOTICE, "n", 0, 0, "demo:bot", "1", "en", NOW)
WITHOUT_STEPS = dict.fromkeys(("again_seconds", "call_seconds", "second_seconds", "head_office_seconds"))
LINE_CHAT = "C" + "1" * 32


@pytest.mark.parametrize(
    ("channel", "seconds", "text"),
    [
        ("telegram", 2, "again"),
        ("line", 2, "same"),
        ("line", 23 * 3600, "same"),
        ("line", 24 * 3600, "again"),
        ("matrix", 1_200, "same"),
        ("matrix", 1_800, "again"),
        ("feishu_app", 3_000, "same"),
        ("feishu_app", 3_600, "again"),
    ],
)
def test_the_key_of_a_service_says_how_long_a_text_stays_the_same(channel: str, seconds: float, text: str) -> None:
    doubtful = replace(MESSAGE, doubtful_since=NOW - timedelta(seconds=seconds))
    order = marked(CHANNELS[channel], doubtful, NOW)
    assert order is not None
    assert order.again is (text == "again")
    news = marked(CHANNELS[channel], replace(doubtful, kind=ANNOUNCEMENT), NOW)
    assert (news is None) is (text == "again")


def test_a_message_that_was_surely_not_shown_comes_for_the_first_time() -> None:
    assert marked(CHANNELS["telegram"], replace(MESSAGE, attempts=3, failure="429"), NOW) == replace(
        MESSAGE, attempts=3, failure="429"
    )


def test_a_lost_reply_is_repeated_under_its_key_and_later_says_again(
    outlets: Outlets, store: str, moved_clock: Move
) -> None:
    outlets.rules(**WITHOUT_STEPS)
    with fake_chat("line") as line:
        outlets.add_robot("line", line)
        outlets.add_outlet(store, ("line", LINE_CHAT))
        line.fail(["lost"])
        outlets.place(store)
        moved_clock(5)
        outlets.look()
        before, second = line.attempts
        assert (before.key, before.text, second.outcome) == (second.key, second.text, "repeated")
        assert len(line.arrivals) == 1
        assert outlets.notices()[0]["state"] == "sent"
        # Another order, whose second try comes when LINE has forgotten the key.
        vars(line)["native_key_seconds"] = 0.0
        line.fail(["lost"])
        outlets.place(store)
        moved_clock(24 * 3600)
        outlets.look()
        assert [arrival.again for arrival in line.arrivals[1:]] == [False, True]


class Killed(BaseException):
    """The end of a worker at once."""


def kill_after_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    post = remote.post_from_outside

    def post_and_die(*arguments: object) -> object:
        post(*arguments)  # type: ignore[arg-type]
        monkeypatch.undo()
        raise Killed

    for module in (calls, first):
        monkeypatch.setattr(module, "post_from_outside", post_and_die)


def free_slots(outlets: Outlets) -> None:
    """The windows are by the clock of the database, which no test moves."""
    with outlets.env.db.transaction() as transaction:
        transaction.execute("UPDATE outlet_slots SET used_at = '2000-01-01'")


def test_the_order_of_a_killed_worker_goes_again_and_says_so(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.rules(**WITHOUT_STEPS)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        kill_after_the_call(patch)
        outlets.place(store)
    assert len(telegram.arrivals) == 1
    outlets.look()
    assert len(telegram.arrivals) == 1, "the lease still holds"
    moved_clock(46)
    free_slots(outlets)
    time.sleep(1.2)  # Telegram takes one message a second in a chat.
    outlets.look()
    assert [arrival.again for arrival in telegram.arrivals] == [False, True]
    assert [notice["state"] for notice in outlets.notices()] == ["sent"]


def test_the_announcement_of_a_killed_worker_stays_unknown(
    outlets: Outlets, telegram: FakeChat, moved_clock: Move
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    announcement = announce(outlets)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        kill_after_the_call(patch)
        outlets.look()
    moved_clock(46)
    free_slots(outlets)
    for _ in range(3):
        outlets.look()
    assert len(telegram.arrivals) == 1
    [receipt] = outlets.api("GET", f"/v1/outlets/announcements/{announcement}/receipts?chain=demo").json["receipts"]
    assert receipt["state"] == "unknown"
