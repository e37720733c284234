"""Which chat of an outlet gets a message."""

from functions.outlets.queueing.targets import next_chat, second_chat
from functions.outlets.states import ChatState
from functions.outlets.tables.chats import Chat


def chat(place: int, robot: str, state: ChatState = ChatState.ALIVE) -> Chat:
    return Chat("demo:s1", place, robot, f"address-{place}", state)


def test_a_dead_chat_is_passed_over() -> None:
    chats = [chat(0, "a", ChatState.DEAD), chat(1, "a"), chat(2, "b")]
    assert next_chat(chats) == chats[1]
    assert next_chat(chats, after=1) == chats[2]
    assert next_chat(chats, after=2) is None


def test_the_second_message_is_by_another_robot_where_there_is_one() -> None:
    assert second_chat([chat(0, "a"), chat(1, "a"), chat(2, "b")]) == chat(2, "b")
    assert second_chat([chat(0, "a"), chat(1, "a")]) == chat(0, "a")
    assert second_chat([chat(0, "a"), chat(1, "b", ChatState.DEAD)]) == chat(0, "a")
    assert second_chat([]) is None
