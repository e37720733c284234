"""The lines of a credit note: the pieces that a refund is for, or its amount, with the part of the taxes."""

from collections.abc import Iterable, Sequence

from functions.sync.documents.document import NO_TENDER, PIECE, DocumentLine, LineType, Tender
from functions.sync.documents.sale_lines import taxes_of
from shared.contracts.messages.orders import Order, Refund
from shared.kit.apportion import apportioned


def refund_taxes(order: Order) -> list[int]:
    """The tax in each refund of the order. All refunds of the whole total have the whole tax.

    A refund has the tax of the sum until it, less that of the sum before it. So no minor unit is lost by rounding.
    """
    taxes: list[int] = []
    until = 0
    total = max(order.total, 1)
    for refund in order.refunds:
        before = min(until, total)
        until += refund.amount
        taxes.append(_tax_until(order, min(until, total)) - _tax_until(order, before))
    return taxes


def _tax_until(order: Order, amount: int) -> int:
    total = max(order.total, 1)
    return (2 * order.tax * amount + total) // (2 * total)


def refund_lines(order: Order, refund: Refund, tax: int) -> tuple[DocumentLine, ...]:
    """The lines, whose gross is the refund with its tip."""
    code = "+".join(entry.id for entry in taxes_of(order)) or None if tax else None
    tip = [DocumentLine(LineType.TIP, "Tip", net=refund.tip)] if refund.tip else []
    amounts = [line.amount for line in refund.lines]
    if not amounts or sum(amounts) != refund.amount:
        whole = DocumentLine(LineType.CHARGE, "Refund", net=refund.amount - tax, tax=tax, tax_code=code)
        return (whole, *tip)
    return (*_piece_lines(order, refund, apportioned(tax, amounts), code), *tip)


def _piece_lines(order: Order, refund: Refund, taxes: Sequence[int], code: str | None) -> list[DocumentLine]:
    lines = {line.id: line for line in order.lines}
    pieces: list[DocumentLine] = []
    for piece, tax in zip(refund.lines, taxes, strict=True):
        line = lines.get(piece.line)
        item = (f"{line.item}/{line.size}" if line.size else line.item) if line else None
        kind = LineType.ITEM if item else LineType.CHARGE
        name = line.name if line else "Refund"
        pieces.append(
            DocumentLine(kind, name, item, str(piece.quantity), PIECE, net=piece.amount - tax, tax=tax, tax_code=code)
        )
    return pieces


def refund_tenders(order: Order, refund: Refund) -> tuple[Tender, ...]:
    """The money that went back, by tender."""
    methods = {payment.reference: payment.method for payment in order.payments}
    if refund.parts:
        amounts: dict[str, int] = {}
        for part in refund.parts:
            method = part.method or methods.get(part.payment or "", NO_TENDER)
            amounts[method] = amounts.get(method, 0) + part.amount + part.tip
        return tuple(Tender(method, amount) for method, amount in amounts.items())
    method = refund.method or methods.get(refund.payment or "") or _only(methods.values())
    return (Tender(method, refund.amount + refund.tip),)


def _only(methods: Iterable[str]) -> str:
    """The method of all payments, if it is one."""
    different = set(methods)
    return different.pop() if len(different) == 1 else NO_TENDER
