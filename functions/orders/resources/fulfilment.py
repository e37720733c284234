"""POST /v1/orders/{order}/fulfilment and /cancel."""

from pydantic import model_validator

from functions.orders.resources.change import change_order
from functions.orders.resources.order_path import OrderPath
from functions.orders.states import move_fulfilment
from shared.contracts.messages.orders import FulfilmentStatus, OrderCancelled, OrderFulfilmentChanged
from shared.contracts.models import Input
from shared.contracts.text import Note
from shared.spine.http import Call, Reply


class FulfilmentIn(Input):
    """The next step: accepted, preparing, ready, handed_over."""

    status: FulfilmentStatus

    @model_validator(mode="after")
    def _not_cancelled(self) -> "FulfilmentIn":
        if self.status in (FulfilmentStatus.PLACED, FulfilmentStatus.CANCELLED):
            raise ValueError("use /cancel to cancel; an order begins as placed")
        return self


class CancelIn(Input):
    """The reason why the order is not made."""

    reason: Note


def move_order(call: Call, path: OrderPath, body: FulfilmentIn) -> Reply:
    """Move the order to its next step. The present step changes nothing."""
    with change_order(call, path, "orders:fulfil") as change:
        before = change.order.fulfilment
        if body.status != before:
            order = change.update(fulfilment=move_fulfilment(before, body.status))
            change.messages.append(OrderFulfilmentChanged(order=order, before=before, after=body.status))
    return change.reply


def cancel_order(call: Call, path: OrderPath, body: CancelIn) -> Reply:
    """Cancel the order. Its payments are then due for a refund."""
    with change_order(call, path, "orders:cancel") as change:
        order = change.order
        if order.fulfilment != FulfilmentStatus.CANCELLED:
            order = change.update(fulfilment=move_fulfilment(order.fulfilment, FulfilmentStatus.CANCELLED))
            order = change.update(**change.account.fields())
            change.messages.append(OrderCancelled(order=order, reason=body.reason, refund_due=order.refund_due))
    return change.reply
