"""What is to be done about a job that has not ended, and when to look at it next. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from functions.printing.states import JobState

# What an agent does not acknowledge within this is sent again.
ACKNOWLEDGED_WITHIN = timedelta(seconds=20)
# An agent expires what it has by itself; what it says of that needs a moment to arrive.
TELLING = timedelta(seconds=60)
# From its first byte to its proof a ticket takes a minute at most; then something is wrong.
PRINTED_WITHIN = timedelta(seconds=180)


class Step(StrEnum):
    """What the relay does about a job; at most one thing at a time."""

    WAIT = "wait"
    SEND = "send"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    MOVE = "move"


@dataclass(frozen=True)
class Standing:
    """A job as far as time matters. `granted`: begun, or has leave to; else `confirms` says that it needs leave."""

    state: JobState
    queued_at: datetime
    deadline: datetime
    sent_at: datetime | None
    begun_at: datetime | None
    told: bool
    withdrawn: bool
    confirms: bool


@dataclass(frozen=True)
class Around:
    """What the job depends on. `blocked_since`: since when its printer cannot print; None while it can."""

    online: bool
    blocked_since: datetime | None
    backup: bool
    person_after: timedelta
    backup_after: timedelta


def step(job: Standing, around: Around, now: datetime) -> Step:
    """The next thing to do about the job."""
    if job.state == JobState.QUEUED:
        return _queued_step(job, around, now)
    if job.state not in (JobState.SENT, JobState.RECEIVED):
        return Step.WAIT
    if job.withdrawn:
        return Step.WITHDRAW if around.online else Step.WAIT
    if job.state == JobState.SENT and around.online and job.sent_at and now >= job.sent_at + ACKNOWLEDGED_WITHIN:
        return Step.WITHDRAW if now >= job.deadline else Step.SEND
    if _wants_backup(job, around, now):
        # The agent must give it back first. One that cannot be asked may be printing it, unless it needs leave.
        return Step.WITHDRAW if around.online else Step.MOVE if job.confirms else Step.WAIT
    return Step.WAIT


def _queued_step(job: Standing, around: Around, now: datetime) -> Step:
    if now >= job.deadline:
        return Step.EXPIRE
    if _wants_backup(job, around, now):
        return Step.MOVE
    return Step.SEND if around.online else Step.WAIT


def needs_person(job: Standing, around: Around, now: datetime) -> bool:
    """Whether it has waited so long that a person must hear of it, and none has."""
    return not job.told and now >= _patience_ends(job, around)


def next_look(job: Standing, around: Around, now: datetime) -> datetime | None:
    """When this job may need something, if nothing else happens; None: never, it has ended."""
    if job.state.final:
        return None
    times = [now + timedelta(minutes=10), job.deadline + (TELLING if job.state != JobState.QUEUED else timedelta())]
    if not job.told:
        times.append(_patience_ends(job, around))
    if job.state in (JobState.SENT, JobState.RECEIVED) and job.withdrawn and around.online:
        times.append(now + ACKNOWLEDGED_WITHIN)
    if job.state == JobState.SENT and job.sent_at and around.online:
        times.append(job.sent_at + ACKNOWLEDGED_WITHIN)
    if around.backup and around.blocked_since and job.state != JobState.PRINTING:
        times.append(max(around.blocked_since, job.queued_at) + around.backup_after)
    coming = [time for time in times if time > now]
    return min(coming)


def _wants_backup(job: Standing, around: Around, now: datetime) -> bool:
    if not around.backup or around.blocked_since is None:
        return False
    return now >= max(around.blocked_since, job.queued_at) + around.backup_after


def _patience_ends(job: Standing, around: Around) -> datetime:
    if job.state == JobState.PRINTING and job.begun_at:
        return job.begun_at + PRINTED_WITHIN
    return job.queued_at + around.person_after
