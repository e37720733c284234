"""GET /v1/audit: who changed what, and who looked at personal data."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.people.tables.audit import Filters, read_entries
from functions.people.tables.people import read_names
from shared.contracts.ids import Ulid
from shared.contracts.models import Output, Query
from shared.contracts.moments import Moment
from shared.contracts.text import Id
from shared.spine.db import Row
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

RIGHT = "audit:read"
PERSON = "p-"


class AuditQuery(Query):
    """Filters and the cursor of a page. The newest entries come first."""

    chain: Id
    actor: Annotated[str | None, StringConstraints(pattern="^[A-Za-z0-9_-]{1,32}$")] = None
    store: Id | None = None
    operation: Annotated[str | None, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")] = None
    since: Moment | None = None
    until: Moment | None = None
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditEntry(Output):
    """One act. `name` is that of the person, null for an API key. `fields` are names of the fields that were sent."""

    id: str
    at: datetime
    actor: str
    name: str | None
    session: str | None
    operation: str
    path: str
    store: str | None
    status: int
    request: str
    fields: list[str]


class AuditPage(Output):
    """A page of entries. `next` is the cursor of the next page; the last page has none."""

    entries: list[AuditEntry]
    next: str | None


def list_audit(call: Call, query: AuditQuery) -> Reply:
    """Read the record of changes and looks. A grant by region or store shows the entries that name its stores."""
    reach = call.client.reach(RIGHT).within(query.chain)
    if not reach.all_chains:
        call.client.require(RIGHT, Scope(query.chain))
    filters = Filters(query.chain, query.actor, query.store, query.operation, query.since, query.until, query.cursor)
    with call.env.db.transaction() as transaction:
        rows = read_entries(transaction, reach, filters, query.limit + 1)
        people = {row["actor"].removeprefix(PERSON) for row in rows if row["actor"].startswith(PERSON)}
        names = read_names(transaction, query.chain, people)
    page = rows[: query.limit]
    entries = [_entry(row, names.get(row["actor"].removeprefix(PERSON))) for row in page]
    return Reply(AuditPage(entries=entries, next=page[-1]["id"] if len(rows) > len(page) else None))


def _entry(row: Row, name: str | None) -> AuditEntry:
    copied = ("id", "actor", "operation", "path", "status", "request", "fields")
    return AuditEntry(
        **{field: row[field] for field in copied},
        at=row["at"].replace(tzinfo=UTC),
        name=name,
        session=row["session_id"],
        store=row["store_id"] and row["store_id"].rpartition(":")[2],
    )
