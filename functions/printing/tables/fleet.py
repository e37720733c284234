"""The SQL of lists that people see: the stores of a chain, the jobs of a store, the jobs that wait for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.printing.routing.timing import LATE_UPLOAD
from functions.printing.states import OPEN, JobState
from functions.printing.tables.agents import SELECT_AGENTS, Agent, agent_from_row
from functions.printing.tables.jobs import SELECT_JOBS, Job, job_from_row
from functions.printing.tables.plans import read_planned_orders
from functions.printing.tables.printers import SELECT_PRINTER, Printer, printer_from_row
from functions.printing.tables.rows import with_utc
from shared.contracts.ids import first_id, store_key
from shared.spine.db import Row, Transaction
from shared.spine.rights import Reach

# A page ends after so many jobs were read, even if few of them match.
READ_PER_PAGE = 1_000
JOBS_PER_FLEET = 300
# Greater than any ULID.
_NEWEST = "8"
SELECT_STORES = """
    SELECT p.store_id, p.name, s.printing_agent FROM store_places p JOIN print_stores s ON s.store_id = p.store_id
    WHERE p.chain_id = %s AND p.store_id > %s AND {within}
    ORDER BY p.store_id LIMIT %s"""
SELECT_AGENTS_OF_STORES = f"{SELECT_AGENTS} WHERE a.store_id IN %s AND a.revoked_at IS NULL ORDER BY a.store_id, a.id"
SELECT_PRINTERS_OF_STORES = f"{SELECT_PRINTER} WHERE store_id IN %s ORDER BY store_id, id"
# The index by_state serves each open state: jobs that have ended are never read.
_OPEN_STATES = " UNION ALL ".join(f"SELECT _ascii'{state}' COLLATE ascii_bin AS state" for state in OPEN)
COUNT_OPEN = f"""
    SELECT p.store_id, p.id AS printer, COUNT(*) AS jobs, MIN(j.queued_at) AS oldest_at
    FROM print_printers p JOIN ({_OPEN_STATES}) s
    STRAIGHT_JOIN print_jobs j ON j.store_id = p.store_id AND j.printer = p.id AND j.state = s.state
    WHERE p.store_id IN %s GROUP BY p.store_id, p.id"""  # noqa: S608 - of this file's constants, as all below
_FOR_PERSON = "attention IN ('unknown', 'failed', 'expired', 'waiting')"
COUNT_FOR_PERSON = f"""
    SELECT store_id, COUNT(*) AS jobs FROM print_jobs WHERE {_FOR_PERSON} AND store_id IN %s GROUP BY store_id"""  # noqa: S608
COUNT_BY_CODE = """
    SELECT store_id, COUNT(*) AS jobs FROM print_jobs WHERE code = %s AND store_id IN %s AND queue_id >= %s
    GROUP BY store_id"""
SELECT_JOBS_FOR_PERSON_OF_STORES = f"""
    {SELECT_JOBS} WHERE {_FOR_PERSON} AND store_id IN %s ORDER BY queue_id DESC LIMIT %s"""
_FILTERS = """(%(state)s IS NULL OR state = %(state)s) AND (%(printer)s IS NULL OR printer = %(printer)s)
        AND (NOT %(person)s OR attention IS NOT NULL)"""
_PAGE = f"AND queue_id < %(cursor)s AND {_FILTERS} ORDER BY queue_id DESC LIMIT %(limit)s"
SELECT_JOBS_OF_ORDER = f"{SELECT_JOBS} WHERE order_id = %(order)s AND store_id = %(store)s {_PAGE}"
SELECT_JOBS_FOR_PERSON = f"{SELECT_JOBS} WHERE {_FOR_PERSON} AND store_id = %(store)s {_PAGE}"
_CANDIDATES = """
    SELECT store_id AS candidate_store, id AS candidate_id, queue_id AS candidate_queue FROM print_jobs
    WHERE store_id = %(store)s AND queue_id < %(cursor)s ORDER BY queue_id DESC LIMIT %(read)s"""
SELECT_NEWEST_JOBS = f"""
    {SELECT_JOBS} JOIN ({_CANDIDATES}) candidates ON store_id = candidate_store AND id = candidate_id
    WHERE {_FILTERS} ORDER BY queue_id DESC LIMIT %(limit)s"""
SELECT_LAST_CANDIDATE = f"SELECT MIN(candidate_queue) AS last, COUNT(*) AS jobs FROM ({_CANDIDATES}) candidates"  # noqa: S608


@dataclass(frozen=True)
class Waiting:
    """The jobs of a printer that have not ended."""

    jobs: int = 0
    # Since when the oldest of them waits.
    oldest_at: datetime | None = None


@dataclass(frozen=True)
class JobFilter:
    """Which jobs of a store to list."""

    state: JobState | None
    printer: str | None
    order: str | None
    # Only jobs that wait for a person.
    person: bool
    # The jobs after this id; the newest jobs come first.
    cursor: str | None
    limit: int


@dataclass(frozen=True)
class StoreRows:
    """A store, as a page of the fleet shows it."""

    id: str
    name: str
    printing_agent: str | None
    agents: list[Agent]
    printers: list[Printer]
    waiting: dict[str, Waiting]
    jobs_for_person: int
    jobs: list[Job]
    orders_planned: int
    late_uploads: int


def read_open_jobs(transaction: Transaction, store_ids: Sequence[str]) -> dict[tuple[str, str], Waiting]:
    """The waiting jobs by (store, printer), without printers that have none."""
    rows = map(with_utc, transaction.rows(COUNT_OPEN, (store_ids,)) if store_ids else [])
    return {(row["store_id"], row["printer"]): Waiting(row["jobs"], row["oldest_at"]) for row in rows}


def read_fleet(
    transaction: Transaction, chain: str, reach: Reach, cursor: str, limit: int, now: datetime
) -> list[StoreRows]:
    """The stores of a chain that print, after the store `cursor`, within `reach`."""
    condition, allowed = reach.condition("p.chain_id", "p.region_id", "p.store_id")
    statement = SELECT_STORES.format(within=condition)
    rows = transaction.rows(statement, [chain, store_key(chain, cursor), *allowed, limit])
    ids = [row["store_id"] for row in rows]
    return _store_rows(transaction, rows, ids, now) if ids else []


def _store_rows(transaction: Transaction, stores: Sequence[Row], ids: Sequence[str], now: datetime) -> list[StoreRows]:
    agents = [agent_from_row(row) for row in transaction.rows(SELECT_AGENTS_OF_STORES, (ids,))]
    printers = [printer_from_row(row) for row in transaction.rows(SELECT_PRINTERS_OF_STORES, (ids,))]
    waiting = read_open_jobs(transaction, ids)
    for_person = _counts(transaction.rows(COUNT_FOR_PERSON, (ids,)))
    jobs = _jobs_for_person(transaction, ids) if for_person else []
    planned = read_planned_orders(transaction, ids)
    late = _counts(transaction.rows(COUNT_BY_CODE, (LATE_UPLOAD, ids, first_id(now - timedelta(days=1)))))
    return [
        StoreRows(
            id=(store_id := store["store_id"]),
            name=store["name"],
            printing_agent=store["printing_agent"],
            agents=[agent for agent in agents if agent.store_id == store_id],
            printers=[printer for printer in printers if printer.store_id == store_id],
            waiting={printer: jobs for (of_store, printer), jobs in waiting.items() if of_store == store_id},
            jobs_for_person=for_person.get(store_id, 0),
            jobs=[job for job in jobs if job.store_id == store_id],
            orders_planned=planned.get(store_id, 0),
            late_uploads=late.get(store_id, 0),
        )
        for store in stores
    ]


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    return {row["store_id"]: row["jobs"] for row in rows}


def _jobs_for_person(transaction: Transaction, ids: Sequence[str]) -> list[Job]:
    rows = transaction.rows(SELECT_JOBS_FOR_PERSON_OF_STORES, (ids, JOBS_PER_FLEET))
    return [job_from_row(row) for row in rows]


def read_job_page(transaction: Transaction, store_id: str, query: JobFilter) -> tuple[list[Job], str | None]:
    """(a page of a store's jobs, the newest first; the cursor of the next page)."""
    values: dict[str, Any] = vars(query) | {
        "store": store_id, "cursor": query.cursor or _NEWEST, "read": READ_PER_PAGE
    }  # fmt: skip
    indexed = SELECT_JOBS_OF_ORDER if query.order else SELECT_JOBS_FOR_PERSON if query.person else None
    jobs = [job_from_row(row) for row in transaction.rows(indexed or SELECT_NEWEST_JOBS, values)]
    if len(jobs) == query.limit:
        return jobs, jobs[-1].queue_id
    last = None if indexed else transaction.row(SELECT_LAST_CANDIDATE, values)
    return jobs, last["last"] if last and last["jobs"] == READ_PER_PAGE else None
