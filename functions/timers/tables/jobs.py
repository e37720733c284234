"""SQL of the tables `jobs` and `job_runs`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.timers.recurrence.occurrences import Recurrence, When
from functions.timers.states import JobStatus
from shared.spine.db import Row, Transaction

COLUMNS = """id, chain_id AS chain, title, action, details, stores, zone, begins_at, recurrence, lasts_minutes, status,
    next_at, open_until, revision, sequence, created_at, created_by, changed_at, changed_by"""
INSERT_JOB = """
    INSERT INTO jobs (id, chain_id, title, action, details, stores, zone, begins_at, recurrence, lasts_minutes, status,
        next_at, open_until, due_at, revision, sequence, created_at, created_by, changed_at, changed_by)
    VALUES (%(id)s, %(chain)s, %(title)s, %(action)s, %(details)s, %(stores)s, %(zone)s, %(begins_at)s, %(recurrence)s,
        %(lasts_minutes)s, %(status)s, %(next_at)s, %(open_until)s, %(due_at)s, %(revision)s, %(sequence)s,
        %(created_at)s, %(created_by)s, %(changed_at)s, %(changed_by)s)"""
UPDATE_JOB = """
    UPDATE jobs
    SET title = %(title)s, action = %(action)s, details = %(details)s, stores = %(stores)s, zone = %(zone)s,
        begins_at = %(begins_at)s, recurrence = %(recurrence)s, lasts_minutes = %(lasts_minutes)s,
        status = %(status)s, next_at = %(next_at)s, open_until = %(open_until)s, due_at = %(due_at)s,
        revision = %(revision)s, sequence = %(sequence)s, changed_at = %(changed_at)s, changed_by = %(changed_by)s
    WHERE id = %(id)s"""
SELECT_JOB = f"SELECT {COLUMNS} FROM jobs WHERE id = %(id)s"  # noqa: S608 - of a constant
LOCK_JOB = f"SELECT {COLUMNS} FROM jobs WHERE id = %(id)s FOR UPDATE"  # noqa: S608 - of a constant
SELECT_JOBS = f"""
    SELECT {COLUMNS} FROM jobs WHERE chain_id = %(chain)s AND id < %(before)s
    ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_JOBS_WITH_STATUS = f"""
    SELECT {COLUMNS} FROM jobs WHERE chain_id = %(chain)s AND status = %(status)s AND id < %(before)s
    ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_DUE = "SELECT id FROM jobs WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s"
COUNT_ACTIVE = "SELECT COUNT(*) AS jobs FROM jobs WHERE chain_id = %(chain)s AND status = 'active'"
INSERT_JOB_RUN = """
    INSERT IGNORE INTO job_runs (job_id, occurs_at, phase, ran_at, outcome, error)
    VALUES (%(job)s, %(occurs_at)s, %(phase)s, %(ran_at)s, %(outcome)s, %(error)s)"""
SELECT_JOB_RUNS = """
    SELECT occurs_at, phase, ran_at, outcome, error FROM job_runs WHERE job_id = %(job)s
    ORDER BY occurs_at DESC, phase DESC LIMIT 100"""
DELETE_OLD_JOB_RUNS = "DELETE FROM job_runs WHERE ran_at < %(before)s LIMIT 1000"
LAST_ID = "7" + "Z" * 25


@dataclass(frozen=True)
class Job:
    """A job of a chain. `stores` is empty for all stores. `sequence` counts its messages."""

    id: str
    chain: str
    title: str
    action: str
    details: Mapping[str, Any]
    stores: tuple[str, ...]
    when: When
    lasts_minutes: int | None
    status: JobStatus
    next_at: datetime | None
    open_until: datetime | None
    revision: int
    sequence: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str

    @property
    def due_at(self) -> datetime | None:
        """When the job has work next: it begins, or an occurrence that has begun ends."""
        begins = self.next_at if self.status is JobStatus.ACTIVE else None
        return min((moment for moment in (begins, self.open_until) if moment), default=None)


@dataclass(frozen=True)
class JobRun:
    """The begin or the end of an occurrence. `outcome` is done, failed or missed."""

    occurs_at: datetime
    phase: str
    ran_at: datetime
    outcome: str
    error: str | None


def insert_job(transaction: Transaction, job: Job) -> None:
    """Store a new job."""
    transaction.execute(INSERT_JOB, _values(job))


def update_job(transaction: Transaction, job: Job) -> None:
    """Store a locked job."""
    transaction.execute(UPDATE_JOB, _values(job))


def read_job(transaction: Transaction, job_id: str) -> Job | None:
    """The job."""
    row = transaction.row(SELECT_JOB, {"id": job_id})
    return _job(row) if row else None


def lock_job(transaction: Transaction, job_id: str) -> Job | None:
    """The job, locked until the end of the transaction."""
    row = transaction.row(LOCK_JOB, {"id": job_id})
    return _job(row) if row else None


def read_jobs(transaction: Transaction, chain: str, status: str | None, before: str | None, limit: int) -> list[Job]:
    """Jobs of a chain, the newest first."""
    values = {"chain": chain, "status": status, "before": before or LAST_ID, "limit": limit}
    return [_job(row) for row in transaction.rows(SELECT_JOBS_WITH_STATUS if status else SELECT_JOBS, values)]


def read_due(transaction: Transaction, now: datetime, limit: int) -> list[str]:
    """Ids of jobs that have work, the longest due first."""
    return [row["id"] for row in transaction.rows(SELECT_DUE, {"now": now, "limit": limit})]


def count_active(transaction: Transaction, chain: str) -> int:
    """Active jobs of a chain."""
    row = transaction.row(COUNT_ACTIVE, {"chain": chain})
    assert row is not None  # an aggregate without GROUP BY has one row
    return int(row["jobs"])


def insert_job_run(transaction: Transaction, job_id: str, run: JobRun) -> bool:
    """Store a run; False where this occurrence has worked before."""
    return bool(transaction.execute(INSERT_JOB_RUN, vars(run) | {"job": job_id}))


def read_job_runs(transaction: Transaction, job_id: str) -> list[JobRun]:
    """The newest hundred runs of a job."""
    rows = transaction.rows(SELECT_JOB_RUNS, {"job": job_id})
    return [JobRun(**row | {name: row[name].replace(tzinfo=UTC) for name in ("occurs_at", "ran_at")}) for row in rows]


def delete_old_job_runs(transaction: Transaction, before: datetime) -> int:
    """Delete runs of before a moment, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD_JOB_RUNS, {"before": before})


def _values(job: Job) -> dict[str, Any]:
    recurrence = job.when.recurrence
    return vars(job) | {
        "details": json.dumps(job.details),
        "stores": json.dumps(job.stores),
        "zone": job.when.zone,
        "begins_at": job.when.begins_at,
        "recurrence": json.dumps(recurrence.document()) if recurrence else None,
        "due_at": job.due_at,
    }


def _job(row: Row) -> Job:
    times = ("next_at", "open_until", "created_at", "changed_at")
    recurrence = Recurrence.of_document(json.loads(row["recurrence"])) if row["recurrence"] else None
    values = row | {name: row[name] and row[name].replace(tzinfo=UTC) for name in times}
    values |= {"details": json.loads(row["details"]), "stores": tuple(json.loads(row["stores"]))}
    values |= {"status": JobStatus(row["status"]), "when": When(row["begins_at"], row["zone"], recurrence)}
    return Job(**{name: value for name, value in values.items() if name in Job.__dataclass_fields__})
