"""delivery.changed → the order is ready when it is packed, and handed over when a courier has picked it up."""

from functions.orders.resources.counted_sale import correct_sale
from functions.orders.states import MOVES, is_recall
from functions.orders.tables.deliveries import read_goods
from functions.orders.tables.orders import StoredOrder, lock_order, update_order
from shared.contracts.messages import Message
from shared.contracts.messages.delivery import UNPACKED, DeliveryChanged
from shared.contracts.messages.orders import FulfilmentStatus, OrderFulfilmentChanged, order_subject
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.outbox import Work

STATUS_OF_GOODS = {
    "picking": FulfilmentStatus.PREPARING,
    "packed": FulfilmentStatus.READY,
    "handed": FulfilmentStatus.HANDED_OVER,
}


def follow_delivery(message: Message[DeliveryChanged], env: Environment) -> None:
    """The view has the present goods, so messages may come twice or in any order. A step that is taken stays taken."""
    with env.outbox.work("orders") as work:
        stored = lock_order(work, message.data.order)
        goods = read_goods(work, message.data.order)
        after = STATUS_OF_GOODS.get(goods or "")
        if stored and after:
            _move(work, env, stored, after, is_unpacked=message.data.action == "unpack")


def _move(work: Work, env: Environment, stored: StoredOrder, after: FulfilmentStatus, *, is_unpacked: bool) -> None:
    before = stored.order.fulfilment
    recalled = is_unpacked and before == FulfilmentStatus.READY and is_recall(before, after)
    if after not in MOVES[before] and not recalled:
        return
    order = stored.order.model_copy(update={"fulfilment": after})
    sequence = stored.last_sequence + 1
    update_order(work, order, sequence)
    correct_sale(env, work, stored, order)
    reason = UNPACKED if recalled else None
    data = OrderFulfilmentChanged(order=order, before=before, after=after, recalled=recalled, reason=reason)
    work.announce(data, subject=order_subject(order.id), sequence=sequence, store=order.store_key)


handler = entry.queue(DeliveryChanged, follow_delivery)
