"""Two members become one: purchases, identities, facts and consents."""

from dataclasses import replace
from operator import attrgetter

from functions.members.facts.totals import Facts, StoredFacts
from functions.members.membership.enrolment import unknown_member
from functions.members.recalculation.one_member import recalculate_member
from functions.members.tables.facts import delete_facts, read_facts, upsert_facts
from functions.members.tables.identities import update_identities_owner
from functions.members.tables.members import (
    Member,
    lock_members,
    next_sequence,
    read_member,
    update_member,
    update_merged_into,
)
from functions.members.tables.purchases import update_purchases_owner
from functions.members.tables.tags import clear_tags
from shared.contracts.ids import member_id
from shared.contracts.messages.members import MemberMerged
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict
from shared.spine.outbox import Work


def merge_members(env: Environment, work: Work, chain: str, external_id: str, into: str) -> Member:
    """Give all data of a member to the member `into`. Both external ids then name that member.

    A consent that one of them refused is refused for both. Raises `NotFound` or `Conflict`.
    """
    source, target = _lock_both(work, chain, external_id, into)
    profiling = source.profiling and target.profiling
    _merge_facts(work, source.id, target.id, profiling=profiling)
    _merge_persons(work, source.id, target.id, profiling=profiling)
    clear_tags(work, [source.id] if profiling else [source.id, target.id], env.clock())
    recalculate_member(env, work, target.id)
    message = MemberMerged(member=source.id, chain=chain, into=target.id)
    work.announce(message, subject=f"member/{source.id}", sequence=next_sequence(work, source.id))
    return replace(target, profiling=profiling)


def _lock_both(transaction: Transaction, chain: str, external_id: str, into: str) -> tuple[Member, Member]:
    source_id, target_id = member_id(chain, external_id), member_id(chain, into)
    members = lock_members(transaction, [source_id, target_id])
    for own_id, name in ((source_id, external_id), (target_id, into)):
        if own_id not in members or members[own_id].forgotten:
            raise unknown_member(name)
    source, target = members[source_id], members[target_id]
    if source.id == target.id:
        raise Conflict("merged_already", f"{external_id} and {into} are the same member already.")
    return source, target


def _merge_facts(transaction: Transaction, source_id: str, target_id: str, *, profiling: bool) -> None:
    stored_facts = read_facts(transaction, [source_id, target_id]).values()
    revision = 1 + max((stored.revision for stored in stored_facts), default=0)
    merged = Facts()
    for stored in stored_facts if profiling else ():
        merged.merge(stored.facts)
    # Locked in the order of ids, as in every transaction that writes tags of both.
    facts_by_member = {source_id: StoredFacts(revision, Facts()), target_id: StoredFacts(revision, merged)}
    upsert_facts(transaction, sorted(facts_by_member.items()))


def _merge_persons(transaction: Transaction, source_id: str, target_id: str, *, profiling: bool) -> None:
    members = [member for own_id in (target_id, source_id) if (member := read_member(transaction, own_id))]
    first, second = sorted(members, key=attrgetter("enrolled_at"))
    update_merged_into(transaction, source_id, target_id)
    update_purchases_owner(transaction, source_id, target_id)
    update_identities_owner(transaction, source_id, target_id)
    delete_facts(transaction, source_id)
    update_member(
        transaction,
        target_id,
        profiling=profiling,
        marketing=first.marketing and second.marketing,
        first_store=first.first_store or second.first_store,
    )
