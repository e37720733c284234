"""What orders tell of members, kept once an order: the ledger, the running facts, and word that they moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from functions.members import store as sql
from functions.members.facts.totals import Facts, Purchase, Standing
from functions.members.ledger.purchase import purchase_of
from shared.contracts.ids import member_id, store_key
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberPurchased
from shared.contracts.messages.orders import Order, OrderMoneyMoved, OrderPaid
from shared.kit.cache import Cache
from shared.spine.env import Environment
from shared.spine.outbox import Work

# Seconds that a store's clock and city are taken as read.
PLACES_CACHED_FOR = 300.0
NOWHERE: tuple[str, str | None] = ("UTC", None)
_places: Cache[tuple[str, str | None]] = Cache(PLACES_CACHED_FOR)


class Stranger(NamedTuple):
    """A member who is new to us, by the chain's own id."""

    id: str
    chain: str
    external_id: str


@dataclass
class Kept:
    """A purchase as it stands in the ledger after this work; `sequence` counts what was said of it."""

    purchase: Purchase
    sequence: int


def record(messages: Sequence[Message[OrderPaid]] | Sequence[Message[OrderMoneyMoved]], env: Environment) -> None:
    """Keep what the orders of members say. Any of it may come twice, and in any order."""
    told = [message.data.order for message in messages]
    orders = [order for order in told if order.guest and order.guest.member]
    if not orders:
        return
    strangers = _record(env, orders)
    if strangers:
        # In a transaction of its own: nothing else waits for the chain's counter of members.
        with env.db.transaction() as transaction:
            sql.enrol(transaction, strangers, env.clock())
        if _record(env, orders):
            raise RuntimeError("members who were enrolled are not there")


def _record(env: Environment, orders: Sequence[Order]) -> list[Stranger]:
    """Members who must be enrolled first, or nobody: then all is kept."""
    named = {_stranger(order): order for order in orders}
    with env.outbox.work("members") as work:
        members = sql.lock_members(work, sorted({stranger.id for stranger in named}))
        strangers = sorted({stranger for stranger in named if stranger.id not in members})
        if not strangers:
            places = _places_of(env, work, {order.store_key for order in orders})
            told = [
                (members[member_id(order.chain, order.guest.member)], purchase_of(order, *places[order.store_key]))
                for order in orders
                if order.guest and order.guest.member
            ]
            _keep(work, [(member, purchase) for member, purchase in told if not member.forgotten])
            sql.lower_forgotten(work, [sold for member, sold in told if member.forgotten and sold.paid])
    return strangers


def _stranger(order: Order) -> Stranger:
    assert order.guest is not None  # `record` leaves out those without a member
    assert order.guest.member is not None
    return Stranger(member_id(order.chain, order.guest.member), order.chain, order.guest.member)


def _places_of(env: Environment, work: Work, stores: set[str]) -> dict[str, tuple[str, str | None]]:
    """(time zone, city) by store's key."""
    places = {store: _places.get(env, store) for store in stores}
    missing = sorted(store for store, place in places.items() if place is None)
    rows = sql.read_places(work, missing)
    for store in missing:
        places[store] = _places.put(env, store, rows.get(store, NOWHERE))
    return {store: place or NOWHERE for store, place in places.items()}


def _keep(work: Work, told: Sequence[tuple[sql.Member, Purchase]]) -> None:
    if not told:
        return
    book = _Book(work, told)
    for member, purchase in told:
        book.join(member, purchase)
    book.close()


class _Book:
    """The members' purchases and facts that are at hand, each order joined with what was known of it."""

    def __init__(self, work: Work, told: Sequence[tuple[sql.Member, Purchase]]) -> None:
        self._work = work
        kept = sql.read_purchases(work, [(member.id, purchase.order) for member, purchase in told])
        self._kept = {order: Kept(purchase, sequence) for order, (purchase, sequence) in kept.items()}
        self._facts = sql.read_facts_of(work, sorted({member.id for member, _ in told if member.profiling}))
        self._changed: dict[str, sql.Member] = {}
        self._moved: dict[str, sql.Member] = {}

    def join(self, member: sql.Member, new: Purchase) -> None:
        """Count what is new of this order, and nothing twice."""
        old = self._kept.get(new.order)
        after = old.purchase.joined(new) if old else new
        if old and after == old.purchase:
            return
        self._kept[new.order] = Kept(after, old.sequence if old else 0)
        self._changed[new.order] = member
        if member.profiling and after.net != (old.purchase.net if old else 0):
            self._moved[new.order] = member
            facts = self._facts.setdefault(member.id, Standing(0, Facts())).facts
            if old:
                facts.add(old.purchase, -1)
            facts.add(after)

    def close(self) -> None:
        """Write the ledger and the facts, and announce each order that moved them."""
        for order, member in self._moved.items():
            kept = self._kept[order]
            kept.sequence += 1
            store = store_key(member.chain, kept.purchase.store)
            # A subject of its own, however many orders the member makes.
            told = MemberPurchased(member=member.id, chain=member.chain, order=order)
            self._work.announce(told, subject=f"purchase/{order}", sequence=kept.sequence, store=store)
        rows = [
            (member.id, self._kept[order].purchase, self._kept[order].sequence)
            for order, member in self._changed.items()
        ]
        sql.write_purchases(self._work, rows)
        members = {member.id for member in self._moved.values()}
        sql.write_facts(self._work, [(member, self._facts[member].next()) for member in sorted(members)])
