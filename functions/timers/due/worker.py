"""Work through the jobs that are due, each in a transaction of its own."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.timers.due.actions import ACTIONS, announce
from functions.timers.states import JobStatus, moved
from functions.timers.tables.jobs import Job, JobRun, insert_job_run, lock_job, read_due, read_job, update_job
from shared.contracts.messages.jobs import JobChanged
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Unavailable
from shared.spine.outbox import Work

JOBS_AT_ONCE = 100
# A function that cannot be started is tried again each minute, as long as this.
STARTED_WITHIN = timedelta(minutes=30)
BY_TIME = "schedule"


def work_through(env: Environment, until: datetime) -> tuple[int, int]:
    """(jobs that worked, jobs that failed). A job that fails does not stop the others."""
    with env.db.transaction() as transaction:
        due = read_due(transaction, env.clock(), JOBS_AT_ONCE)
    failed = 0
    for number, job_id in enumerate(due):
        if env.clock() >= until:
            return number - failed, failed
        failed += not _worked(env, job_id)
    return len(due) - failed, failed


def _worked(env: Environment, job_id: str) -> bool:
    try:
        error = _start_timer(env, job_id)
        with env.outbox.work("timers") as work:
            work_on(work, job_id, env.clock(), error)
    except DumbwaiterError as failure:
        log.logger().error("a job is still due", extra={"job": job_id, "error": str(failure)})
        return False
    return error is None


def _start_timer(env: Environment, job_id: str) -> str | None:
    """Start the timer of a job that does that, before its transaction. The reason where it cannot be started.

    Raises `Unavailable` where a later try may succeed. Two workers may both start it: its overlap rule holds.
    """
    with env.db.transaction() as transaction:
        job = read_job(transaction, job_id)
    now = env.clock()
    if job is None or job.action != "run_timer" or not begins(job, now) or _is_superseded(job, now):
        return None
    try:
        env.aws.start(f"{env.settings.watched_prefix}{job.details['timer']}", {"asked_by": f"job {job.id}"})
    except DumbwaiterError as failure:
        if isinstance(failure, Unavailable) and job.next_at and now - job.next_at < STARTED_WITHIN:
            raise
        return str(failure)[:500]
    return None


def begins(job: Job, now: datetime) -> bool:
    """Whether an occurrence of the job is due."""
    return job.status is JobStatus.ACTIVE and job.next_at is not None and job.next_at <= now


def _is_superseded(job: Job, now: datetime) -> bool:
    """Whether a later occurrence is due, too: after a stand-still only the last one works."""
    later = job.when.next_after(job.next_at) if job.next_at else None
    return later is not None and later <= now


def work_on(work: Work, job_id: str, now: datetime, error: str | None = None) -> None:
    """End the open occurrence of a job, and begin the next, as far as they are due."""
    job = lock_job(work, job_id)
    if job is None:
        return
    if job.open_until and job.open_until <= now:
        job = _end(work, job, now)
    while begins(job, now):
        job = _begin(work, job, now, error)
    if job.status is JobStatus.ACTIVE and job.next_at is None and job.open_until is None:
        job = replace(job, status=moved(job.status, JobStatus.ENDED))
        job = announce(work, job, JobChanged(job=job.id, chain=job.chain, status=job.status, by=BY_TIME))
    update_job(work, job)


def _begin(work: Work, job: Job, now: datetime, error: str | None) -> Job:
    occurs_at = job.next_at
    assert occurs_at is not None  # `begins` says so
    outcome = "missed" if _is_superseded(job, now) else "failed" if error else "done"
    run = JobRun(occurs_at, "begin", now, outcome, error if outcome == "failed" else None)
    is_first = insert_job_run(work, job.id, run)
    job = replace(job, next_at=job.when.next_after(occurs_at))
    if not is_first or outcome != "done":
        return job
    if job.open_until:
        job = _end(work, job, now)  # an occurrence that lasts into the next one
    job = ACTIONS[job.action][0](work, job, occurs_at, now)
    return replace(job, open_until=occurs_at + timedelta(minutes=job.lasts_minutes)) if job.lasts_minutes else job


def _end(work: Work, job: Job, now: datetime) -> Job:
    occurs_at = job.open_until
    assert occurs_at is not None  # its callers ask
    if insert_job_run(work, job.id, JobRun(occurs_at, "end", now, "done", None)):
        job = ACTIONS[job.action][1](work, job, occurs_at, now)
    return replace(job, open_until=None)
