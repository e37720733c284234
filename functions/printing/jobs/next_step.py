"""The next step for a job that has not ended, and when to check the job again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from functions.printing.states import JobState

# A job without an acknowledgement for so long is sent again.
ACKNOWLEDGED_WITHIN = timedelta(seconds=20)
# An agent expires its jobs by itself. Its result needs a moment to arrive.
RESULT_ARRIVES_WITHIN = timedelta(seconds=60)
# From the first byte to the proof a ticket takes a minute at most. After this time something is wrong.
PRINTED_WITHIN = timedelta(seconds=180)
CHECKED_EVERY = timedelta(minutes=10)


class Step(StrEnum):
    """A step of the relay for a job. A job gets one step at a time."""

    WAIT = "wait"
    SEND = "send"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    MOVE = "move"


@dataclass(frozen=True)
class JobTimes:
    """The part of a job that decides its next step."""

    state: JobState
    queued_at: datetime
    deadline: datetime
    sent_at: datetime | None
    begun_at: datetime | None
    # A person was alerted.
    alerted: bool
    withdrawn: bool
    # The agent that has the job asks before it begins.
    confirms: bool


@dataclass(frozen=True)
class Conditions:
    """The state of the job's agent and printer, and the store's patience."""

    # The agent that has the job, or will get it, is on line.
    online: bool
    # Since when the printer cannot print. None while it can.
    blocked_since: datetime | None
    # A backup printer can print.
    backup: bool
    person_after: timedelta
    backup_after: timedelta


def next_step(job: JobTimes, conditions: Conditions, now: datetime) -> Step:
    """The step to take now."""
    if job.state == JobState.QUEUED:
        return _step_of_queued(job, conditions, now)
    if job.state not in (JobState.SENT, JobState.RECEIVED):
        return Step.WAIT
    if job.withdrawn:
        return Step.WITHDRAW if conditions.online else Step.WAIT
    if _is_unacknowledged(job, now) and conditions.online:
        return Step.WITHDRAW if now >= job.deadline else Step.SEND
    if _wants_backup(job, conditions, now):
        # The agent must give the job back first. An agent that is off line may print it, unless it needs a `go`.
        return Step.WITHDRAW if conditions.online else Step.MOVE if job.confirms else Step.WAIT
    return Step.WAIT


def _step_of_queued(job: JobTimes, conditions: Conditions, now: datetime) -> Step:
    if now >= job.deadline:
        return Step.EXPIRE
    if _wants_backup(job, conditions, now):
        return Step.MOVE
    return Step.SEND if conditions.online else Step.WAIT


def needs_person(job: JobTimes, conditions: Conditions, now: datetime) -> bool:
    """Whether the job waited so long that a person must be alerted, and no person was."""
    return not job.alerted and now >= _patience_ends(job, conditions)


def next_check(job: JobTimes, conditions: Conditions, now: datetime) -> datetime | None:
    """When the job may need a step, if nothing else happens. None for a job that has ended."""
    if job.state.final:
        return None
    times = [now + CHECKED_EVERY, *_deadlines(job, conditions, now)]
    if conditions.backup and conditions.blocked_since and job.state != JobState.PRINTING:
        times.append(max(conditions.blocked_since, job.queued_at) + conditions.backup_after)
    return min(time for time in times if time > now)


def _deadlines(job: JobTimes, conditions: Conditions, now: datetime) -> list[datetime]:
    """The times that do not depend on the printer."""
    times = [job.deadline + (RESULT_ARRIVES_WITHIN if job.state != JobState.QUEUED else timedelta())]
    if not job.alerted:
        times.append(_patience_ends(job, conditions))
    if conditions.online and job.withdrawn and job.state in (JobState.SENT, JobState.RECEIVED):
        times.append(now + ACKNOWLEDGED_WITHIN)
    if conditions.online and job.state == JobState.SENT and job.sent_at:
        times.append(job.sent_at + ACKNOWLEDGED_WITHIN)
    return times


def _is_unacknowledged(job: JobTimes, now: datetime) -> bool:
    return job.state == JobState.SENT and job.sent_at is not None and now >= job.sent_at + ACKNOWLEDGED_WITHIN


def _wants_backup(job: JobTimes, conditions: Conditions, now: datetime) -> bool:
    if not conditions.backup or conditions.blocked_since is None:
        return False
    return now >= max(conditions.blocked_since, job.queued_at) + conditions.backup_after


def _patience_ends(job: JobTimes, conditions: Conditions) -> datetime:
    if job.state == JobState.PRINTING and job.begun_at:
        return job.begun_at + PRINTED_WITHIN
    return job.queued_at + conditions.person_after
