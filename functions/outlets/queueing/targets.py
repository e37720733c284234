"""Messages of a notice: for the chats of its outlet, and for people on call."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.outlets.tables.chats import Chat
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.notices import Notice
from functions.outlets.tables.people import Person
from shared.contracts.ids import new_id

# Kinds of messages.
NOTICE, PERSON, CANCELLED, ANNOUNCEMENT, ALERT, REPLY, TEST, MOVED = (
    "notice",
    "person",
    "cancelled",
    "announcement",
    "alert",
    "reply",
    "test",
    "moved",
)
# Priorities: orders, then replies and alerts, then announcements. The last two leave slots of each window to orders.
ORDERS, TALK, ANNOUNCEMENTS = 0, 1, 2


def next_chat(chats: Sequence[Chat], after: int = -1) -> Chat | None:
    """The first living chat after this place."""
    return next((chat for chat in chats if chat.place > after and chat.is_living), None)


def second_chat(chats: Sequence[Chat]) -> Chat | None:
    """The chat of another robot than the first one's; without one, the first chat again."""
    first = next_chat(chats)
    if first is None:
        return None
    others = [chat for chat in chats if chat.robot != first.robot and chat.is_living]
    return others[0] if others else first


def to_chat(notice: Notice, chat: Chat, step: int, now: datetime, kind: str = NOTICE) -> ChatMessage:
    """A message of a notice to a chat of its outlet. After the first step it is marked as one that comes again."""
    return ChatMessage(
        id=new_id(now),
        chain=notice.chain,
        store=notice.store,
        kind=kind,
        source=notice.id,
        step=step,
        place=chat.place,
        robot=chat.robot,
        address=chat.address,
        language=notice.language,
        due_at=now,
        priority=ORDERS if kind in (NOTICE, PERSON, CANCELLED) else TALK,
        again=step > 0 and kind == NOTICE,
    )


def to_person(notice: Notice, person: Person, step: int, place: int, now: datetime) -> ChatMessage:
    """A message of a notice to a person."""
    chat = Chat(notice.store, place, person.robot, person.address)
    return replace(to_chat(notice, chat, step, now, PERSON), again=False)


def at_next_chat(message: ChatMessage, chats: Sequence[Chat], now: datetime) -> ChatMessage | None:
    """The same message for the next living chat of the outlet; None where there is no such chat."""
    chat = next_chat(chats, message.place)
    if chat is None or message.kind not in (NOTICE, CANCELLED, ANNOUNCEMENT):
        return None
    return ChatMessage(
        id=new_id(now),
        chain=message.chain,
        store=message.store,
        kind=message.kind,
        source=message.source,
        step=message.step,
        place=chat.place,
        robot=chat.robot,
        address=chat.address,
        language=message.language,
        due_at=now,
        card=message.card,
        priority=message.priority,
        again=message.again,
    )
