"""Robots and chats are looked at without a message: a lost login, a dead chat, and each recovery, told once."""

from collections.abc import Callable

from functions.outlets.health.watching import watch_chats, watch_robots
from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import CHAIN, Outlets

Move = Callable[[float], None]


def robot(outlets: Outlets) -> dict[str, object]:
    outlets.api.at = int(outlets.env.clock().timestamp())
    document: dict[str, object] = outlets.api("GET", f"/v1/outlets/robots/bot{CHAIN}").json
    return document


def open_alerts(outlets: Outlets) -> list[str]:
    outlets.api.at = int(outlets.env.clock().timestamp())
    return [alert["kind"] for alert in outlets.api("GET", f"/v1/outlets/health{CHAIN}").json["alerts"]]


def types(outlets: Outlets) -> list[str]:
    return [message["type"] for message in outlets.carry() if message["type"].startswith("outlet.robot")]


def test_a_lost_login_is_found_and_its_recovery_too(outlets: Outlets, telegram: FakeChat, moved_clock: Move) -> None:
    token = telegram.robot(1)[1]["token"]
    assert watch_robots(outlets.env) == 1
    assert (robot(outlets)["state"], watch_robots(outlets.env)) == ("working", 0)
    telegram.robots_without_rights.add(token)
    for _ in range(2):
        moved_clock(301)
        assert watch_robots(outlets.env) == 1
    assert robot(outlets)["state"] == "failing"
    assert open_alerts(outlets) == ["robot_failing"]
    assert types(outlets) == ["outlet.robot_failing"]
    telegram.robots_without_rights.clear()
    moved_clock(301)
    watch_robots(outlets.env)
    assert (robot(outlets)["state"], open_alerts(outlets)) == ("working", [])
    assert types(outlets) == ["outlet.robot_recovered"]
    assert telegram.attempts == []


def test_a_service_that_is_away_says_nothing_about_a_login(
    outlets: Outlets, telegram: FakeChat, moved_clock: Move
) -> None:
    telegram.fail(["html", "cut_before"])
    watch_robots(outlets.env)
    moved_clock(301)
    watch_robots(outlets.env)
    assert (robot(outlets)["state"], types(outlets)) == ("working", [])


def test_a_dead_chat_is_found_silently_and_comes_back(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    def chat() -> str:
        outlets.api.at = int(outlets.env.clock().timestamp())
        [only] = outlets.api("GET", f"/v1/outlets/stores/{store}{CHAIN}").json["chats"]
        state: str = only["state"]
        return state

    telegram.dead_chats.add("1001")
    assert watch_chats(outlets.env) == 1
    assert (chat(), open_alerts(outlets)) == ("dead", ["chat_dead"])
    assert watch_chats(outlets.env) == 0
    telegram.dead_chats.clear()
    moved_clock(6 * 3600 + 1)
    assert watch_chats(outlets.env) == 1
    assert (chat(), open_alerts(outlets)) == ("alive", [])
    assert telegram.attempts == []
