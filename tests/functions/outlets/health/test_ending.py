"""An alert ends when its cause is gone, and operations hear of it as recovered."""

from collections.abc import Callable

from functions.outlets.health.ending import end_alerts
from tests.simulators.chat.fake import FakeChat
from tests.simulators.faults import Fault
from tests.support.outlets import CHAIN, Outlets

Move = Callable[[float], None]


def alerts(outlets: Outlets) -> list[str]:
    outlets.api.at = int(outlets.env.clock().timestamp())
    return sorted(alert["kind"] for alert in outlets.api("GET", f"/v1/outlets/health{CHAIN}").json["alerts"])


def test_an_order_that_arrives_ends_no_chat_and_refused_content(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    telegram.fail([Fault("content")])
    outlets.place(store)
    assert alerts(outlets) == ["content_refused", "no_chat"]
    assert end_alerts(outlets.env) == 0
    moved_clock(2)
    outlets.place(store)
    outlets.look_until(lambda: telegram.arrivals)
    assert end_alerts(outlets.env) == 2
    assert alerts(outlets) == []


def test_somebody_on_call_ends_nobody_on_call(outlets: Outlets, store: str, moved_clock: Move) -> None:
    outlets.rules(again_seconds=None, second_seconds=None, head_office_seconds=None)
    outlets.place(store)
    moved_clock(91)
    outlets.look()
    assert (alerts(outlets), end_alerts(outlets.env)) == (["nobody_on_call"], 0)
    outlets.api.at = int(outlets.env.clock().timestamp())
    outlets.add_person("call", "bot", "2000")
    assert (end_alerts(outlets.env), alerts(outlets)) == (1, [])


def test_a_person_with_a_dead_number_is_an_alert_until_a_message_arrives(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.add_person("call", "bot", "2000")
    telegram.dead_chats.add("2000")
    outlets.place(store)
    moved_clock(91)
    outlets.look()
    assert "person_unreached" in alerts(outlets)
    end_alerts(outlets.env)
    assert "person_unreached" in alerts(outlets)
    telegram.dead_chats.clear()
    outlets.api.at = int(outlets.env.clock().timestamp())
    outlets.place(store)
    moved_clock(91)
    outlets.look_until(lambda: "2000" in [arrival.chat for arrival in telegram.arrivals])
    end_alerts(outlets.env)
    assert "person_unreached" not in alerts(outlets)


def test_a_message_that_the_operations_chat_did_not_take_is_told_again_alertmanager_2111(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.add_robot("ops", telegram, 2)
    outlets.add_person("operations", "ops", "9001")
    outlets.rules(again_seconds=None, call_seconds=None, second_seconds=None, head_office_seconds=None)
    telegram.dead_chats |= {"1001", "9001"}
    outlets.place(store)
    outlets.look()
    assert telegram.arrivals == []
    telegram.dead_chats -= {"9001"}
    # Another problem begins meanwhile. Those of the lost message are told again after five minutes.
    moved_clock(61)
    outlets.look_until(lambda: telegram.arrivals)
    assert "person_unreached" in telegram.arrivals[0].text
    assert "no_chat" not in telegram.arrivals[0].text
    moved_clock(300)
    outlets.look_until(lambda: len(telegram.arrivals) == 2)
    assert "chat_dead" in telegram.arrivals[1].text
    assert "no_chat" in telegram.arrivals[1].text
    moved_clock(600)
    outlets.look()
    assert len(telegram.arrivals) == 2
