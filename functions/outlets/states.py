"""Every status of outlets, and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum


class NoticeState(StrEnum):
    """The knowledge of a notice. `unknown`: it may have been sent, and no evidence came yet.

    `undelivered`: no chat of the outlet has taken it, and none is left. The steps of the escalation still follow.
    """

    QUEUED = "queued"
    UNKNOWN = "unknown"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"
    READ = "read"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    """The knowledge of a message to a chat. `ended`: it is not needed any more and was not sent.

    Of an announcement: `shared`: another outlet's message shows it in the same chat. `moved`: the next chat has it.
    """

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    ENDED = "ended"
    SHARED = "shared"
    MOVED = "moved"


class StepState(StrEnum):
    """A step of an escalation. `ended`: the answer came first."""

    DUE = "due"
    DONE = "done"
    ENDED = "ended"


class ChatState(StrEnum):
    """A dead chat gets nothing until a person changes it, or the service says that it is back."""

    ALIVE = "alive"
    DEAD = "dead"


class RobotState(StrEnum):
    """A failing robot has lost its login or a right."""

    WORKING = "working"
    FAILING = "failing"


class AnnouncementState(StrEnum):
    """`scheduled` until its time; `sending` until no message of it waits or is being sent."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class PushState(StrEnum):
    """The knowledge of a push to a guest. `dropped`: it was not sent, by our rules. `shown`: the service told so."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    SHOWN = "shown"
    FAILED = "failed"
    DROPPED = "dropped"


class RequestKind(StrEnum):
    """The change that an outlet asks for in its chat."""

    SOLD_OUT = "sold_out"
    CLOSED = "closed"
    RESUME = "resume"


class OptOut(StrEnum):
    """The messages that a guest does not want. Messages about the guest's own order are no advertising."""

    NOTHING = "nothing"
    ADVERTISING = "advertising"
    ALL = "all"


# Evidence only adds knowledge: a later report never moves a notice or a message back.
_RANKS: Mapping[str, int] = {
    "waiting": 0,
    "queued": 0,
    "sending": 1,
    "unknown": 1,
    "sent": 2,
    "undelivered": 2,
    "delivered": 3,
    "read": 4,
}
FINAL = frozenset({NoticeState.CONFIRMED, NoticeState.DECLINED, NoticeState.EXPIRED, NoticeState.CANCELLED})
OPEN = tuple(state for state in NoticeState if state not in FINAL)
ANNOUNCEMENT_MOVES: Mapping[AnnouncementState, frozenset[AnnouncementState]] = {
    AnnouncementState.SCHEDULED: frozenset({AnnouncementState.PAUSED, AnnouncementState.CANCELLED}),
    AnnouncementState.SENDING: frozenset({AnnouncementState.PAUSED, AnnouncementState.CANCELLED}),
    AnnouncementState.PAUSED: frozenset({AnnouncementState.SCHEDULED, AnnouncementState.CANCELLED}),
    AnnouncementState.DONE: frozenset(),
    AnnouncementState.CANCELLED: frozenset(),
}


def later(before: NoticeState, report: NoticeState) -> NoticeState:
    """The state of a notice after a report. A final state stays, and no report moves it back.

    Of one rank the newer report counts: a chat that had taken it could not deliver it, or a later step has sent it.
    """
    if before in FINAL:
        return before
    if report in FINAL:
        return report
    return report if _RANKS[report] >= _RANKS[before] else before


def later_message(before: MessageState, report: MessageState) -> MessageState:
    """The state of a message after a report of its service."""
    rank = _RANKS.get(before)
    return before if rank is not None and rank >= _RANKS[report] else report
