"""An order placed, paid, changed, moved or cancelled → the notice of its outlet, and its message at once."""

from functions.outlets.notices.opening import follow_order, outlet_order
from functions.outlets.sending.sender import send_round
from functions.outlets.tables.messages import read_robots_of
from functions.outlets.tables.settings import read_enabled
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
    """Keep the notice, then send what is due by its robots. The timer sends the messages that must wait."""
    order = message.data.order
    with env.db.statements() as statements:
        outlet = read_enabled(statements, [order.store_key]).get(order.store_key)
    if outlet is None:
        return
    with env.outbox.work("outlets") as work:
        follow_order(work, outlet_order(work, order, outlet, message.time), env.clock())
        robots = read_robots_of(work, order.store_key, env.clock())
    if robots:
        send_round(env, robots)


handler = entry.queue(OrderMoved, tell_outlet)
