"""The states of a print job and their moves. docs/develop/print-link.md says which side makes each move."""

from enum import StrEnum

from shared.spine.errors import Conflict


class JobState(StrEnum):
    """`unknown`: paper may exist or not. A person looks, and the relay never prints it again by itself."""

    QUEUED = "queued"
    SENT = "sent"
    RECEIVED = "received"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether no move leaves this state."""
        return not MOVES[self]


_ENDS = {JobState.PRINTED, JobState.FAILED, JobState.UNKNOWN, JobState.EXPIRED, JobState.CANCELLED}
MOVES: dict[JobState, set[JobState]] = {
    JobState.QUEUED: {JobState.SENT, JobState.FAILED, JobState.EXPIRED, JobState.CANCELLED},
    JobState.SENT: {JobState.SENT, JobState.RECEIVED, JobState.PRINTING, *_ENDS},
    # Back to sent: another agent gets the job, in a store whose agents need `go`.
    JobState.RECEIVED: {JobState.SENT, JobState.PRINTING, *_ENDS},
    # A job with `go` may still end before it begins: withdrawn, or late.
    JobState.PRINTING: set(_ENDS),
    **{state: set() for state in _ENDS},
}
OPEN = tuple(state.value for state, after in MOVES.items() if after)
AT_AGENT = (JobState.SENT.value, JobState.RECEIVED.value, JobState.PRINTING.value)


def move(before: JobState, after: JobState) -> JobState:
    """`after`, if it may follow `before`. Raises `Conflict`."""
    if after not in MOVES[before]:
        raise Conflict("illegal_move", f"a job that is {before} cannot become {after}", extensions={"state": before})
    return after
