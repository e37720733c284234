"""Counted items of a change of a bill: added pieces are taken, voided pieces are given back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace as with_fields
from datetime import datetime

from functions.orders.reservations.stock import return_stock, take_stock
from shared.contracts.messages.orders import Difference, Line, Order
from shared.contracts.store_record import Store
from shared.spine.db import Transaction
from shared.spine.errors import Rejected


def more_pieces(changed: Iterable[tuple[Line, Line]]) -> list[Line]:
    """The pieces by which changed lines grew, each as a line."""
    grown = ((before, after) for before, after in changed if after.quantity > before.quantity)
    return [after.model_copy(update={"quantity": after.quantity - before.quantity}) for before, after in grown]


def take_for_change(
    transaction: Transaction,
    store: Store,
    order: Order,
    lines: Sequence[Line],
    voided: Sequence[Line],
    sold_at: datetime | None,
) -> list[Difference]:
    """Take the counted items of added lines, and give those of voided lines back.

    A difference for each item of which a sale has more than was left. Raises `Rejected` for a guest's round. Paths are
    those of the change: `add[0].item`.
    """
    if voided and store.left:
        return_stock(transaction, order, voided)
    prefix = f"changes[{order.version + 1}]"
    try:
        oversold = take_stock(transaction, store, lines, sold_at=sold_at)
    except Rejected as refusal:
        refusal.faults = tuple(with_fields(fault, path=_path(fault.path)) for fault in refusal.faults)
        raise
    return [found.model_copy(update={"path": f"{prefix}.{_path(found.path)}"}) for found in oversold]


def _path(path: str) -> str:
    return path.replace("lines", "add", 1)
