"""Decisions are stored: messages, their notices, the health of chats and robots, and messages for the next chat."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Failure, Refused, Scope
from functions.outlets.notices.answering import report, report_sent
from functions.outlets.queueing.dead_chats import told_of_dead_chat
from functions.outlets.queueing.sharing import shown_once
from functions.outlets.queueing.targets import ALERT, ANNOUNCEMENT, NOTICE, PERSON, at_next_chat
from functions.outlets.sending.outcomes import Decision
from functions.outlets.states import FINAL, MessageState, NoticeState, later
from functions.outlets.tables.alerts import insert_alert, update_untold
from functions.outlets.tables.chats import read_chats, update_address, update_dead
from functions.outlets.tables.holds import read_holds_another, upsert_hold
from functions.outlets.tables.message_checks import read_has_any
from functions.outlets.tables.messages import (
    ChatMessage,
    insert_messages,
    lock_waiting_at,
    update_failed,
    update_lost,
    update_outcome,
    update_sent,
)
from functions.outlets.tables.notices import Notice, lock_notices
from functions.outlets.tables.receipts import lock_shared, update_moved, update_shared_failed
from functions.outlets.tables.robots import (
    delete_token,
    lock_robot,
    update_answered,
    update_failing,
    update_not_before,
    update_sequence,
)
from shared.contracts.messages.outlets import OutletRobotFailing, robot_subject
from shared.spine.outbox import Work

OF_NOTICES = (NOTICE, PERSON)
# The evidence of a notice: the service answered, or could not deliver.
REPLY, FAILED = "reply", "failed"
# The last answer of a robot's service, where it took a message.
ACCEPTED = "accepted"
CHAT_DEAD, ROBOT_FAILING, CONTENT_REFUSED, NO_CHAT = "chat_dead", "robot_failing", "content_refused", "no_chat"
PERSON_UNREACHED = "person_unreached"


def store_decisions(work: Work, decisions: Sequence[Decision], token: int, now: datetime) -> None:
    """Store what became of the messages of a round. Notices are locked first and in one order."""
    notices = lock_notices_of(work, [decision.message for decision in decisions])
    wanted = [_while_wanted(decision, notices) for decision in decisions]
    taken = [decision.message for decision in wanted if is_plainly_sent(decision)]
    update_sent(work, taken, token, now)
    for decision in wanted:
        if not is_plainly_sent(decision):
            update_outcome(work, decision.message, token)
        if decision.refusal:
            _store_refusal(work, decision.message, decision.refusal, now)
            if decision.message.state is MessageState.FAILED:
                _note_unreached(work, decision.message, decision.refusal.code, now)
    _follow(work, wanted, notices, now)


def is_plainly_sent(decision: Decision) -> bool:
    """Whether the service has taken a message that no try before left in doubt. Most are so: one statement for all."""
    return decision.message.state is MessageState.SENT and decision.message.doubtful_since is None


def store_lost(work: Work, decisions: Sequence[Decision], notices: dict[str, Notice], now: datetime) -> None:
    """Store the decisions for messages of killed workers. Their notices are locked."""
    wanted = [_while_wanted(decision, notices) for decision in decisions]
    for decision in wanted:
        update_lost(work, decision.message, now)
    _follow(work, wanted, notices, now)


def lock_notices_of(work: Work, messages: Sequence[ChatMessage]) -> dict[str, Notice]:
    """The notices of these messages, locked."""
    return lock_notices(work, {message.source for message in messages if message.kind in OF_NOTICES})


def _while_wanted(decision: Decision, notices: Mapping[str, Notice]) -> Decision:
    """An order that was answered during the call does not go again, and not to the next chat."""
    notice = notices.get(decision.message.source)
    if decision.message.kind not in OF_NOTICES or notice is None or notice.state not in FINAL:
        return decision
    again = decision.message.state is MessageState.WAITING
    message = replace(decision.message, state=MessageState.ENDED) if again else decision.message
    return replace(decision, message=message, fails_over=False)


def _follow(work: Work, decisions: Sequence[Decision], notices: dict[str, Notice], now: datetime) -> None:
    """Report the outcomes to the notices, and hand what failed to the next chats."""
    reports: dict[str, NoticeState] = {}
    for decision in decisions:
        state = _known(decision)
        if decision.message.source in notices and state and decision.message.kind == NOTICE:
            reports[decision.message.source] = later(reports.get(decision.message.source, state), state)
    first = [notice for key, state in reports.items() if _is_first_sent(notice := notices[key], state)]
    notices.update({notice.id: notice for notice in report_sent(work, first, REPLY, now)})
    for key, state in reports.items():
        notices[key] = report(work, notices[key], state, REPLY, now)
    fail_over(work, [decision.message for decision in decisions if decision.fails_over], now)
    _store_answers(work, decisions, now)


def _is_first_sent(notice: Notice, state: NoticeState) -> bool:
    return (notice.state, state, notice.sent_at) == (NoticeState.QUEUED, NoticeState.SENT, None)


def _store_answers(work: Work, decisions: Sequence[Decision], now: datetime) -> None:
    """The last answer of each robot's service, for those who watch it."""
    answers: dict[str, str] = {}
    for decision in decisions:
        if decision.refusal:
            answers[decision.message.robot] = decision.refusal.code
        elif decision.message.state is MessageState.SENT:
            answers[decision.message.robot] = ACCEPTED
    for answer in sorted(set(answers.values())):
        update_answered(work, sorted(robot for robot, last in answers.items() if last == answer), answer, now)


