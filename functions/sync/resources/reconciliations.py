"""/v1/sync/systems/{system}/reconciliations: the comparisons of both systems, and their differences."""

import json
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from functions.sync.resources.access import READ, ChainQuery, SystemPath, system_of
from functions.sync.tables.reconciliations import Reconciliation, read_reconciliations
from shared.contracts.models import Output
from shared.spine.http import Call, Reply

LAST_ID = "Z" * 26


class ReconciliationsQuery(ChainQuery):
    """A page, the newest first: those before the id `before`."""

    before: str = LAST_ID
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


def list_reconciliations(call: Call, path: SystemPath, query: ReconciliationsQuery) -> Reply:
    """List the comparisons of a system, the newest first."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_reconciliations(transaction, system.key, query.before, query.limit)
    return Reply(ReconciliationPage(reconciliations=[_document(row) for row in rows]))


def _document(row: Reconciliation) -> ReconciliationDocument:
    fields = {name: value for name, value in vars(row).items() if name in ReconciliationDocument.model_fields}
    return ReconciliationDocument(**fields, differences=json.loads(row.report))
