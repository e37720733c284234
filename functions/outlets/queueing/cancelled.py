"""A cancelled order is told to each chat and each person that may have seen it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.outlets.queueing.targets import CANCELLED, NOTICE, PERSON, to_chat
from functions.outlets.states import MessageState
from functions.outlets.tables.chats import Chat
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.notices import Notice
from shared.kit.outside.exchange import CALL_SECONDS

# After all steps of an escalation.
CANCELLED_STEP = 200
# People have places of their own, after which no chat of the outlet follows.
FIRST_PERSON = 100
SHOWN = frozenset(
    {MessageState.SENDING, MessageState.UNKNOWN, MessageState.SENT, MessageState.DELIVERED, MessageState.READ}
)


def cancelled_messages(notice: Notice, messages: Sequence[ChatMessage], now: datetime) -> list[ChatMessage]:
    """One message for each chat and each person, of the messages about all versions of the order.

    A call that is under way ends before the message is sent: no chat must show the order after its end.
    """
    told: dict[tuple[str, str], ChatMessage] = {}
    people = 0
    for message in messages:
        target = message.robot, message.address
        if message.kind not in (NOTICE, PERSON) or not _may_be_shown(message):
            continue
        due_at = now + timedelta(seconds=CALL_SECONDS) if message.state is MessageState.SENDING else now
        if target in told:
            told[target] = replace(told[target], due_at=max(told[target].due_at, due_at))
            continue
        place = message.place
        if message.kind == PERSON:
            place, people = FIRST_PERSON + people, people + 1
        chat = Chat(notice.store, place, message.robot, message.address)
        told[target] = replace(to_chat(notice, chat, CANCELLED_STEP, now, CANCELLED), due_at=due_at)
    return list(told.values())


def _may_be_shown(message: ChatMessage) -> bool:
    """A message that is in doubt may have been shown, also where it ended while it waited to go again."""
    return message.state in SHOWN or message.doubtful_since is not None