def _known(decision: Decision) -> NoticeState | None:
    if decision.message.state is MessageState.SENT:
        return NoticeState.SENT
    return NoticeState.UNKNOWN if decision.lost else None


def _store_refusal(work: Work, message: ChatMessage, refusal: Refused, now: datetime) -> None:
    if refusal.moved_to:
        update_address(work, message.robot, message.address, refusal.moved_to)
    elif refusal.renew_token:
        delete_token(work, message.robot)
    elif refusal.failure is Failure.LATER and refusal.wait_seconds:
        _hold(work, message, refusal.scope, now, now + timedelta(seconds=refusal.wait_seconds))
    elif refusal.failure is Failure.RIGHTS and message.state is MessageState.FAILED:
        note_robot_failing(work, message.robot, refusal.code, now)
    elif refusal.failure is Failure.CONTENT and message.state is MessageState.FAILED:
        subject = f"{message.store} {message.robot}"
        insert_alert(work, message.chain, CONTENT_REFUSED, subject, f"{refusal.code}: {refusal.detail}", now)
    elif refusal.failure is Failure.DEAD:
        note_chat_dead(work, message.robot, message.address, message.chain, refusal.code, now)


def _hold(work: Work, message: ChatMessage, scope: Scope | None, now: datetime, until: datetime) -> None:
    """Leave alone what the service asked for. Where it does not say, a second chat that it refuses holds the robot."""
    if scope is not Scope.ROBOT:
        upsert_hold(work, message.robot, message.address, until)
    if scope is Scope.ROBOT or (scope is None and read_holds_another(work, message.robot, message.address, now)):
        update_not_before(work, message.robot, until)


def note_chat_dead(work: Work, robot: str, address: str, chain: str, code: str, now: datetime) -> None:
    """The chat takes no message. Waiting messages go to the next chat of its outlet, which is told why."""
    if not update_dead(work, robot, address, code, now):
        return
    waiting = lock_waiting_at(work, robot, address)
    subject = f"{robot} {address}"
    insert_alert(work, chain, CHAT_DEAD, subject, f"The chat takes no messages: {code}.", now)
    insert_messages(work, told_of_dead_chat(work, robot, address, now))
    hand_over(work, waiting, code, now)


def hand_over(work: Work, messages: Sequence[ChatMessage], code: str, now: datetime) -> None:
    """These messages do not arrive: the next chat gets each of them, and operations hear of those without one."""
    update_failed(work, [message.id for message in messages], code)
    for message in messages:
        _note_unreached(work, message, code, now)
    fail_over(work, messages, now)


def _note_unreached(work: Work, message: ChatMessage, code: str, now: datetime) -> None:
    """No chat follows for a person. A message that no operations chat took is told again."""
    if message.kind in (PERSON, ALERT):
        subject = f"{message.robot} {message.address}"
        insert_alert(work, message.chain, PERSON_UNREACHED, subject, f"A person on call gets no messages: {code}.", now)
    if message.kind == ALERT and not read_has_any(work, message.source, ALERT):
        update_untold(work, message.chain, message.source)


def note_robot_failing(work: Work, robot: str, code: str, now: datetime) -> None:
    """The robot has lost its login or a right. It is announced once."""
    stored = lock_robot(work, robot)
    if stored is None:
        return
    update_failing(work, robot, code, now)
    if stored.failing_since is not None:
        return
    insert_alert(work, stored.chain, ROBOT_FAILING, stored.id, f"The robot cannot send: {code}.", now)
    update_sequence(work, robot)
    message = OutletRobotFailing(chain=stored.chain, robot=stored.id, channel=stored.channel, failure=code)
    work.announce(message, subject=robot_subject(robot), sequence=stored.sequence + 1)


def fail_over(work: Work, messages: Sequence[ChatMessage], now: datetime) -> None:
    """The next living chats of their outlets get the messages. Operations hear of an order without one."""
    shown = lock_shared(work, [message.id for message in messages if message.kind == ANNOUNCEMENT])
    chats = read_chats(work, sorted({message.store for message in (*messages, *shown)}))
    moved: dict[str, ChatMessage] = {}
    for message in (*messages, *shown):
        following = at_next_chat(message, chats.get(message.store, []), now)
        if following:
            moved[message.id] = replace(following, again=message.again or message.doubtful_since is not None)
        elif message.kind == NOTICE:
            insert_alert(work, message.chain, NO_CHAT, message.store, "The outlet has no further chat.", now)
    update_shared_failed(work, [message.id for message in shown if message.id not in moved], CHAT_DEAD)
    update_moved(work, [key for key, message in moved.items() if message.kind == ANNOUNCEMENT])
    insert_messages(work, shown_once(work, list(moved.values())))
    _report_undelivered(work, {one.source for one in messages if one.kind == NOTICE and one.id not in moved}, now)


def _report_undelivered(work: Work, notices: set[str], now: datetime) -> None:
    """Those of the notices that no chat has, and that none will get."""
    for notice in lock_notices(work, notices).values():
        if not read_has_any(work, notice.id, NOTICE):
            report(work, notice, NoticeState.UNDELIVERED, FAILED, now)
