"""The SQL of printing but for its agents: how stores print, their printers, orders, jobs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.printing.models import Profile, Ticket
from functions.printing.routing import Routing
from functions.printing.states import AT_AGENT, OPEN, JobState
from shared.spine.auth import Scope
from shared.spine.db import Row, Transaction

SELECT_SETUP = """
    SELECT p.store_id, p.chain_id, p.region_id, p.store, p.name, p.timezone, s.revision, s.routing, s.printing_agent
    FROM store_places p LEFT JOIN print_stores s ON s.store_id = p.store_id
    WHERE p.store_id = %s"""
LOCK_SETUP = f"{SELECT_SETUP} FOR UPDATE"
ADD_SETUP = """
    INSERT INTO print_stores (store_id, revision, routing) VALUES (%s, 1, %s)
    ON DUPLICATE KEY UPDATE store_id = print_stores.store_id"""
KEEP_ROUTING = """
    INSERT INTO print_stores (store_id, revision, routing) VALUES (%s, 1, %s)
    ON DUPLICATE KEY UPDATE revision = print_stores.revision + 1, routing = %s"""
GIVE_ROLE = "UPDATE print_stores SET printing_agent = %s WHERE store_id = %s"

PRINTER = """
    SELECT store_id, id, profile, backup, last_seq, agent_id, state, paper, cover, error, proof, trouble, said_at,
        changed_at
    FROM print_printers"""
SELECT_PRINTERS = f"{PRINTER} WHERE store_id = %s ORDER BY id"
# In one order for everybody, so that no two wait for each other.
LOCK_PRINTERS = f"{PRINTER} WHERE store_id = %s AND id IN %s ORDER BY id FOR UPDATE"
# One that comes back goes on counting where it stopped: agents remember what they had.
ADD_PRINTER = """
    INSERT INTO print_printers (store_id, id, profile, last_seq)
    SELECT %s, %s, %s, COALESCE(MAX(seq), 0) FROM print_jobs WHERE store_id = %s AND printer = %s
    ON DUPLICATE KEY UPDATE id = print_printers.id"""
KEEP_PRINTER = "UPDATE print_printers SET profile = %s, backup = %s WHERE store_id = %s AND id = %s"
DROP_PRINTER = "DELETE FROM print_printers WHERE store_id = %s AND id = %s"
SAY_PRINTER = """
    UPDATE print_printers SET agent_id = %s, state = %s, paper = %s, cover = %s, error = %s, proof = %s, trouble = %s,
        said_at = %s, changed_at = %s
    WHERE store_id = %s AND id = %s"""
TAKE_SEQS = "UPDATE print_printers SET last_seq = %s WHERE store_id = %s AND id = %s"

ADD_ORDER = """
    INSERT INTO print_orders (order_id, store_id, tickets_at, receipts_at, cancelled_at, reason)
    VALUES (%(order_id)s, %(store_id)s, %(tickets_at)s, %(receipts_at)s, %(cancelled_at)s, %(reason)s)
    ON DUPLICATE KEY UPDATE store_id = print_orders.store_id"""
LOCK_ORDER = """
    SELECT order_id, store_id, tickets_at, receipts_at, cancelled_at, reason FROM print_orders
    WHERE order_id = %s FOR UPDATE"""
MARK_ORDER = """
    UPDATE print_orders SET tickets_at = %(tickets_at)s, receipts_at = %(receipts_at)s,
        cancelled_at = %(cancelled_at)s, reason = %(reason)s
    WHERE order_id = %(order_id)s"""

JOB = """
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
KEEP_JOB = """
    UPDATE print_jobs SET after_seq = %(after_seq)s, state = %(state)s, agent_id = %(agent_id)s,
        attempts = %(attempts)s, sent_at = %(sent_at)s, received_at = %(received_at)s, begun_at = %(begun_at)s,
        ended_at = %(ended_at)s, due_at = %(due_at)s, held = %(held)s, evidence = %(evidence)s, code = %(code)s,
        copies = %(copies)s, withdrawn = %(withdrawn)s, attention = %(attention)s, attention_at = %(attention_at)s,
        resolution = %(resolution)s, resolved_by = %(resolved_by)s, resolved_at = %(resolved_at)s,
        last_sequence = %(last_sequence)s
    WHERE store_id = %(store_id)s AND id = %(id)s"""
SELECT_JOB = f"{JOB} WHERE store_id = %s AND id = %s"
LOCK_JOB = f"{SELECT_JOB} FOR UPDATE"
LOCK_JOBS_OF_ORDER = f"{JOB} WHERE order_id = %s ORDER BY id FOR UPDATE"
LOCK_OPEN_OF_AGENT = f"""
    {JOB} WHERE store_id = %s AND agent_id = %s AND state IN %s ORDER BY printer, seq FOR UPDATE"""
LOCK_QUEUED = f"""
    {JOB} WHERE store_id = %s AND printer = %s AND state = 'queued' ORDER BY seq LIMIT %s FOR UPDATE"""
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
LAST_SENT = """
    SELECT seq FROM print_jobs WHERE store_id = %s AND printer = %s AND agent_id = %s AND seq < %s
    ORDER BY seq DESC LIMIT 1"""
