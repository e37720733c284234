"""Payments in a form that can be stored; each change is noted. Money that moved is never refused for its form. Pure."""

from typing import TypeVar

from functions.orders.pricing.cleaner import Cleaner
from functions.orders.pricing.order_request import SoldPaymentIn

PaymentKind = TypeVar("PaymentKind", bound=SoldPaymentIn)


def clean_payment(cleaner: Cleaner, path: str, payment: PaymentKind, reference: str) -> PaymentKind:
    """The payment in a form that can be stored, under this reference; itself if nothing changes."""
    fields = {
        "reference": reference,
        "method": cleaner.method(f"{path}.method", payment.method),
        "taken_at": cleaner.moment(f"{path}.taken_at", payment.taken_at),
        "share": cleaner.identifier(f"{path}.share", payment.share),
        "metadata": cleaner.metadata(f"{path}.metadata", payment.metadata) if payment.metadata else {},
    }
    changed = {name: value for name, value in fields.items() if value != getattr(payment, name)}
    return payment.model_copy(update=changed) if changed else payment
