"""Tags that changed are told to the house, and put into the bitmaps, some hundred in a transaction.

A row that changed waits in an index of its own. So no tag's function waits for a broker, 100 changes cost it one
statement, and what changed there and back in between is not announced.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from functions.members import store_changes as sql
from functions.members.bitmaps import place_of
from functions.members.store_changes import Change
from shared.environment import Environment
from shared.messages.members import MemberTagChanged
from shared.outbox import Work

CHANGES_AT_ONCE = 500


def announce_changes(house: Environment, until: datetime) -> int:
    """All that wait, until `until`; how many there were."""
    announced = 0
    while house.clock() < until:
        with house.outbox.work("members") as work:
            changes = sql.claim_changes(work, house.clock(), CHANGES_AT_ONCE)
            _announce(work, changes)
        announced += len(changes)
        if len(changes) < CHANGES_AT_ONCE:
            break
    return announced


def _announce(work: Work, changes: Sequence[Change]) -> None:
    if not changes:
        return
    for change in changes:
        if change.before != change.after:
            told = MemberTagChanged(
                member=change.member,
                chain=change.chain,
                tag=change.tag,
                before=change.before or None,
                after=change.after or None,
            )
            work.announce(told, subject=f"member/{change.member}/{change.tag}", sequence=change.sequence + 1)
    for chain in sorted({change.chain for change in changes}):
        _draw(work, chain, [change for change in changes if change.chain == chain])
    sql.mark_announced(work, changes)


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
