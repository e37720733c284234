"""Tips of an order."""

from collections.abc import Iterable

from shared.contracts.messages.orders import Order, Payment, Refund
from shared.spine.errors import Rejected


def tip_of(payments: Iterable[Payment], refunds: Iterable[Refund]) -> int:
    """The tips of the payments, less those that went back; 0 while a refund is recorded before its payment."""
    return max(sum(payment.tip for payment in payments) - sum(refund.tip for refund in refunds), 0)


def require_tip(order: Order, tip: int) -> None:
    """Raises `Rejected` for a tip that goes back above all tips plus the total: a typing error."""
    most = order.total + sum(payment.tip for payment in order.payments) - sum(refund.tip for refund in order.refunds)
    if tip > most:
        raise Rejected("over_refunded", f"at most {most} of tips can have gone back", extensions={"refundable": most})
