"""Wanted documents against the ledger: what is new, changed or not wanted any more. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.sync.documents.document import Document, payload_hash
from functions.sync.states import DocumentState, Goal, move
from functions.sync.tables.ledger import LedgerRow
from shared.contracts.ids import store_key


@dataclass(frozen=True)
class Changes:
    """Rows to insert, rows whose unsent content is replaced, and rows whose documents are to be cancelled."""

    new: list[LedgerRow] = field(default_factory=list)
    replaced: list[LedgerRow] = field(default_factory=list)
    unwanted: list[LedgerRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many documents change."""
        return len(self.new) + len(self.replaced) + len(self.unwanted)


@dataclass(frozen=True)
class Intent:
    """Where new rows belong. `search_first`: a document may be in the outside system already.

    `is_backfill`: it may be there, too, and everything else is sent before it.
    """

    system: str
    flow: str
    chain: str
    now: datetime
    search_first: bool = False
    is_backfill: bool = False

    @property
    def state(self) -> DocumentState:
        """The state of a new row."""
        if self.is_backfill:
            return DocumentState.BACKFILL
        return DocumentState.DOUBTFUL if self.search_first else DocumentState.PENDING


def changes_of(documents: Sequence[Document], rows: Sequence[LedgerRow], intent: Intent) -> Changes:
    """The changes that make the ledger want these documents. `rows` are all rows of their groups."""
    newest = {row.source_key: row for row in rows}  # in the order of their revisions
    changes = Changes()
    for document in documents:
        _compare(_row_of(document, intent), newest.pop(document.source_key, None), changes)
    for row in newest.values():
        if row.goal == Goal.POST:
            changes.unwanted.append(_unwanted(row))
    return changes


def _compare(row: LedgerRow, newest: LedgerRow | None, changes: Changes) -> None:
    if newest is None:
        changes.new.append(row)
        return
    wanted_already = newest.goal == Goal.POST
    if wanted_already and newest.payload_hash == row.payload_hash:
        return
    if _never_sent(newest):
        changes.replaced.append(replace(row, revision=newest.revision))
        return
    if wanted_already:
        changes.unwanted.append(_unwanted(newest))
    changes.new.append(replace(row, revision=newest.revision + 1))


def _never_sent(row: LedgerRow) -> bool:
    """Whether the outside system surely has nothing of it."""
    return row.attempts == 0 and row.state in (DocumentState.PENDING, DocumentState.PARKED, DocumentState.DONE)


def _unwanted(row: LedgerRow) -> LedgerRow:
    """The row that wants its document cancelled. A row that a worker is sending stays with that worker."""
    if _never_sent(row):
        return replace(row, goal=Goal.CANCEL, state=DocumentState.DONE)
    if row.state == DocumentState.DONE:
        return replace(row, goal=Goal.CANCEL, state=move(row.state, DocumentState.PENDING))
    if row.state == DocumentState.SENDING:
        return replace(row, goal=Goal.CANCEL)
    return replace(row, goal=Goal.CANCEL, state=DocumentState.DOUBTFUL)


def _row_of(document: Document, intent: Intent) -> LedgerRow:
    payload = document.payload()
    return LedgerRow(
        system=intent.system,
        flow=intent.flow,
        source_key=document.source_key,
        revision=1,
        group=document.group,
        kind=document.kind,
        store=store_key(intent.chain, document.store),
        day=document.day,
        goal=Goal.POST,
        state=intent.state,
        payload_hash=payload_hash(payload),
        payload=payload,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
        next_at=intent.now,
        created_at=intent.now,
        currency=document.currency,
    )


def by_source_key(rows: Sequence[LedgerRow]) -> Mapping[str, LedgerRow]:
    """The newest revision of each source key."""
    return {row.source_key: row for row in rows}
