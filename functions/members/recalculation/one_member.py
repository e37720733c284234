"""All tags of one member, after a change that is no purchase."""

from functions.members.calculator.calculate import calculate_tags
from functions.members.tables.facts import read_facts_of_member
from functions.members.tags.registry import TAGS
from shared.spine.db import Transaction
from shared.spine.env import Environment


def recalculate_member(env: Environment, transaction: Transaction, member_id: str) -> None:
    """Write all tags of a member, in the transaction that changed it."""
    member = read_facts_of_member(transaction, member_id)
    calculate_tags(env, transaction, [member] if member else [], list(TAGS.values()), env.clock())
