"""Batches of the ledger: one transaction stores what became of a batch, and claims the one after it.

Each batch is claimed under a lease with a token, and its rows are marked as being sent before the call. So a worker
that is killed leaves documents in doubt, and the next one searches for them before it sends them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.sync.adapters.contract import CallFailed, Preparing, TargetDocument
from functions.sync.documents.document import Kind, document_of
from functions.sync.engine import outcomes, revisions
from functions.sync.engine.breaker import note_failure, note_success
from functions.sync.engine.target import Target
from functions.sync.engine.translation import CodeMissing, translated
from functions.sync.states import Cause, DocumentState, Goal
from functions.sync.tables.ledger import (
    ClaimedRow,
    lock_due,
    read_by_keys,
    update_claimed,
    update_outcomes,
    update_sending,
)
from functions.sync.tables.replays import update_released
from functions.sync.tables.systems import update_writer, update_writer_released
from shared.spine import log
from shared.spine.clock import EPOCH
from shared.spine.env import Environment
from shared.spine.outbox import Work

# Longer than the calls of a batch take; the fence stops calls that could last longer.
LEASE = timedelta(seconds=120)
# A lease that is younger than this is long enough for a further batch.
YOUNG = timedelta(seconds=10)


@dataclass
class Batch:
    """The rows of a batch by target key, their documents, and what became of them.

    `formers`: earlier revisions of its documents, as they were when it was claimed.
    """

    leased_until: datetime
    rows: dict[str, ClaimedRow] = field(default_factory=dict)
    documents: dict[str, TargetDocument] = field(default_factory=dict)
    formers: Sequence[ClaimedRow] = ()
    ended: dict[str, ClaimedRow] = field(default_factory=dict)
    failure: CallFailed | None = None

    def open_rows(self) -> list[ClaimedRow]:
        """The rows that nothing became of yet."""
        return [row for key, row in self.rows.items() if key not in self.ended]

    def hold(self, rows: Sequence[ClaimedRow], now: datetime, *, claiming: bool = False) -> None:
        """End those rows whose former revision may be there still.

        When the batch is claimed, a former revision in the batch itself may be gone before its successor is posted.
        """
        for row in rows:
            former = revisions.remaining(row, self.formers, (self.ended, self.rows))
            if former and not (claiming and former.target_key in self.rows):
                self.end(revisions.held(row, former, now))

    def end(self, row: ClaimedRow) -> None:
        """Something became of a row."""
        self.ended[row.target_key] = row


@dataclass
class Writer:
    """The right of one run to write to a system, by its token, until the end of its lease.

    `noted`: the health of the system was stored in this run.
    """

    env: Environment
    target: Target
    token: int
    noted: bool = False
    until: datetime = EPOCH

    def store_and_claim(self, ended: Batch | None, *, claims: bool) -> Batch | None:
        """Store what became of a batch, and claim the next one if `claims`.

        None while another worker writes, and while the breaker is open.
        """
        with self.env.outbox.work("sync") as work:
            if ended:
                self._confirm(work, ended)
            batch = self._claim(work) if claims else None
        self._prepare(batch)
        return batch

    def _prepare(self, batch: Batch | None) -> None:
        """Write the documents of a batch, which costs no time while the system works on another one."""
        adapter = self.target.adapter
        if batch is None or not isinstance(adapter, Preparing):
            return
        open_keys = [row.target_key for row in batch.open_rows() if row.goal == Goal.POST]
        try:
            adapter.prepare([batch.documents[key] for key in open_keys if key in batch.documents])
        except Exception as failure:  # noqa: BLE001 - they fail again when they are sent, and are given back
            log.bug(failure, "documents cannot be written")

    def release(self, ended: Batch | None, unsent: Batch | None) -> None:
        """Another worker may write. A batch that was claimed and not begun is due at once."""
        with self.env.outbox.work("sync") as work:
            if ended:
                self._confirm(work, ended)
            if unsent:
                self._give_back(work, unsent)
            update_writer_released(work, self.target.system.key, self.token)

    def _give_back(self, work: Work, unsent: Batch) -> None:
        now = self.env.clock()
        for row in unsent.open_rows():
            state = DocumentState.DOUBTFUL if in_doubt(row) else DocumentState.PENDING
            unsent.end(outcomes.not_begun(row, state, now))
        update_outcomes(work, list(unsent.ended.values()), self.token, now)

    def _confirm(self, work: Work, batch: Batch) -> None:
        """Store the outcomes, and the health of the system where it may have changed."""
        now, key = self.env.clock(), self.target.system.key
        update_outcomes(work, list(batch.ended.values()), self.token, now)
        gone = {row.source_key for row in batch.ended.values() if revisions.is_gone(row)}
        update_released(work, key, gone, now)
        if batch.failure:
            note_failure(work, key, batch.failure, now)
        elif not self.noted:
            note_success(work, key)
        self.noted = True

    def _claim(self, work: Work) -> Batch | None:
        now, key = self.env.clock(), self.target.system.key
        is_young = self.until - now > LEASE - YOUNG
        if not is_young and not self._take(work, now):
            return None
        rows = lock_due(work, key, self.token, now, self.target.adapter.batch)
        if not rows and is_young and not self._take(work, now):
            return None
        until = self.until
        batch = Batch(until, {row.target_key: row for row in rows})
        sales = {row.source_key: row.target_key for row in read_by_keys(work, key, _sale_keys(rows))}
        for row in rows:
            _translate(batch, row, self.target, sales)
        self._hold(work, batch, now)
        update_sending(work, key, batch.open_rows(), self.token, now, until)
        update_claimed(work, key, list(batch.ended.values()), self.token, now, until)
        return batch

    def _hold(self, work: Work, batch: Batch, now: datetime) -> None:
        """Documents that were never sent are not even claimed while a former revision of them may be there."""
        further = [row for row in batch.open_rows() if revisions.needs_former(row)]
        if further:
            batch.formers = read_by_keys(work, self.target.system.key, {row.source_key for row in further})
            batch.hold([row for row in further if row.attempts == 0], now, claiming=True)

    def _take(self, work: Work, now: datetime) -> bool:
        """Take or keep the right to write. False while another worker has it, and while nothing may be sent."""
        self.until = now + LEASE
        return update_writer(work, self.target.system.key, self.token, now, self.until)


def in_doubt(row: ClaimedRow) -> bool:
    """Whether the document may be in the outside system, though no answer has said so."""
    return row.state in (DocumentState.DOUBTFUL, DocumentState.SENDING, DocumentState.BACKFILL)


def _sale_keys(rows: Sequence[ClaimedRow]) -> set[str]:
    return {f"S{row.group}" for row in rows if row.kind == Kind.CREDIT_NOTE and "|" not in row.group}


def _translate(batch: Batch, row: ClaimedRow, target: Target, sales: dict[str, str]) -> None:
    """The document of a row in the codes of the system. A row without a payload needs none: it is cancelled by id."""
    if row.payload is None:
        return
    try:
        document = document_of(row.payload)
        refers_to = sales.get(document.refers_to or "")
        batch.documents[row.target_key] = translated(document, row.target_key, target.codes, refers_to)
    except CodeMissing as missing:
        if row.goal == Goal.POST:
            batch.end(outcomes.code_missing(row, missing))
    except (ValueError, KeyError, TypeError, ArithmeticError) as failure:
        log.bug(failure, "a payload cannot be read")
        batch.end(outcomes.parked(row, Cause.BUG, "payload_unreadable", "The stored document cannot be read."))
