"""`/v1/segments/exports`: a whole segment as one file."""

from datetime import datetime, timedelta
from typing import Literal

from functions.members.resources.requests import Where, may, require
from functions.members.segments.exports import key_of
from functions.members.segments.expression import parse
from functions.members.segments.matching import VOCABULARY
from functions.members.states import ExportStatus
from functions.members.tables.exports import Export, insert_export, read_export
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.env import Environment
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

# The bucket deletes a file in the night after this.
FILE_LIFETIME = timedelta(days=1)
URL_SECONDS = 900


class ExportIn(Input):
    """A segment to write into one file, of any number of members."""

    chain: Id
    where: Where
    format: Literal["csv", "parquet"] = "csv"


class ExportPath(Query):
    """An export by its id."""

    export: Ulid


class ExportDocument(Output):
    """An export. Its status is `waiting`, `writing`, `ended`, `failed`, or `expired` a day after its end.

    While it is `writing`, `members` and `bytes` count what is written. `url` gives the file for 15 minutes to any
    client that has the address.
    """

    id: Ulid
    chain: str
    where: str
    format: str
    status: str
    members: int
    bytes: int
    ended_at: datetime | None
    url: str | None


def start_export(call: Call, body: ExportIn) -> Reply:
    """Start an export of a whole segment. When it has ended, its document has an address to get the file."""
    require(call, "members:export", body.chain)
    parse(body.where, VOCABULARY)
    now = call.env.clock()
    with call.once() as (work, stored):
        export_id = new_id(now)
        insert_export(work, export_id, body.chain, body.where, body.format, now)
        export = read_export(work, export_id)
        assert export is not None  # it was inserted in this transaction
        stored.status, stored.reply = 202, _document(call.env, export).model_dump_json()
    return Reply(stored.reply, stored.status)


def get_export(call: Call, path: ExportPath) -> Reply:
    """Get the progress of an export, and the address of its file."""
    with call.env.db.transaction() as transaction:
        export = read_export(transaction, path.export)
    if export is None or not may(call, "members:export", export.chain):
        raise NotFound("unknown_export", f"There is no export {path.export}.")
    return Reply(_document(call.env, export))


def _document(env: Environment, export: Export) -> ExportDocument:
    status = _public_status(export, env.clock())
    url = None
    if status == ExportStatus.ENDED:
        url = env.aws.download_address(env.settings.exports_bucket, key_of(export), URL_SECONDS)
    return ExportDocument(
        id=export.id,
        chain=export.chain,
        where=export.where,
        format=export.format,
        status=status,
        members=export.members,
        bytes=export.bytes,
        ended_at=export.ended_at,
        url=url,
    )


def _public_status(export: Export, now: datetime) -> str:
    if export.ended_at and export.ended_at + FILE_LIFETIME <= now:
        return "expired"
    return ExportStatus.WRITING if export.status is ExportStatus.CLOSING else export.status
