"""A member allows or refuses profiling."""

from functions.members.facts.totals import Facts, StoredFacts, facts_of
from functions.members.recalculation.one_member import recalculate_member
from functions.members.tables.facts import read_facts, upsert_facts
from functions.members.tables.members import Member
from functions.members.tables.purchases import read_purchases
from functions.members.tables.tags import clear_tags
from shared.spine.db import Transaction
from shared.spine.env import Environment


def set_profiling(env: Environment, transaction: Transaction, member: Member, *, profiling: bool) -> None:
    """Without profiling a member has a ledger only. With profiling, facts and tags are computed from the ledger."""
    revision = read_facts(transaction, [member.id]).get(member.id, StoredFacts(0, Facts())).revision + 1
    facts = facts_of(read_purchases(transaction, member.id)) if profiling else Facts()
    upsert_facts(transaction, [(member.id, StoredFacts(revision, facts))])
    if profiling:
        recalculate_member(env, transaction, member.id)
    else:
        clear_tags(transaction, [member.id], env.clock())
