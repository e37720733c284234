"""A message of an order for delivery → its delivery is made, its lines follow the order, or it is cancelled."""

from dataclasses import replace

from functions.delivery.creation.announcing import announce_created, store_change
from functions.delivery.creation.from_order import after_news, new_delivery
from functions.delivery.creation.order_messages import OrderNews
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Details
from functions.delivery.tables.deliveries import insert_delivery, lock_of_order
from functions.delivery.tables.erasure import is_forgotten
from functions.delivery.tables.stores import read_store
from shared.contracts.messages import Message
from shared.contracts.messages.orders import Order, Service
from shared.spine import entry, log
from shared.spine.env import Environment
from shared.spine.outbox import Work


def follow_order(message: Message[OrderNews], env: Environment) -> None:
    """Messages come twice and in any order: each has the whole order, and only the newest counts."""
    order = message.data.order
    if order.service != Service.DELIVERY:
        return
    with env.outbox.work("delivery") as work:
        delivery = lock_of_order(work, order.id) or _created(work, order, env)
        after, actions = after_news(delivery, message.data, message.sequence, message.time)
        if after != delivery:
            steps, now = [str(action) for action in actions], env.clock()
            store_change(work, after, steps, message.time, now, courier_before=delivery.courier)
    log.logger().info("delivery follows", extra={"delivery": delivery.id, "actions": actions})


def _created(work: Work, order: Order, env: Environment) -> Delivery:
    delivery = new_delivery(order, read_store(work, order.store_key), env.keyring(), env.clock())
    delivery = replace(delivery, sequence=1)
    if delivery.member and is_forgotten(work, delivery.member):
        delivery = replace(delivery, member=None, details=Details())
    if insert_delivery(work, delivery):
        announce_created(work, replace(delivery, sequence=0))
        return delivery
    stored = lock_of_order(work, order.id)
    assert stored is not None  # its key was taken
    return stored


handler = entry.queue(OrderNews, follow_order)
