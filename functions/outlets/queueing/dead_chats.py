"""An outlet is told in its next chat that the one before takes no more messages."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from functions.outlets.channels.contract import Card
from functions.outlets.queueing.languages import read_language
from functions.outlets.queueing.targets import MOVED, TALK, next_chat
from functions.outlets.tables.chats import Chat, read_chats, read_chats_at
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.text.cards import stored_card
from functions.outlets.text.words import say
from shared.contracts.ids import new_id
from shared.spine.db import Transaction


def told_of_dead_chat(transaction: Transaction, robot: str, address: str, now: datetime) -> Sequence[ChatMessage]:
    """A message for each outlet that had this chat and has another living one, which it looks at from now on."""
    return list(_messages(transaction, read_chats_at(transaction, robot, address), now))


def _messages(transaction: Transaction, dead: Sequence[Chat], now: datetime) -> Iterator[ChatMessage]:
    chats = read_chats(transaction, [chat.store for chat in dead])
    for chat in dead:
        following = next_chat(chats[chat.store])
        # A chat that was a reserve is not missed.
        if following is None or following.place < chat.place:
            continue
        language = read_language(transaction, chat.store)
        name = f"{chat.robot.partition(':')[2]} {chat.address}"
        yield ChatMessage(
            id=new_id(now),
            chain=chat.store.partition(":")[0],
            store=chat.store,
            kind=MOVED,
            source=new_id(now),
            step=0,
            place=following.place,
            robot=following.robot,
            address=following.address,
            language=language,
            due_at=now,
            priority=TALK,
            card=stored_card(Card(say(language, "moved_chat", chat=name), language=language)),
        )
