"""member.forgotten → the member's orders are nobody's: the guest and the member's id go, lines and money stay."""

from functions.orders import store_erasure as sql
from functions.orders.subjects import subject_of
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberForgotten
from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.erasure import erase_from_messages, erase_from_replies

ORDERS_AT_ONCE = 100


def erase(message: Message[MemberForgotten], env: Environment) -> None:
    """Some orders at a time, each time a transaction: an erased order is not found again.

    At the end the record of this message loses the chain's ids of the person.
    """
    erased = 0
    while count := _erase_some(env, message.data):
        erased += count
    with env.db.transaction() as transaction:
        erase_from_messages(transaction, [message.subject], {"$.data.external_ids": []})
    log.logger().info("orders of a forgotten member", extra={"erased": erased})


def _erase_some(env: Environment, forgotten: MemberForgotten) -> int:
    """Also from what was announced and answered of the orders; how many there were."""
    with env.db.transaction() as transaction:
        orders = sql.lock_orders(transaction, forgotten.chain, forgotten.external_ids, ORDERS_AT_ONCE)
        sql.erase_guests(transaction, orders, env.clock())
        erase_from_messages(transaction, [subject_of(order) for order in orders], {"$.data.order.guest": None})
        erase_from_replies(transaction, orders, {"$.guest": None})
    return len(orders)


handler = entry.queue(MemberForgotten, erase)
