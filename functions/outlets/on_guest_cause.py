"""An order ready, a refund, a courier near, a new tag → pushes. A forgotten member → its guests are deleted."""

from functions.outlets.pushing.causes import GuestMessage, cause_of
from functions.outlets.pushing.contacts import forget, merge
from functions.outlets.pushing.queueing import queue_pushes
from functions.outlets.pushing.sender import send_pushes
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberForgotten, MemberMerged
from shared.spine import entry, log
from shared.spine.env import Environment


def push_to_guests(message: Message[GuestMessage], env: Environment) -> None:
    """Queue the pushes, and send those that may go now. The timer sends those that must wait."""
    if message.type == MemberForgotten.type:
        deleted = forget(env, message.data.read_as(MemberForgotten))
        log.logger().info("guests of a forgotten member", extra={"deleted": deleted})
    elif message.type == MemberMerged.type:
        merge(env, message.data.read_as(MemberMerged))
    elif cause := cause_of(message):
        with env.db.transaction() as transaction:
            pushes = queue_pushes(transaction, cause, env.clock())
        if pushes:
            send_pushes(env, pushes)


handler = entry.queue(GuestMessage, push_to_guests)
