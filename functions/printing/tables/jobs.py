"""The SQL of print jobs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.printing.states import AT_AGENT, OPEN, JobState
from functions.printing.tables.rows import with_utc
from functions.printing.ticket.records import Ticket
from shared.spine.db import Row, Transaction

SELECT_JOBS = """
    SELECT store_id, id, queue_id, order_id, kind, station, printer, seq, after_seq, state, agent_id, attempts,
        queued_at, sent_at, received_at, begun_at, ended_at, deadline, due_at, held, evidence, code, copies, withdrawn,
        attention, attention_at, resolution, resolved_by, resolved_at, original_id, reprint, moved_from, last_sequence,
        ticket, move_to
    FROM print_jobs"""
INSERT_JOBS = """
    INSERT INTO print_jobs (store_id, id, queue_id, order_id, kind, station, printer, seq, after_seq, state, agent_id,
        attempts, queued_at, sent_at, deadline, due_at, original_id, reprint, moved_from, last_sequence, ticket,
        attention, attention_at, ended_at, code)
    VALUES (%(store_id)s, %(id)s, %(queue_id)s, %(order_id)s, %(kind)s, %(station)s, %(printer)s, %(seq)s,
        %(after_seq)s, %(state)s, %(agent_id)s, %(attempts)s, %(queued_at)s, %(sent_at)s, %(deadline)s, %(due_at)s,
        %(original_id)s, %(reprint)s, %(moved_from)s, %(last_sequence)s, %(ticket)s, %(attention)s, %(attention_at)s,
        %(ended_at)s, %(code)s)"""
UPDATE_JOB = """
    UPDATE print_jobs SET after_seq = %(after_seq)s, state = %(state)s, agent_id = %(agent_id)s,
        attempts = %(attempts)s, sent_at = %(sent_at)s, received_at = %(received_at)s, begun_at = %(begun_at)s,
        ended_at = %(ended_at)s, due_at = %(due_at)s, held = %(held)s, evidence = %(evidence)s, code = %(code)s,
        copies = %(copies)s, withdrawn = %(withdrawn)s, attention = %(attention)s, attention_at = %(attention_at)s,
        resolution = %(resolution)s, resolved_by = %(resolved_by)s, resolved_at = %(resolved_at)s,
        last_sequence = %(last_sequence)s, move_to = %(move_to)s
    WHERE store_id = %(store_id)s AND id = %(id)s"""
SELECT_JOB = f"{SELECT_JOBS} WHERE store_id = %(store_id)s AND id = %(id)s"
LOCK_JOB = f"{SELECT_JOB} FOR UPDATE"
LOCK_JOBS_OF_ORDER = f"{SELECT_JOBS} WHERE order_id = %(order_id)s ORDER BY queue_id FOR UPDATE"
LOCK_OPEN_OF_AGENT = f"""
    {SELECT_JOBS} WHERE store_id = %(store_id)s AND agent_id = %(agent_id)s AND state IN %(at_agent)s
    ORDER BY printer, seq FOR UPDATE"""
LOCK_QUEUED = f"""
    {SELECT_JOBS} WHERE store_id = %(store_id)s AND printer = %(printer)s AND state = 'queued'
    ORDER BY seq LIMIT %(room)s FOR UPDATE"""
COUNT_AT_AGENT = """
    SELECT COUNT(*) AS jobs, COUNT(CASE WHEN state = 'sent' THEN 1 END) AS sent FROM print_jobs
    WHERE store_id = %(store_id)s AND printer = %(printer)s AND agent_id = %(agent_id)s AND state IN %(at_agent)s"""
# Counts and the last sent job of several printers, in one statement.
SELECT_QUEUES = """
    SELECT p.id AS printer, COUNT(CASE WHEN j.agent_id = %(agent_id)s AND j.state IN %(at_agent)s THEN 1 END) AS jobs,
        COUNT(CASE WHEN j.agent_id = %(agent_id)s AND j.state = 'sent' THEN 1 END) AS sent,
        COUNT(CASE WHEN j.state = 'queued' THEN 1 END) AS queued,
        (SELECT s.seq FROM print_jobs s WHERE s.store_id = p.store_id AND s.printer = p.id
            AND s.agent_id = %(agent_id)s ORDER BY s.seq DESC LIMIT 1) AS last_sent
    FROM print_printers p LEFT JOIN print_jobs j
        ON j.store_id = p.store_id AND j.printer = p.id AND j.state IN %(open)s
    WHERE p.store_id = %(store_id)s AND p.id IN %(printers)s GROUP BY p.store_id, p.id"""
SELECT_LAST_SENT = """
    SELECT seq FROM print_jobs
    WHERE store_id = %(store_id)s AND printer = %(printer)s AND agent_id = %(agent_id)s AND seq < %(seq)s
    ORDER BY seq DESC LIMIT 1"""
SELECT_DUE = """
    SELECT store_id, id FROM print_jobs WHERE due_at <= %(now)s AND store_id NOT IN %(skipped)s
    ORDER BY due_at LIMIT %(limit)s"""
UPDATE_DUE_AT = """
    UPDATE print_jobs SET due_at = %(now)s
    WHERE store_id = %(store_id)s AND printer = %(printer)s AND state IN %(open)s AND due_at > %(now)s"""
# An agent that printed a ticket in two pieces once more has used the number after the job's own.
COUNT_REPRINTS = """
    SELECT MAX(reprint + COALESCE(copies > 1, 0)) AS reprints FROM print_jobs
    WHERE store_id = %(store_id)s AND original_id = %(original_id)s"""


@dataclass(frozen=True)
class Job:
    """One ticket for one printer, and its life until its end."""

    store_id: str
    id: str
    # A ULID of the time at which it was queued: jobs are listed by it, because `id` may be derived from the order.
    queue_id: str
    order_id: str | None
    kind: str
    # The station of the ticket. None for a test page.
    station: str | None
    printer: str
    # The number at its printer; jobs are printed in this order.
    seq: int
    queued_at: datetime
    # A job that has not begun by then expires.
    deadline: datetime
    # The first job of the ticket.
    original_id: str
    # 0 for the first print; a copy counts from 1.
    reprint: int
    # The job that this one replaces at a backup printer.
    moved_from: str | None
    ticket: Ticket
    # The `seq` of the job before it at the printer, as the agent knows it.
    after_seq: int | None = None
    state: JobState = JobState.QUEUED
    # The agent that it was sent to last.
    agent_id: str | None = None
    # How often it was sent.
    attempts: int = 0
    sent_at: datetime | None = None
    received_at: datetime | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    # When the timer checks it. None for a job that has ended.
    due_at: datetime | None = None
    # Why it stands still, such as paper_out.
    held: str | None = None
    # The grade of its proof, A to E.
    evidence: str | None = None
    # Why it ended so.
    code: str | None = None
    # How many copies are on paper.
    copies: int | None = None
    # Why the relay asked its agent to return it.
    withdrawn: str | None = None
    # Why a person must look at it. None after the person has.
    attention: str | None = None
    attention_at: datetime | None = None
    # The decision of the person.
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    # The number of its last message.
    last_sequence: int = 0
    # The printer to which a person moved it, while its agent has not returned it.
    move_to: str | None = None
    # Why a person printed it again. It is in the message alone.
    reason: str | None = None


@dataclass(frozen=True)
class Queue:
    """The counts of a printer's jobs, as one agent sees them."""

    # At the agent.
    jobs: int
    # At the agent without an acknowledgement.
    sent: int
    # Not sent to any agent.
    queued: int
    # The `seq` of the job that was sent last; 0 for none.
    last_sent: int


