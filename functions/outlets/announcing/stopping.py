"""An announcement that was paused or cancelled sends nothing more, also where a message of it waits again."""

from collections.abc import Sequence
from datetime import UTC, datetime

from functions.outlets.queueing.targets import ANNOUNCEMENT
from functions.outlets.states import AnnouncementState
from functions.outlets.tables.announcements import read_stopped
from functions.outlets.tables.messages import ChatMessage, update_messages_ended, update_released
from shared.spine.db import Transaction

# What waits of a paused announcement waits until then.
NEVER = datetime(2999, 1, 1, tzinfo=UTC)


def without_stopped(statements: Transaction, claimed: Sequence[ChatMessage], token: int) -> list[ChatMessage]:
    """Those of the claimed messages that may still be sent. A refused message has come back, or one for a next chat."""
    stopped = read_stopped(statements, {message.source for message in claimed if message.kind == ANNOUNCEMENT})
    if stopped:
        cancelled = [source for source, state in stopped.items() if state is AnnouncementState.CANCELLED]
        update_messages_ended(statements, cancelled)
        update_released(statements, [message.id for message in claimed if message.source in stopped], token, NEVER)
    return [message for message in claimed if message.source not in stopped]
