"""`/v1/member-lookups`: a member by a phone, a union id or a card."""

from typing import Literal

from functions.members.membership.identities import lookup_hashes
from functions.members.resources.members import MemberReference
from functions.members.resources.requests import Identity, require, shown_id
from functions.members.tables.identities import read_identity_owner
from functions.members.tables.members import read_member
from shared.contracts.models import Input
from shared.contracts.text import Id
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply


class LookupIn(Input):
    """An identity of a member. It is in the body, because servers log addresses."""

    chain: Id
    kind: Literal["phone", "union_id", "card"]
    value: Identity


def look_up_member(call: Call, body: LookupIn) -> Reply:
    """Find the member with a phone, a union id or a card."""
    require(call, "members:read", body.chain)
    hashes = lookup_hashes(call.env.keyring(), body.chain, body.kind, body.value)
    with call.env.db.transaction() as transaction:
        owner = read_identity_owner(transaction, hashes)
        member = read_member(transaction, owner) if owner else None
    if member is None:
        raise NotFound("unknown_member", f"No member has this {body.kind}.")
    return Reply(MemberReference(member=shown_id(call, body.chain, member.external_id, member.id)))
