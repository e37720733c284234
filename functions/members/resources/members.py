"""`/v1/members`: profiles, consents, merges and erasure."""

from datetime import datetime
from typing import Any

from functions.members.calculator.calculate import reasons
from functions.members.membership.consents import set_profiling
from functions.members.membership.enrolment import enrol_member, find_member
from functions.members.membership.erasure import forget_member as erase_member
from functions.members.membership.identities import IDENTITY_KINDS, set_identity
from functions.members.membership.merge import merge_members
from functions.members.resources.requests import ChainQuery, Identity, require, shown_id
from functions.members.tables.chain_settings import read_store_locations
from functions.members.tables.columns import aware
from functions.members.tables.facts import read_facts_of_member
from functions.members.tables.identities import read_identity_kinds
from functions.members.tables.members import Member, MemberDetails, read_member, update_member
from functions.members.tables.tags import ProfileTag, read_profile_tags
from functions.members.tags.registry import TAGS
from shared.contracts.ids import Ulid, store_key
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Fault, Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


class MemberPath(Query):
    """A member by the chain's own id."""

    member: Id


class MemberIn(Input):
    """A member's identities and consents. Omitted fields do not change. `profiling` false clears every tag."""

    store: Id | None = None
    phone: Identity | None = None
    union_id: Identity | None = None
    card: Identity | None = None
    profiling: bool | None = None
    marketing: bool | None = None


class MergeIn(Input):
    """The member that stays."""

    into: Id


class TagDocument(Output):
    """A tag: its value, the moment of the last change, the facts behind it, and the moment of its expiry."""

    tag: str
    value: str
    since: datetime
    why: dict[str, Any]
    version: int
    expires_at: datetime | None


class Profile(Output):
    """A member. `member` is the chain's own id. After a merge it is the id of the member that stays."""

    member: str | None
    chain: str
    id: Ulid
    first_store: str | None
    enrolled_at: datetime
    profiling: bool
    marketing: bool
    identities: list[str]
    tags: list[TagDocument]


class MemberReference(Output):
    """A member by the chain's own id."""

    member: str | None


def get_member(call: Call, path: MemberPath, query: ChainQuery) -> Reply:
    """Get a member's profile. Each tag has the facts behind it."""
    require(call, "members:read", query.chain)
    with call.env.db.transaction() as transaction:
        member = find_member(transaction, query.chain, path.member)
        profile = _profile(call.env, transaction, member)
    shown = shown_id(call, query.chain, member.external_id, member.id)
    return Reply(profile.model_copy(update={"member": shown}))


def put_member(call: Call, path: MemberPath, query: ChainQuery, body: MemberIn) -> Reply:
    """Enrol a member, or change its identities and consents."""
    require(call, "members:write", query.chain)
    with call.once() as (work, stored):
        _check_store(work, query.chain, body)
        member = enrol_member(call.env, work, query.chain, path.member)
        _set_identities(call.env, work, member, body)
        _set_consents(call.env, work, member, body)
        stored.subject = member.id
        stored.reply = _profile(call.env, work, _details(work, member)).model_dump_json()
    return Reply(stored.reply)


def _check_store(work: Work, chain: str, body: MemberIn) -> None:
    if body.store and not read_store_locations(work, [store_key(chain, body.store)]):
        fault = Fault("store", "unknown_store", f"The chain has no store {body.store}.")
        raise Rejected("body_invalid", "The store is unknown.", faults=(fault,))


def _set_identities(env: Environment, work: Work, member: Member, body: MemberIn) -> None:
    keyring = env.keyring()
    for kind in IDENTITY_KINDS:
        if value := getattr(body, kind):
            set_identity(work, keyring, member, kind, value)


def _set_consents(env: Environment, work: Work, member: Member, body: MemberIn) -> None:
    before = _details(work, member)
    profiling = before.profiling if body.profiling is None else body.profiling
    marketing = before.marketing if body.marketing is None else body.marketing
    first_store = None if before.first_store else body.store
    update_member(work, member.id, profiling=profiling, marketing=marketing, first_store=first_store)
    if profiling != before.profiling:
        set_profiling(env, work, member, profiling=profiling)


def merge_member(call: Call, path: MemberPath, query: ChainQuery, body: MergeIn) -> Reply:
    """Merge a member into another one. Both ids then name one member, with all purchases of both."""
    require(call, "members:write", query.chain)
    with call.once() as (work, stored):
        member = merge_members(call.env, work, query.chain, path.member, body.into)
        stored.subject = member.id
        stored.reply = _profile(call.env, work, _details(work, member)).model_dump_json()
    return Reply(stored.reply)


def forget_member(call: Call, path: MemberPath, query: ChainQuery) -> Reply:
    """Erase a member for good. The amounts of its orders stay, as sums of stores and days."""
    require(call, "members:forget", query.chain)
    with call.once() as (work, stored):
        erase_member(call.env, work, query.chain, path.member)
        stored.status, stored.reply = 200, MemberReference(member=None).model_dump_json()
    return Reply(stored.reply)


def _details(transaction: Transaction, member: Member) -> MemberDetails:
    details = read_member(transaction, member.id)
    assert details is not None  # it is locked
    return details


def _profile(env: Environment, transaction: Transaction, member: MemberDetails) -> Profile:
    return Profile(
        member=member.external_id,
        chain=member.chain,
        id=member.id,
        first_store=member.first_store,
        enrolled_at=aware(member.enrolled_at),
        profiling=member.profiling,
        marketing=member.marketing,
        identities=read_identity_kinds(transaction, member.id),
        tags=_tags(env, transaction, member),
    )


def _tags(env: Environment, transaction: Transaction, member: MemberDetails) -> list[TagDocument]:
    """The tags of an active member, with today's reasons."""
    facts = read_facts_of_member(transaction, member.id)
    if facts is None:
        return []
    stored = [tag for tag in read_profile_tags(transaction, member.id) if tag.tag in TAGS]
    why = reasons(env, transaction, facts, [TAGS[tag.tag] for tag in stored])
    return [_document(tag, why[tag.tag]) for tag in stored]


def _document(tag: ProfileTag, why: dict[str, object]) -> TagDocument:
    return TagDocument(**tag._asdict(), why=why)
