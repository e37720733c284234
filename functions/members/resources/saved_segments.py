"""`/v1/segments/saved`: segments that people keep by name, for all of the chain who may see members."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.members.resources.requests import ChainQuery, Where, may, require
from functions.members.segments.expression import parse
from functions.members.segments.matching import VOCABULARY
from functions.members.tables.saved_segments import (
    MOST,
    SavedSegment,
    count_saved_segments,
    delete_saved_segment,
    insert_saved_segment,
    lock_saved_segment,
    read_names,
    read_saved_segments,
    update_saved_segment,
)
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id, Name
from shared.spine.db import Duplicate, Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply

SEES, MANAGES = "members:read", "people:manage"
PERSON = "p-"


class SavedSegmentIn(Input):
    """A segment to keep under a name. A chain has each name once."""

    chain: Id
    name: Name
    where: Where


class SavedSegmentChange(Input):
    """A change. A field that is left away stays."""

    name: Name | None = None
    where: Where | None = None


class SavedSegmentPath(Query):
    """A saved segment by its id."""

    segment: Ulid


class SavedSegmentDocument(Output):
    """A saved segment. `owner_name` is null for an API key, and for a person who is disabled."""

    id: str
    chain: str
    name: str
    where: str
    owner: str
    owner_name: str | None
    may_change: Annotated[bool, Field(description="Whether the caller may change and delete it.")]
    changed_at: datetime


class SavedSegmentList(Output):
    """The saved segments of a chain by name, at most 200."""

    segments: list[SavedSegmentDocument]


class SavedSegmentDeleted(Output):
    """The segment that is no longer kept."""

    id: str


def list_saved_segments(call: Call, query: ChainQuery) -> Reply:
    """The saved segments of a chain."""
    require(call, SEES, query.chain)
    with call.env.db.transaction() as transaction:
        segments = read_saved_segments(transaction, query.chain)
        documents = _documents(call, transaction, segments)
    return Reply(SavedSegmentList(segments=documents))


def save_segment(call: Call, body: SavedSegmentIn) -> Reply:
    """Keep a segment under a name. The caller is its owner."""
    require(call, SEES, body.chain)
    parse(body.where, VOCABULARY)
    now = call.env.clock()
    segment = SavedSegment(new_id(now), body.chain, body.name, body.where, call.client.id, now, now)
    with call.once() as (work, stored):
        if count_saved_segments(work, body.chain) >= MOST:
            raise Conflict("too_many_segments", f"a chain keeps at most {MOST} segments: delete one first")
        try:
            insert_saved_segment(work, segment)
        except Duplicate:
            raise _name_taken() from None
        stored.status, stored.reply = HTTPStatus.CREATED, _document(call, work, segment).model_dump_json()
    return Reply(stored.reply, stored.status)


def change_saved_segment(call: Call, path: SavedSegmentPath, body: SavedSegmentChange) -> Reply:
    """Change the name or the expression. Only its owner, and a person who manages people of the chain, may."""
    if body.where is not None:
        parse(body.where, VOCABULARY)
    with call.once() as (work, stored):
        segment = _own(call, work, path.segment)
        changes = body.model_dump(exclude_none=True)
        changed = replace(segment, **changes, changed_at=call.env.clock())
        try:
            update_saved_segment(work, changed)
        except Duplicate:
            raise _name_taken() from None
        stored.reply = _document(call, work, changed).model_dump_json()
    return Reply(stored.reply)


def remove_saved_segment(call: Call, path: SavedSegmentPath) -> Reply:
    """Delete a saved segment. Its members stay."""
    with call.once() as (work, stored):
        segment = _own(call, work, path.segment)
        delete_saved_segment(work, segment.id)
        stored.reply = SavedSegmentDeleted(id=segment.id).model_dump_json()
    return Reply(stored.reply)


def _own(call: Call, transaction: Transaction, segment_id: str) -> SavedSegment:
    """The locked segment. Raises `NotFound`, or `Rejected` (403) for one of another owner."""
    segment = lock_saved_segment(transaction, segment_id)
    if segment is None or not may(call, SEES, segment.chain):
        raise NotFound("unknown_segment", f"There is no saved segment {segment_id}.")
    if not _may_change(call, segment):
        detail = "only its owner, or a person who manages people, may change this segment"
        raise Rejected("not_allowed", detail, status=HTTPStatus.FORBIDDEN)
    return segment


def _may_change(call: Call, segment: SavedSegment) -> bool:
    return segment.owner == call.client.id or may(call, MANAGES, segment.chain)


def _document(call: Call, transaction: Transaction, segment: SavedSegment) -> SavedSegmentDocument:
    return _documents(call, transaction, [segment])[0]


def _documents(call: Call, transaction: Transaction, segments: list[SavedSegment]) -> list[SavedSegmentDocument]:
    owners = {segment.owner.removeprefix(PERSON) for segment in segments if segment.owner.startswith(PERSON)}
    names = read_names(transaction, owners)
    return [
        SavedSegmentDocument(
            id=segment.id,
            chain=segment.chain,
            name=segment.name,
            where=segment.where,
            owner=segment.owner,
            owner_name=names.get(segment.owner.removeprefix(PERSON)),
            may_change=_may_change(call, segment),
            changed_at=segment.changed_at,
        )
        for segment in segments
    ]


def _name_taken() -> Conflict:
    return Conflict("name_taken", "the chain has a saved segment with this name")
