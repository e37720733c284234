"""The money of an order: its total, payments and refunds, and the payment status that follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from functions.orders.accounts.cash_change import change_of
from functions.orders.pricing.order_request import PaymentIn
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import Difference, FulfilmentStatus, Order, Payment, PaymentStatus
from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_settings import CashRule
from shared.spine.errors import Rejected

CASH = "cash"


@dataclass(frozen=True)
class Account:
    """The money of an order: its total, payments and refunds. Money that moved is never refused.

    `rounding` is the sum by which cash payments were rounded to coins; less than 0 is below the total. `settled_at` is
    the first moment at which nothing was open.
    """

    total: int
    paid: int = 0
    refunded: int = 0
    rounding: int = 0
    settled_at: datetime | None = None
    cancelled: bool = False
    bill: BillStatus = BillStatus.CLOSED

    @classmethod
    def opened(cls, total: int, at: datetime, bill: BillStatus = BillStatus.CLOSED) -> "Account":
        """The account of a new order. A total of 0 is settled at once, unless the bill is open."""
        return cls(total, settled_at=at if total == 0 and bill == BillStatus.CLOSED else None, bill=bill)

    @classmethod
    def of(cls, order: Order) -> "Account":
        """The account of an order at its present state."""
        cancelled = order.fulfilment == FulfilmentStatus.CANCELLED
        return cls(order.total, order.paid, order.refunded, order.rounding, order.settled_at, cancelled, order.bill)

    @property
    def net(self) -> int:
        """Payments less refunds; less than 0 when refunds exceed payments."""
        return self.paid - self.refunded

    @property
    def due(self) -> int:
        """The total, rounded as its cash was."""
        return self.total + self.rounding

    @property
    def status(self) -> PaymentStatus:
        """The payment status, by the net of payments and refunds."""
        if self.bill != BillStatus.CLOSED:
            return self._status_while_open
        if self.net >= self.due:
            return PaymentStatus.PAID
        if self.refunded and self.net <= 0:
            return PaymentStatus.REFUNDED
        if self.net <= 0:
            return PaymentStatus.UNPAID
        # The open amount of a settled or cancelled order was refunded; that of another order is still to be paid.
        going_back = self.settled_at is not None or self.cancelled
        return PaymentStatus.PART_REFUNDED if self.refunded and going_back else PaymentStatus.PART_PAID

    @property
    def _status_while_open(self) -> PaymentStatus:
        """A payment of a bill that is not closed is a deposit: the total may still change."""
        if self.net > 0:
            return PaymentStatus.PART_PAID
        return PaymentStatus.REFUNDED if self.refunded else PaymentStatus.UNPAID

    @property
    def refund_due(self) -> int:
        """The amount to refund: all of a cancelled or merged order, none of an open bill, else the excess."""
        if self.cancelled or self.bill == BillStatus.MERGED:
            return max(self.net, 0)
        return 0 if self.bill == BillStatus.OPEN else max(self.net - self.due, 0)

    @property
    def over_refunded(self) -> int:
        """The amount by which refunds exceed payments."""
        return max(-self.net, 0)

    def pay(
        self,
        request: PaymentIn,
        now: datetime,
        rule: CashRule,
        day: date | None = None,
        differences: Sequence[Difference] = (),
    ) -> "tuple[Payment, Account]":
        """The payment to store, and the account with it. `day` is the business day on which the money moved.

        `differences` are those of a payment that came after its order.
        Raises `Rejected` as `add_payment` does.
        """
        rounding = self.rounding_of(request.method, request.amount, request.rounding, rule)
        payment = Payment(
            reference=request.reference,
            method=request.method,
            amount=request.amount,
            taken_at=request.taken_at or now,
            rounding=rounding,
            tip=request.tip,
            tendered=request.tendered,
            change=change_of(request),
            share=request.share,
            day=day,
            metadata=request.metadata,
            differences=list(differences),
        )
        return payment, self.add_payment(payment.amount, rounding, payment.taken_at)

    def add_payment(self, amount: int, rounding: int, at: datetime) -> "Account":
        """The account with a payment. Raises `Rejected` (422) when the payments exceed the largest amount."""
        if self.paid + amount > MAX_AMOUNT:
            most = MAX_AMOUNT - self.paid
            raise Rejected("overpaid", f"an order's payments come to {MAX_AMOUNT} at most", extensions={"open": most})
        account = replace(self, paid=self.paid + amount, rounding=self.rounding + rounding)
        # Refunds exceed payments: the refund of this payment was uploaded before the payment.
        settling = account.paid if self.net < 0 else account.net
        return account.settle(settling, at)

    def close(self, total: int, at: datetime) -> "Account":
        """The account of a bill that is closed with this total. Deposits may settle it."""
        account = replace(self, total=total, bill=BillStatus.CLOSED)
        return account.settle(account.net, at)

    def settle(self, received: int, at: datetime) -> "Account":
        """The account, settled at this moment when what was received covers what is due. An open bill never is."""
        if self.cancelled or self.bill != BillStatus.CLOSED or self.settled_at or received < self.due:
            return self
        return replace(self, settled_at=at)

    def is_sold_since(self, before: "Account") -> bool:
        """Whether a payment completed the total, or changed the rounding of a paid order. False if it is cancelled."""
        if self.cancelled:
            return False
        if self.status == PaymentStatus.PAID:
            return before.status != PaymentStatus.PAID or self.rounding != before.rounding
        return before.settled_at is None and self.settled_at is not None and self.net > 0

    def add_refund(self, amount: int) -> "Account":
        """The account with a refund. Raises `Rejected` (422) above all payments plus the total: a typing error."""
        most = min(self.total + self.paid, MAX_AMOUNT) - self.refunded
        if amount > most:
            raise Rejected("over_refunded", f"at most {most} can have gone back", extensions={"refundable": most})
        return replace(self, refunded=self.refunded + amount)

    def rounding_of(self, method: str, amount: int, stated: int | None, rule: CashRule) -> int:
        """The amount by which a payment rounds the order; 0 when it is too large for a rounding.

        Without a stated rounding it is the difference that cash leaves, if that is less than a step. A payment to the
        exact total undoes earlier rounding: that cash was refunded.
        """
        excess = self.net + amount - self.due
        if stated is not None:
            return stated if abs(self.rounding + stated) < rule.limit else 0
        if self.bill != BillStatus.CLOSED:
            return 0  # a deposit: the total is not known yet
        if self.rounding and self.net + amount == self.total:
            return excess
        in_coins = method.casefold() == CASH and rule.step > 0 and amount % rule.step == 0
        return excess if in_coins and max(abs(excess), abs(self.rounding + excess)) < rule.step else 0

    def fields(self) -> dict[str, Any]:
        """The fields of an `Order` that follow from the account."""
        return {
            "paid": self.paid,
            "refunded": self.refunded,
            "rounding": self.rounding,
            "settled_at": self.settled_at,
            "payment": self.status,
            "refund_due": self.refund_due,
            "over_refunded": self.over_refunded,
        }
