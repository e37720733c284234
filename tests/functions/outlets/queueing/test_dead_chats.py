"""An outlet whose chat died is told so in its next chat, once, and its orders come there."""

import time

from functions.outlets.health.watching import watch_chats
from tests.simulators.chat.fake import FakeChat
from tests.support.orders import open_store
from tests.support.outlets import Outlets


def look_until(outlets: Outlets, telegram: FakeChat, arrivals: int) -> None:
    """Telegram takes one message a second in a chat."""
    for _ in range(40):
        outlets.look()
        if len(telegram.arrivals) >= arrivals:
            return
        time.sleep(0.3)
    raise AssertionError([arrival.text for arrival in telegram.arrivals])


def test_the_next_chat_is_told_that_the_old_one_died(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    other = open_store(outlets.orders)
    outlets.add_robot("bot-2", telegram, 2)
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "2001"))
    outlets.add_outlet(other, ("bot", "1001"), ("bot-2", "2002"), rules={"language": "zh"})
    telegram.dead_chats.add("1001")
    outlets.place(store)
    look_until(outlets, telegram, 3)
    told = {arrival.chat: arrival.text for arrival in telegram.arrivals if "1001" in arrival.text}
    assert told == {
        "2001": "Your chat “bot 1001” no longer takes messages. Orders come here now.",
        "2002": "聊天“bot 1001”已无法接收消息,订单改发到这里。",
    }
    assert [arrival.chat for arrival in telegram.arrivals if "Order" in arrival.text and "“" not in arrival.text] == [
        "2001"
    ]
    outlets.place(store)
    look_until(outlets, telegram, 4)
    assert sum("no longer" in arrival.text for arrival in telegram.arrivals) == 1


def test_nobody_is_told_of_a_reserve_that_died(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.add_robot("bot-2", telegram, 2)
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "2001"))
    telegram.dead_chats.add("2001")
    watch_chats(outlets.env)
    chats = outlets.api("GET", f"/v1/outlets/stores/{store}?chain=demo").json["chats"]
    assert [chat["state"] for chat in chats] == ["alive", "dead"]
    outlets.look()
    assert telegram.arrivals == []