SELECT_DUE = "SELECT store_id, id FROM print_jobs WHERE due_at <= %s AND store_id NOT IN %s ORDER BY due_at LIMIT %s"
HURRY = "UPDATE print_jobs SET due_at = %s WHERE store_id = %s AND printer = %s AND state IN %s AND due_at > %s"
# An agent that printed a ticket in two pieces once more has used the number behind the job's own.
COUNT_REPRINTS = """
    SELECT MAX(reprint + COALESCE(copies > 1, 0)) AS reprints FROM print_jobs
    WHERE store_id = %s AND original_id = %s"""


@dataclass(frozen=True)
class Setup:
    """A store as printing sees it; `routing` has the defaults where nobody has set any."""

    place: Scope
    name: str
    timezone: str
    revision: int
    routing: Routing
    printing_agent: str | None


@dataclass(frozen=True)
class Printer:
    """A printer with its settings and what its agent said of it last."""

    store_id: str
    id: str
    profile: Profile
    backup: str | None
    last_seq: int
    agent_id: str | None
    state: str | None
    paper: str | None
    cover: str | None
    error: str | None
    proof: str | None
    trouble: str | None
    said_at: datetime | None
    changed_at: datetime | None

    @property
    def can_print(self) -> bool:
        """A printer that never answers prints, as far as anybody knows; so does one of which nothing was said yet."""
        return self.state in (None, "ready", "mute", "unchecked")


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
class OrderMark:
    """What was done about an order's tickets."""

    order_id: str
    store_id: str
    tickets_at: datetime | None = None
    receipts_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Queue:
    """A printer's jobs: at its agent, of these not acknowledged, behind them; and the `seq` that was sent last."""

    jobs: int
    sent: int
    queued: int
    last_sent: int


def aware(row: Row) -> Row:
    """The row with its times in UTC."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


def read_setup(transaction: Transaction, store_id: str, *, lock: bool = False) -> Setup | None:
    """None where there is no such store."""
    row = transaction.row(LOCK_SETUP if lock else SELECT_SETUP, (store_id,))
    if row is None:
        return None
    routing = Routing.model_validate_json(row["routing"]) if row["routing"] else Routing()
    place = Scope(row["chain_id"], row["region_id"], row["store"])
    return Setup(place, row["name"], row["timezone"], row["revision"] or 0, routing, row["printing_agent"])


def add_setup(transaction: Transaction, store_id: str) -> None:
    """The defaults, where nobody has set any yet."""
    transaction.execute(ADD_SETUP, (store_id, Routing().model_dump_json()))


def keep_routing(transaction: Transaction, store_id: str, routing: Routing) -> None:
    """The revision grows."""
    document = routing.model_dump_json()
    transaction.execute(KEEP_ROUTING, (store_id, document, document))


def give_role(transaction: Transaction, store_id: str, agent_id: str | None) -> None:
    """Name the agent that prints."""
    transaction.execute(GIVE_ROLE, (agent_id, store_id))


def printers(transaction: Transaction, store_id: str) -> dict[str, Printer]:
    """By id."""
    rows = transaction.rows(SELECT_PRINTERS, (store_id,))
    return {row["id"]: printer_of(row) for row in rows}


def lock_printer(transaction: Transaction, store_id: str, printer: str) -> Printer:
    """Locked, so that its jobs are numbered and sent one after the other; made where there was none."""
    return lock_printers(transaction, store_id, {printer})[printer]


def lock_printers(transaction: Transaction, store_id: str, wanted: Collection[str]) -> dict[str, Printer]:
    """The same of several, by id."""
    found = _lock_printers(transaction, store_id, wanted)
    if missing := sorted(set(wanted) - found.keys()):
        for printer in missing:
            transaction.execute(ADD_PRINTER, (store_id, printer, Profile().model_dump_json(), store_id, printer))
        found |= _lock_printers(transaction, store_id, missing)
    return found


def _lock_printers(transaction: Transaction, store_id: str, wanted: Collection[str]) -> dict[str, Printer]:
    rows = transaction.rows(LOCK_PRINTERS, (store_id, tuple(wanted))) if wanted else []
    return {row["id"]: printer_of(row) for row in rows}


def keep_printer(transaction: Transaction, store_id: str, printer: str, profile: Profile, backup: str | None) -> None:
    """A printer's settings; made where there was none."""
    lock_printer(transaction, store_id, printer)
    transaction.execute(KEEP_PRINTER, (profile.model_dump_json(), backup, store_id, printer))


def drop_printer(transaction: Transaction, store_id: str, printer: str) -> bool:
    """Whether there was one."""
    return transaction.execute(DROP_PRINTER, (store_id, printer)) > 0


def say_printer(transaction: Transaction, printer: Printer) -> None:
    """Keep what its agent says of it."""
    values = (
        printer.agent_id, printer.state, printer.paper, printer.cover, printer.error, printer.proof, printer.trouble,
        printer.said_at, printer.changed_at, printer.store_id, printer.id,
    )  # fmt: skip
    transaction.execute(SAY_PRINTER, values)


