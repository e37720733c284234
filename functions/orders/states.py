"""The two lives of an order, apart: where its money is, and where its food is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.orders.menu import CashRule
from functions.orders.models import PaymentIn
from shared.contracts.messages.orders import FulfilmentStatus, Order, Payment, PaymentStatus
from shared.contracts.money import MAX_AMOUNT
from shared.spine.errors import Conflict, Rejected

CASH = "cash"

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


@dataclass(frozen=True)
class Account:
    """An order's money: what it costs, what was paid and given back for it. Money that moved is never refused.

    `rounding` is what cash payments came short (less than 0) or over by the rounding to coins, `settled_at` the first
    moment at which nothing was open.
    """

    total: int
    paid: int = 0
    refunded: int = 0
    rounding: int = 0
    settled_at: datetime | None = None
    cancelled: bool = False

    @classmethod
    def opened(cls, total: int, at: datetime) -> "Account":
        """Of a new order; nothing is open where it costs nothing."""
        return cls(total, settled_at=None if total else at)

    @classmethod
    def of(cls, order: Order) -> "Account":
        """As the order stands."""
        cancelled = order.fulfilment == FulfilmentStatus.CANCELLED
        return cls(order.total, order.paid, order.refunded, order.rounding, order.settled_at, cancelled)

    @property
    def net(self) -> int:
        """What the store has of it; less than 0 where more went back than came."""
        return self.paid - self.refunded

    @property
    def due(self) -> int:
        """What it costs, rounded as its cash was."""
        return self.total + self.rounding

    @property
    def status(self) -> PaymentStatus:
        """By the net of payments and refunds."""
        if self.net >= self.due:
            return PaymentStatus.PAID
        if self.refunded and self.net <= 0:
            return PaymentStatus.REFUNDED
        if self.net <= 0:
            return PaymentStatus.UNPAID
        # What is open of an order that was paid, or is cancelled, is what went back; of another it is still to come.
        going_back = self.settled_at is not None or self.cancelled
        return PaymentStatus.PART_REFUNDED if self.refunded and going_back else PaymentStatus.PART_PAID

    @property
    def refund_due(self) -> int:
        """What must go back to the guest: all of a cancelled order, else what is over."""
        return max(self.net - (0 if self.cancelled else self.due), 0)

    @property
    def over_refunded(self) -> int:
        """What went back beyond all that was paid."""
        return max(-self.net, 0)

    def pay(self, paying: PaymentIn, now: datetime, rule: CashRule) -> "tuple[Payment, Account]":
        """The payment as it is kept, and the account with it. Raises `Rejected` as `take` does."""
        rounding = self.rounding_of(paying.method, paying.amount, paying.rounding, rule)
        payment = Payment(
            reference=paying.reference,
            method=paying.method,
            amount=paying.amount,
            taken_at=paying.taken_at or now,
            rounding=rounding,
        )
        return payment, self.take(payment.amount, rounding, payment.taken_at)

    def take(self, amount: int, rounding: int, at: datetime) -> "Account":
        """With a payment. Raises `Rejected` (422) for more than an order can hold."""
        if self.paid + amount > MAX_AMOUNT:
            most = MAX_AMOUNT - self.paid
            raise Rejected("overpaid", f"an order's payments come to {MAX_AMOUNT} at most", members={"open": most})
        account = replace(self, paid=self.paid + amount, rounding=self.rounding + rounding)
        # More went back than had come: that was of this payment, and its refund was only uploaded before it.
        brought = account.paid if self.net < 0 else account.net
        if account.settled_at is None and not account.cancelled and brought >= account.due:
            account = replace(account, settled_at=at)
        return account

    def is_sold_since(self, before: "Account") -> bool:
        """Whether a payment made it fully paid, or moved the rounding of an order that was. Not of a cancelled one."""
        if self.cancelled:
            return False
        if self.status == PaymentStatus.PAID:
            return before.status != PaymentStatus.PAID or self.rounding != before.rounding
        return before.settled_at is None and self.settled_at is not None and self.net > 0

    def give_back(self, amount: int) -> "Account":
        """With a refund. Raises `Rejected` (422) for more than all payments and the total: a slip of the keys."""
        most = min(self.total + self.paid, MAX_AMOUNT) - self.refunded
        if amount > most:
            raise Rejected("over_refunded", f"at most {most} can have gone back", members={"refundable": most})
        return replace(self, refunded=self.refunded + amount)

    def rounding_of(self, method: str, amount: int, stated: int | None, rule: CashRule) -> int:
        """What a payment rounds the order by. Nothing where it was rounded too far to be a rounding: then it is open.

        Unstated, it is what cash leaves open or over, if that is less than a step. A payment to the exact total takes
        earlier rounding back: that cash was refunded.
        """
        over = self.net + amount - self.due
        if stated is not None:
            return stated if abs(self.rounding + stated) < rule.limit else 0
        if self.rounding and self.net + amount == self.total:
            return over
        in_coins = method.casefold() == CASH and rule.step > 0 and amount % rule.step == 0
        return over if in_coins and max(abs(over), abs(self.rounding + over)) < rule.step else 0

    def fields(self) -> dict[str, Any]:
        """The members of an `Order` that say so."""
        return {
            "paid": self.paid,
            "refunded": self.refunded,
            "rounding": self.rounding,
            "settled_at": self.settled_at,
            "payment": self.status,
            "refund_due": self.refund_due,
            "over_refunded": self.over_refunded,
        }
