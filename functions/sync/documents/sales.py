"""The documents of an order: its sale, and a credit note for each refund."""

from collections.abc import Mapping
from datetime import date

from functions.sync.documents.document import Document, DocumentLine, Kind, LineType, Tender
from functions.sync.documents.refund_lines import refund_lines, refund_taxes, refund_tenders
from functions.sync.documents.sale_lines import sale_lines
from shared.contracts.ids import derived_part_id
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus, Order, Refund
from shared.contracts.store_settings import TaxRule


def is_sale(order: Order) -> bool:
    """Whether the order was paid in full once, is not cancelled, and its bill is closed: as day closes count it."""
    return (
        order.settled_at is not None
        and order.fulfilment != FulfilmentStatus.CANCELLED
        and order.bill == BillStatus.CLOSED
    )


def order_documents(order: Order, rules: Mapping[str, TaxRule]) -> list[Document]:
    """The documents that an outside system should hold for the order. None for an order that is no sale."""
    if not is_sale(order):
        return []
    sale = _sale(order, rules)
    taxes = refund_taxes(order)
    notes = [_credit_note(order, refund, tax) for refund, tax in zip(order.refunds, taxes, strict=True)]
    return [document for document in (sale, *notes) if document.gross or document.lines]


def _sale(order: Order, rules: Mapping[str, TaxRule]) -> Document:
    payments: dict[str, int] = {}
    for payment in order.payments:
        payments[payment.method] = payments.get(payment.method, 0) + payment.amount + payment.tip
    return Document(
        source_key=sale_key(order.id),
        group=order.id,
        kind=Kind.SALE,
        store=order.store,
        day=order.business_day,
        reference=f"{order.source.kind} {order.source.id} {order.source.number}",
        currency=order.currency,
        lines=sale_lines(order, rules),
        payments=tuple(Tender(code, amount) for code, amount in sorted(payments.items())),
    )


def _credit_note(order: Order, refund: Refund, tax: int) -> Document:
    return Document(
        source_key=f"R{derived_part_id(order.id, 'refund', refund.reference)}",
        group=order.id,
        kind=Kind.CREDIT_NOTE,
        store=order.store,
        day=refund_day(order, refund),
        reference=f"{order.source.kind} {order.source.id} {order.source.number}",
        currency=order.currency,
        refers_to=sale_key(order.id),
        lines=refund_lines(order, refund, tax),
        payments=refund_tenders(order, refund),
    )


def sale_key(order_id: str) -> str:
    """The source key of the sale of an order."""
    return f"S{order_id}"


def refund_day(order: Order, refund: Refund) -> date:
    """The business day on which the money went back. Refunds of before that was stored count on the order's day."""
    return refund.day or order.business_day


def sold_quantity(lines: tuple[DocumentLine, ...]) -> list[str]:
    """The quantities of the lines for items."""
    return [line.quantity for line in lines if line.type == LineType.ITEM]
