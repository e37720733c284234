"""Messages about outlets that get their orders in a chat: notices, answers, escalations, chats and robots."""

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData, left_out


def notice_subject(notice: str) -> str:
    """The `subject` of messages about a notice. They are in the trace of its order, too."""
    return f"notice/{notice}"


def robot_subject(robot: str) -> str:
    """The `subject` of messages about a robot, by its key."""
    return f"robot/{robot}"


class NoticeMessage(MessageData):
    """Base of the messages about a notice: the order that the outlet is told about."""

    notice: Ulid
    order: Ulid
    chain: str
    store: str
    version: int


class OutletNoticeChanged(NoticeMessage):
    """More is known of a notice. `state`: queued, unknown, sent, delivered, read, expired or cancelled."""

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
