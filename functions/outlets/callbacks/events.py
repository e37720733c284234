"""Events of a robot's callbacks → receipts, answers, and the health of chats. Each event counts once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.outlets.callbacks.replies import answer_written
from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Blocked,
    Delivered,
    Event,
    Failed,
    Failure,
    Pressed,
    Read,
    Unblocked,
    Written,
)
from functions.outlets.notices.answering import PRESS, Answer, answer, report
from functions.outlets.queueing.targets import NOTICE
from functions.outlets.sending.cards import read_buttons
from functions.outlets.sending.storing import CHAT_DEAD, fail_over, hand_over, note_chat_dead, note_robot_failing
from functions.outlets.states import MessageState, NoticeState, later_message
from functions.outlets.tables.alerts import update_alert_ended
from functions.outlets.tables.chats import update_alive
from functions.outlets.tables.events import insert_event
from functions.outlets.tables.messages import (
    ChatMessage,
    lock_by_external,
    read_by_external,
    read_messages_of,
    update_failed,
    update_state,
)
from functions.outlets.tables.notices import Notice, lock_notice
from functions.outlets.tables.robots import StoredRobot
from functions.outlets.text.cards import pressed_notice
from functions.outlets.text.words import say
from shared.spine.env import Environment
from shared.spine.outbox import Work

LONGEST_MINUTES = 240
# A failure says nothing new about these.
SETTLED = (MessageState.DELIVERED, MessageState.READ, MessageState.FAILED, MessageState.MOVED)


def store_events(env: Environment, robot: StoredRobot, events: Sequence[Event]) -> str | None:
    """Store events, each in a transaction of its own. Returns what the person who pressed a button is to see."""
    answer: str | None = None
    for event in events:
        with env.outbox.work("outlets") as work:
            answer = _store(env, work, robot, event) or answer
    return answer


def _store(env: Environment, work: Work, robot: StoredRobot, event: Event) -> str | None:
    now = env.clock()
    event_id = getattr(event, "event_id", None)
    if event_id and not insert_event(work, robot.key, event_id, now):
        return None
    match event:
        case Delivered() | Read():
            _receipt(work, robot, event)
        case Failed():
            _failed(work, robot, event, now)
        case Pressed():
            return _pressed(work, robot, event, now)
        case Written():
            answer_written(env, work, robot, event, now)
        case Blocked():
            note_chat_dead(work, robot.key, event.chat, robot.chain, "blocked", now)
        case Unblocked():
            update_alive(work, robot.key, event.chat, now)
            update_alert_ended(work, robot.chain, CHAT_DEAD, f"{robot.key} {event.chat}", now)
    return None


def _receipt(work: Work, robot: StoredRobot, event: Delivered | Read) -> None:
    """A receipt comes late, twice and out of order. It only adds knowledge."""
    found = lock_by_external(work, robot.key, event.message_id)
    if found is None:
        return
    is_read = isinstance(event, Read)
    message = replace(
        found,
        state=later_message(found.state, MessageState.READ if is_read else MessageState.DELIVERED),
        delivered_at=found.delivered_at or event.at,
        read_at=(found.read_at or event.at) if is_read else found.read_at,
    )
    update_state(work, message)
    notice = lock_notice(work, message.source) if message.kind == NOTICE else None
    if notice:
        report(work, notice, NoticeState.READ if is_read else NoticeState.DELIVERED, "receipt", event.at)


def _failed(work: Work, robot: StoredRobot, event: Failed, now: datetime) -> None:
    """The service could not deliver what it had accepted: the next chat gets the message."""
    found = lock_by_external(work, robot.key, event.message_id)
    if found is None or found.state in SETTLED:
        return
    if event.refused.failure is Failure.DEAD:
        note_chat_dead(work, robot.key, found.address, robot.chain, event.refused.code, now)
    elif event.refused.failure is Failure.RIGHTS:
        note_robot_failing(work, robot.key, event.refused.code, now)
    if event.refused.failure is Failure.LATER:
        # Nobody took the call: that says nothing about the number.
        update_failed(work, [found.id], event.refused.code)
        fail_over(work, [found], now)
    else:
        hand_over(work, [found], event.refused.code, now)


def _pressed(work: Work, robot: StoredRobot, event: Pressed, now: datetime) -> str | None:
    """A button confirms its order, with the person as the channel names them."""
    named = pressed_notice(_value(work, robot, event))
    notice = lock_notice(work, named[0]) if named else None
    if named is None or notice is None or not _was_told(work, robot, notice):
        return None
    if CHANNELS[robot.channel].shows_tapper and 0 < named[1] <= LONGEST_MINUTES:
        given = Answer(NoticeState.CONFIRMED, PRESS, ready_minutes=named[1], by=event.person[:200])
        notice = answer(work, notice, given, now)
    return _shown(notice)


def _value(work: Work, robot: StoredRobot, event: Pressed) -> str:
    """The value of the pressed button. A phone and a reaction give its number in the message; empty without one."""
    number = event.value.removeprefix("#")
    if number == event.value or not number.isascii() or not number.isdigit() or event.message_id is None:
        return event.value
    message = read_by_external(work, robot.key, event.message_id)
    buttons = read_buttons(work, message) if message else ()
    return buttons[int(number) - 1].value if 0 < int(number) <= len(buttons) else ""


def _was_told(work: Work, robot: StoredRobot, notice: Notice) -> bool:
    """Whether this robot has shown the notice. A robot of another chain confirms nothing."""
    messages: list[ChatMessage] = read_messages_of(work, [notice.id])
    return notice.chain == robot.chain and any(message.robot == robot.key for message in messages)


def _shown(notice: Notice) -> str:
    language = notice.language
    if notice.state is NoticeState.CONFIRMED:
        return say(language, "answered", minutes=notice.ready_minutes or 0)
    if notice.state is NoticeState.CANCELLED:
        return say(language, "cancelled")
    return say(language, "changed.page")
