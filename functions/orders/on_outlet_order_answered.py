"""outlet.order_answered → the order is accepted, or cancelled with the outlet's reason."""

from functions.orders.resources.change import locked_change
from functions.orders.resources.fulfilment import accept, cancel
from functions.orders.states import MOVES
from shared.contracts.messages import Message
from shared.contracts.messages.orders import FulfilmentStatus
from shared.contracts.messages.outlets import OutletOrderAnswered
from shared.spine import entry, log
from shared.spine.env import Environment


def move_answered_order(message: Message[OutletOrderAnswered], env: Environment) -> None:
    """Move the order once. An answer for an older version, or for an order that has moved on, changes nothing."""
    answered = message.data
    with env.outbox.work("orders") as work, locked_change(env, work, answered.order) as change:
        if answered.version != change.order.version:
            log.logger().info("answer for another version", extra={"version": answered.version})
        elif answered.state == "confirmed":
            accept(change, answered.by)
        elif FulfilmentStatus.CANCELLED in MOVES[change.order.fulfilment]:
            cancel(change, f"outlet: {answered.reason or 'declined'}")


handler = entry.queue(OutletOrderAnswered, move_answered_order)
