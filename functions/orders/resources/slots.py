"""GET /v1/slots/{store}: the slots of a day in which a store takes scheduled orders."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from functions.orders.intake import store_copies
from functions.orders.reservations.slot_times import bookable, slots_of_day
from functions.orders.tables.slots import read_slots
from shared.contracts.models import Output, Query
from shared.contracts.store_record import Store
from shared.contracts.store_settings import Day, SlotRule
from shared.contracts.stores import StoreReference, find_store
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply


class SlotsPath(Query):
    """A store by its id."""

    store: StoreReference


class SlotsQuery(Query):
    """The calendar day, by the store's clock."""

    day: Annotated[Day | None, Field(description="By default today.")] = None


class Slot(Output):
    """A slot. `orders_left` and `pieces_left` are null where the store has no limit."""

    begins_at: datetime
    orders_left: int | None
    pieces_left: int | None


class SlotList(Output):
    """The slots of a day, within opening hours and after the lead time. A full one has 0 left."""

    store: str
    day: date
    minutes: int
    slots: list[Slot]


def list_slots(call: Call, path: SlotsPath, query: SlotsQuery) -> Reply:
    """The slots of a day that can still be wanted, with the room in each."""
    now = call.env.clock()
    with call.env.db.transaction() as transaction:
        scope = find_store(transaction, call.client, path.store)
        call.client.require("menu:read", scope)
        store = store_copies.refresh(call.env, transaction, scope.key)
        rule = store.settings.slots
        if rule is None:
            raise NotFound("no_slots", f"store {store.id} takes scheduled orders without slots")
        day = date.fromisoformat(query.day) if query.day else store.local(now).date()
        slots = _slots(transaction, store, rule, day, now)
    return Reply(SlotList(store=store.id, day=day, minutes=rule.minutes, slots=slots))


def _slots(transaction: Transaction, store: Store, rule: SlotRule, day: date, now: datetime) -> list[Slot]:
    times = slots_of_day(store, rule, day)
    taken = read_slots(transaction, store.key, times[0], times[-1] + timedelta(microseconds=1))
    return [
        Slot(
            begins_at=begins_at,
            orders_left=_left(rule.orders, taken.get(begins_at, (0, 0))[0]),
            pieces_left=_left(rule.pieces, taken.get(begins_at, (0, 0))[1]),
        )
        for begins_at in bookable(store, times, now)
    ]


def _left(most: int | None, taken: int) -> int | None:
    return None if most is None else max(most - taken, 0)
