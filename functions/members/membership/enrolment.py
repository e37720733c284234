"""A member by the chain's own id: enrolled, locked or read."""

import re

from functions.members.tables.members import (
    Member,
    MemberDetails,
    NewMember,
    insert_members,
    lock_members,
    read_member,
)
from shared.contracts.ids import member_id
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import NotFound

_OWN_ID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")


def enrol_member(env: Environment, transaction: Transaction, chain: str, external_id: str) -> Member:
    """The locked member, new if it is unknown. Raises `NotFound` if it was forgotten."""
    new_member = NewMember(member_id(chain, external_id), chain, external_id)
    members = lock_members(transaction, [new_member.id])
    if not members:
        insert_members(transaction, [new_member], env.clock())
    elif members[new_member.id].forgotten:
        raise NotFound("unknown_member", f"The member {external_id} was erased and cannot come back.")
    return lock_member(transaction, chain, external_id)


def lock_member(transaction: Transaction, chain: str, external_id: str) -> Member:
    """The locked member, or the member that it was merged into. Raises `NotFound`."""
    own_id = member_id(chain, external_id)
    member = lock_members(transaction, [own_id]).get(own_id)
    if member is None or member.forgotten:
        raise unknown_member(external_id)
    return member


def find_member(transaction: Transaction, chain: str, external_id: str) -> MemberDetails:
    """The member, or the member that it was merged into, not locked. Raises `NotFound`.

    Our own id of a member does, too: people without `personal:read` know members by that alone.
    """
    member = read_member(transaction, member_id(chain, external_id))
    if member is None and _OWN_ID.fullmatch(external_id):
        found = read_member(transaction, external_id)
        member = found if found and found.chain == chain else None
    if member and member.merged_into:
        member = read_member(transaction, member.merged_into)
    if member is None or member.forgotten_at:
        raise unknown_member(external_id)
    return member


def unknown_member(external_id: str) -> NotFound:
    """The same error for an unknown member and for a forgotten one."""
    return NotFound("unknown_member", f"The chain has no member {external_id}.")
