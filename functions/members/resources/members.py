"""The members' endpoints."""

from datetime import UTC

from functions.members import people_all as persons
from functions.members import store as sql
from functions.members import store_people as people
from functions.members.calculator.chain_rules import rules_of
from functions.members.facts.totals import Facts
from functions.members.resources.documents import (
    ChainQuery,
    FindIn,
    Found,
    MemberIn,
    MemberPath,
    MergeIn,
    Profile,
    TagDocument,
)
from functions.members.tags.registry import TAGS
from shared.contracts.ids import store_key
from shared.spine.auth import Scope
from shared.spine.db import Row, Transaction
from shared.spine.env import Environment
from shared.spine.errors import Fault, NotFound, Rejected
from shared.spine.http import Call, Reply


def get_member(call: Call, path: MemberPath, query: ChainQuery) -> Reply:
    """A member's profile, each tag with the facts behind it."""
    _require(call, "members:read", query.chain)
    with call.env.db.transaction() as transaction:
        member = persons.found(transaction, query.chain, path.member)
        return Reply(_profile(call.env, transaction, member))


def put_member(call: Call, path: MemberPath, query: ChainQuery, body: MemberIn) -> Reply:
    """Enrol a member, or change what is known of it."""
    _require(call, "members:write", query.chain)
    with call.once() as (work, kept):
        if body.store and not sql.read_places(work, [store_key(query.chain, body.store)]):
            fault = Fault("store", "unknown_store", "the chain has no such store")
            raise Rejected("body_invalid", "the store is unknown", faults=(fault,))
        member = persons.enrol(call.env, work, query.chain, path.member)
        keyring = call.env.keyring()
        for kind in ("phone", "union_id", "card"):
            if value := getattr(body, kind):
                persons.keep_identity(work, keyring, member, kind, value)
        before = people.read_person(work, member.id)
        assert before is not None  # it is locked
        profiling = before.profiling if body.profiling is None else body.profiling
        marketing = before.marketing if body.marketing is None else body.marketing
        store = None if before.first_store else body.store
        people.update_member(work, member.id, profiling=profiling, marketing=marketing, store=store)
        if profiling != before.profiling:
            persons.set_profiling(call.env, work, member, profiling=profiling)
        kept.subject = member.id
        kept.reply = _profile(call.env, work, member.id).model_dump_json()
    return Reply(kept.reply)


def find_member(call: Call, body: FindIn) -> Reply:
    """The member who has this phone, union id or card; asked in a body, since addresses are logged."""
    _require(call, "members:read", body.chain)
    lookups = persons.lookups(call.env.keyring(), body.chain, body.kind, body.value)
    with call.env.db.transaction() as transaction:
        owner = people.find(transaction, lookups)
        person = people.read_person(transaction, owner) if owner else None
    if person is None:
        raise NotFound("unknown_member", f"no member has this {body.kind}")
    return Reply(Found(member=person.external_id))


def merge_member(call: Call, path: MemberPath, query: ChainQuery, body: MergeIn) -> Reply:
    """Both ids are one member from now on, with all that either bought."""
    _require(call, "members:write", query.chain)
    with call.once() as (work, kept):
        member = persons.merge(call.env, work, query.chain, path.member, body.into)
        kept.subject = member.id
        kept.reply = _profile(call.env, work, member.id).model_dump_json()
    return Reply(kept.reply)


def forget_member(call: Call, path: MemberPath, query: ChainQuery) -> Reply:
    """Erase the person for good; what was bought stays as sums of stores and days."""
    _require(call, "members:forget", query.chain)
    with call.once() as (work, kept):
        persons.forget(call.env, work, query.chain, path.member)
        kept.status, kept.reply = 200, Found(member=None).model_dump_json()
    return Reply(kept.reply)


def _require(call: Call, right: str, chain: str) -> None:
    call.client.require(right, Scope(chain))


def _profile(env: Environment, transaction: Transaction, member: str) -> Profile:
    person = people.read_person(transaction, member)
    assert person is not None  # whoever asks has found it
    rows = sql.read_one(transaction, member)
    kept = people.read_tags(transaction, member) if rows else []
    return Profile(
        member=person.external_id,
        chain=person.chain,
        id=person.id,
        first_store=person.first_store,
        enrolled_at=person.enrolled_at.replace(tzinfo=UTC),
        profiling=person.profiling,
        marketing=person.marketing,
        identities=sorted({row["kind"] for row in people.read_identities(transaction, member)}),
        tags=_tags(env, transaction, person.chain, kept, Facts(rows[0])) if rows else [],
    )


def _tags(env: Environment, transaction: Transaction, chain: str, kept: list[Row], facts: Facts) -> list[TagDocument]:
    """The reasons are of now: stored ones would be written with every purchase, and read almost never."""
    rules = rules_of(env, transaction, chain)
    today = rules.today(env.clock())
    found = []
    for row in (row for row in kept if row["tag"] in TAGS):
        tag = TAGS[row["tag"]]
        value = tag.value(facts, rules.of(tag), today)
        moves_at = row["moves_at"].replace(tzinfo=UTC) if row["moves_at"] else None
        about = {"tag": tag.name, "value": row["value"], "version": row["version"], "moves_at": moves_at}
        since = row["since"].replace(tzinfo=UTC)
        found.append(TagDocument(**about, since=since, why=dict(value.why) if value else {}))
    return found
