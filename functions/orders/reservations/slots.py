"""Slots of scheduled orders: an order takes a place in its transaction, and gives it back when it is cancelled.

The bills of a split order share its one place, which stays with the order that was split. Each has the room of its own
pieces.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.orders.reservations.pieces import pieces_in_all
from functions.orders.reservations.slot_times import bookable, earliest, free_slots, slot_of, slots_of_day
from functions.orders.tables.slots import give_back, read_slots, take_pieces, take_place, take_place_beyond
from shared.contracts.messages.orders import Difference, Line, Order
from shared.contracts.store_record import Store
from shared.contracts.store_settings import SlotRule
from shared.spine.db import Transaction
from shared.spine.errors import Fault, Rejected

MAX_OFFERED = 5
DAY = timedelta(days=1)


def take_slot(
    transaction: Transaction, store: Store, lines: Sequence[Line], wanted_for: datetime, now: datetime, *, is_sale: bool
) -> tuple[datetime | None, list[Difference]]:
    """(the beginning of the slot, differences). None in a store without slots.

    Raises `Rejected` when an order that is no sale is wanted too soon, or for a slot without room.
    """
    rule = store.settings.slots
    if rule is None:
        return None, []
    slot, pieces = slot_of(store, rule, wanted_for), pieces_in_all(lines)
    if not is_sale and wanted_for < earliest(store, now):
        fault = Fault("wanted_for", "too_soon", "the kitchen needs more time", wanted_for.isoformat())
        raise _refused(transaction, store, rule, pieces, now, fault)
    if take_place(transaction, store.key, slot, pieces, rule):
        return slot, []
    if not is_sale:
        fault = Fault("wanted_for", "slot_full", "the kitchen has no room at that time", slot.isoformat())
        raise _refused(transaction, store, rule, pieces, max(now, slot - _lead(store)), fault)
    take_place_beyond(transaction, store.key, slot, pieces)
    return slot, [Difference(path="wanted_for", code="slot_full", stated=slot.isoformat())]


def return_slot(transaction: Transaction, order: Order) -> None:
    """Give back the place of an order that is not made, and the room of its pieces."""
    if order.slot is not None:
        pieces = pieces_in_all(order.lines)
        give_back(transaction, order.store_key, order.slot, orders=_places(order), pieces=pieces)


def change_pieces(
    transaction: Transaction, store: Store, order: Order, after: Sequence[Line], *, is_sale: bool
) -> list[Difference]:
    """Take room in the slot of a bill for further pieces of `after`, or give back that of fewer ones.

    A difference for a sale that the slot has no room for. Raises `Rejected` for a guest's round.
    """
    more = pieces_in_all(after) - pieces_in_all(order.lines)
    if order.slot is None or not more:
        return []
    if more < 0:
        give_back(transaction, order.store_key, order.slot, orders=0, pieces=-more)
        return []
    most = store.settings.slots.pieces if store.settings.slots else None
    if take_pieces(transaction, order.store_key, order.slot, more, most):
        return []
    if not is_sale:
        fault = Fault("add", "slot_full", "the kitchen has no room for more at that time", order.slot.isoformat())
        raise Rejected("not_orderable", "the store can't take this round; each reason is named", faults=(fault,))
    take_pieces(transaction, order.store_key, order.slot, more, None)
    path = f"changes[{order.version + 1}].add"
    return [Difference(path=path, code="slot_full", stated=order.slot.isoformat())]


def move_to_slot_of(transaction: Transaction, order: Order, leaving: Order) -> None:
    """The lines of a merged bill are in the slot of `order`, and the place of the merged bill is free.

    A bill that was split off keeps the place of the order that it came from, because both have one.
    """
    if leaving.slot is not None and leaving.slot == order.slot:
        if _places(leaving) and _places(order):
            give_back(transaction, leaving.store_key, leaving.slot, orders=1, pieces=0)
        return
    return_slot(transaction, leaving)
    if order.slot is not None:
        take_pieces(transaction, order.store_key, order.slot, pieces_in_all(leaving.lines), None)


def _places(order: Order) -> int:
    """The places that an order has of its own: none when it was split off."""
    return 1 if order.split_from is None else 0


def _refused(
    transaction: Transaction, store: Store, rule: SlotRule, pieces: int, since: datetime, fault: Fault
) -> Rejected:
    """The refusal, with the next slots that have room."""
    first = earliest(store, since)
    day = store.local(first).date()
    slots = [slot for one in (day, day + DAY) for slot in slots_of_day(store, rule, one)]
    taken = read_slots(transaction, store.key, slots[0], slots[-1] + DAY)
    offered = free_slots(rule, bookable(store, slots, since), taken, pieces)[:MAX_OFFERED]
    return Rejected(
        "not_orderable",
        "the store can't take this order; each reason is named",
        faults=(fault,),
        extensions={"free_slots": [slot.isoformat() for slot in offered]},
    )


def _lead(store: Store) -> timedelta:
    return timedelta(minutes=store.settings.lead_minutes)
