"""/v1/sync/systems/{system}/documents: the ledger, and documents that are sent again."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from functions.sync.pulls.sales import send_again
from functions.sync.resources.access import READ, AsciiKey, ChainQuery, SystemPath, locked_system, system_of
from functions.sync.states import Cause, DocumentState, Goal
from functions.sync.tables.ledger import LedgerRow, read_page
from functions.sync.tables.replays import update_cancelled_there, update_replayed
from shared.contracts.ids import split_key, store_key
from shared.contracts.models import Input, Output
from shared.contracts.moments import Day
from shared.contracts.text import Id
from shared.spine.errors import Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

MOST_REPLAYED = 100_000


class DocumentsQuery(ChainQuery):
    """A page of the ledger. The filters narrow it; `after` is `next` of the page before."""

    after: AsciiKey = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    state: DocumentState | None = None
    cause: Cause | None = None
    reason: AsciiKey | None = None
    store: Id | None = None
    day: Day | None = None


class LedgerDocument(Output):
    """A document in the ledger. Amounts are minor units. `target_id` is its id in the outside system."""

    key: str
    revision: int
    target_key: str
    flow: str
    kind: str
    store: str
    day: date
    goal: Goal
    state: DocumentState
    cause: Cause | None
    reason: str | None
    detail: str | None
    attempts: int
    currency: str | None
    net: int
    tax: int
    gross: int
    target_id: str | None
    target_number: str | None
    created_at: datetime
    next_at: datetime
    done_at: datetime | None


class LedgerPage(Output):
    """Documents by key. `next` continues the list."""

    documents: list[LedgerDocument]
    next: str | None


class ReplayIn(Input):
    """Which parked documents and refused sales of a till are sent again: one by its key, or all of a cause or reason.

    `cancelled_there` with a key: a person has cancelled the document in the other system, which no call can.
    """

    key: AsciiKey | None = None
    cause: Cause | None = None
    reason: AsciiKey | None = None
    cancelled_there: bool = False


class Replayed(Output):
    """How many parked documents and refused sales are due again."""

    replayed: int


def list_documents(call: Call, path: SystemPath, query: DocumentsQuery) -> Reply:
    """Read the ledger by key."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_page(
            transaction,
            system.key,
            query.after,
            query.limit,
            state=query.state,
            cause=query.cause,
            reason=query.reason,
            store=store_key(query.chain, query.store) if query.store else None,
            day=query.day,
        )
    following = rows[-1].source_key if len(rows) == query.limit else None
    return Reply(LedgerPage(documents=[_document(row) for row in rows], next=following))


def replay_documents(call: Call, path: SystemPath, query: ChainQuery, body: ReplayIn) -> Reply:
    """Send parked documents again, and refused sales of a till.

    A document that may have been sent before is searched for first.
    """
    if not (body.key or body.cause or body.reason):
        raise Rejected("nothing_chosen", "Name a key, a cause or a reason.")
    if body.cancelled_there and not body.key:
        raise Rejected("key_needed", "Name the key of the document that was cancelled there.")
    with call.once() as (work, stored):
        system = locked_system(call, work, query.chain, path.system)
        stored.reply = Replayed(replayed=_replayed(work, system.key, body, call.env.clock())).model_dump_json()
    return Reply(stored.reply)


def _replayed(work: Work, system: str, body: ReplayIn, now: datetime) -> int:
    if body.cancelled_there:
        return update_cancelled_there(work, system, body.key or "", now)
    documents = update_replayed(
        work, system, now, MOST_REPLAYED, cause=body.cause, reason=body.reason, source_key=body.key
    )
    return documents + send_again(work, system, now, key=body.key, cause=body.cause, reason=body.reason)


def _document(row: LedgerRow) -> LedgerDocument:
    fields = {name: value for name, value in vars(row).items() if name in LedgerDocument.model_fields}
    named = {"key": row.source_key, "target_key": row.target_key, "store": split_key(row.store)[1]}
    return LedgerDocument(**fields | named)
