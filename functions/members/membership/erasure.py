"""The erasure of a member (GDPR article 17): personal data goes, amounts of orders stay."""

from typing import Any

from functions.members.membership.enrolment import enrol_member, unknown_member
from functions.members.tables.facts import delete_facts
from functions.members.tables.identities import delete_identities
from functions.members.tables.members import (
    Member,
    lock_members,
    next_sequence,
    read_external_ids,
    read_has_orders,
    update_forgotten,
)
from functions.members.tables.purchases import delete_purchases, read_purchases
from functions.members.tables.tags import clear_tags
from shared.contracts.ids import member_id
from shared.contracts.messages.members import MemberForgotten, purchase_subject
from shared.spine.env import Environment
from shared.spine.erasure import erase_from_messages, erase_from_replies
from shared.spine.outbox import Work

# The personal fields of a stored reply, and their values after the erasure.
ERASED_FIELDS: dict[str, Any] = {"$.member": None, "$.first_store": None, "$.identities": [], "$.tags": []}
# Messages about the member's purchases carry facts and tags.
ERASED_DATA: dict[str, Any] = {"$.data.facts": None}


def forget_member(env: Environment, work: Work, chain: str, external_id: str) -> None:
    """Erase a member, also one that has ordered and never paid. Raises `NotFound`.

    A second erasure changes no row of members. It is announced again while an order still names the member.
    """
    own_id = member_id(chain, external_id)
    has_orders = read_has_orders(work, chain, external_id)
    member = lock_members(work, [own_id]).get(own_id)
    if member is None:
        if not has_orders:
            raise unknown_member(external_id)
        member = enrol_member(env, work, chain, external_id)
    if not member.forgotten:
        _announce(work, member, _erase(env, work, member))
    elif has_orders:
        _announce(work, member, [external_id])


def _erase(env: Environment, work: Work, member: Member) -> list[str]:
    """Erase the member; its external ids."""
    external_ids = read_external_ids(work, member.id)
    own_ids = [member_id(member.chain, external_id) for external_id in external_ids]
    erase_from_replies(work, own_ids, ERASED_FIELDS)
    purchases = read_purchases(work, member.id)
    erase_from_messages(work, [purchase_subject(purchase.order) for purchase in purchases], ERASED_DATA)
    delete_purchases(work, member.chain, member.id)
    delete_identities(work, member.id)
    delete_facts(work, member.id)
    update_forgotten(work, member.id, env.clock())
    clear_tags(work, [member.id], env.clock())
    return external_ids


def _announce(work: Work, member: Member, external_ids: list[str]) -> None:
    message = MemberForgotten(member=member.id, chain=member.chain, external_ids=external_ids)
    work.announce(message, subject=f"member/{member.id}", sequence=next_sequence(work, member.id))
