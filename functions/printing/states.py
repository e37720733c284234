"""The life of a print job. docs/develop/print-link.md has the table of who moves it, and when."""

from enum import StrEnum

from shared.spine.errors import Conflict


class JobState(StrEnum):
    """`unknown`: nobody can say whether it is on paper; a person looks, and nothing prints it again by itself."""

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
        """Whether it stays so for good."""
        return not MOVES[self]


_ENDS = {JobState.PRINTED, JobState.FAILED, JobState.UNKNOWN, JobState.EXPIRED, JobState.CANCELLED}
MOVES: dict[JobState, set[JobState]] = {
    JobState.QUEUED: {JobState.SENT, JobState.FAILED, JobState.EXPIRED, JobState.CANCELLED},
    JobState.SENT: {JobState.SENT, JobState.RECEIVED, JobState.PRINTING, *_ENDS},
    # Back to sent: another agent gets it, which may be where none begins without leave.
    JobState.RECEIVED: {JobState.SENT, JobState.PRINTING, *_ENDS},
    # Leave to begin may still end with nothing begun: withdrawn, or late.
    JobState.PRINTING: set(_ENDS),
    **{state: set() for state in _ENDS},
}
OPEN = tuple(state.value for state, after in MOVES.items() if after)
AT_AGENT = (JobState.SENT.value, JobState.RECEIVED.value, JobState.PRINTING.value)


def move(before: JobState, after: JobState) -> JobState:
    """`after`, where it may follow `before`. Raises `Conflict`."""
    if after not in MOVES[before]:
        raise Conflict("illegal_move", f"a job that is {before} can't become {after}", members={"state": before})
    return after
