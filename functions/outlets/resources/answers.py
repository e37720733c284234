"""/v1/outlets/notices/{notice}/answers: a person of the chain answers in place of an outlet, or has spoken with it."""

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from functions.outlets.notices.answering import PERSON, Answer, answer, reached
from functions.outlets.resources.access import MANAGE, ChainQuery, NoticePath
from functions.outlets.resources.notice_documents import NoticeDocument, notice_documents
from functions.outlets.resources.notices import required_notice
from functions.outlets.rules.settings import Minutes
from functions.outlets.states import FINAL, NoticeState
from functions.outlets.tables.messages import read_messages_of
from functions.outlets.tables.notices import Notice, lock_notice
from functions.outlets.tables.steps import read_steps
from shared.contracts.models import Input
from shared.spine.db import Transaction
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

# Of a store's manager: who may move the order may answer for it.
FULFIL = "orders:fulfil"


class OutletAnswerIn(Input):
    """`confirmed` with the minutes until it is ready, `declined` with a reason, or `reached`: the outlet was called.

    After `reached` no person calls the outlet again. The order still waits for an answer.
    """

    answer: Literal["confirmed", "declined", "reached"]
    ready_minutes: Minutes | None = None
    reason: Annotated[str | None, StringConstraints(min_length=1, max_length=200)] = None

    @model_validator(mode="after")
    def _is_whole(self) -> "OutletAnswerIn":
        if (self.answer == "confirmed") != (self.ready_minutes is not None):
            raise ValueError("ready_minutes belongs to the answer confirmed, which needs it")
        if (self.answer == "declined") != (self.reason is not None):
            raise ValueError("reason belongs to the answer declined, which needs it")
        return self


def answer_for_outlet(call: Call, path: NoticePath, query: ChainQuery, body: OutletAnswerIn) -> Reply:
    """Answer in place of an outlet, or say that the outlet was reached. The first answer stays."""
    with call.once() as (work, stored):
        found = lock_notice(work, path.notice)
        notice, _ = required_notice(call, work, (MANAGE, FULFIL), query.chain, found)
        if notice.state in FINAL:
            raise Conflict("answered_before", f"The notice is {notice.state} already.")
        stored.reply = _document(work, _answered(call, work, notice, body)).model_dump_json()
        stored.status = HTTPStatus.OK
    return Reply(stored.reply)


def _answered(call: Call, work: Work, notice: Notice, body: OutletAnswerIn) -> Notice:
    if body.answer == "reached":
        return reached(work, notice)
    by = call.client.person.name if call.client.person else call.client.id
    given = Answer(NoticeState(body.answer), PERSON, body.ready_minutes, body.reason, by[:200])
    return answer(work, notice, given, call.env.clock())


def _document(transaction: Transaction, notice: Notice) -> NoticeDocument:
    steps, messages = read_steps(transaction, [notice.id]), read_messages_of(transaction, [notice.id])
    return notice_documents([notice], steps, messages)[0]
