"""POST /v1/orders/{order}/metadata."""

from functions.orders.bills.requests import MetadataChangeIn, MetadataNow
from functions.orders.resources.bill_change import BillChange, change_bill
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import update_payment_metadata
from shared.contracts.messages.bills import OrderMetadataChanged
from shared.contracts.messages.orders import Order
from shared.spine.errors import Fault, Rejected
from shared.spine.http import Call, Reply
from shared.spine.validation import checked


def change_metadata(call: Call, path: OrderPath, body: MetadataChangeIn) -> Reply:
    """Set and remove keys of your own. The order's version stays."""
    with change_bill(call, path, "orders:change", None) as change:
        if body.line:
            order = _with_line(change.order, body)
        elif body.payment:
            order = _with_payment(change, body)
        else:
            order = change.order.model_copy(update={"metadata": _merged(change.order.metadata, body)})
        change.order = order
        change.messages.append(OrderMetadataChanged(order=order, line=body.line, payment=body.payment))
    return change.reply


def _with_line(order: Order, body: MetadataChangeIn) -> Order:
    if body.line not in [line.id for line in order.lines]:
        raise _invalid(Fault("line", "unknown_line", "the order has no such line", body.line))
    lines = [
        line.model_copy(update={"metadata": _merged(line.metadata, body)}) if line.id == body.line else line
        for line in order.lines
    ]
    return order.model_copy(update={"lines": lines})


def _with_payment(change: BillChange, body: MetadataChangeIn) -> Order:
    payments = {payment.reference: payment for payment in change.order.payments}
    payment = payments.get(body.payment or "")
    if payment is None:
        raise _invalid(Fault("payment", "unknown_payment", "the order has no such payment", body.payment))
    payment = payment.model_copy(update={"metadata": _merged(payment.metadata, body)})
    update_payment_metadata(change.work, change.order.id, payment)
    payments[payment.reference] = payment
    return change.order.model_copy(update={"payments": list(payments.values())})


def _merged(metadata: dict[str, str], body: MetadataChangeIn) -> dict[str, str]:
    """The metadata with the new keys, without those that are null. Raises `Rejected` above the limits."""
    merged = {name: value for name, value in (metadata | body.metadata).items() if value is not None}
    checked(MetadataNow, {"metadata": merged}, "body")
    return merged


def _invalid(fault: Fault) -> Rejected:
    return Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,))
