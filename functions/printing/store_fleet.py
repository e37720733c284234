"""The SQL of what people see of printing: the stores of a chain, lists of jobs, what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.printing.documents_jobs import JobsQuery
from functions.printing.states import OPEN
from functions.printing.store import JOB, PRINTER, Job, Printer, aware, job_of, printer_of
from functions.printing.store_agents import AGENT, Agent, agent_of_row
from functions.printing.store_plans import orders_planned
from functions.printing.timing import LATE_UPLOAD
from shared.contracts.ids import first_id, store_key
from shared.spine.auth import Reach
from shared.spine.db import Row, Transaction

# A page ends after so many jobs, however few of them were asked for.
LOOKED_THROUGH = 1_000
JOBS_OF_A_FLEET = 300
# Greater than any ULID.
_NEWEST = "8"

BUMP = "UPDATE print_stores SET revision = revision + 1 WHERE store_id = %s"

FLEET_STORES = """
    SELECT p.store_id, p.name, s.printing_agent FROM store_places p JOIN print_stores s ON s.store_id = p.store_id
    WHERE p.chain_id = %s AND p.store_id > %s AND {within}
    ORDER BY p.store_id LIMIT %s"""
FLEET_AGENTS = f"{AGENT} WHERE a.store_id IN %s AND a.revoked_at IS NULL ORDER BY a.store_id, a.id"
FLEET_PRINTERS = f"{PRINTER} WHERE store_id IN %s ORDER BY store_id, id"
# The index by_state takes each state for itself: what has ended is never looked at.
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
    SELECT store_id, COUNT(*) AS jobs FROM print_jobs WHERE code = %s AND store_id IN %s AND id >= %s
    GROUP BY store_id"""
FLEET_JOBS = f"{JOB} WHERE {_FOR_PERSON} AND store_id IN %s ORDER BY id DESC LIMIT %s"

_FILTERS = """(%(state)s IS NULL OR state = %(state)s) AND (%(printer)s IS NULL OR printer = %(printer)s)
        AND (NOT %(person)s OR attention IS NOT NULL)"""
_PAGE = f"AND id < %(cursor)s AND {_FILTERS} ORDER BY id DESC LIMIT %(limit)s"
JOBS_OF_ORDER = f"{JOB} WHERE order_id = %(order)s AND store_id = %(store)s {_PAGE}"
JOBS_FOR_PERSON = f"{JOB} WHERE {_FOR_PERSON} AND store_id = %(store)s {_PAGE}"
_LOOKED = """
    SELECT store_id AS looked_store, id AS looked_id FROM print_jobs WHERE store_id = %(store)s AND id < %(cursor)s
    ORDER BY id DESC LIMIT %(looked)s"""
NEWEST_JOBS = f"""
    {JOB} JOIN ({_LOOKED}) looked ON store_id = looked_store AND id = looked_id
    WHERE {_FILTERS} ORDER BY id DESC LIMIT %(limit)s"""
LAST_LOOKED = f"SELECT MIN(looked_id) AS last, COUNT(*) AS jobs FROM ({_LOOKED}) looked"  # noqa: S608


@dataclass(frozen=True)
class Waiting:
    """How many jobs of a printer have not ended, and since when the first waits."""

    jobs: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True)
class StoreRows:
    """Everything of a store that the fleet's page shows."""

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


def bump(transaction: Transaction, store_id: str) -> None:
    """The revision of how a store prints grows."""
    transaction.execute(BUMP, (store_id,))


def open_by_printer(transaction: Transaction, store_ids: Sequence[str]) -> dict[tuple[str, str], Waiting]:
    """By (store, printer), of those that have any."""
    rows = map(aware, transaction.rows(COUNT_OPEN, (store_ids,)) if store_ids else [])
    return {(row["store_id"], row["printer"]): Waiting(row["jobs"], row["oldest_at"]) for row in rows}


def fleet(
    transaction: Transaction, chain: str, reach: Reach, cursor: str, limit: int, now: datetime
) -> list[StoreRows]:
    """The stores of a chain that print, after the store `cursor`, within `reach`."""
    condition, allowed = reach.condition("p.chain_id", "p.region_id", "p.store_id")
    statement = FLEET_STORES.format(within=condition)
    rows = transaction.rows(statement, [chain, store_key(chain, cursor), *allowed, limit])
    ids = [row["store_id"] for row in rows]
    return _filled(transaction, rows, ids, now) if ids else []


def _filled(transaction: Transaction, stores: Sequence[Row], ids: Sequence[str], now: datetime) -> list[StoreRows]:
    agents = [agent_of_row(row) for row in transaction.rows(FLEET_AGENTS, (ids,))]
    printers = [printer_of(row) for row in transaction.rows(FLEET_PRINTERS, (ids,))]
    waiting = open_by_printer(transaction, ids)
    counts = {row["store_id"]: row["jobs"] for row in transaction.rows(COUNT_FOR_PERSON, (ids,))}
    jobs = [job_of(row) for row in transaction.rows(FLEET_JOBS, (ids, JOBS_OF_A_FLEET))] if counts else []
    planned = orders_planned(transaction, ids)
    late_rows = transaction.rows(COUNT_BY_CODE, (LATE_UPLOAD, ids, first_id(now - timedelta(days=1))))
    late = {row["store_id"]: row["jobs"] for row in late_rows}
    return [
        StoreRows(
            store["store_id"],
            store["name"],
            store["printing_agent"],
            [agent for agent in agents if agent.store_id == store["store_id"]],
            [printer for printer in printers if printer.store_id == store["store_id"]],
            {printer: found for (of, printer), found in waiting.items() if of == store["store_id"]},
            counts.get(store["store_id"], 0),
            [job for job in jobs if job.store_id == store["store_id"]],
            planned.get(store["store_id"], 0),
            late.get(store["store_id"], 0),
        )
        for store in stores
    ]


def list_jobs(transaction: Transaction, store_id: str, query: JobsQuery) -> tuple[list[Job], str | None]:
    """A page of a store's jobs, the newest first, and the cursor of what may follow it."""
    values: dict[str, Any] = query.model_dump() | {
        "store": store_id, "cursor": query.cursor or _NEWEST, "looked": LOOKED_THROUGH
    }  # fmt: skip
    indexed = JOBS_OF_ORDER if query.order else JOBS_FOR_PERSON if query.person else None
    jobs = [job_of(row) for row in transaction.rows(indexed or NEWEST_JOBS, values)]
    if len(jobs) == query.limit:
        return jobs, jobs[-1].id
    looked = None if indexed else transaction.row(LAST_LOOKED, values)
    return jobs, looked["last"] if looked and looked["jobs"] == LOOKED_THROUGH else None
