"""The tenders to which a refund goes back: payments of the order, never more than each got unless the till says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.orders.accounts.account import CASH
from shared.contracts.messages.order_parts import RefundPart
from shared.contracts.messages.orders import Payment, Refund


@dataclass(frozen=True)
class Tender:
    """A payment, with the amount and the tip of it that have not gone back."""

    reference: str
    method: str
    amount: int
    tip: int

    def part(self, amount: int, tip: int) -> RefundPart:
        """A refund of these amounts to this payment."""
        return RefundPart(payment=self.reference, method=self.method, amount=amount, tip=tip)


def parts_of(refund: Refund) -> list[RefundPart]:
    """The parts of a stored refund. One without a payment goes by its stated method, if any."""
    single = RefundPart(payment=refund.payment, method=refund.method, amount=refund.amount, tip=refund.tip)
    return refund.parts or [single]


def open_tenders(payments: Sequence[Payment], refunds: Sequence[Refund]) -> list[Tender]:
    """The payments, newest first, less the refunds that went back to them."""
    back = [part for refund in refunds for part in parts_of(refund)]
    tenders = []
    for payment in reversed(payments):
        own = [part for part in back if part.payment == payment.reference]
        amount = payment.amount - sum(part.amount for part in own)
        tip = payment.tip - sum(part.tip for part in own)
        tenders.append(Tender(payment.reference, payment.method, max(amount, 0), max(tip, 0)))
    return tenders


def choose_parts(tenders: Sequence[Tender], amount: int, tip: int, method: str | None) -> list[RefundPart]:
    """The parts of a refund for which no payment is named.

    The newest payment that has all of it takes it. If none has, each payment takes what it has, newest first. An
    amount above all payments is a part without a payment. With a stated `method` only its payments count.
    """
    candidates = [tender for tender in tenders if method is None or tender.method == method]
    for tender in candidates:
        if tender.amount >= amount and tender.tip >= tip:
            return [tender.part(amount, tip)]
    parts = []
    for tender in candidates:
        part = tender.part(min(tender.amount, amount), min(tender.tip, tip))
        amount, tip = amount - part.amount, tip - part.tip
        if part.amount or part.tip:
            parts.append(part)
    excess = [RefundPart(payment=None, method=method, amount=amount, tip=tip)] if amount or tip else []
    return parts + excess


def with_parts(refund: Refund, parts: Sequence[RefundPart]) -> Refund:
    """The refund with its payment and method, or with its parts if they are several."""
    if len(parts) > 1:
        return refund.model_copy(update={"parts": list(parts)})
    return refund.model_copy(update={"payment": parts[0].payment, "method": parts[0].method})


def named_part(tenders: Sequence[Tender], refund: RefundPart) -> RefundPart:
    """A refund to a named payment, by the stated method, else by the payment's. The payment may come later."""
    methods = {tender.reference: tender.method for tender in tenders}
    return refund.model_copy(update={"method": refund.method or methods.get(refund.payment or "")})


def rounding_in_coins(refund: Refund, before: Sequence[Refund], step: int) -> int:
    """The amount by which the cash of a refund goes up or down to coins of `step` minor units. Halves go up.

    The rounding of the refunds before is made good. So the refunds of all lines come to the rounded total. The part of
    a refund without a payment is cash beside other cash.
    """
    parts = parts_of(refund)
    if not step or not any(is_cash(part) for part in parts):
        return 0
    cash = sum(part.amount for part in parts if part.method is None or is_cash(part))
    exact = max(cash - sum(earlier.rounding for earlier in before), 0)
    return (2 * exact + step) // (2 * step) * step - cash


def is_cash(part: RefundPart) -> bool:
    """Whether the part went back from the drawer."""
    return (part.method or "").casefold() == CASH
