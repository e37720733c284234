"""/v1/outlets/notices: the orders that outlets were told about, and the steps towards an answer."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.outlets.resources.access import READ, ChainQuery, require, require_outlet
from functions.outlets.states import OPEN, MessageState, NoticeState, StepState
from functions.outlets.tables.messages import ChatMessage, read_messages_of
from functions.outlets.tables.notices import Notice, read_notices_of_chain, read_notices_of_store
from functions.outlets.tables.steps import Step, read_steps
from functions.outlets.text.document import loaded
from shared.contracts.ids import Ulid
from shared.contracts.models import Output
from shared.contracts.text import Id
from shared.spine.http import Call, Reply

LAST_ID = "7" + "Z" * 25


class NoticesQuery(ChainQuery):
    """Notices of a chain or of one outlet. Without `state`: those without an answer."""

    outlet: Id | None = None
    state: NoticeState | None = None
    before: Ulid | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


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


class Notices(Output):
    """Notices, the newest first. `next` is the `before` of the following page."""

    notices: list[NoticeDocument]
    next: str | None


def list_notices(call: Call, query: NoticesQuery) -> Reply:
    """List notices with their steps and messages: those that wait for an answer, or those in a state."""
    states = [query.state] if query.state else list(OPEN)
    before = query.before or LAST_ID
    with call.env.db.transaction() as transaction:
        if query.outlet:
            key = require_outlet(call, transaction, READ, query.chain, query.outlet)
            found = read_notices_of_store(transaction, key, states, before, query.limit)
        else:
            require(call, READ, query.chain)
            found = read_notices_of_chain(transaction, query.chain, states, before, query.limit)
        ids = [notice.id for notice in found]
        steps, messages = read_steps(transaction, ids), read_messages_of(transaction, ids)
    following = found[-1].id if len(found) == query.limit else None
    return Reply(Notices(notices=_documents(found, steps, messages), next=following))


def _documents(notices: list[Notice], steps: list[Step], messages: list[ChatMessage]) -> list[NoticeDocument]:
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


def _document(notice: Notice, steps: list[StepDocument], messages: list[MessageDocument]) -> NoticeDocument:
    fields = {name: value for name, value in vars(notice).items() if name in NoticeDocument.model_fields}
    document = loaded(notice.document)
    number = document["number"] if document else None
    outlet = notice.store.partition(":")[2]
    return NoticeDocument(**fields, notice=notice.id, outlet=outlet, number=number, steps=steps, messages=messages)
