"""SQL of views that `printing` publishes: agents, printers and jobs of stores."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.contracts.ids import first_id
from shared.spine.db import Row, Transaction

# Keys of a chain's stores lie between these: `demo:` and `demo;`.
_OF_CHAIN = "store_id > %(first)s AND store_id < %(last)s"
SELECT_PRINTING = f"SELECT store_id FROM fleet_stores WHERE {_OF_CHAIN}"  # noqa: S608 - of constants, as all below
COUNT_PRINTING = f"SELECT COUNT(*) AS stores FROM fleet_stores WHERE {_OF_CHAIN}"  # noqa: S608
# Two indexes serve this, and neither reads an agent that is on line. An agent that has left is silent soon.
_AGENTS = """
    SELECT a.store_id, a.id, a.name, a.seen_at, a.silent_at, a.offline_at, a.copied, a.copied_at,
        a.id = s.printing_agent AS prints
    FROM fleet_agents a JOIN fleet_stores s ON s.store_id = a.store_id"""
_AGENTS_OF_CHAIN = "a.store_id > %(first)s AND a.store_id < %(last)s"
SELECT_TROUBLED_AGENTS = f"""
    {_AGENTS} WHERE (a.silent_at IS NULL OR a.silent_at <= %(now)s) AND {_AGENTS_OF_CHAIN}
    UNION
    {_AGENTS} WHERE a.copied IS NOT NULL AND {_AGENTS_OF_CHAIN}"""
_OF_STORES = "AND {alias}store_id IN %(stores)s"
# The agent that prints, off line; and each one that is used twice.
_ALERTS_OF_AGENTS = f"""
    {_AGENTS} WHERE (a.silent_at IS NULL OR a.silent_at <= %(now)s) AND a.id = s.printing_agent
        AND {_AGENTS_OF_CHAIN} {{stores}}
    UNION
    {_AGENTS} WHERE a.copied IS NOT NULL AND {_AGENTS_OF_CHAIN} {{stores}}
    ORDER BY seen_at DESC LIMIT %(limit)s"""
SELECT_ALERTS_OF_AGENTS = _ALERTS_OF_AGENTS.format(stores="")
SELECT_ALERTS_OF_AGENTS_OF_STORES = _ALERTS_OF_AGENTS.format(stores=_OF_STORES.format(alias="a."))
# Two indexes serve this, and neither reads a printer that is ready.
_PRINTERS = "SELECT store_id, id, state, paper, cover, error FROM fleet_printers"
SELECT_TROUBLED_PRINTERS = f"""
    {_PRINTERS} WHERE state IN ('stopped', 'unreachable', 'mute') AND {_OF_CHAIN}
    UNION
    {_PRINTERS} WHERE paper IN ('low', 'out') AND {_OF_CHAIN}"""
_FOR_PERSON = "attention IN ('unknown', 'failed', 'expired', 'waiting')"
# An index has all that this reads. It is for the whole chain.
SELECT_STORES_FOR_PERSON = f"SELECT DISTINCT store_id FROM fleet_jobs WHERE {_FOR_PERSON} AND {_OF_CHAIN}"  # noqa: S608
SELECT_FOR_PERSON = f"""
    SELECT store_id, COUNT(*) AS jobs, MIN(attention_at) AS oldest_at FROM fleet_jobs
    WHERE {_FOR_PERSON} AND store_id IN %(stores)s GROUP BY store_id"""  # noqa: S608
# The report of a printer whose agent is off line is old.
_REPORTS = """
    SELECT p.store_id, p.id, p.state, p.paper, p.cover, p.error, p.changed_at FROM fleet_printers p
    LEFT JOIN fleet_stores s ON s.store_id = p.store_id LEFT JOIN fleet_agents a ON a.id = s.printing_agent
    WHERE p.store_id > %(first)s AND p.store_id < %(last)s {stores}
        AND (a.id IS NULL OR a.copied IS NOT NULL OR a.silent_at > %(now)s)"""
_ALERTS_OF_PRINTERS = f"""
    {_REPORTS} AND p.state IN ('stopped', 'unreachable')
    UNION
    {_REPORTS} AND p.paper = 'out'
    ORDER BY changed_at DESC LIMIT %(limit)s"""
SELECT_ALERTS_OF_PRINTERS = _ALERTS_OF_PRINTERS.format(stores="")
SELECT_ALERTS_OF_PRINTERS_OF_STORES = _ALERTS_OF_PRINTERS.format(stores=_OF_STORES.format(alias="p."))
SELECT_AGENTS = """
    SELECT a.store_id, a.id, a.name, a.version, a.platform, a.connected_at, a.seen_at, a.silent_at,
        a.offline_at, a.copied, a.id = s.printing_agent AS prints
    FROM fleet_agents a JOIN fleet_stores s ON s.store_id = a.store_id
    WHERE a.store_id IN %(stores)s ORDER BY a.store_id, a.id"""
SELECT_PRINTERS = """
    SELECT store_id, id, state, paper, cover, error, trouble, backup, reported_at, changed_at FROM fleet_printers
    WHERE store_id IN %(stores)s ORDER BY store_id, id"""
# An index finds jobs with `due_at`: those that have not ended.
COUNT_WAITING = """
    SELECT store_id, printer, COUNT(*) AS jobs, MIN(queued_at) AS oldest_at FROM fleet_jobs
    WHERE due_at IS NOT NULL AND store_id IN %(stores)s GROUP BY store_id, printer"""
_JOB = """
    SELECT id, order_id, pickup_number, kind, station, printer, state, queued_at, begun_at, ended_at, held, code,
        evidence, attention, reprint, moved_from, queue_id
    FROM fleet_jobs"""
SELECT_JOBS_FOR_PERSON = f"""
    {_JOB} WHERE {_FOR_PERSON} AND store_id = %(store)s ORDER BY queue_id DESC LIMIT %(limit)s"""
# An index has all that the inner statement reads.
_ALERTS_OF_JOBS = f"""
    SELECT j.store_id, j.id, j.order_id, j.kind, j.station, j.printer, j.code, j.attention, j.attention_at
    FROM fleet_jobs j JOIN (
        SELECT store_id, id FROM fleet_jobs WHERE {_FOR_PERSON} AND {_OF_CHAIN} {{stores}}
        ORDER BY queue_id DESC LIMIT %(limit)s
    ) newest ON newest.store_id = j.store_id AND newest.id = j.id"""  # noqa: S608
SELECT_ALERTS_OF_JOBS = _ALERTS_OF_JOBS.format(stores="")
SELECT_ALERTS_OF_JOBS_OF_STORES = _ALERTS_OF_JOBS.format(stores=_OF_STORES.format(alias=""))
SELECT_NEWEST_JOBS = f"{_JOB} WHERE store_id = %(store)s ORDER BY queue_id DESC LIMIT %(limit)s"
SELECT_JOBS_OF_ORDER = f"{_JOB} WHERE order_id = %(order)s ORDER BY queue_id LIMIT %(limit)s"
SELECT_JOBS_OF_DAY = f"""
    {_JOB} WHERE store_id = %(store)s AND printer = %(printer)s
        AND queue_id >= %(begins)s AND queue_id < %(ends)s ORDER BY queue_id DESC"""


class Waiting(NamedTuple):
    """Jobs that wait, and since when the oldest does."""

    jobs: int = 0
    oldest_at: datetime | None = None


def _range(chain: str) -> dict[str, str]:
    return {"first": f"{chain}:", "last": f"{chain};"}


def read_printing_stores(transaction: Transaction, chain: str) -> frozenset[str]:
    """The keys of the chain's stores that print."""
    return frozenset(row["store_id"] for row in transaction.rows(SELECT_PRINTING, _range(chain)))


