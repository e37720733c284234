"""The two lives of an order, apart: where its money is, and where its food is."""

from shared.errors import Conflict, Rejected
from shared.messages.orders import FulfilmentStatus, PaymentStatus

_NEXT = {
    FulfilmentStatus.PLACED: {FulfilmentStatus.ACCEPTED, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.ACCEPTED: {FulfilmentStatus.PREPARING, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.PREPARING: {FulfilmentStatus.READY, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.READY: {FulfilmentStatus.HANDED_OVER, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.HANDED_OVER: set(),
    FulfilmentStatus.CANCELLED: set(),
}


def move_fulfilment(before: FulfilmentStatus, after: FulfilmentStatus) -> FulfilmentStatus:
    """`after`, where it may follow `before`. Raises `Conflict`."""
    if after not in _NEXT[before]:
        raise Conflict(
            "illegal_move", f"an order that is {before} can't become {after}", members={"fulfilment": before}
        )
    return after


def take_payment(total: int, paid: int, refunded: int, amount: int) -> PaymentStatus:
    """The status after `amount` more. Raises `Rejected` for more than is open, `Conflict` once money went back."""
    if refunded:
        raise Conflict("refunded", "money of this order was given back; it takes no further payment")
    if paid + amount > total:
        raise Rejected("overpaid", f"only {total - paid} of {total} is open", members={"open": total - paid})
    return PaymentStatus.PAID if paid + amount == total else PaymentStatus.PART_PAID


def give_refund(paid: int, refunded: int, amount: int) -> PaymentStatus:
    """The status after `amount` back. Raises `Rejected` for more than was paid and not given back."""
    if refunded + amount > paid:
        left = paid - refunded
        raise Rejected("over_refunded", f"only {left} can be given back", members={"refundable": left})
    return PaymentStatus.REFUNDED if refunded + amount == paid else PaymentStatus.PART_REFUNDED


def first_payment_status(total: int, paid: int) -> PaymentStatus:
    """Of an order that arrives with `paid` of its `total`. Raises `Rejected` for too much."""
    if total == 0 and paid == 0:
        return PaymentStatus.PAID
    return PaymentStatus.UNPAID if paid == 0 else take_payment(total, 0, 0, paid)
