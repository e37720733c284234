"""A robot that is switched off takes no message: the next chat gets it, also where it waits already."""

from collections.abc import Callable

from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import CHAIN, Outlets

Move = Callable[[float], None]


def switch_off(outlets: Outlets, robot: str) -> None:
    target = f"/v1/outlets/robots/{robot}{CHAIN}"
    before = outlets.api("GET", target)
    body = {name: before.json[name] for name in ("channel", "settings")} | {"enabled": False}
    answer = outlets.api("PUT", target, body, headers={"If-Match": before.headers["etag"]})
    assert answer.status == 200, answer.text


def two_chats(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.add_robot("bot-2", telegram, 2)
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "1002"))


def test_an_order_goes_to_the_chat_of_a_robot_that_is_on(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    two_chats(outlets, telegram, store)
    switch_off(outlets, "bot")
    outlets.place(store)
    outlets.look()
    assert [arrival.chat for arrival in telegram.arrivals] == ["1002"]


def test_an_order_that_waits_goes_to_the_next_chat_when_its_robot_is_switched_off_apprise_1341(
    outlets: Outlets, telegram: FakeChat, store: str
) -> None:
    two_chats(outlets, telegram, store)
    telegram.fail(["too_many"])
    outlets.place(store)
    switch_off(outlets, "bot")
    outlets.look_until(lambda: telegram.arrivals)
    assert [arrival.chat for arrival in telegram.arrivals] == ["1002"]
    assert outlets.notices()[0]["state"] == "sent"


def test_an_order_without_another_robot_is_undelivered_and_told(
    outlets: Outlets, telegram: FakeChat, store: str
) -> None:
    telegram.fail(["too_many"])
    outlets.place(store)
    switch_off(outlets, "bot")
    outlets.look()
    [notice] = outlets.notices()
    assert (notice["state"], notice["evidence"]) == ("undelivered", "failed")
    alerts = outlets.api("GET", f"/v1/outlets/health{CHAIN}").json["alerts"]
    assert [alert["kind"] for alert in alerts] == ["no_chat"]
