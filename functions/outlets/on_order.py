"""An order placed, paid, changed, moved or cancelled → the notice of its outlet, and its message at once."""

from functions.outlets.notices.opening import follow_order, read_outlet_order
from functions.outlets.sending.first import begin_first
from functions.outlets.sending.sender import send_round
from functions.outlets.tables.messages import read_robots_of
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderMessage
from shared.spine import entry
from shared.spine.env import Environment


class OrderMoved(OrderMessage):
    """Any message about an order that its outlet must hear of."""

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """The types of these messages."""
        return (
            "order.placed",
            "order.paid",
            "order.changed",
            "order.closed",
            "order.cancelled",
            "order.fulfilment_changed",
        )


def tell_outlet(message: Message[OrderMoved], env: Environment) -> None:
    """Keep the notice, and send its first message at once. The timer sends the messages that must wait."""
    order, now = message.data.order, env.clock()
    first, robots = None, list[str]()
    with env.outbox.work("outlets") as work:
        told = read_outlet_order(work, order, message.time)
        if told is None:
            return
        opened = follow_order(work, told, now)
        first = begin_first(work, env, opened, now) if opened else None
        if first is None:
            robots = read_robots_of(work, order.store_key, now)
    if first:
        first.store()
    elif robots:
        send_round(env, robots)


handler = entry.queue(OrderMoved, tell_outlet)