def insert_jobs(transaction: Transaction, jobs: Iterable[Job]) -> None:
    """Store new jobs."""
    transaction.execute_many(INSERT_JOBS, [_columns(job) for job in jobs])


def update_job(transaction: Transaction, job: Job) -> None:
    """Store every field that changes."""
    transaction.execute(UPDATE_JOB, _columns(job))


def read_job(transaction: Transaction, store_id: str, job_id: str) -> Job | None:
    """A job of the store. None for a job of another store."""
    row = transaction.row(SELECT_JOB, {"store_id": store_id, "id": job_id})
    return job_from_row(row) if row else None


def lock_job(transaction: Transaction, store_id: str, job_id: str) -> Job | None:
    """As `read_job`, locked."""
    row = transaction.row(LOCK_JOB, {"store_id": store_id, "id": job_id})
    return job_from_row(row) if row else None


def lock_jobs_of_order(transaction: Transaction, order_id: str) -> list[Job]:
    """Every job of an order, locked."""
    return [job_from_row(row) for row in transaction.rows(LOCK_JOBS_OF_ORDER, {"order_id": order_id})]


def lock_open_jobs_of_agent(transaction: Transaction, store_id: str, agent_id: str) -> list[Job]:
    """Jobs at an agent that have not ended, locked, in the order of each printer."""
    values = {"store_id": store_id, "agent_id": agent_id, "at_agent": AT_AGENT}
    return [job_from_row(row) for row in transaction.rows(LOCK_OPEN_OF_AGENT, values)]


