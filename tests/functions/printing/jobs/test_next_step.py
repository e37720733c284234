"""What is done about a job that does not end by itself, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.printing.jobs.next_step import Conditions, JobTimes, Step, needs_person, next_check, next_step
from functions.printing.states import JobState

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUEUED = JobTimes(JobState.QUEUED, NOON, NOON + timedelta(minutes=30), None, None, alerted=False, withdrawn=False,
                  confirms=False)  # fmt: skip
SENT = replace(QUEUED, state=JobState.SENT, sent_at=NOON)
RECEIVED = replace(SENT, state=JobState.RECEIVED)
PRINTING = replace(SENT, state=JobState.PRINTING, begun_at=NOON + timedelta(seconds=10))
FINE = Conditions(online=True, blocked_since=None, backup=False, person_after=timedelta(minutes=3),
              backup_after=timedelta(minutes=1))  # fmt: skip
OFFLINE = replace(FINE, online=False)
BLOCKED = replace(FINE, blocked_since=NOON - timedelta(minutes=5), backup=True)


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


@pytest.mark.parametrize(
    ("job", "conditions", "now", "expected"),
    [
        (QUEUED, FINE, after(), Step.SEND),
        (QUEUED, OFFLINE, after(), Step.WAIT),
        (QUEUED, OFFLINE, after(minutes=30), Step.EXPIRE),
        (QUEUED, FINE, after(minutes=31), Step.EXPIRE),
        (QUEUED, BLOCKED, after(seconds=59), Step.SEND),
        (QUEUED, BLOCKED, after(seconds=60), Step.MOVE),
        (SENT, FINE, after(seconds=19), Step.WAIT),
        (SENT, FINE, after(seconds=20), Step.SEND),
        (SENT, OFFLINE, after(seconds=20), Step.WAIT),
        (SENT, FINE, after(minutes=30), Step.WITHDRAW),
        (replace(SENT, withdrawn=True), FINE, after(seconds=20), Step.WITHDRAW),
        (RECEIVED, FINE, after(minutes=31), Step.WAIT),
        (RECEIVED, BLOCKED, after(seconds=60), Step.WITHDRAW),
        (replace(RECEIVED, withdrawn=True), BLOCKED, after(seconds=60), Step.WITHDRAW),
        (replace(RECEIVED, withdrawn=True), OFFLINE, after(seconds=60), Step.WAIT),
        (RECEIVED, replace(BLOCKED, online=False), after(seconds=60), Step.WAIT),
        (replace(RECEIVED, confirms=True), replace(BLOCKED, online=False), after(seconds=60), Step.MOVE),
        (PRINTING, BLOCKED, after(minutes=60), Step.WAIT),
    ],
)
def test_the_next_step_of_a_job(job: JobTimes, conditions: Conditions, now: datetime, expected: Step) -> None:
    assert next_step(job, conditions, now) == expected


@pytest.mark.parametrize("state", [state for state in JobState if state.final])
def test_what_has_ended_is_never_touched_again(state: JobState) -> None:
    for conditions in (FINE, OFFLINE, BLOCKED):
        assert next_step(replace(SENT, state=state), conditions, after(days=30)) == Step.WAIT
    assert next_check(replace(SENT, state=state), FINE, NOON) is None


def test_a_person_hears_of_a_job_that_waits_and_hears_it_once() -> None:
    assert not needs_person(RECEIVED, FINE, after(seconds=179))
    assert needs_person(RECEIVED, FINE, after(seconds=180))
    assert not needs_person(replace(RECEIVED, alerted=True), FINE, after(days=1))


def test_a_ticket_that_is_being_printed_has_three_minutes_from_its_first_byte() -> None:
    assert not needs_person(PRINTING, FINE, after(seconds=189))
    assert needs_person(PRINTING, FINE, after(seconds=190))


def test_it_is_looked_at_again_when_the_next_thing_can_happen() -> None:
    assert next_check(SENT, FINE, NOON) == after(seconds=20)
    assert next_check(SENT, OFFLINE, NOON) == after(minutes=3)
    assert next_check(replace(RECEIVED, withdrawn=True), FINE, after(seconds=7)) == after(seconds=27)
    assert next_check(QUEUED, replace(BLOCKED, blocked_since=NOON), NOON) == after(minutes=1)
    assert next_check(replace(QUEUED, alerted=True), OFFLINE, after(minutes=25)) == after(minutes=30)
    assert next_check(replace(RECEIVED, alerted=True), FINE, after(minutes=29)) == after(minutes=31)
    assert next_check(replace(RECEIVED, alerted=True), FINE, NOON) == after(minutes=10)
