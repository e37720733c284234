"""Messages about outlets that get their orders in a chat: notices, answers, escalations, chats and robots."""

from datetime import date, datetime

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData, left_out


def notice_subject(notice: str) -> str:
    """The `subject` of messages about a notice. They are in the trace of its order, too."""
    return f"notice/{notice}"


def robot_subject(robot: str) -> str:
    """The `subject` of messages about a robot, by its key."""
    return f"robot/{robot}"


def request_subject(request: str) -> str:
    """The `subject` of messages about what an outlet asked for in its chat."""
    return f"outlet_request/{request}"


def pause_subject(store: str) -> str:
    """The `subject` of messages about the pauses of an outlet, by its key."""
    return f"outlet_pause/{store}"


class NoticeMessage(MessageData):
    """Base of the messages about a notice: the order that the outlet is told about."""

    notice: Ulid
    order: Ulid
    chain: str
    store: str
    version: int


class OutletNoticeChanged(NoticeMessage):
    """More is known of a notice. `state`: queued, unknown, sent, undelivered, delivered, read, expired or cancelled."""

    type = "outlet.notice_changed"
    state: str
    evidence: str | None = left_out(None)


class OutletOrderAnswered(NoticeMessage):
    """The outlet confirmed or declined an order, or a rule did it. `by`: the person, where the channel names one."""

    type = "outlet.order_answered"
    state: str
    evidence: str
    ready_minutes: int | None = left_out(None)
    reason: str | None = left_out(None)
    by: str | None = left_out(None)


class OutletEscalated(NoticeMessage):
    """The outlet has not answered. `action` is the step that was made, for so many chats."""

    type = "outlet.escalated"
    action: str
    messages: int = left_out(0)


class OutletChangeConfirmed(MessageData):
    """An outlet asked for a change in its chat, and confirmed it by the link.

    `sold_out` go on its sold-out list. On `closed_on`, a business day, it is closed.
    """

    type = "outlet.change_confirmed"
    request: Ulid
    chain: str
    store: str
    sold_out: list[str] = []
    closed_on: date | None = None


class OutletPauseChanged(MessageData):
    """The outlet gets no orders of guests and platforms before `paused_until`; null ends the pause.

    `cause`: `rule`, after an order without an answer; `outlet`, by the link; `head_office`.
    """

    type = "outlet.pause_changed"
    chain: str
    store: str
    paused_until: datetime | None
    cause: str


class OutletRobotFailing(MessageData):
    """A robot has lost its login or a right. A person must repair it."""

    type = "outlet.robot_failing"
    chain: str
    robot: str
    channel: str
    failure: str


class OutletRobotRecovered(MessageData):
    """A failing robot works again."""

    type = "outlet.robot_recovered"
    chain: str
    robot: str
    channel: str
