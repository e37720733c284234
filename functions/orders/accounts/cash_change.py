"""Change that was given on a payment: what is over by default, and each payment whose amounts disagree."""

from collections.abc import Iterable, Iterator, Sequence

from functions.orders.pricing.order_request import PaymentIn
from shared.contracts.messages.orders import Difference, Payment, Refund

CODES = ("change_differs", "tendered_too_little")


def change_of(request: PaymentIn) -> int:
    """The change that was given: as stated, else what was tendered above the amount and the tip."""
    if request.change is not None:
        return request.change
    if request.tendered is None:
        return 0
    return max(request.tendered - request.amount - request.tip, 0)


def in_drawer(payment: Payment) -> int:
    """The money that stayed: what was tendered less the change, else the amount and the tip."""
    if payment.tendered is None:
        return payment.amount + payment.tip
    return payment.tendered - payment.change


def change_differences(payments: Iterable[Payment]) -> Iterator[Difference]:
    """A difference for each payment of which less was tendered than it comes to, or other change was given."""
    for payment in payments:
        if payment.tendered is None:
            continue
        due = payment.amount + payment.tip
        if payment.tendered < due:
            path, code = f"payments[{payment.reference}].tendered", "tendered_too_little"
            yield Difference(path=path, code=code, stated=payment.tendered, expected=due)
        elif payment.change != payment.tendered - due:
            path, expected = f"payments[{payment.reference}].change", payment.tendered - due
            yield Difference(path=path, code="change_differs", stated=payment.change, expected=expected)


def with_money(
    differences: Iterable[Difference], payments: Sequence[Payment], refunds: Sequence[Refund]
) -> list[Difference]:
    """The differences of an order, with those of its present payments and refunds."""
    stored = [difference for payment in payments for difference in payment.differences]
    stored += [difference for refund in refunds for difference in refund.differences]
    others = [difference for difference in differences if difference.code not in CODES and difference not in stored]
    return [*others, *change_differences(payments), *stored]