def count_printing_stores(transaction: Transaction, chain: str) -> int:
    """How many stores of the chain print."""
    [row] = transaction.rows(COUNT_PRINTING, _range(chain))
    return int(row["stores"])


def read_troubled_agents(transaction: Transaction, chain: str, now: datetime) -> list[Row]:
    """The agents of the chain that are silent, or are used twice."""
    return transaction.rows(SELECT_TROUBLED_AGENTS, _range(chain) | {"now": now})


def read_troubled_printers(transaction: Transaction, chain: str) -> list[Row]:
    """store_id, id and the report of each printer of the chain that is not ready."""
    return transaction.rows(SELECT_TROUBLED_PRINTERS, _range(chain))


def read_stores_for_person(transaction: Transaction, chain: str) -> list[str]:
    """The keys of the chain's stores with a job that waits for a person."""
    return [row["store_id"] for row in transaction.rows(SELECT_STORES_FOR_PERSON, _range(chain))]


def read_for_person(transaction: Transaction, stores: Sequence[str]) -> dict[str, Waiting]:
    """The jobs that wait for a person, by store."""
    rows = transaction.rows(SELECT_FOR_PERSON, {"stores": tuple(stores)}) if stores else []
    return {row["store_id"]: Waiting(row["jobs"], row["oldest_at"]) for row in rows}


