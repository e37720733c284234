"""/v1/jobs: jobs that people plan, one-off and repeating."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from pydantic import Field

from functions.timers.due.actions import announce
from functions.timers.recurrence.occurrences import When
from functions.timers.resources.access import ChainQuery, find_timer, zone_of
from functions.timers.resources.job_access import MANAGE, READ, JobPath, require_action, require_stores, visible_job
from functions.timers.resources.job_input import Action, JobDetails, JobIn
from functions.timers.states import JobStatus, moved
from functions.timers.tables.jobs import (
    Job,
    count_active,
    insert_job,
    lock_job,
    read_job,
    read_job_runs,
    read_jobs,
    update_job,
)
from functions.timers.tables.names import read_names_of
from shared.contracts.ids import Ulid, new_id
from shared.contracts.messages.jobs import JobChanged
from shared.contracts.models import Output, Query
from shared.contracts.text import Id
from shared.kit.revision import require_match, tag_headers
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

MOST_ACTIVE = 500
COMING = 5


class JobsQuery(Query):
    """A chain; jobs of one status; `after` is the `next` of the page before."""

    chain: Id
    status: JobStatus | None = None
    after: Ulid | None = None
    limit: int = Field(default=50, ge=1, le=200)


class RepeatDocument(Output):
    """A recurrence by RFC 5545."""

    every: Literal["day", "week", "month"]
    interval: int
    weekdays: list[str]
    last_day: bool
    until: str | None
    count: int | None


class WhenDocument(Output):
    """The first occurrence as local time in `zone`, and the recurrence."""

    at: str
    zone: str
    repeat: RepeatDocument | None


class PlannedJob(Output):
    """A job. `coming` has its next five occurrences, `open_until` the end of one that has begun.

    `details` has the detail of its action: `text`, `items`, `kind` and `days`, or `timer`. Names are those of people.
    """

    id: str
    chain: str
    title: str
    action: Action
    details: dict[str, Any]
    stores: list[str]
    when: WhenDocument
    lasts_minutes: int | None
    status: JobStatus
    coming: list[datetime]
    open_until: datetime | None
    revision: int
    created_at: datetime
    created_by: str
    created_by_name: str | None
    changed_at: datetime
    changed_by: str
    changed_by_name: str | None


class PlannedJobPage(Output):
    """Jobs that the caller may read, the newest first. `next` is the cursor of the next page."""

    jobs: list[PlannedJob]
    next: str | None


class PlannedJobRun(Output):
    """The begin or the end of an occurrence. `missed`: a later occurrence was due already, after a stand-still."""

    occurs_at: datetime
    phase: Literal["begin", "end"]
    ran_at: datetime
    outcome: Literal["done", "failed", "missed"]
    error: str | None


class PlannedJobRuns(Output):
    """The newest hundred runs of a job."""

    runs: list[PlannedJobRun]


def list_planned_jobs(call: Call, query: JobsQuery) -> Reply:
    """List the jobs of a chain."""
    if not call.client.reach(READ).within(query.chain).all_chains:
        raise Rejected("not_allowed", f"this key has no {READ} there", status=HTTPStatus.FORBIDDEN)
    now = call.env.clock()
    with call.env.db.transaction() as transaction:
        found = read_jobs(transaction, query.chain, query.status, query.after, query.limit + 1)
        page = [job for job in found[: query.limit] if visible_job(call, transaction, job)]
        names = _names(transaction, query.chain, page)
    following = found[query.limit - 1].id if len(found) > query.limit else None
    return Reply(PlannedJobPage(jobs=[_document(job, names, now) for job in page], next=following))


def get_planned_job(call: Call, path: JobPath) -> Reply:
    """Read a job. `ETag` is for a change with `If-Match`."""
    with call.env.db.transaction() as transaction:
        job = _found(call, transaction, path)
        names = _names(transaction, job.chain, [job])
    return Reply(_document(job, names, call.env.clock()), headers=tag_headers(job.revision))


def list_planned_job_runs(call: Call, path: JobPath) -> Reply:
    """List the runs of a job."""
    with call.env.db.transaction() as transaction:
        job = _found(call, transaction, path)
        runs = read_job_runs(transaction, job.id)
    return Reply(PlannedJobRuns(runs=[PlannedJobRun.model_validate(vars(run)) for run in runs]))


def plan_job(call: Call, body: JobIn) -> Reply:
    """Plan a job. It takes `jobs:manage` and the right of its action, over each of its stores or over the chain."""
    now, by = call.env.clock(), call.client.id
    _require_timer(call, body)
    with call.once() as (work, stored):
        _require_rights(call, work, body.chain, body)
        if count_active(work, body.chain) >= MOST_ACTIVE:
            raise Conflict("too_many_jobs", f"A chain has at most {MOST_ACTIVE} active jobs. Cancel one first.")
        when = body.when.occurrences(zone_of(work, ChainQuery(chain=body.chain)))
        job = _with_body(_empty(new_id(now), body.chain, when, now, by), body, when, now)
        job = _announced(work, replace(job, created_at=now, created_by=by), by)
        insert_job(work, job)
        document = _document(job, _names(work, job.chain, [job]), now)
        stored.status, stored.reply = HTTPStatus.CREATED, document.model_dump_json()
    return Reply(stored.reply, stored.status, tag_headers(job.revision))


def change_planned_job(call: Call, path: JobPath, body: JobDetails) -> Reply:
    """Replace a job. An ended job becomes active again. An occurrence that has begun ends as it was planned."""
    _require_timer(call, body)

    def change(work: Work, job: Job, now: datetime) -> Job:
        _require_rights(call, work, job.chain, body)
        if job.status is JobStatus.ENDED:
            job = replace(job, status=moved(job.status, JobStatus.ACTIVE))
        if job.status is JobStatus.CANCELLED:
            raise Conflict("job_status", "a cancelled job cannot change: plan another one")
        zone = zone_of(work, ChainQuery(chain=job.chain))
        return _with_body(job, body, body.when.occurrences(zone), now)

    return _change(call, path, change)


def pause_planned_job(call: Call, path: JobPath) -> Reply:
    """Pause a job: its occurrences are left out. One that has begun ends as planned."""
    return _change(call, path, lambda _work, job, _now: replace(job, status=moved(job.status, JobStatus.PAUSED)))


def resume_planned_job(call: Call, path: JobPath) -> Reply:
    """Resume a paused job. Occurrences of the pause do not come later."""

    def resume(_work: Work, job: Job, now: datetime) -> Job:
        return replace(job, status=moved(job.status, JobStatus.ACTIVE), next_at=job.when.next_after(now))

    return _change(call, path, resume)


def cancel_planned_job(call: Call, path: JobPath) -> Reply:
    """Cancel a job. It stays in the list. One that has begun ends as planned."""
    return _change(call, path, lambda _work, job, _now: replace(job, status=moved(job.status, JobStatus.CANCELLED)))


def _change(call: Call, path: JobPath, change: Callable[[Work, Job, datetime], Job]) -> Reply:
    now, by = call.env.clock(), call.client.id
    with call.once() as (work, stored):
        job = lock_job(work, path.job)
        if job is None or not visible_job(call, work, job):
            raise NotFound("unknown_job", f"there is no job {path.job}")
        require_stores(call, work, MANAGE, job.chain, job.stores)
        require_action(call, work, job.action, job.chain, job.stores)
        require_match(call, job.revision)
        job = replace(change(work, job, now), revision=job.revision + 1, changed_at=now, changed_by=by)
        job = _announced(work, job, by)
        update_job(work, job)
        stored.reply = _document(job, _names(work, job.chain, [job]), now).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(job.revision))


def _found(call: Call, transaction: Transaction, path: JobPath) -> Job:
    job = read_job(transaction, path.job)
    if job is None or not visible_job(call, transaction, job):
        raise NotFound("unknown_job", f"there is no job {path.job}")
    return job


def _require_timer(call: Call, body: JobDetails) -> None:
    if body.timer:
        find_timer(call, body.timer)


def _require_rights(call: Call, work: Work, chain: str, body: JobDetails) -> None:
    require_stores(call, work, MANAGE, chain, body.stores)
    require_action(call, work, body.action, chain, body.stores)


def _empty(job_id: str, chain: str, when: When, now: datetime, by: str) -> Job:
    return Job(
        id=job_id,
        chain=chain,
        title="",
        action="",
        details={},
        stores=(),
        when=when,
        lasts_minutes=None,
        status=JobStatus.ACTIVE,
        next_at=None,
        open_until=None,
        revision=1,
        sequence=0,
        created_at=now,
        created_by=by,
        changed_at=now,
        changed_by=by,
    )


def _with_body(job: Job, body: JobDetails, when: When, now: datetime) -> Job:
    """The job with what the body says. Raises `Rejected` when it would never occur."""
    next_at = when.next_after(now)
    if next_at is None:
        raise Rejected("job_in_the_past", f"{body.when.at} in {when.zone} has passed: choose a later time")
    return replace(
        job,
        title=body.title,
        action=body.action,
        details=body.details(),
        stores=tuple(sorted(set(body.stores))),
        when=when,
        lasts_minutes=body.lasts_minutes,
        next_at=next_at,
    )


def _announced(work: Work, job: Job, by: str) -> Job:
    return announce(work, job, JobChanged(job=job.id, chain=job.chain, status=job.status.value, by=by))


def _names(transaction: Transaction, chain: str, jobs: Sequence[Job]) -> Mapping[str, str]:
    return read_names_of(transaction, chain, [by for job in jobs for by in (job.created_by, job.changed_by)])


def _document(job: Job, names: Mapping[str, str], now: datetime) -> PlannedJob:
    coming = job.when.coming(now, COMING) if job.status is JobStatus.ACTIVE else []
    recurrence = job.when.recurrence
    when = {
        "at": job.when.begins_at.isoformat(timespec="minutes"),
        "zone": job.when.zone,
        "repeat": recurrence and recurrence.document(),
    }
    values = vars(job) | {"stores": list(job.stores), "when": when, "coming": coming}
    values |= {f"{act}_by_name": names.get(values[f"{act}_by"]) for act in ("created", "changed")}
    return PlannedJob.model_validate({name: values[name] for name in PlannedJob.model_fields})
