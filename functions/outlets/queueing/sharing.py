"""A chat of several outlets shows an announcement once. Each outlet has a message of its own, for its receipt."""

from collections.abc import Sequence
from dataclasses import replace

from functions.outlets.queueing.targets import ANNOUNCEMENT
from functions.outlets.states import MessageState
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.receipts import read_showing
from shared.spine.db import Transaction


def shown_once(transaction: Transaction, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages before they are stored. Of those of an announcement to one chat the first alone is sent."""
    waiting = [one for one in messages if one.kind == ANNOUNCEMENT and one.state is MessageState.WAITING]
    showing = read_showing(transaction, waiting)
    first = {message.id: showing.setdefault(_chat(message), message.id) for message in waiting}
    return [
        replace(message, state=MessageState.SHARED, shared_with=first[message.id])
        if first.get(message.id, message.id) != message.id
        else message
        for message in messages
    ]


def _chat(message: ChatMessage) -> tuple[str, str, str]:
    return message.source, message.robot, message.address
