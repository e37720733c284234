"""Tips of an order."""

from collections.abc import Iterable

from shared.contracts.messages.orders import Payment, Refund


def tip_of(payments: Iterable[Payment], refunds: Iterable[Refund]) -> int:
    """The tips of the payments, less those that went back; 0 while a refund is recorded before its payment."""
    return max(sum(payment.tip for payment in payments) - sum(refund.tip for refund in refunds), 0)
