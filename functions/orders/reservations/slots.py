"""Slots of scheduled orders: an order takes a place in its transaction, and gives it back when it is cancelled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.orders.reservations.pieces import pieces_in_all
from functions.orders.reservations.slot_times import bookable, earliest, free_slots, slot_of, slots_of_day
from functions.orders.tables.slots import give_place_back, read_slots, take_place, take_place_beyond
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
    """Give back the place of an order that is not made."""
    if order.slot is not None:
        give_place_back(transaction, order.store_key, order.slot, pieces_in_all(order.lines))


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