def take_seqs(transaction: Transaction, printer: Printer, count: int) -> range:
    """The next numbers of a locked printer."""
    transaction.execute(TAKE_SEQS, (printer.last_seq + count, printer.store_id, printer.id))
    return range(printer.last_seq + 1, printer.last_seq + count + 1)


def add_order(transaction: Transaction, mark: OrderMark) -> bool:
    """Keep what is done about an order of which nothing was heard before; False, and nothing kept, where it was."""
    return transaction.execute(ADD_ORDER, vars(mark)) > 0


def lock_order(transaction: Transaction, order_id: str) -> OrderMark:
    """What was done about an order that was heard of before, locked."""
    row = transaction.row(LOCK_ORDER, (order_id,))
    assert row is not None  # somebody had added it
    return OrderMark(**aware(row))


def mark_order(transaction: Transaction, mark: OrderMark) -> None:
    """Keep what was done about it."""
    transaction.execute(MARK_ORDER, vars(mark))


def add_jobs(transaction: Transaction, jobs: Iterable[Job]) -> None:
    """New ones."""
    transaction.execute_many(INSERT_JOBS, [_columns(job) for job in jobs])


def keep_job(transaction: Transaction, job: Job) -> None:
    """What has moved of it."""
    transaction.execute(KEEP_JOB, _columns(job))


def read_job(transaction: Transaction, store_id: str, job_id: str, *, lock: bool = False) -> Job | None:
    """A store's job; None for another store's."""
    row = transaction.row(LOCK_JOB if lock else SELECT_JOB, (store_id, job_id))
    return job_of(row) if row else None


def jobs_of_order(transaction: Transaction, order_id: str) -> list[Job]:
    """Every job of an order, locked."""
    return [job_of(row) for row in transaction.rows(LOCK_JOBS_OF_ORDER, (order_id,))]


def open_jobs_of_agent(transaction: Transaction, store_id: str, agent_id: str) -> list[Job]:
    """What was sent to an agent and has not ended, locked, in each printer's order."""
    return [job_of(row) for row in transaction.rows(LOCK_OPEN_OF_AGENT, (store_id, agent_id, AT_AGENT))]


def queued_jobs(
    transaction: Transaction, store_id: str, printer: str, agent_id: str, window: int, under_way: int
) -> list[Job]:
    """The next jobs of a locked printer; locked. With them at most `window` are at this agent, and at most `under_way`
    not acknowledged."""
    row = transaction.row(COUNT_AT_AGENT, (store_id, printer, agent_id, AT_AGENT))
    assert row is not None  # an aggregate without GROUP BY has one row
    room = min(window - row["jobs"], under_way - row["sent"])
    return [job_of(row) for row in transaction.rows(LOCK_QUEUED, (store_id, printer, room))] if room > 0 else []


def queues(transaction: Transaction, store_id: str, printers: Collection[str], agent_id: str) -> dict[str, Queue]:
    """How far these printers, which are locked, have got, as their agent sees it."""
    values = {"store": store_id, "printers": tuple(printers), "agent": agent_id, "open": OPEN, "at_agent": AT_AGENT}
    rows = transaction.rows(SELECT_QUEUES, values) if printers else []
    return {row.pop("printer"): Queue(**row | {"last_sent": row["last_sent"] or 0}) for row in rows}


def last_sent(transaction: Transaction, job: Job, agent_id: str) -> int:
    """The seq of the job that this agent was sent before this one for the same printer; 0: none."""
    row = transaction.row(LAST_SENT, (job.store_id, job.printer, agent_id, job.seq))
    return row["seq"] if row else 0


def due_jobs(
    transaction: Transaction, now: datetime, limit: int, without: Collection[str]
) -> Sequence[tuple[str, str]]:
    """(store, job) of those that somebody has to look at, the longest overdue first; `without` these stores."""
    values = (now, tuple(without) or ("",), limit)
    return [(row["store_id"], row["id"]) for row in transaction.rows(SELECT_DUE, values)]


def hurry(transaction: Transaction, store_id: str, printer: str, now: datetime) -> None:
    """Look at a printer's jobs at the next occasion: something has changed for them."""
    transaction.execute(HURRY, (now, store_id, printer, OPEN, now))


def reprints(transaction: Transaction, store_id: str, original_id: str) -> int:
    """How often a ticket was printed again."""
    row = transaction.row(COUNT_REPRINTS, (store_id, original_id))
    return int(row["reprints"] or 0) if row else 0


def printer_of(row: Row) -> Printer:
    """The printer in a row of `PRINTER`."""
    return Printer(**aware(row) | {"profile": Profile.model_validate_json(row["profile"])})


def job_of(row: Row) -> Job:
    """The job in a row of `JOB`."""
    found = {"state": JobState(row["state"]), "ticket": Ticket.model_validate_json(row["ticket"])}
    return Job(**aware(row) | found)


def _columns(job: Job) -> Row:
    return vars(job) | {"ticket": job.ticket.model_dump_json()}
