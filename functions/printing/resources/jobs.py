"""HTTP /v1/printing/stores/{store}/jobs → the print jobs of a store, and what people do about them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from functions.printing.jobs import actions
from functions.printing.jobs.shift import Shift
from functions.printing.jobs.store_names import names_of
from functions.printing.resources.setup import StorePath, require_printer, setup_for, shift_for
from functions.printing.states import JobState
from functions.printing.tables.fleet import (
    JobFilter,
    read_job_page,
)
from functions.printing.tables.jobs import Job, read_job
from functions.printing.tables.printers import read_printers
from functions.printing.tables.setups import Setup
from functions.printing.ticket.records import Profile, Ticket
from functions.printing.ticket.render import preview
from shared.contracts.ids import Ulid, first_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.stores import StoreReference
from shared.contracts.text import Id, Note
from shared.spine import outbox
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply

_OPERATE = "printing:operate"


class JobPath(Query):
    """A job of a store."""

    store: StoreReference
    job: Ulid


class JobsQuery(Query):
    """Filters and the cursor of a page. The newest jobs come first."""

    state: JobState | None = None
    printer: Id | None = None
    order: Annotated[Ulid | None, Field(description="The jobs of one order.")] = None
    person: Annotated[bool, Field(description="Only jobs that wait for a person.")] = False
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class MoveIn(Input):
    """Another printer of the store."""

    printer: Id


class ReprintIn(Input):
    """The printer of the copy, and why it is printed. Without a printer, the printer of the job."""

    printer: Id | None = None
    reason: Note | None = None


class ResolveIn(Input):
    """The decision of a person: the ticket is on paper, is printed again (at `printer`), or is not needed."""

    resolution: Literal["on_paper", "again", "dismissed"]
    printer: Id | None = None


class JobDocument(Output):
    """One ticket for one printer. docs/develop/print-link.md explains states, evidence and codes.

    `attention` says why a person must look at it. It is null after the person has. `original` is the first job of the
    ticket. `reprint` counts from 1. `moved_from` is the job that this one replaces at a backup printer.
    """

    id: str
    chain: str
    store: str
    order: str | None
    pickup_number: int | None
    kind: str
    station: str | None
    printer: str
    state: JobState
    attempts: int
    agent: str | None
    queued_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    begun_at: datetime | None
    ended_at: datetime | None
    deadline: datetime
    held: str | None
    evidence: str | None
    code: str | None
    copies: int | None
    withdrawn: str | None
    attention: str | None
    attention_at: datetime | None
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    original: str
    reprint: int
    moved_from: str | None


class JobMessage(Output):
    """A message about a job."""

    sequence: int
    type: str
    occurred_at: datetime
    data: dict[str, Any]


class JobDetail(JobDocument):
    """A job with its ticket and its messages."""

    ticket: Ticket
    history: list[JobMessage]


class JobPage(Output):
    """A page of jobs, possibly with few jobs. `next` is the cursor of the next page; null means no more pages."""

    jobs: list[JobDocument]
    next: Ulid | None


_RENAMED = {"order_id": "order", "agent_id": "agent", "original_id": "original"}


def list_jobs(call: Call, path: StorePath, query: JobsQuery) -> Reply:
    """The jobs of a store, the newest first, a page at a time."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        jobs, following = read_job_page(transaction, setup.store_id, JobFilter(**query.model_dump()))
    return Reply(JobPage(jobs=[document_of(job) for job in jobs], next=following))


def get_job(call: Call, path: JobPath) -> Reply:
    """A job with its ticket, its evidence and its messages."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        job = _read(transaction, setup, path)
        # A day, because clocks of environments differ.
        since = first_id(job.queued_at - timedelta(days=1))
        rows = transaction.rows(outbox.TRACE, {"subject": f"job/{job.id}", "since": since})
    history = [
        JobMessage(
            sequence=row["sequence"],
            type=row["type"],
            occurred_at=row["occurred_at"].replace(tzinfo=UTC),
            data=json.loads(row["body"])["data"],
        )
        for row in rows
    ]
    return Reply(JobDetail(**fields_of(job), history=history))


def get_preview(call: Call, path: JobPath) -> Reply:
    """A picture of the job's paper, as its printer prints it."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        if not call.client.sees_personal(setup.scope):
            # A picture shows the guest, and no part of it can be masked.
            call.client.require("personal:read", setup.scope)
        job = _read(transaction, setup, path)
        printer = read_printers(transaction, setup.store_id).get(job.printer)
    picture = preview(job.ticket, printer.profile if printer else Profile())
    return Reply(picture, media_type="image/png")


def reprint_job(call: Call, path: JobPath, body: ReprintIn) -> Reply:
    """Print a ticket once more. Its paper says REPRINT and the number of the copy."""

    def act(shift: Shift, job: Job) -> Job:
        if not job.state.final:
            raise Conflict(
                "illegal_move", f"the job is {job.state} and may still print", extensions={"state": job.state}
            )
        if body.printer:
            require_printer(shift.work, shift.setup, body.printer)
        return actions.reprint(shift, job, body.printer, body.reason)

    return _done(call, path, act, 201)


def move_job(call: Call, path: JobPath, body: MoveIn) -> Reply:
    """Print a job that has not begun at another printer. Its agent returns it first, so the paper comes out once."""

    def act(shift: Shift, job: Job) -> Job:
        require_printer(shift.work, shift.setup, body.printer)
        if body.printer == job.printer:
            raise Conflict("same_printer", "the job is for this printer already")
        return actions.move(shift, job, body.printer)

    return _done(call, path, act)


def cancel_job(call: Call, path: JobPath) -> Reply:
    """Withdraw a job that has not begun. A job at an agent ends when the agent answers."""
    return _done(call, path, actions.cancel)


def resolve_job(call: Call, path: JobPath, body: ResolveIn) -> Reply:
    """Store the decision of a person about a job."""

    def act(shift: Shift, job: Job) -> Job:
        if body.printer:
            require_printer(shift.work, shift.setup, body.printer)
        return actions.resolve(shift, job, body.resolution, call.client.id, printer=body.printer)

    return _done(call, path, act)


def _done(call: Call, path: JobPath, act: Callable[[Shift, Job], Job], status: int = 200) -> Reply:
    """The action of a person on a job. A repeated request has no second effect."""
    with call.once() as (work, kept):
        shift = shift_for(call, work, path.store, _OPERATE)
        job = act(shift, actions.locked_job(shift, path.job))
        kept.status, kept.reply = status, document_of(job).model_dump_json()
    return Reply(kept.reply, kept.status)


def _read(transaction: Transaction, setup: Setup, path: JobPath) -> Job:
    job = read_job(transaction, setup.store_id, path.job)
    if job is None:
        raise NotFound("unknown_job", f"there is no job {path.job}")
    return job


def fields_of(job: Job) -> dict[str, Any]:
    """The fields of `JobDocument`."""
    named = {_RENAMED.get(name, name): value for name, value in vars(job).items()}
    return named | names_of(job.store_id) | {"pickup_number": job.ticket.pickup_number}


def document_of(job: Job) -> JobDocument:
    """A job in a reply."""
    return JobDocument(**fields_of(job))
