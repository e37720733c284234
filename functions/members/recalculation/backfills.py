"""Backfills: tags made anew for all members of a chain, in steps that can be watched, paused and gone on with."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from functions.members import store as sql
from functions.members import store_runs as runs
from functions.members.calculator.calculate import make_all
from functions.members.calculator.chain_rules import BACKFILL_AFTER
from functions.members.calculator.tag import Tag
from functions.members.tags.registry import TAGS
from shared.contracts.ids import new_id
from shared.kit.isolation import Isolation
from shared.spine.db import Transaction
from shared.spine.env import Environment

MEMBERS_AT_ONCE = 250


def start(transaction: Transaction, chain: str, tags: Collection[str], now: datetime, after: timedelta) -> str:
    """A new run over all members of the chain, in the place of one of the same tags that still waits; its id."""
    run = new_id(now)
    runs.replace_waiting(transaction, chain, sorted(tags), now)
    runs.insert(transaction, run, chain, sorted(tags), now + after)
    return run


def start_for_new_versions(env: Environment, isolation: Isolation) -> None:
    """For every chain whose members have a tag of an older definition, or none yet."""
    with env.db.transaction() as transaction:
        by_chain = runs.read_versions(transaction)
    for chain, versions in by_chain.items():
        if _changed(versions):
            with isolation.isolate(chain):
                _start_for_new_versions(env, chain)


def _start_for_new_versions(env: Environment, chain: str) -> None:
    with env.db.transaction() as transaction:
        changed = _changed(runs.lock_versions(transaction, chain))
        if changed:
            start(transaction, chain, list(changed), env.clock(), BACKFILL_AFTER)
            runs.keep_versions(transaction, chain, changed)


def _changed(versions: Mapping[str, int]) -> dict[str, int]:
    """The version of each tag that is another than these."""
    return {tag.name: tag.version for tag in TAGS.values() if versions.get(tag.name) != tag.version}


def backfill(env: Environment, until: datetime) -> None:
    """Work on the runs that are due, the oldest first, until `until`."""
    with Isolation() as isolation:
        while env.clock() < until and backfill_step(env, isolation):
            pass


def backfill_step(env: Environment, isolation: Isolation) -> bool:
    """Some members of the oldest run that runs and has not failed, or False where there is none."""
    with env.db.transaction() as transaction:
        run = runs.read_next(transaction, env.clock(), but=isolation.failed)
    if run is None:
        return False
    with isolation.isolate(run):
        _step(env, run)
    return True


def _step(env: Environment, name: str) -> None:
    """The run's row is locked for the step: pausing waits for the step's end, and a second worker for its turn."""
    now = env.clock()
    with env.db.transaction() as transaction:
        run = runs.lock(transaction, name)
        if run is None or run.status != "running":
            return
        tags = _tags(run.tags)
        rows = sql.read_after(transaction, run.chain, tags, run.last_member, MEMBERS_AT_ONCE)
        changed = make_all(env, transaction, rows, tags, now)
        last = rows[-1]["id"] if rows else run.last_member
        over = len(rows) < MEMBERS_AT_ONCE
        runs.advance(transaction, run.id, last, len(rows), changed, now if over else None)


def _tags(names: Sequence[str]) -> list[Tag]:
    return [TAGS[name] for name in names if name in TAGS]
