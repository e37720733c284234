"""Backfills: tags computed again for all members of a chain, in small steps that can pause and resume."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from functions.members.calculator.calculate import calculate_tags
from functions.members.calculator.chain_rules import NEW_RULES_DELAY
from functions.members.states import BackfillStatus
from functions.members.tables.backfills import (
    Backfill,
    insert_backfill,
    lock_backfill,
    read_next_backfill,
    replace_waiting_backfills,
    update_progress,
)
from functions.members.tables.chain_settings import lock_tag_versions, read_tag_versions, upsert_tag_versions
from functions.members.tables.facts import MemberFacts, read_facts_after
from functions.members.tags.registry import TAGS
from shared.contracts.ids import new_id
from shared.kit.isolation import Isolation
from shared.kit.stepped_work import SteppedWork
from shared.spine.db import Transaction
from shared.spine.env import Environment

MEMBERS_AT_ONCE = 250


def start_backfill(
    transaction: Transaction,
    chain: str,
    tags: Collection[str],
    now: datetime,
    delay: timedelta = NEW_RULES_DELAY,
) -> str:
    """The id of a new backfill. It replaces a backfill of the same tags that has not started."""
    backfill_id = new_id(now)
    replace_waiting_backfills(transaction, chain, tags, now)
    insert_backfill(transaction, backfill_id, chain, tags, now + delay)
    return backfill_id


def start_for_new_versions(env: Environment, isolation: Isolation) -> None:
    """Start a backfill in every chain with a tag of an older version."""
    with env.db.transaction() as transaction:
        versions_by_chain = read_tag_versions(transaction)
    for chain, versions in versions_by_chain.items():
        if _newer_versions(versions):
            with isolation.isolate(chain):
                _start_for_new_versions(env, chain)


def _start_for_new_versions(env: Environment, chain: str) -> None:
    with env.db.transaction() as transaction:
        versions = _newer_versions(lock_tag_versions(transaction, chain))
        if versions:
            start_backfill(transaction, chain, list(versions), env.clock())
            upsert_tag_versions(transaction, chain, versions)


def _newer_versions(versions: Mapping[str, int]) -> dict[str, int]:
    """The present version of each tag that has another one in `versions`."""
    return {tag.name: tag.version for tag in TAGS.values() if versions.get(tag.name) != tag.version}


def _claim(env: Environment, failed: Collection[str]) -> str | None:
    with env.db.transaction() as transaction:
        return read_next_backfill(transaction, env.clock(), failed)


def _step(env: Environment, backfill_id: str) -> None:
    """Compute the tags of the next members. The backfill is locked, so a pause waits for the end of the step."""
    now = env.clock()
    with env.db.transaction() as transaction:
        backfill = lock_backfill(transaction, backfill_id)
        if backfill is None or backfill.status is not BackfillStatus.RUNNING:
            return
        tags = [TAGS[name] for name in backfill.tags if name in TAGS]
        parts = {part for tag in tags for part in tag.needs}
        members = read_facts_after(transaction, backfill.chain, parts, backfill.last_member, MEMBERS_AT_ONCE)
        changed = calculate_tags(env, transaction, members, tags, now)
        _store_progress(transaction, backfill, members, changed, now)


def _store_progress(
    transaction: Transaction, backfill: Backfill, members: list[MemberFacts], changed: int, now: datetime
) -> None:
    update_progress(
        transaction,
        backfill.id,
        last_member=members[-1].member_id if members else backfill.last_member,
        visited=len(members),
        changed=changed,
        ended_at=now if len(members) < MEMBERS_AT_ONCE else None,
    )


BACKFILLS = SteppedWork[str](claim=_claim, name=str, step=_step)
