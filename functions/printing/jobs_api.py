"""A store's print jobs as people see them, and what they do about them."""

import json
from collections.abc import Callable
from datetime import UTC, timedelta

from functions.printing import actions, store_fleet
from functions.printing import store as sql
from functions.printing.documents import StorePath
from functions.printing.documents_jobs import (
    JobDetail,
    JobHappening,
    JobPage,
    JobPath,
    JobsQuery,
    ReprintIn,
    ResolveIn,
    document_of,
    fields_of,
)
from functions.printing.models import Profile
from functions.printing.setup_api import require_printer, setup_for
from functions.printing.store import Job, Setup
from functions.printing.ticket import preview
from shared.contracts.ids import first_id
from shared.spine import outbox
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

_OPERATE = "printing:operate"


def list_jobs(call: Call, path: StorePath, query: JobsQuery) -> Reply:
    """A store's jobs, the newest first, a page at a time."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        jobs, following = store_fleet.list_jobs(transaction, setup.place.key, query)
    return Reply(JobPage(jobs=[document_of(job) for job in jobs], next=following))


def get_job(call: Call, path: JobPath) -> Reply:
    """A job with its ticket, its evidence, and everything that was announced about it."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        job = _read(transaction, setup, path)
        # A day, because clocks of environments differ.
        since = first_id(job.queued_at - timedelta(days=1))
        rows = transaction.rows(outbox.TRACE, {"subject": f"job/{job.id}", "since": since})
    history = [
        JobHappening(
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
        job = _read(transaction, setup, path)
        printer = sql.printers(transaction, setup.place.key).get(job.printer)
    picture = preview(job.ticket, printer.profile if printer else Profile())
    return Reply(picture, media_type="image/png")


def reprint_job(call: Call, path: JobPath, body: ReprintIn) -> Reply:
    """Print a ticket once more; its paper says REPRINT and which one it is."""

    def act(work: Work, setup: Setup, job: Job) -> Job:
        if not job.state.final:
            raise Conflict("illegal_move", f"the job is {job.state}: it may print yet", members={"state": job.state})
        if body.printer:
            require_printer(work, setup, body.printer)
        return actions.reprint(call.env, work, setup, job, body.printer)

    return _done(call, path, act, 201)


def cancel_job(call: Call, path: JobPath) -> Reply:
    """Withdraw a job that is not begun; one that is at an agent ends when that says so."""
    return _done(call, path, lambda work, setup, job: actions.cancel(call.env, work, setup, job))


def resolve_job(call: Call, path: JobPath, body: ResolveIn) -> Reply:
    """Say what became of a job that waits for a person."""

    def act(work: Work, setup: Setup, job: Job) -> Job:
        if body.printer:
            require_printer(work, setup, body.printer)
        return actions.resolve(
            call.env, work, setup, job, body.resolution, call.client.id, printer=body.printer
        )  # fmt: skip

    return _done(call, path, act)


def _done(call: Call, path: JobPath, act: Callable[[Work, Setup, Job], Job], status: int = 200) -> Reply:
    """What a person does about a job, once."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, path.store, _OPERATE)
        job = act(work, setup, actions.locked(work, setup, path.job))
        kept.status, kept.reply = status, document_of(job).model_dump_json()
    return Reply(kept.reply, kept.status)


def _read(transaction: Transaction, setup: Setup, path: JobPath) -> Job:
    job = sql.read_job(transaction, setup.place.key, path.job)
    if job is None:
        raise NotFound("unknown_job", f"there is no job {path.job}")
    return job
