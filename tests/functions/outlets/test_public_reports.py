"""Faults that users of other products reported, each by the product's name and the number of the report.

Reports about one channel's own rules are in the tests of that channel, and name their numbers too.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from functions.outlets.announcing.queue import queue_announcements
from functions.outlets.escalation import steps
from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.tables.alerts import insert_alert
from shared.spine.env import Environment
from tests.functions.outlets.announcing.test_queue import announce
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.faults import Fault
from tests.support.outlets import Outlets, ask, path_of, submit

Move = Callable[[float], None]
WITHOUT_STEPS = dict.fromkeys(("again_seconds", "call_seconds", "second_seconds", "head_office_seconds"))
SLACK = "/outlets/callbacks/slack/demo:slack"


@pytest.fixture
def slack(outlets: Outlets, store: str) -> Iterator[FakeChat]:
    with fake_chat("slack", callback_url=f"http://127.0.0.1:1{SLACK}") as fake:
        outlets.add_robot("slack", fake)
        outlets.add_outlet(store, ("slack", "C1"))
        yield fake


def test_a_press_that_a_cold_start_doubles_confirms_once_bolt_python_678(
    outlets: Outlets, slack: FakeChat, store: str
) -> None:
    outlets.place(store)
    [arrival] = slack.arrivals
    value = next(button.value for button in arrival.buttons if button.value) or ""
    request = slack.pressed(arrival, value, "U4711")
    headers = {name.lower(): text for name, text in request.headers.items()}
    replies = [ask("POST", SLACK, request.content, headers).status for _ in range(3)]
    assert replies == [200, 200, 200]
    assert [message["type"] for message in outlets.carry()].count("outlet.order_answered") == 1
    [notice] = outlets.notices("&state=confirmed")
    assert "U4711" in notice["answered_by"]


def test_a_step_of_a_worker_that_was_lost_is_made_by_the_next_one_oncall_1206(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlets.add_person("call", "bot", "2000")
    outlets.rules(again_seconds=None)
    outlets.place(store)
    moved_clock(91)

    class Killed(BaseException):
        """The process ends here."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(steps, "update_sequences", killed)
        with pytest.raises(Killed):
            make_due_steps(outlets.env)
    for _ in range(2):
        outlets.look()
    assert [arrival.chat for arrival in telegram.arrivals] == ["1001", "2000"]


def test_no_call_follows_an_answer_also_where_its_message_waits_oncall_4654(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.add_person("call", "bot", "2000")
    outlets.place(store)
    moved_clock(91)
    # The call is queued, and was not sent yet.
    make_due_steps(outlets.env)
    assert submit(path_of(telegram.arrivals[0].links[0]), ready="20").status == 200
    for _ in range(3):
        outlets.look()
    assert [arrival.chat for arrival in telegram.arrivals] == ["1001"]


def test_a_second_digest_of_the_same_minute_is_told_in_the_next_novu_12373(
    outlets: Outlets, telegram: FakeChat, moved_clock: Move
) -> None:
    outlets.add_person("operations", "bot", "9001")
    moved_clock(61 - outlets.env.clock().timestamp() % 60)
    told_of(outlets, "first")
    outlets.look()
    told_of(outlets, "second")
    outlets.look()
    assert ["first" in arrival.text for arrival in telegram.arrivals] == [True]
    moved_clock(60)
    outlets.look_until(lambda: len(telegram.arrivals) == 2)
    assert "second" in telegram.arrivals[1].text
    assert "first" not in telegram.arrivals[1].text


def test_a_lost_digest_is_told_again_and_is_one_novu_12373(
    outlets: Outlets, telegram: FakeChat, moved_clock: Move
) -> None:
    outlets.add_person("operations", "bot", "9001")
    telegram.fail([Fault("content")])
    told_of(outlets, "first")
    outlets.look()
    assert telegram.arrivals == []
    moved_clock(400)
    outlets.look_until(lambda: telegram.arrivals)
    moved_clock(400)
    outlets.look()
    assert ["first" in arrival.text for arrival in telegram.arrivals] == [True]


def arrives(telegram: FakeChat, moved_clock: Move, seconds: float) -> Callable[[], bool]:
    """Whether a message has arrived. Until then the clock goes on at each look."""

    def has_arrived() -> bool:
        if not telegram.arrivals:
            moved_clock(seconds)
        return bool(telegram.arrivals)

    return has_arrived


def told_of(outlets: Outlets, subject: str) -> None:
    with outlets.env.db.transaction() as transaction:
        insert_alert(transaction, "demo", "chat_dead", subject, "gone", outlets.env.clock())


def test_a_refusal_for_its_rate_is_tried_until_it_is_taken_alertmanager_2111(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.rules(**WITHOUT_STEPS)
    telegram.fail([Fault("too_many", seconds=1)] * 6)
    outlets.place(store)
    assert telegram.arrivals == []
    outlets.look_until(arrives(telegram, moved_clock, 1))
    [arrival] = telegram.arrivals
    assert not arrival.again
    assert len(telegram.attempts) == 1


def test_an_order_of_a_time_without_the_service_arrives_after_it_uptime_kuma_6046(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.rules(**WITHOUT_STEPS)
    telegram.fail(["cut_before", "unavailable"])
    outlets.place(store)
    outlets.look()
    assert telegram.arrivals == []
    outlets.look_until(arrives(telegram, moved_clock, 5))
    assert [arrival.chat for arrival in telegram.arrivals] == ["1001"]
    assert outlets.notices()[0]["state"] == "sent"


def test_quiet_hours_end_by_the_outlets_clock_in_the_night_of_its_change_beszel_1825(
    outlets: Outlets, telegram: FakeChat, moved_clock: Move
) -> None:
    """In New York it is 23:00 (EST) on the 13th. 08:00 is an hour earlier on the 14th, which has EDT."""
    outlets.rules(quiet_from="22:00", quiet_until="08:00")
    moved_clock((datetime(2027, 3, 14, 4, tzinfo=UTC) - outlets.env.clock()).total_seconds())
    announce(outlets)
    queue_announcements(outlets.env)
    assert due_at(outlets.env) == datetime(2027, 3, 14, 12, tzinfo=UTC)
    moved_clock(timedelta(hours=7, minutes=59).total_seconds())
    outlets.look()
    assert telegram.arrivals == []
    moved_clock(120)
    outlets.look_until(lambda: telegram.arrivals)


def due_at(env: Environment) -> datetime:
    with env.db.transaction() as transaction:
        [row] = transaction.rows("SELECT due_at FROM outlet_messages")
    moment: datetime = row["due_at"].replace(tzinfo=UTC)
    return moment.replace(microsecond=0)
