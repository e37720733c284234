"""Notices as the API shows them, with their steps, messages and evidence."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from functions.outlets.states import MessageState, NoticeState, StepState
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.notices import Notice
from functions.outlets.tables.steps import Step
from functions.outlets.text.document import loaded
from functions.outlets.text.order_text import order_text
from shared.contracts.models import Output


class StepDocument(Output):
    """A step of an escalation. `ended`: the answer came first."""

    action: str
    due_at: datetime
    state: StepState
    done_at: datetime | None


class MessageDocument(Output):
    """A message of a notice to a chat. `again` marks one that may have been shown before."""

    robot: str
    kind: str
    state: MessageState
    again: bool
    attempts: int
    failure: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    address: str
    detail: str | None


class NoticeDocument(Output):
    """A version of an order that its outlet was told about. `evidence` says where the state comes from."""

    notice: str
    outlet: str
    order: str
    version: int
    number: str | None
    state: NoticeState
    evidence: str | None
    created_at: datetime
    limit_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    ended_at: datetime | None
    ready_minutes: int | None
    reason: str | None
    answered_by: str | None
    steps: list[StepDocument]
    messages: list[MessageDocument]
    timezone: str | None = None


class NoticeDetail(NoticeDocument):
    """A notice with the text that its outlet got; null after the guest was forgotten."""

    text: str | None


class Notices(Output):
    """Notices. `next` is the `before` of the following page, or its `after` with `order=oldest`."""

    notices: list[NoticeDocument]
    next: str | None


def notice_documents(
    notices: Sequence[Notice], steps: Sequence[Step], messages: Sequence[ChatMessage]
) -> list[NoticeDocument]:
    """The notices, each with its own steps and messages."""
    steps_of: dict[str, list[StepDocument]] = defaultdict(list)
    messages_of: dict[str, list[MessageDocument]] = defaultdict(list)
    for step in steps:
        document = StepDocument(action=step.action, due_at=step.due_at, state=step.state, done_at=step.done_at)
        steps_of[step.notice].append(document)
    for message in messages:
        fields = {name: value for name, value in vars(message).items() if name in MessageDocument.model_fields}
        robot = message.robot.partition(":")[2]
        messages_of[message.source].append(MessageDocument(**fields | {"robot": robot}))
    return [_document(notice, steps_of[notice.id], messages_of[notice.id]) for notice in notices]


def notice_detail(
    notice: Notice, steps: Sequence[Step], messages: Sequence[ChatMessage], *, personal: bool
) -> NoticeDetail:
    """One notice with its text. Without `personal` the text has no guest."""
    [shown] = notice_documents([notice], steps, messages)
    document = loaded(notice.document)
    if document and not personal:
        document["guest"] = []
    text = order_text(document, notice.language) if document else None
    return NoticeDetail(**shown.model_dump(), text=text)


def _document(notice: Notice, steps: list[StepDocument], messages: list[MessageDocument]) -> NoticeDocument:
    fields = {name: value for name, value in vars(notice).items() if name in NoticeDocument.model_fields}
    document = loaded(notice.document)
    return NoticeDocument(
        **fields,
        notice=notice.id,
        outlet=notice.store.partition(":")[2],
        number=document["number"] if document else None,
        timezone=document["zone"] if document else None,
        steps=steps,
        messages=messages,
    )
