"""Changes in an outside system since the checkpoint, a page after the other.

Rows of a page and the checkpoint are stored in one transaction. The window is half-open, and begins before the
checkpoint: a row whose change was committed late is read by the next run. A row that was read before has the same
hash.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from functions.sync.adapters.contract import Adapter, CallFailed, InDoubt, MalformedRecord
from functions.sync.engine.breaker import note_failure, note_success
from functions.sync.engine.target import Target, read_target
from functions.sync.records.our_codes import OurCodes
from functions.sync.tables.flows import FlowRow, update_position, update_run_begun, update_run_ended
from functions.sync.tables.refused_records import delete_refused, upsert_refused
from shared.contracts.ids import first_id, moment_of, split_key
from shared.spine import log
from shared.spine.clock import EPOCH
from shared.spine.env import Environment
from shared.spine.errors import Conflict
from shared.spine.outbox import Work

OVERLAP = timedelta(minutes=2)
# Longer than a page takes with its repeats.
RUN_LEASE = timedelta(seconds=120)


@dataclass(frozen=True)
class Pull:
    """A run of a flow that reads."""

    env: Environment
    flow: FlowRow
    token: int
    target: Target

    @property
    def chain(self) -> str:
        """The chain of the system."""
        return split_key(self.flow.system)[0]

    @property
    def codes(self) -> OurCodes:
        """The codes of the system in ours."""
        return OurCodes(self.target.codes.by_kind, self.target.codes.same)

    def refuse(self, work: Work, details: Mapping[str, str]) -> None:
        """Records by key cannot be read: people see why, until they are mended there."""
        if details:
            log.logger().warning("records are refused", extra={"system": self.flow.system, "count": len(details)})
            upsert_refused(work, self.flow.system, self.flow.flow, details, self.env.clock())

    def clear(self, work: Work, keys: Collection[str]) -> None:
        """These records were read."""
        delete_refused(work, self.flow.system, self.flow.flow, keys)


# A document with a text `changed_at`, or a record with that moment.
Entry = TypeVar("Entry")
# The pages of a window, by the adapter.
ReadPages = Callable[[Adapter, datetime, datetime], Iterator[Sequence[Entry | MalformedRecord]]]
# Stores the rows of a page. Returns how many have changed.
StorePage = Callable[[Work, Pull, list[Entry]], int]


def pull_changes(
    env: Environment, flow: FlowRow, until: datetime, read: ReadPages[Entry], store: StorePage[Entry]
) -> bool:
    """Whether all work was done. After a failure of the system a later run of the timer goes on."""
    token, now = secrets.randbits(63), env.clock()
    with env.db.transaction() as transaction:
        if not update_run_begun(transaction, flow, token, now, now + RUN_LEASE):
            return True
    pull = Pull(env, flow, token, read_target(env, flow.system, until))
    outcome = _outcome(pull, until, read, store)
    with env.db.transaction() as transaction:
        update_run_ended(transaction, flow, token, env.clock(), outcome)
    return outcome != "time_over"


def _outcome(pull: Pull, until: datetime, read: ReadPages[Entry], store: StorePage[Entry]) -> str:
    system = pull.target.system
    if not system.enabled or (system.open_until and system.open_until > pull.env.clock()):
        return "paused"
    try:
        finished = _read_window(pull, until, read, store)
    except CallFailed as failure:
        with pull.env.outbox.work("sync") as work:
            note_failure(work, system.key, failure, pull.env.clock())
        return failure.reason[:64]
    with pull.env.outbox.work("sync") as work:
        note_success(work, system.key)
    return "finished" if finished else "time_over"


def _read_window(pull: Pull, until: datetime, read: ReadPages[Entry], store: StorePage[Entry]) -> bool:
    begin, end = window_begin(pull.flow), pull.env.clock()
    position = pull.flow.position
    for page in read(pull.target.adapter, begin, end):
        times = [time for row in page if (time := _changed_at(row))]
        _require_within(times, begin, end)
        position = max(position, *(first_id(time) for time in times)) if times else position
        _store_page(pull, page, position, store)
        if pull.env.clock() >= until:
            return False
    _store_page(pull, [], max(position, first_id(end)), store)
    return True


def window_begin(flow: FlowRow) -> datetime:
    """The begin of the next window.

    After a run that ended by its time no old row is read again: all of them were there when that run began. Otherwise a
    run of few pages would read the same pages each time.
    """
    position = moment_of(flow.position)
    if flow.outcome == "time_over" and flow.began_at and position <= flow.began_at - OVERLAP:
        return position
    return max(position - OVERLAP, EPOCH)


def _store_page(pull: Pull, page: Sequence[Entry | MalformedRecord], position: str, store: StorePage[Entry]) -> None:
    good = [row for row in page if not isinstance(row, MalformedRecord)]
    malformed = {row.key: row.detail for row in page if isinstance(row, MalformedRecord)}
    with pull.env.outbox.work("sync") as work:
        changed = store(work, pull, good) if good else 0
        pull.refuse(work, malformed)
        until = pull.env.clock() + RUN_LEASE
        if not update_position(work, pull.flow, pull.token, position, until, len(page), changed):
            raise Conflict("run_taken_over", "Another worker goes on with this flow.")


def _changed_at(row: Any) -> datetime | None:
    """The time of the change of a row. One that has none is judged with the rest of its fields, and not here."""
    try:
        moment = datetime.fromisoformat(row["changed_at"]) if isinstance(row, dict) else row.changed_at
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return moment if moment.tzinfo else None


def _require_within(times: list[datetime], begin: datetime, end: datetime) -> None:
    """A page of another window is an old answer. Raises `InDoubt`."""
    if any(not begin <= time < end for time in times):
        raise InDoubt("page_stale", "a page has rows that are not of the window that was asked for")
