"""SQL of the table `sync_reconciliations`: what each comparison of both systems found."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.spine.db import Row, Transaction

COLUMNS = """system_key, id, day_from, day_until, ended_at, documents, cells, differing_cells, differing_documents,
    gross, currency, report, mailed_at"""
INSERT_RECONCILIATION = """
    INSERT INTO sync_reconciliations (system_key, id, day_from, day_until, ended_at, documents, cells, differing_cells,
        differing_documents, gross, currency, report, mailed_at)
    VALUES (%(system)s, %(id)s, %(day_from)s, %(day_until)s, %(ended_at)s, %(documents)s, %(cells)s,
        %(differing_cells)s, %(differing_documents)s, %(gross)s, %(currency)s, %(report)s,
        %(mailed_at)s)"""
SELECT_PAGE = f"""
    SELECT {COLUMNS} FROM sync_reconciliations WHERE system_key = %(system)s AND id < %(before)s
    ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant


@dataclass(frozen=True)
class Reconciliation:
    """One comparison. `gross` is ours less theirs in minor units. `report` is JSON."""

    system: str
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
    report: str
    mailed_at: datetime | None = None


def insert_reconciliation(transaction: Transaction, reconciliation: Reconciliation) -> None:
    """Store a comparison that ended."""
    transaction.execute(INSERT_RECONCILIATION, vars(reconciliation))


def read_reconciliations(transaction: Transaction, system: str, before: str, limit: int) -> list[Reconciliation]:
    """Comparisons with ids before `before`, the newest first."""
    values = {"system": system, "before": before, "limit": limit}
    return [_reconciliation(row) for row in transaction.rows(SELECT_PAGE, values)]


def _reconciliation(row: Row) -> Reconciliation:
    return Reconciliation(
        row["system_key"],
        row["id"],
        row["day_from"],
        row["day_until"],
        row["ended_at"].replace(tzinfo=UTC),
        row["documents"],
        row["cells"],
        row["differing_cells"],
        row["differing_documents"],
        row["gross"],
        row["currency"],
        row["report"],
        row["mailed_at"] and row["mailed_at"].replace(tzinfo=UTC),
    )
