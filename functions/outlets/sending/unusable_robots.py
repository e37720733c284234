"""Messages for robots that are switched off, or whose secrets cannot be read, go to the next chats of their outlets."""

from functions.outlets.sending.recording import CONCERN
from functions.outlets.sending.robots import UNREADABLE
from functions.outlets.sending.storing import hand_over, lock_notices_of
from functions.outlets.tables.message_checks import lock_waiting, read_of_unusable
from shared.spine.env import Environment

ROBOT_UNUSABLE = "robot_unusable"


def hand_over_of_unusable(env: Environment) -> int:
    """Hand over at most 200 messages. Returns their number."""
    with env.db.statements() as statements:
        found = read_of_unusable(statements, UNREADABLE)
    if not found:
        return 0
    with env.outbox.work(CONCERN) as work:
        lock_notices_of(work, found)
        waiting = lock_waiting(work, [message.id for message in found])
        hand_over(work, waiting, ROBOT_UNUSABLE, env.clock())
    return len(waiting)
