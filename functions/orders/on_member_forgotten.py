"""member.forgotten → the member's orders are nobody's: the guest and the member's id go, lines and money stay."""

from functions.orders import store
from shared import entry, log
from shared.environment import Environment
from shared.messages import Message
from shared.messages.members import MemberForgotten

ORDERS_AT_ONCE = 500


def erase(message: Message[MemberForgotten], house: Environment) -> None:
    """Some orders at a time, each time a transaction: an erased order is not found again."""
    forgotten, erased = message.data, 0
    with house.db.statements() as transaction:
        while some := store.erase_guests(transaction, forgotten.chain, forgotten.external_ids, ORDERS_AT_ONCE):
            erased += some
    log.logger().info("orders of a forgotten member", extra={"erased": erased})


handler = entry.queue(MemberForgotten, erase)
