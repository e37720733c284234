"""The SQL of printing but for its agents: how stores print, their printers, orders, jobs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.printing.states import AT_AGENT, OPEN, JobState
from functions.printing.tables.rows import with_utc
from functions.printing.ticket.records import Ticket
from shared.spine.db import Row, Transaction

SELECT_JOBS = """
    SELECT store_id, id, order_id, kind, station, printer, seq, after_seq, state, agent_id, attempts, queued_at,
        sent_at, received_at, begun_at, ended_at, deadline, due_at, held, evidence, code, copies, withdrawn, attention,
        attention_at, resolution, resolved_by, resolved_at, original_id, reprint, moved_from, last_sequence, ticket
    FROM print_jobs"""
INSERT_JOBS = """
    INSERT INTO print_jobs (store_id, id, order_id, kind, station, printer, seq, after_seq, state, agent_id, attempts,
        queued_at, sent_at, deadline, due_at, original_id, reprint, moved_from, last_sequence, ticket, attention,
        attention_at, ended_at, code)
    VALUES (%(store_id)s, %(id)s, %(order_id)s, %(kind)s, %(station)s, %(printer)s, %(seq)s, %(after_seq)s, %(state)s,
        %(agent_id)s, %(attempts)s, %(queued_at)s, %(sent_at)s, %(deadline)s, %(due_at)s, %(original_id)s,
        %(reprint)s, %(moved_from)s, %(last_sequence)s, %(ticket)s, %(attention)s, %(attention_at)s, %(ended_at)s,
        %(code)s)"""
UPDATE_JOB = """
    UPDATE print_jobs SET after_seq = %(after_seq)s, state = %(state)s, agent_id = %(agent_id)s,
        attempts = %(attempts)s, sent_at = %(sent_at)s, received_at = %(received_at)s, begun_at = %(begun_at)s,
        ended_at = %(ended_at)s, due_at = %(due_at)s, held = %(held)s, evidence = %(evidence)s, code = %(code)s,
        copies = %(copies)s, withdrawn = %(withdrawn)s, attention = %(attention)s, attention_at = %(attention_at)s,
        resolution = %(resolution)s, resolved_by = %(resolved_by)s, resolved_at = %(resolved_at)s,
        last_sequence = %(last_sequence)s
    WHERE store_id = %(store_id)s AND id = %(id)s"""
SELECT_JOB = f"{SELECT_JOBS} WHERE store_id = %s AND id = %s"
LOCK_JOB = f"{SELECT_JOB} FOR UPDATE"
LOCK_JOBS_OF_ORDER = f"{SELECT_JOBS} WHERE order_id = %s ORDER BY id FOR UPDATE"
LOCK_OPEN_OF_AGENT = f"""
    {SELECT_JOBS} WHERE store_id = %s AND agent_id = %s AND state IN %s ORDER BY printer, seq FOR UPDATE"""
LOCK_QUEUED = f"""
    {SELECT_JOBS} WHERE store_id = %s AND printer = %s AND state = 'queued' ORDER BY seq LIMIT %s FOR UPDATE"""
COUNT_AT_AGENT = """
    SELECT COUNT(*) AS jobs, COUNT(CASE WHEN state = 'sent' THEN 1 END) AS sent FROM print_jobs
    WHERE store_id = %s AND printer = %s AND agent_id = %s AND state IN %s"""
# Of several printers, and what waits for them.
SELECT_QUEUES = """
    SELECT p.id AS printer, COUNT(CASE WHEN j.agent_id = %(agent)s AND j.state IN %(at_agent)s THEN 1 END) AS jobs,
        COUNT(CASE WHEN j.agent_id = %(agent)s AND j.state = 'sent' THEN 1 END) AS sent,
        COUNT(CASE WHEN j.state = 'queued' THEN 1 END) AS queued,
        (SELECT s.seq FROM print_jobs s WHERE s.store_id = p.store_id AND s.printer = p.id
            AND s.agent_id = %(agent)s ORDER BY s.seq DESC LIMIT 1) AS last_sent
    FROM print_printers p LEFT JOIN print_jobs j
        ON j.store_id = p.store_id AND j.printer = p.id AND j.state IN %(open)s
    WHERE p.store_id = %(store)s AND p.id IN %(printers)s GROUP BY p.store_id, p.id"""
SELECT_LAST_SENT = """
    SELECT seq FROM print_jobs WHERE store_id = %s AND printer = %s AND agent_id = %s AND seq < %s
    ORDER BY seq DESC LIMIT 1"""
SELECT_DUE = "SELECT store_id, id FROM print_jobs WHERE due_at <= %s AND store_id NOT IN %s ORDER BY due_at LIMIT %s"
UPDATE_DUE_AT = "UPDATE print_jobs SET due_at = %s WHERE store_id = %s AND printer = %s AND state IN %s AND due_at > %s"
# An agent that printed a ticket in two pieces once more has used the number behind the job's own.
COUNT_REPRINTS = """
    SELECT MAX(reprint + COALESCE(copies > 1, 0)) AS reprints FROM print_jobs
    WHERE store_id = %s AND original_id = %s"""


@dataclass(frozen=True)
class Job:
    """One ticket for one printer, with everything that happened to it."""

    store_id: str
    id: str
    order_id: str | None
    kind: str
    station: str | None
    printer: str
    seq: int
    queued_at: datetime
    deadline: datetime
    original_id: str
    reprint: int
    moved_from: str | None
    ticket: Ticket
    after_seq: int | None = None
    state: JobState = JobState.QUEUED
    agent_id: str | None = None
    attempts: int = 0
    sent_at: datetime | None = None
    received_at: datetime | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    held: str | None = None
    evidence: str | None = None
    code: str | None = None
    copies: int | None = None
    withdrawn: str | None = None
    attention: str | None = None
    attention_at: datetime | None = None
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    last_sequence: int = 0


@dataclass(frozen=True)
class Queue:
    """A printer's jobs: at its agent, of these not acknowledged, behind them; and the `seq` that was sent last."""

    jobs: int
    sent: int
    queued: int
    last_sent: int