def read_alerts_of_agents(
    transaction: Transaction, chain: str, stores: Sequence[str], now: datetime, limit: int
) -> list[Row]:
    """The agents that give an alert, of these stores or without any of the whole chain: those heard last come first."""
    statement = SELECT_ALERTS_OF_AGENTS_OF_STORES if stores else SELECT_ALERTS_OF_AGENTS
    return transaction.rows(statement, _alerts_within(chain, stores, limit) | {"now": now})


def read_alerts_of_printers(
    transaction: Transaction, chain: str, stores: Sequence[str], now: datetime, limit: int
) -> list[Row]:
    """The printers that cannot print although their agent is on line, the newest trouble first."""
    statement = SELECT_ALERTS_OF_PRINTERS_OF_STORES if stores else SELECT_ALERTS_OF_PRINTERS
    return transaction.rows(statement, _alerts_within(chain, stores, limit) | {"now": now})


def read_alerts_of_jobs(transaction: Transaction, chain: str, stores: Sequence[str], limit: int) -> list[Row]:
    """The newest jobs that wait for a person."""
    statement = SELECT_ALERTS_OF_JOBS_OF_STORES if stores else SELECT_ALERTS_OF_JOBS
    return transaction.rows(statement, _alerts_within(chain, stores, limit))


def _alerts_within(chain: str, stores: Sequence[str], limit: int) -> dict[str, Any]:
    return _range(chain) | {"limit": limit} | ({"stores": tuple(stores)} if stores else {})


def read_agents(transaction: Transaction, stores: Sequence[str]) -> dict[str, list[Row]]:
    """The agents of each store."""
    return _by_store(transaction.rows(SELECT_AGENTS, {"stores": tuple(stores)}) if stores else [])


def read_printers(transaction: Transaction, stores: Sequence[str]) -> dict[str, list[Row]]:
    """The printers of each store with their reports."""
    return _by_store(transaction.rows(SELECT_PRINTERS, {"stores": tuple(stores)}) if stores else [])


def read_waiting(transaction: Transaction, stores: Sequence[str]) -> dict[tuple[str, str], Waiting]:
    """The jobs that have not ended, by (store, printer)."""
    rows = transaction.rows(COUNT_WAITING, {"stores": tuple(stores)}) if stores else []
    return {(row["store_id"], row["printer"]): Waiting(row["jobs"], row["oldest_at"]) for row in rows}


def read_jobs(transaction: Transaction, store: str, limit: int) -> list[Row]:
    """Jobs of a store: those for a person, then the newest."""
    first = transaction.rows(SELECT_JOBS_FOR_PERSON, {"store": store, "limit": limit})
    newest = transaction.rows(SELECT_NEWEST_JOBS, {"store": store, "limit": limit})
    return list({row["id"]: row for row in [*first, *newest]}.values())[:limit]


def read_jobs_of_order(transaction: Transaction, order: str) -> list[Row]:
    """The jobs of an order, the oldest first."""
    return transaction.rows(SELECT_JOBS_OF_ORDER, {"order": order, "limit": 200})


def read_jobs_of_day(transaction: Transaction, store: str, printer: str, begins: datetime, ends: datetime) -> list[Row]:
    """The jobs of a printer that were queued in this time, the newest first."""
    values = {"store": store, "printer": printer, "begins": first_id(begins), "ends": first_id(ends)}
    return transaction.rows(SELECT_JOBS_OF_DAY, values)


def _by_store(rows: Sequence[Row]) -> dict[str, list[Row]]:
    by_store: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_store[row["store_id"]].append(row)
    return by_store
