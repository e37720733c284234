"""An answer to a notice: by the page, by a button, by the order's own way, or by a rule.

The answer and the end of all steps and waiting messages are one transaction, so that no step follows an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.outlets.notices.traces import about, announce, announce_state
from functions.outlets.queueing import targets
from functions.outlets.rules.settings import Action
from functions.outlets.states import FINAL, NoticeState, later
from functions.outlets.tables.messages import update_kind_ended, update_messages_ended
from functions.outlets.tables.notices import Notice, update_notice, update_sent_first
from functions.outlets.tables.steps import update_actions_ended, update_steps_ended
from shared.contracts.messages.outlets import OutletOrderAnswered
from shared.spine import log
from shared.spine.outbox import Work

# The answer's origin. `person`: somebody of the chain answered in place of the outlet. `call`: the outlet was reached.
PAGE, PRESS, ORDER, RULE, PERSON, CALL = "page", "press", "order", "rule", "person", "call"
# Not needed after somebody has spoken with the outlet. Head office and the automatic answer still follow.
ENDED_BY_CALL = (Action.AGAIN, Action.CALL, Action.SECOND)


@dataclass(frozen=True)
class Answer:
    """Confirmed with the minutes until it is ready, or declined with a reason."""

    state: NoticeState
    evidence: str
    ready_minutes: int | None = None
    reason: str | None = None
    by: str | None = None


def answer(work: Work, notice: Notice, given: Answer, now: datetime) -> Notice:
    """The locked notice after the answer. The first answer stays: a second one changes nothing."""
    if notice.state in FINAL:
        return notice
    answered = replace(
        notice,
        state=given.state,
        evidence=given.evidence,
        ended_at=now,
        ready_minutes=given.ready_minutes,
        reason=given.reason,
        answered_by=given.by,
        sequence=notice.sequence + 1,
    )
    _end(work, [answered])
    message = OutletOrderAnswered(
        **about(answered),
        state=given.state,
        evidence=given.evidence,
        ready_minutes=given.ready_minutes,
        reason=given.reason,
        by=given.by,
    )
    announce(work, answered, message)
    log.logger().info("order answered", extra={"notice": notice.id, "state": given.state, "evidence": given.evidence})
    return answered


def reached(work: Work, notice: Notice) -> Notice:
    """The locked notice after a person has spoken with its outlet: no more calls, and the order waits for an answer."""
    if notice.state in FINAL:
        return notice
    spoken = replace(notice, evidence=CALL, sequence=notice.sequence + 1)
    update_notice(work, spoken)
    update_actions_ended(work, notice.id, ENDED_BY_CALL)
    update_kind_ended(work, notice.id, targets.PERSON)
    announce_state(work, spoken)
    return spoken


def end(work: Work, notices: Sequence[Notice], state: NoticeState, evidence: str, now: datetime) -> None:
    """End locked notices without an answer: a newer version replaces them, or the order was cancelled."""
    ended = [
        replace(notice, state=state, evidence=evidence, ended_at=now, sequence=notice.sequence + 1)
        for notice in notices
        if notice.state not in FINAL or (state is NoticeState.CANCELLED and notice.state is NoticeState.CONFIRMED)
    ]
    _end(work, ended)
    for notice in ended:
        announce_state(work, notice)


def report(work: Work, notice: Notice, state: NoticeState, evidence: str, now: datetime) -> Notice:
    """The locked notice after a report about a message of it. No report moves it back."""
    after = later(notice.state, state)
    times = {NoticeState.SENT: "sent_at", NoticeState.DELIVERED: "delivered_at", NoticeState.READ: "read_at"}
    field = times.get(state)
    changes: dict[str, Any] = {field: now} if field and getattr(notice, field) is None else {}
    if after == notice.state and not changes:
        return notice
    sequence = notice.sequence + (after != notice.state)
    reported = replace(notice, **changes, state=after, sequence=sequence)
    if after != notice.state:
        reported = replace(reported, evidence=evidence)
        announce_state(work, reported)
    update_notice(work, reported)
    return reported


def report_sent(work: Work, notices: Sequence[Notice], evidence: str, now: datetime) -> list[Notice]:
    """The locked notices after their first message was taken, in one statement. Each was queued."""
    update_sent_first(work, [notice.id for notice in notices], evidence, now)
    reported = [
        replace(notice, state=NoticeState.SENT, evidence=evidence, sent_at=now, sequence=notice.sequence + 1)
        for notice in notices
    ]
    for notice in reported:
        announce_state(work, notice)
    return reported


def _end(work: Work, notices: Sequence[Notice]) -> None:
    ids = [notice.id for notice in notices]
    for notice in notices:
        update_notice(work, notice)
    update_steps_ended(work, ids)
    update_messages_ended(work, ids)
