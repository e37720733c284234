"""/v1/sync/systems/{system}/reconciliations: the comparisons of both systems, and their differences."""

import json
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import Field

from functions.sync.reconciliation.due_days import over_until
from functions.sync.resources.access import READ, AsciiKey, ChainQuery, SystemPath, locked_system, system_of
from functions.sync.states import Flow
from functions.sync.tables.flows import read_flow
from functions.sync.tables.reconciliations import Reconciliation, read_reconciliations
from functions.sync.tables.stores import read_stores
from shared.contracts.ids import new_id
from shared.contracts.messages.sync import SyncRunUnfinished
from shared.contracts.models import Input, Output
from shared.contracts.moments import Day
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply

LAST_ID = "Z" * 26
MOST_DAYS = 31


class ReconciliationsQuery(ChainQuery):
    """A page, the newest first: those before the id `before`."""

    before: AsciiKey = LAST_ID
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class ReconciliationDocument(Output):
    """A comparison of the business days in the half-open window. `gross` is ours less theirs in minor units.

    `differences` has the sums that differ by store, day and tender in `cells`, and the differing `documents`, at most
    1,000 of each.
    """

    id: str
    day_from: date
    day_until: date
    ended_at: datetime
    documents: int
    cells: int
    differing_cells: int
    differing_documents: int
    gross: int
    currency: str
    mailed_at: datetime | None
    differences: dict[str, list[dict[str, Any]]]


class ReconciliationPage(Output):
    """Comparisons, the newest first."""

    reconciliations: list[ReconciliationDocument]


class ReconciliationIn(Input):
    """The half-open window of business days to compare."""

    day_from: Annotated[Day, Field(strict=False)]
    day_until: Annotated[Day, Field(strict=False)]


class ReconciliationBegun(Output):
    """How many days are compared. The result is listed when it is there."""

    days: int


def begin_reconciliation(call: Call, path: SystemPath, query: ChainQuery, body: ReconciliationIn) -> Reply:
    """Compare business days that are over, at most 31. The flow `reconcile` must be there."""
    days = (body.day_until - body.day_from).days
    if not 1 <= days <= MOST_DAYS:
        raise Rejected("window_wrong", f"A comparison has 1 to {MOST_DAYS} days, not {days}.")
    with call.once() as (work, stored):
        system = locked_system(call, work, query.chain, path.system)
        if read_flow(work, system.key, Flow.RECONCILE) is None:
            raise NotFound("unknown_flow", "The system has no flow reconcile.")
        _require_over(work, query.chain, body.day_until, call.env.clock())
        data = SyncRunUnfinished(
            chain=system.chain,
            system=system.id,
            flow=Flow.RECONCILE,
            day_from=body.day_from,
            day_until=body.day_until,
        )
        work.announce(data, subject=f"run/{new_id(call.env.clock())}", sequence=1)
        stored.status, stored.reply = HTTPStatus.ACCEPTED, ReconciliationBegun(days=days).model_dump_json()
    return Reply(stored.reply, stored.status)


def _require_over(transaction: Transaction, chain: str, day_until: date, now: datetime) -> None:
    """Raises `Rejected` for a day on which stores still sell."""
    over = over_until(read_stores(transaction, chain), now)
    if day_until > over:
        raise Rejected("days_not_over", f"The business day {over} is not over yet. Compare days before it.")


def list_reconciliations(call: Call, path: SystemPath, query: ReconciliationsQuery) -> Reply:
    """List the comparisons of a system, the newest first."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_reconciliations(transaction, system.key, query.before, query.limit)
    return Reply(ReconciliationPage(reconciliations=[_document(row) for row in rows]))


def _document(row: Reconciliation) -> ReconciliationDocument:
    fields = {name: value for name, value in vars(row).items() if name in ReconciliationDocument.model_fields}
    return ReconciliationDocument(**fields, differences=json.loads(row.report))
