"""Members as persons: enrolling, finding, consents, merging, forgetting."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

from functions.members import store as sql
from functions.members import store_people as people
from functions.members.calculator.calculate import make_all
from functions.members.facts.totals import Facts, Standing
from functions.members.ledger.record_orders import Stranger
from functions.members.tags.registry import TAGS
from shared.contracts.ids import member_id
from shared.contracts.messages.members import MemberForgotten, MemberMerged
from shared.spine.auth import cipher
from shared.spine.db import Duplicate, Transaction
from shared.spine.env import Environment
from shared.spine.erasure import erase_from_replies
from shared.spine.errors import Conflict, NotFound
from shared.spine.outbox import Work

# What a kept reply then says of a member.
NOBODY: dict[str, Any] = {"$.member": None, "$.first_store": None, "$.identities": [], "$.tags": []}


def lookups(keyring: Sequence[str], chain: str, kind: str, value: str) -> list[bytes]:
    """What stands for a phone, union id or card in an index: HMAC-SHA256 under each key of the ring, newest first.

    The same value of another chain or kind is another one. A plain hash of a phone number could be turned back by
    trying all there are.
    """
    text = f"{chain}\0{kind}\0{value}".encode()
    return [hmac.digest(key.encode(), text, hashlib.sha256) for key in keyring]


def enrol(env: Environment, work: Work, chain: str, external_id: str) -> sql.Member:
    """The member, locked; new where it is not known. Raises `NotFound` for who was forgotten."""
    stranger = Stranger(member_id(chain, external_id), chain, external_id)
    known = sql.lock_members(work, [stranger.id])
    if not known:
        sql.enrol(work, [stranger], env.clock())
    elif known[stranger.id].forgotten:
        raise NotFound("unknown_member", f"{external_id} was erased for good")
    return locked(work, chain, external_id)


def locked(work: Transaction, chain: str, external_id: str) -> sql.Member:
    """The member, or the one it was merged into. Raises `NotFound`."""
    own = member_id(chain, external_id)
    found = sql.lock_members(work, [own]).get(own)
    if found is None or found.forgotten:
        raise unknown(external_id)
    return found


def found(transaction: Transaction, chain: str, external_id: str) -> str:
    """Our id of the member, or of the one it was merged into; nothing is locked. Raises `NotFound`."""
    person = people.read_person(transaction, member_id(chain, external_id))
    if person and person.merged_into:
        person = people.read_person(transaction, person.merged_into)
    if person is None or person.forgotten_at:
        raise unknown(external_id)
    return person.id


def unknown(external_id: str) -> NotFound:
    """The same for who never was and for who was forgotten, unless somebody would enrol them again."""
    return NotFound("unknown_member", f"there is no member {external_id}")


def keep_identity(work: Work, keyring: Sequence[str], member: sql.Member, kind: str, value: str) -> None:
    """The member is known by it from now on. Raises `Conflict` where another one is."""
    found = lookups(keyring, member.chain, kind, value)
    owner = people.find(work, found)
    if owner not in (None, member.id):
        raise Conflict("identity_taken", f"another member has this {kind}; merge the two, or correct it")
    try:
        people.replace_identity(work, member.id, kind, found[0], cipher(keyring).encrypt(value.encode()))
    except Duplicate:
        raise Conflict("identity_taken", f"another member has this {kind}; merge the two, or correct it") from None


def set_profiling(env: Environment, work: Work, member: sql.Member, *, profiling: bool) -> None:
    """Without it the ledger is all there is; with it again, facts are made from the ledger anew."""
    before = sql.read_facts_of(work, [member.id]).get(member.id, Standing(0, Facts()))
    facts = sql.recount(work, member.id) if profiling else Facts()
    sql.write_facts(work, [(member.id, Standing(before.revision + 1, facts))])
    if profiling:
        make_tags(env, work, member.id, env.clock())
    else:
        sql.blank_tags(work, [member.id], env.clock())


def make_tags(env: Environment, work: Work, member: str, now: datetime) -> None:
    """All tags of one member at once, for changes that are no purchase."""
    make_all(env, work, sql.read_one(work, member), list(TAGS.values()), now)


def merge(env: Environment, work: Work, chain: str, external_id: str, into: str) -> sql.Member:
    """Move all that one member has to the other, whose id both have from then on. Raises `NotFound`, `Conflict`.

    What either has refused is refused for both.
    """
    now = env.clock()
    old, kept = _both(work, chain, external_id, into)
    profiling = old.profiling and kept.profiling
    _merge_facts(work, old.id, kept.id, profiling=profiling)
    _merge_persons(work, old.id, kept.id, profiling=profiling)
    sql.blank_tags(work, [old.id] if profiling else [old.id, kept.id], now)
    make_tags(env, work, kept.id, now)
    told = MemberMerged(member=old.id, chain=chain, into=kept.id)
    work.announce(told, subject=f"member/{old.id}", sequence=people.next_sequence(work, old.id))
    return replace(kept, profiling=profiling)


def _both(work: Work, chain: str, external_id: str, into: str) -> tuple[sql.Member, sql.Member]:
    asked = [member_id(chain, external_id), member_id(chain, into)]
    found = sql.lock_members(work, asked)
    for own, name in zip(asked, (external_id, into), strict=True):
        if own not in found or found[own].forgotten:
            raise unknown(name)
    old, kept = found[asked[0]], found[asked[1]]
    if old.id == kept.id:
        raise Conflict("merged_already", f"{external_id} and {into} are one member")
    return old, kept


def _merge_facts(work: Work, old: str, kept: str, *, profiling: bool) -> None:
    facts = sql.read_facts_of(work, [old, kept])
    revision = 1 + max((standing.revision for standing in facts.values()), default=0)
    merged = Facts()
    for standing in facts.values() if profiling else ():
        merged.merge(standing.facts)
    # Both, so that they are locked in the order of ids, as by whoever writes a tag of both.
    sql.write_facts(
        work, sorted([(old, Standing(revision, Facts())), (kept, Standing(revision, merged))], key=itemgetter(0))
    )


def _merge_persons(work: Work, old: str, kept: str, *, profiling: bool) -> None:
    persons = [person for each in (kept, old) if (person := people.read_person(work, each))]
    first, second = sorted(persons, key=attrgetter("enrolled_at"))
    people.move(work, old, kept)
    marketing = first.marketing and second.marketing
    store = first.first_store or second.first_store
    people.update_member(work, kept, profiling=profiling, marketing=marketing, store=store)


def forget(env: Environment, work: Work, chain: str, external_id: str) -> None:
    """Erase the person; orders of the same id are nobody's from then on. Raises `NotFound`.

    Also who has ordered and never paid. Again it changes nothing, but orders that still name the person lose them.
    """
    own, now = member_id(chain, external_id), env.clock()
    ordered = people.is_in_orders(work, chain, external_id)
    member = sql.lock_members(work, [own]).get(own)
    if member is None:
        if not ordered:
            raise unknown(external_id)
        member = enrol(env, work, chain, external_id)
    names = [external_id]
    if not member.forgotten:
        names = people.external_ids(work, member.id)
        erase_from_replies(work, [member_id(chain, name) for name in names], NOBODY)
        people.forget(work, chain, member.id, now)
        sql.blank_tags(work, [member.id], now)
    elif not ordered:
        return
    erasure = MemberForgotten(member=member.id, chain=chain, external_ids=names)
    work.announce(erasure, subject=f"member/{member.id}", sequence=people.next_sequence(work, member.id))
