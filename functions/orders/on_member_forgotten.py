"""member.forgotten → the member's orders lose the guest and the member's id; lines and money stay."""

import time

from functions.orders.tables.erasure import GUEST_IN_REPLIES, erase_guests, lock_orders_of_members
from functions.orders.tables.orders import INSERT_AT_MOST
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberForgotten
from shared.contracts.messages.orders import order_subject
from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.erasure import erase_from_messages, erase_from_replies

ORDERS_AT_ONCE = 100


def erase_member(message: Message[MemberForgotten], env: Environment) -> None:
    """Erase a batch of orders in each transaction; an erased order is not selected again.

    Order intake asks once if the member was forgotten, while it inserts an order. So wait for such an insert first.
    At the end the stored text of this message loses the chain's ids of the person.
    """
    time.sleep(INSERT_AT_MOST)
    erased = 0
    while count := _erase_batch(env, message.data):
        erased += count
    with env.db.transaction() as transaction:
        erase_from_messages(transaction, [message.subject], {"$.data.external_ids": []})
    log.logger().info("orders of a forgotten member", extra={"erased": erased})


def _erase_batch(env: Environment, forgotten: MemberForgotten) -> int:
    """Erase the guest from orders, and from their messages and stored replies. Returns the number of orders."""
    with env.db.transaction() as transaction:
        orders = lock_orders_of_members(transaction, forgotten.chain, forgotten.external_ids, ORDERS_AT_ONCE)
        erase_guests(transaction, orders, env.clock())
        erase_from_messages(transaction, [order_subject(order) for order in orders], {"$.data.order.guest": None})
        erase_from_replies(transaction, orders, GUEST_IN_REPLIES)
    return len(orders)


handler = entry.queue(MemberForgotten, erase_member)
