"""`/v1/tag-backfills`: runs that compute tags again for all members of a chain."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.members.recalculation.backfills import start_backfill as start
from functions.members.resources.requests import ChainQuery, TagName, may, require
from functions.members.states import BackfillStatus, move
from functions.members.tables.backfills import Backfill, lock_backfill, read_newest_backfills, update_status
from functions.members.tags.registry import TAGS
from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply


class BackfillPath(Query):
    """A backfill by its id."""

    backfill: Ulid


class BackfillIn(Input):
    """The tags to compute again for all members of a chain."""

    chain: Id
    tags: Annotated[list[TagName], Field(min_length=1, max_length=50)]


class BackfillDocument(Output):
    """A backfill. `running` includes the wait for `starts_at`. `replaced`: a newer one came before its start.

    It has visited `visited` members and written `changed` tags.
    """

    id: Ulid
    chain: str
    tags: list[str]
    status: str
    starts_at: datetime
    visited: int
    changed: int
    ended_at: datetime | None


class BackfillPage(Output):
    """The last hundred backfills, the newest first."""

    backfills: list[BackfillDocument]


def start_backfill(call: Call, body: BackfillIn) -> Reply:
    """Start a backfill: compute tags again for all members of a chain."""
    require(call, "tags:write", body.chain)
    unknown = [name for name in body.tags if name not in TAGS]
    if unknown:
        raise Rejected("unknown_tag", f"There is no tag {unknown[0]}.")
    with call.once() as (work, stored):
        backfill_id = start(work, body.chain, set(body.tags), call.env.clock())
        stored.status, stored.reply = 201, _locked_document(work, backfill_id)
    return Reply(stored.reply, stored.status)


def list_backfills(call: Call, query: ChainQuery) -> Reply:
    """List the backfills of a chain with their progress."""
    require(call, "members:read", query.chain)
    with call.env.db.transaction() as transaction:
        backfills = read_newest_backfills(transaction, query.chain)
    return Reply(BackfillPage(backfills=[_document(backfill) for backfill in backfills]))


def pause_backfill(call: Call, path: BackfillPath) -> Reply:
    """Pause a backfill at the end of its present step."""
    return _move(call, path.backfill, BackfillStatus.PAUSED)


def resume_backfill(call: Call, path: BackfillPath) -> Reply:
    """Resume a backfill at the member where it stopped."""
    return _move(call, path.backfill, BackfillStatus.RUNNING)


def _move(call: Call, backfill_id: str, status: BackfillStatus) -> Reply:
    with call.once() as (work, stored):
        backfill = lock_backfill(work, backfill_id)
        if backfill is None or not may(call, "tags:write", backfill.chain):
            raise NotFound("unknown_backfill", f"There is no backfill {backfill_id}.")
        if backfill.status is not status:
            update_status(work, backfill_id, move(backfill.status, status))
        stored.reply = _locked_document(work, backfill_id)
    return Reply(stored.reply)


def _locked_document(transaction: Transaction, backfill_id: str) -> str:
    backfill = lock_backfill(transaction, backfill_id)
    assert backfill is not None  # this transaction has inserted or locked it
    return _document(backfill).model_dump_json()


def _document(backfill: Backfill) -> BackfillDocument:
    return BackfillDocument(
        id=backfill.id,
        chain=backfill.chain,
        tags=list(backfill.tags),
        status=backfill.status,
        starts_at=backfill.starts_at,
        visited=backfill.visited,
        changed=backfill.changed,
        ended_at=backfill.ended_at,
    )
