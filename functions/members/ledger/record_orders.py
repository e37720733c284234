"""Orders of members enter the ledger and change the facts, each order once, in any order of messages."""

from collections.abc import Sequence

from functions.members.calculator.facts_in_message import facts_then
from functions.members.facts.totals import Facts, Purchase, StoredFacts
from functions.members.ledger.purchase import purchase_of
from functions.members.tables.chain_settings import StoreLocation, read_store_locations
from functions.members.tables.facts import read_facts, upsert_facts
from functions.members.tables.members import Member, NewMember, insert_members, lock_members
from functions.members.tables.purchases import (
    LedgerEntry,
    read_ledger_entries,
    update_forgotten_purchases,
    upsert_ledger_entries,
)
from functions.members.tables.tags import read_stored_tags_of_members
from shared.contracts.ids import member_id, store_key
from shared.contracts.messages import Message
from shared.contracts.messages.members import FactsThen, MemberPurchased, purchase_subject
from shared.contracts.messages.orders import Order, OrderMoneyMoved, OrderPaid
from shared.kit.cache import Cache
from shared.spine.env import Environment
from shared.spine.outbox import Work

UNKNOWN_LOCATION = StoreLocation("UTC", None)
_locations: Cache[StoreLocation] = Cache(seconds=300.0)


def record_orders(
    messages: Sequence[Message[OrderPaid]] | Sequence[Message[OrderMoneyMoved]], env: Environment
) -> None:
    """Record the orders that name a member. A repeated message changes nothing."""
    all_orders = [message.data.order for message in messages]
    orders = [order for order in all_orders if order.guest and order.guest.member]
    if not orders:
        return
    new_members = _record(env, orders)
    if new_members:
        # In a transaction of its own, so that no other transaction waits for the chain's counter of members.
        with env.db.transaction() as transaction:
            insert_members(transaction, new_members, env.clock())
        if _record(env, orders):
            raise RuntimeError("enrolled members have no rows")


def _record(env: Environment, orders: Sequence[Order]) -> list[NewMember]:
    """Members to enrol first. If there are none, the orders were recorded."""
    names = [_new_member(order) for order in orders]
    with env.outbox.work("members") as work:
        members = lock_members(work, sorted({name.id for name in names}))
        new_members = sorted({name for name in names if name.id not in members})
        if not new_members:
            locations = _locations_of(env, work, {order.store_key for order in orders})
            purchases = [purchase_of(order, locations[order.store_key]) for order in orders]
            _record_purchases(work, [(members[name.id], sale) for name, sale in zip(names, purchases, strict=True)])
    return new_members


def _new_member(order: Order) -> NewMember:
    assert order.guest is not None  # `record_orders` drops orders without a member
    assert order.guest.member is not None
    return NewMember(member_id(order.chain, order.guest.member), order.chain, order.guest.member)


def _locations_of(env: Environment, work: Work, store_keys: set[str]) -> dict[str, StoreLocation]:
    cached = {key: _locations.get(env, key) for key in store_keys}
    locations = {key: location for key, location in cached.items() if location}
    missing = sorted(store_keys - set(locations))
    stored = read_store_locations(work, missing)
    return locations | {key: _locations.put(env, key, stored.get(key, UNKNOWN_LOCATION)) for key in missing}


def _record_purchases(work: Work, purchases: Sequence[tuple[Member, Purchase]]) -> None:
    remembered = [(member, purchase) for member, purchase in purchases if not member.forgotten]
    if remembered:
        book = _Book(work, remembered)
        for member, purchase in remembered:
            book.join(member, purchase)
        book.close()
    forgotten = [purchase for member, purchase in purchases if member.forgotten and purchase.paid]
    update_forgotten_purchases(work, forgotten)


class _Book:
    """The ledger entries and facts of a batch, in memory until `close` writes them."""

    def __init__(self, work: Work, purchases: Sequence[tuple[Member, Purchase]]) -> None:
        self._work = work
        self._entries = read_ledger_entries(work, [(member.id, purchase.order) for member, purchase in purchases])
        self._facts = read_facts(work, sorted({member.id for member, _ in purchases if member.profiling}))
        self._changed: dict[str, Member] = {}
        self._net_changed: dict[str, Member] = {}

    def join(self, member: Member, purchase: Purchase) -> None:
        """Join the purchase with the order's entry. Facts change only by the difference."""
        entry = self._entries.get(purchase.order)
        before = entry.purchase if entry else None
        after = before.joined(purchase) if before else purchase
        if after == before:
            return
        self._entries[purchase.order] = LedgerEntry(after, entry.sequence if entry else 0)
        self._changed[purchase.order] = member
        counted_before = (before.net, before.basket) if before else (0, after.basket)
        if member.profiling and (after.net, after.basket) != counted_before:
            self._net_changed[purchase.order] = member
            self._count(member, before, after)

    def _count(self, member: Member, before: Purchase | None, after: Purchase) -> None:
        facts = self._facts.setdefault(member.id, StoredFacts(0, Facts())).facts
        if before:
            facts.add(before, -1)
        facts.add(after)

    def close(self) -> None:
        """Write the ledger and the facts. Announce each order whose net amount changed."""
        for order in self._net_changed:
            purchase, sequence = self._entries[order]
            self._entries[order] = LedgerEntry(purchase, sequence + 1)
        upsert_ledger_entries(
            self._work, ((member.id, self._entries[order]) for order, member in self._changed.items())
        )
        members = sorted({member.id for member in self._net_changed.values()})
        facts = {member: self._facts[member].next() for member in members}
        upsert_facts(self._work, facts.items())
        announced = self._announced_facts(facts)
        for order, member in self._net_changed.items():
            self._announce(order, member, announced[member.id])

    def _announced_facts(self, facts: dict[str, StoredFacts]) -> dict[str, FactsThen | None]:
        """The facts as the messages carry them, with the tags of each member.

        The facts are locked now. So a tag that was computed from older facts is stored already, or never will be. The
        first facts of a member have no tags yet.
        """
        tagged = [member for member, stored in facts.items() if stored.revision > 1]
        tags = read_stored_tags_of_members(self._work, tagged)
        return {member: facts_then(stored, tags.get(member, {})) for member, stored in facts.items()}

    def _announce(self, order: str, member: Member, facts: FactsThen | None) -> None:
        purchase, sequence = self._entries[order]
        # Each order is a subject of its own, so that members with many orders share no sequence.
        message = MemberPurchased(member=member.id, chain=member.chain, order=order, facts=facts)
        store = store_key(member.chain, purchase.store)
        self._work.announce(message, subject=purchase_subject(order), sequence=sequence, store=store)
