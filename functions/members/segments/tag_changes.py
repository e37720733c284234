"""Tags that changed are told to the env, and put into the bitmaps, some hundred of a chain in a transaction.

A row that changed waits in an index of its own. So no tag's function waits for a broker, 100 changes cost it one
statement, and what changed there and back in between is not announced.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from functions.members import store_changes as sql
from functions.members.segments.bitmaps import place_of
from functions.members.store_changes import Change, Waiting
from shared.contracts.messages.members import MemberTagChanged
from shared.kit.isolation import Isolation
from shared.spine.env import Environment
from shared.spine.outbox import Work

CHANGES_AT_ONCE = 500


def announce_changes(env: Environment, until: datetime) -> int:
    """All that wait, until `until`; how many there were. A chain that raises is left alone for the rest of the run."""
    announced = 0
    after: Waiting | None = sql.FIRST
    with Isolation() as isolation:
        while after and env.clock() < until:
            with env.db.transaction() as transaction:
                by_chain, after = sql.read_waiting(transaction, env.clock(), after, CHANGES_AT_ONCE)
            for chain, waiting in by_chain.items():
                if chain not in isolation.failed:
                    with isolation.isolate(chain):
                        announced += _announce(env, chain, waiting)
    return announced


def _announce(env: Environment, chain: str, waiting: Sequence[Waiting]) -> int:
    with env.outbox.work("members") as work:
        changes = sql.claim_changes(work, env.clock(), waiting)
        for change in changes:
            if change.before != change.after:
                work.announce(
                    _message(chain, change),
                    subject=f"member/{change.member}/{change.tag}",
                    sequence=change.sequence + 1,
                )
        _draw(work, chain, changes)
        sql.mark_announced(work, changes)
    return len(changes)


def _message(chain: str, change: Change) -> MemberTagChanged:
    before, after = change.before or None, change.after or None
    return MemberTagChanged(member=change.member, chain=chain, tag=change.tag, before=before, after=after)


def _draw(work: Work, chain: str, changes: Iterable[Change]) -> None:
    """Move each member's bit from the bitmap of one value to that of the other."""
    set_bits: dict[sql.BitmapKey, int] = defaultdict(int)
    cleared: dict[sql.BitmapKey, int] = defaultdict(int)
    for change in changes:
        chunk, bit = place_of(change.number)
        if change.before:
            cleared[change.tag, change.before, chunk] |= bit
        if change.after:
            set_bits[change.tag, change.after, chunk] |= bit
    keys = sorted({*set_bits, *cleared})
    before = sql.lock_bitmaps(work, chain, keys)
    after = {key: before.get(key, 0) & ~cleared[key] | set_bits[key] for key in keys}
    sql.write_bitmaps(work, chain, after)