def insert_jobs(transaction: Transaction, jobs: Iterable[Job]) -> None:
    """New ones."""
    transaction.execute_many(INSERT_JOBS, [_columns(job) for job in jobs])


def update_job(transaction: Transaction, job: Job) -> None:
    """What has moved of it."""
    transaction.execute(UPDATE_JOB, _columns(job))


def read_job(transaction: Transaction, store_id: str, job_id: str) -> Job | None:
    """A job of the store. None for a job of another store."""
    row = transaction.row(SELECT_JOB, (store_id, job_id))
    return job_from_row(row) if row else None


def lock_job(transaction: Transaction, store_id: str, job_id: str) -> Job | None:
    """As `read_job`, locked."""
    row = transaction.row(LOCK_JOB, (store_id, job_id))
    return job_from_row(row) if row else None


def lock_jobs_of_order(transaction: Transaction, order_id: str) -> list[Job]:
    """Every job of an order, locked."""
    return [job_from_row(row) for row in transaction.rows(LOCK_JOBS_OF_ORDER, (order_id,))]


def lock_open_jobs_of_agent(transaction: Transaction, store_id: str, agent_id: str) -> list[Job]:
    """What was sent to an agent and has not ended, locked, in each printer's order."""
    return [job_from_row(row) for row in transaction.rows(LOCK_OPEN_OF_AGENT, (store_id, agent_id, AT_AGENT))]


def lock_queued_jobs(
    transaction: Transaction, store_id: str, printer: str, agent_id: str, window: int, under_way: int
) -> list[Job]:
    """The next jobs of a locked printer; locked. With them at most `window` are at this agent, and at most `under_way`
    not acknowledged."""
    row = transaction.row(COUNT_AT_AGENT, (store_id, printer, agent_id, AT_AGENT))
    assert row is not None  # an aggregate without GROUP BY has one row
    room = min(window - row["jobs"], under_way - row["sent"])
    return [job_from_row(row) for row in transaction.rows(LOCK_QUEUED, (store_id, printer, room))] if room > 0 else []


def read_queues(transaction: Transaction, store_id: str, printers: Collection[str], agent_id: str) -> dict[str, Queue]:
    """How far these printers, which are locked, have got, as their agent sees it."""
    values = {"store": store_id, "printers": tuple(printers), "agent": agent_id, "open": OPEN, "at_agent": AT_AGENT}
    rows = transaction.rows(SELECT_QUEUES, values) if printers else []
    return {row.pop("printer"): Queue(**row | {"last_sent": row["last_sent"] or 0}) for row in rows}


def read_last_sent(transaction: Transaction, job: Job, agent_id: str) -> int:
    """The seq of the job that this agent was sent before this one for the same printer; 0: none."""
    row = transaction.row(SELECT_LAST_SENT, (job.store_id, job.printer, agent_id, job.seq))
    return row["seq"] if row else 0


def read_due_jobs(
    transaction: Transaction, now: datetime, limit: int, without: Collection[str]
) -> Sequence[tuple[str, str]]:
    """(store, job) of those that somebody has to look at, the longest overdue first; `without` these stores."""
    values = (now, tuple(without) or ("",), limit)
    return [(row["store_id"], row["id"]) for row in transaction.rows(SELECT_DUE, values)]


def update_due_at(transaction: Transaction, store_id: str, printer: str, now: datetime) -> None:
    """Look at a printer's jobs at the next occasion: something has changed for them."""
    transaction.execute(UPDATE_DUE_AT, (now, store_id, printer, OPEN, now))


def read_reprints(transaction: Transaction, store_id: str, original_id: str) -> int:
    """How often a ticket was printed again."""
    row = transaction.row(COUNT_REPRINTS, (store_id, original_id))
    return int(row["reprints"] or 0) if row else 0


def job_from_row(row: Row) -> Job:
    """The job in a row of `SELECT_JOBS`."""
    found = {"state": JobState(row["state"]), "ticket": Ticket.model_validate_json(row["ticket"])}
    return Job(**with_utc(row) | found)


def _columns(job: Job) -> Row:
    return vars(job) | {"ticket": job.ticket.model_dump_json()}
