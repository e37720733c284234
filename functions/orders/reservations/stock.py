"""Counted items: an order takes pieces in its transaction, and gives them back when they are not made.

A mini-program's order never takes more than is left. A sale has happened, so its pieces are taken in any case.
"""

from collections.abc import Sequence
from datetime import datetime

from functions.orders.reservations.pieces import item_path, pieces_by_item
from functions.orders.tables.stock import give_back, lock_left, read_left, take_left, take_sold
from shared.contracts.messages.orders import Difference, Line, Order, SourceKind
from shared.contracts.store_record import Store
from shared.spine.db import Transaction
from shared.spine.errors import Fault, Rejected


def take_stock(
    transaction: Transaction, store: Store, lines: Sequence[Line], *, sold_at: datetime | None
) -> list[Difference]:
    """Take the counted items of these lines. `sold_at`: they are a sale of that time.

    A difference for each item of which a sale has more than was left. Raises `Rejected` for an order that is no sale.
    """
    # Most stores count nothing.
    if not store.left:
        return []
    pieces = {item: quantity for item, quantity in pieces_by_item(lines).items() if item in store.left}
    if not pieces:
        return []
    if sold_at is not None:
        take_sold(transaction, store.key, pieces, sold_at)
        left = read_left(transaction, store.key, list(pieces))
        return [
            Difference(path=item_path(lines, item), code="oversold", stated=pieces[item], expected=count + pieces[item])
            for item, count in left.items()
            if count < 0
        ]
    _take_left(transaction, store, lines, pieces)
    return []


def _take_left(transaction: Transaction, store: Store, lines: Sequence[Line], pieces: dict[str, int]) -> None:
    """Take the pieces, all or none. Raises `Rejected` for items of which too few are left.

    One statement takes a single item. Several are locked and read first, so that a refusal names the right ones. An
    item that is no longer counted passes.
    """
    if len(pieces) > 1:
        _require_left(lock_left(transaction, store.key, list(pieces)), lines, pieces)
    if take_left(transaction, store.key, pieces) < len(pieces):
        _require_left(read_left(transaction, store.key, list(pieces)), lines, pieces)


def _require_left(left: dict[str, int], lines: Sequence[Line], pieces: dict[str, int]) -> None:
    faults = tuple(
        Fault(item_path(lines, item), "sold_out", f"{max(count, 0)} left in this store", pieces[item], max(count, 0))
        for item, count in left.items()
        if count < pieces[item]
    )
    if faults:
        raise Rejected("not_orderable", "the store can't take this order; each reason is named", faults=faults)


def return_stock(transaction: Transaction, order: Order, lines: Sequence[Line]) -> None:
    """Give back the counted items of these lines of an order, unless an item was counted again since its line."""
    by_time: dict[datetime, list[Line]] = {}
    for line in lines:
        by_time.setdefault(_taken_at(order, line), []).append(line)
    if len(by_time) > 1:
        # In one order of items: so two cancellations at once never wait for each other.
        lock_left(transaction, order.store_key, list(pieces_by_item(lines)))
    for taken_at, taken in by_time.items():
        give_back(transaction, order.store_key, pieces_by_item(taken), taken_at)


def with_times(order: Order, lines: Sequence[Line]) -> list[Line]:
    """The lines with the times at which their pieces were taken, so that another bill can give them back."""
    return [line.model_copy(update={"placed_at": _taken_at(order, line)}) for line in lines]


def _taken_at(order: Order, line: Line) -> datetime:
    if line.placed_at is not None:
        return line.placed_at
    return order.received_at if order.source.kind == SourceKind.MINI_PROGRAM else order.placed_at
