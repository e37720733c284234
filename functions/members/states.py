"""Every status of members, and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shared.spine.errors import Conflict


class BackfillStatus(StrEnum):
    """`replaced`: a newer backfill of the same tags came before this one started."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    REPLACED = "replaced"


class ExportStatus(StrEnum):
    """`waiting` to begin, `writing` chunks, `closing` the file, then `ended` or `failed`."""

    WAITING = "waiting"
    WRITING = "writing"
    CLOSING = "closing"
    ENDED = "ended"
    FAILED = "failed"


Status = TypeVar("Status", BackfillStatus, ExportStatus)

BACKFILL_MOVES: Mapping[BackfillStatus, set[BackfillStatus]] = {
    BackfillStatus.RUNNING: {BackfillStatus.PAUSED, BackfillStatus.ENDED, BackfillStatus.REPLACED},
    BackfillStatus.PAUSED: {BackfillStatus.RUNNING},
    BackfillStatus.ENDED: set(),
    BackfillStatus.REPLACED: set(),
}
EXPORT_MOVES: Mapping[ExportStatus, set[ExportStatus]] = {
    ExportStatus.WAITING: {ExportStatus.WAITING, ExportStatus.WRITING, ExportStatus.FAILED},
    # Back to waiting: object storage has lost the upload, and the export begins again.
    ExportStatus.WRITING: {ExportStatus.WRITING, ExportStatus.CLOSING, ExportStatus.WAITING, ExportStatus.FAILED},
    ExportStatus.CLOSING: {ExportStatus.ENDED, ExportStatus.WAITING, ExportStatus.FAILED},
    ExportStatus.ENDED: set(),
    ExportStatus.FAILED: set(),
}


def move(before: Status, after: Status) -> Status:
    """`after`, if it may follow `before`. Raises `Conflict`."""
    moves: Mapping[Status, set[Status]] = BACKFILL_MOVES if isinstance(before, BackfillStatus) else EXPORT_MOVES
    if after not in moves[before]:
        raise _refusal(before, after)
    return after


def _refusal(before: Status, after: Status) -> Conflict:
    if after is BackfillStatus.PAUSED:
        return Conflict("not_running", f"A backfill that is {before} cannot be paused.")
    if after is BackfillStatus.RUNNING:
        return Conflict("not_paused", f"A backfill that is {before} cannot be resumed.")
    return Conflict("illegal_move", f"{before} cannot become {after}.")
