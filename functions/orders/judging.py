"""A sale at its store: judged by what held when it was made, priced and numbered."""

from dataclasses import dataclass
from datetime import date, datetime

from functions.orders import store as sql
from functions.orders import stores, versions
from functions.orders.fitting import Sale
from functions.orders.menu import Store
from functions.orders.models import OrderIn
from functions.orders.pricing import Priced, price
from functions.orders.versions import OFFLINE_AT_MOST
from shared.spine.auth import Client
from shared.spine.errors import Fault, Rejected, Unavailable
from shared.spine.http import Call
from shared.spine.outbox import Work


@dataclass(frozen=True)
class Judged:
    """A sale at its store: priced and numbered. `then` is the store as it was when the sale was made.

    `source_day` is the business day on which the source gave its number: it may give it again on another. `repeated`
    says that it did so before, for the very same order.
    """

    store: Store
    then: Store
    priced: Priced
    source_day: date
    number: int
    repeated: bool


def judge(call: Call, work: Work, sale: Sale, store: Store, now: datetime) -> Judged:
    """Judge by the copy of the store; where the store has changed since, by the store as it is.

    Raises `Rejected` for what can't be ordered, `Unavailable` while the store is being changed.
    """
    body, placed_at = sale.order, sale.placed_at
    for _ in range(3):
        then = _when_placed(work, body, store, now)
        try:
            _require_timely(call, store, placed_at, now)
            priced = price(body, then, body.wanted_for or placed_at)
            _refuse_wrong_total(body, priced)
        except Rejected:
            fresh = stores.read_again(call.env, work, store.key)
            if fresh.revision == store.revision:
                raise
            store = fresh
            continue
        # By the time as stated, however wrong: it is the same when the source sends the order again.
        source_day = then.day_of(body.placed_at or now)
        numbered = _number(call, work, sale, store, day_for(body, then, placed_at), source_day)
        if numbered:
            # Rights again: the copy that let the caller in may have been of another region.
            require_rights(call.client, body, store)
            return Judged(store, then, priced, source_day, *numbered)
        store = stores.read_again(call.env, work, store.key)
    raise Unavailable("busy", "the store is being changed", retry_after=1)


def require_rights(client: Client, body: OrderIn, store: Store) -> None:
    """Whether the client may place the order, and take the payments that come with it. Raises `Rejected` (403)."""
    client.require("orders:place", store.place)
    if body.payments:
        client.require("orders:pay", store.place)


def _when_placed(work: Work, body: OrderIn, store: Store, now: datetime) -> Store:
    """The store by which an order is judged: for a sale that comes late, as it was then, where that is known."""
    if not (body.has_happened and body.placed_at and store.changed_at):
        return store
    if not now - OFFLINE_AT_MOST <= body.placed_at < store.changed_at:
        return store
    return versions.held_at(work, store, body.placed_at) or store


def _number(call: Call, work: Work, sale: Sale, store: Store, day: date, source_day: date) -> tuple[int, bool] | None:
    """(pickup number, whether the source's number repeats an earlier day's order); None where the store has changed."""
    assert call.key is not None  # as for every mutation
    if sale.order.placed_at is None:
        source, request_hash = sale.order.source, call.key.request_hash
        return sql.take_number_and_look_back(work, store, day, source, source_day, request_hash)
    # Two sales that were placed at two times are two.
    number = sql.take_pickup_number(work, store, day)
    return None if number is None else (number, False)


def day_for(body: OrderIn, store: Store, placed_at: datetime) -> date:
    """The business day that the order is for: a pre-order counts, and is numbered, on the day of its meal."""
    return store.day_of(max(placed_at, body.wanted_for or placed_at))


def _require_timely(call: Call, store: Store, placed_at: datetime, now: datetime) -> None:
    if placed_at < now - OFFLINE_AT_MOST:
        call.client.require("orders:import", store.place)


def _refuse_wrong_total(body: OrderIn, priced: Priced) -> None:
    """A mini-program's guest can still be shown the right price; a till's or platform's guest has paid."""
    if priced.differences and not body.has_happened:
        faults = [Fault(d.path, "differs", "the menu says otherwise", d.stated, d.expected) for d in priced.differences]
        raise Rejected("amounts_differ", "amounts differ from the store's menu; each is named", faults=tuple(faults))
