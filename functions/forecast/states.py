"""The statuses of a batch of stores in a forecast run, their moves, and the end of a run."""

from collections.abc import Iterable
from enum import StrEnum


class BatchStatus(StrEnum):
    """A batch is trained, then forecast. It can be refused for its history, or fail to end in time."""

    QUEUED = "queued"
    TRAINED = "trained"
    FORECAST = "forecast"
    REFUSED = "refused"
    FAILED = "failed"


# A trained batch is queued again if a release changed the engine in between.
# A failed batch may be trained late: it stays failed until it is forecast.
MOVES = {
    BatchStatus.QUEUED: {BatchStatus.TRAINED, BatchStatus.REFUSED, BatchStatus.FAILED},
    BatchStatus.TRAINED: {BatchStatus.FORECAST, BatchStatus.QUEUED, BatchStatus.FAILED},
    BatchStatus.FAILED: {BatchStatus.FORECAST, BatchStatus.REFUSED, BatchStatus.FAILED},
    BatchStatus.FORECAST: set(),
    BatchStatus.REFUSED: set(),
}
ENDED = frozenset({BatchStatus.FORECAST, BatchStatus.REFUSED, BatchStatus.FAILED})


def move(before: BatchStatus, after: BatchStatus) -> BatchStatus:
    """`after`, if it may follow `before`. Raises `ValueError`, because no caller may ask for another."""
    if after not in MOVES[before]:
        raise ValueError(f"a batch that is {before} cannot become {after}")
    return after


def queue_again(before: BatchStatus) -> BatchStatus:
    """The status of a batch that is trained once more; a failed batch stays failed until it is forecast."""
    return move(before, BatchStatus.FAILED if before is BatchStatus.FAILED else BatchStatus.QUEUED)


def run_has_ended(statuses: Iterable[BatchStatus]) -> bool:
    """A run has ended when each of its batches has."""
    return ENDED.issuperset(statuses)
