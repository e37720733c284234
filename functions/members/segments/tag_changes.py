"""Changed tags are announced and drawn into the bitmaps, some hundred tags of a chain in a transaction.

A changed row waits in an index, so the tags' functions wait for no broker. A value that changed and changed back in
between is not announced.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from functions.members.segments.bitmaps import bit_of
from functions.members.tables.bitmaps import BitmapKey, lock_bitmaps, upsert_bitmaps
from functions.members.tables.tag_changes import (
    FIRST_WAITING,
    TagChange,
    WaitingChange,
    lock_changes,
    read_waiting_changes,
    update_announced,
)
from shared.contracts.messages.members import MemberTagChanged
from shared.kit.isolation import Isolation
from shared.spine.env import Environment
from shared.spine.outbox import Work

CHANGES_AT_ONCE = 500


def announce_changes(env: Environment, until: datetime) -> int:
    """Announce waiting changes until `until`. Returns their number. A chain that fails is skipped for the rest."""
    announced = 0
    after: WaitingChange | None = FIRST_WAITING
    with Isolation() as isolation:
        while after and env.clock() < until:
            with env.db.transaction() as transaction:
                by_chain, after = read_waiting_changes(transaction, env.clock(), after, CHANGES_AT_ONCE)
            for chain, waiting in by_chain.items():
                if chain not in isolation.failed:
                    with isolation.isolate(chain):
                        announced += _announce(env, chain, waiting)
    return announced


def _announce(env: Environment, chain: str, waiting: Sequence[WaitingChange]) -> int:
    with env.outbox.work("members") as work:
        changes = lock_changes(work, env.clock(), waiting)
        for change in changes:
            if change.before != change.after:
                subject = f"member/{change.member_id}/{change.tag}"
                work.announce(_message(chain, change), subject=subject, sequence=change.sequence + 1)
        _draw(work, chain, changes)
        update_announced(work, changes)
    return len(changes)


def _message(chain: str, change: TagChange) -> MemberTagChanged:
    before, after = change.before or None, change.after or None
    return MemberTagChanged(member=change.member_id, chain=chain, tag=change.tag, before=before, after=after)


def _draw(work: Work, chain: str, changes: Iterable[TagChange]) -> None:
    """Move each member's bit from the bitmap of the old value to the bitmap of the new value."""
    set_bits: dict[BitmapKey, int] = defaultdict(int)
    cleared: dict[BitmapKey, int] = defaultdict(int)
    for change in changes:
        chunk, bit = bit_of(change.number)
        if change.before:
            cleared[change.tag, change.before, chunk] |= bit
        if change.after:
            set_bits[change.tag, change.after, chunk] |= bit
    keys = sorted({*set_bits, *cleared})
    before = lock_bitmaps(work, chain, keys)
    after = {key: before.get(key, 0) & ~cleared[key] | set_bits[key] for key in keys}
    upsert_bitmaps(work, chain, after)
