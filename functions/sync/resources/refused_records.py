"""/v1/sync/systems/{system}/refused-records: records of an outside system that cannot be read."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.sync.resources.access import READ, ChainQuery, SystemPath, system_of
from functions.sync.states import Flow
from functions.sync.tables.refused_records import RefusedRow, read_refused_page
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class RefusedRecordsQuery(ChainQuery):
    """A page of the records of a flow, by key. `after` is `next` of the page before."""

    flow: Flow
    after: Annotated[str, Field(max_length=260)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class RefusedRecord(Output):
    """A record by its key in the system, and why it cannot be read. It goes from the list when it is mended there."""

    key: str
    detail: str
    refused_at: datetime


class RefusedRecords(Output):
    """Records of a flow. `next` continues the list."""

    records: list[RefusedRecord]
    next: str | None


def list_refused(call: Call, path: SystemPath, query: RefusedRecordsQuery) -> Reply:
    """List the items, stock levels or people of a system that cannot be read, each with the reason."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_refused_page(transaction, system.key, query.flow, query.after, query.limit)
    following = rows[-1].key if len(rows) == query.limit else None
    return Reply(RefusedRecords(records=[_document(row) for row in rows], next=following))


def _document(row: RefusedRow) -> RefusedRecord:
    return RefusedRecord(key=row.key, detail=row.detail, refused_at=row.refused_at)
