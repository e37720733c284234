"""POST /v1/orders/{order}/fulfilment and /cancel."""

from pydantic import model_validator

from functions.orders.reservations.slots import return_slot
from functions.orders.reservations.stock import return_stock
from functions.orders.resources.change import Change, change_order
from functions.orders.resources.order_path import OrderPath
from functions.orders.states import is_recall, move_fulfilment, recall_fulfilment
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus, OrderCancelled, OrderFulfilmentChanged
from shared.contracts.models import Input
from shared.contracts.text import Name, Note
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply


class FulfilmentIn(Input):
    """The step that the order has reached: accepted, preparing, ready, handed_over. Steps between may be left out.

    An earlier step recalls the order, and needs the reason, of at most 200 characters.
    """

    status: FulfilmentStatus
    reason: Note | None = None
    person: Name | None = None

    @model_validator(mode="after")
    def _not_cancelled(self) -> "FulfilmentIn":
        if self.status in (FulfilmentStatus.PLACED, FulfilmentStatus.CANCELLED):
            raise ValueError("use /cancel to cancel; an order begins as placed")
        return self


class CancelIn(Input):
    """The reason why the order is not made, of at most 200 characters."""

    reason: Note


def move_order(call: Call, path: OrderPath, body: FulfilmentIn) -> Reply:
    """Move the order to a later step, or recall it with a reason. The present step changes nothing."""
    with change_order(call, path, "orders:fulfil") as change:
        before = change.order.fulfilment
        if body.status != before:
            recalled = body.reason is not None and is_recall(before, body.status)
            move = recall_fulfilment if recalled else move_fulfilment
            order = change.update(fulfilment=move(before, body.status))
            change.messages.append(
                OrderFulfilmentChanged(
                    order=order,
                    before=before,
                    after=body.status,
                    recalled=recalled,
                    reason=body.reason,
                    person=body.person,
                )
            )
    return change.reply


def cancel_order(call: Call, path: OrderPath, body: CancelIn) -> Reply:
    """Cancel the order. Its payments are then due for a refund."""
    with change_order(call, path, "orders:cancel") as change:
        cancel(change, body.reason)
    return change.reply


def accept(change: Change, person: str | None) -> None:
    """Move a locked order that is just placed to accepted. Any other step stays."""
    before = change.order.fulfilment
    if before is not FulfilmentStatus.PLACED:
        return
    order = change.update(fulfilment=move_fulfilment(before, FulfilmentStatus.ACCEPTED))
    moved = OrderFulfilmentChanged(order=order, before=before, after=FulfilmentStatus.ACCEPTED, person=person)
    change.messages.append(moved)


def cancel(change: Change, reason: str) -> None:
    """Cancel a locked order: its stock and its slot go back. Raises `Conflict` for a merged bill."""
    order = change.order
    if order.bill == BillStatus.MERGED:
        raise Conflict("illegal_move", "the bill was merged into another", extensions={"bill": order.bill})
    if order.fulfilment != FulfilmentStatus.CANCELLED:
        order = change.update(fulfilment=move_fulfilment(order.fulfilment, FulfilmentStatus.CANCELLED))
        order = change.update(**change.account.fields())
        return_stock(change.work, order, order.lines)
        return_slot(change.work, order)
        change.messages.append(OrderCancelled(order=order, reason=reason, refund_due=order.refund_due))
