"""The statuses of alerts and of jobs."""

from enum import StrEnum

from shared.spine.errors import Conflict


class AlertKind(StrEnum):
    """Why a timer needs a person."""

    LATE = "late"
    HANGING = "hanging"
    FAILING = "failing"


class JobStatus(StrEnum):
    """The life of a job. An ended job has no occurrence to come."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    CANCELLED = "cancelled"


MOVES = {
    JobStatus.ACTIVE: {JobStatus.PAUSED, JobStatus.ENDED, JobStatus.CANCELLED},
    JobStatus.PAUSED: {JobStatus.ACTIVE, JobStatus.CANCELLED},
    JobStatus.ENDED: {JobStatus.ACTIVE},
    JobStatus.CANCELLED: set[JobStatus](),
}


def moved(status: JobStatus, to: JobStatus) -> JobStatus:
    """The new status. Raises `Conflict` for a move that a job cannot make.

    An ended job becomes active when a person gives it a new time.
    """
    if to not in MOVES[status]:
        raise Conflict("job_status", f"a job that is {status} cannot become {to}")
    return to