def lock_queued_jobs(
    transaction: Transaction, store_id: str, printer: str, agent_id: str, window: int, unacknowledged: int
) -> list[Job]:
    """The next jobs of a locked printer, locked.

    With them the agent has at most `window` jobs of the printer, and at most `unacknowledged` of these without an
    acknowledgement.
    """
    values = {"store_id": store_id, "printer": printer, "agent_id": agent_id, "at_agent": AT_AGENT}
    counts = transaction.row(COUNT_AT_AGENT, values)
    assert counts is not None  # an aggregate without GROUP BY has one row
    room = min(window - counts["jobs"], unacknowledged - counts["sent"])
    rows = transaction.rows(LOCK_QUEUED, values | {"room": room}) if room > 0 else []
    return [job_from_row(row) for row in rows]


def read_queues(transaction: Transaction, store_id: str, printers: Collection[str], agent_id: str) -> dict[str, Queue]:
    """The queues of locked printers, by printer."""
    values = {"store_id": store_id, "printers": tuple(printers), "agent_id": agent_id, "open": OPEN}
    rows = transaction.rows(SELECT_QUEUES, values | {"at_agent": AT_AGENT}) if printers else []
    return {row.pop("printer"): Queue(**row | {"last_sent": row["last_sent"] or 0}) for row in rows}


def read_last_sent(transaction: Transaction, job: Job, agent_id: str) -> int:
    """The `seq` of the job that this agent got before this one, for the same printer. 0 for none."""
    values = {"store_id": job.store_id, "printer": job.printer, "agent_id": agent_id, "seq": job.seq}
    row = transaction.row(SELECT_LAST_SENT, values)
    return row["seq"] if row else 0


def read_due_jobs(
    transaction: Transaction, now: datetime, limit: int, skipped_stores: Collection[str]
) -> Sequence[tuple[str, str]]:
    """(store, job) of due jobs, without those of the skipped stores. The longest overdue job is first."""
    values = {"now": now, "limit": limit, "skipped": tuple(skipped_stores) or ("",)}
    return [(row["store_id"], row["id"]) for row in transaction.rows(SELECT_DUE, values)]


def update_due_at(transaction: Transaction, store_id: str, printer: str, now: datetime) -> None:
    """Make a printer's jobs due: their conditions have changed."""
    transaction.execute(UPDATE_DUE_AT, {"store_id": store_id, "printer": printer, "open": OPEN, "now": now})


def read_reprints(transaction: Transaction, store_id: str, original_id: str) -> int:
    """How often a ticket was printed again."""
    row = transaction.row(COUNT_REPRINTS, {"store_id": store_id, "original_id": original_id})
    return int(row["reprints"] or 0) if row else 0


def job_from_row(row: Row) -> Job:
    """The job in a row of `SELECT_JOBS`."""
    parsed = {"state": JobState(row["state"]), "ticket": Ticket.model_validate_json(row["ticket"])}
    return Job(**with_utc(row) | parsed)


def _columns(job: Job) -> Row:
    return vars(job) | {"ticket": job.ticket.model_dump_json()}
