"""Due steps of notices that have no answer: again by a second robot, a call, people, and an automatic answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.outlets.asking.pausing import BY_RULE, change_pause
from functions.outlets.channels.contract import Card
from functions.outlets.notices.answering import RULE, Answer, answer
from functions.outlets.notices.traces import about, announce
from functions.outlets.queueing.targets import ALERT, next_chat, second_chat, to_chat, to_person
from functions.outlets.rules.settings import AUTOMATIC, Action, rules_of
from functions.outlets.states import FINAL, NoticeState
from functions.outlets.tables.alerts import insert_alert
from functions.outlets.tables.chats import read_chats
from functions.outlets.tables.messages import ChatMessage, insert_messages
from functions.outlets.tables.notices import Notice, lock_notice, update_notice
from functions.outlets.tables.people import read_on_call
from functions.outlets.tables.settings import read_chain, read_outlet
from functions.outlets.tables.steps import Step, read_due_steps, update_step_done, update_steps_ended
from functions.outlets.tables.stores import read_stores
from functions.outlets.text.cards import stored_card
from functions.outlets.text.document import local_time
from functions.outlets.text.words import say
from shared.contracts.messages.outlets import OutletEscalated
from shared.spine import log
from shared.spine.db import Locked
from shared.spine.env import Environment
from shared.spine.outbox import Work

BATCH = 200
NO_ANSWER = "no answer in time"
NOBODY = "nobody_on_call"
# After all steps of an escalation.
PAUSED_STEP = 201
ROLES: Mapping[Action, tuple[str, ...]] = {
    Action.CALL: ("call",),
    Action.SECOND: ("second",),
    Action.HEAD_OFFICE: ("head_office", "operations"),
}
ANSWERS: Mapping[Action, Answer] = {
    Action.ACCEPT: Answer(NoticeState.CONFIRMED, RULE),
    Action.DECLINE: Answer(NoticeState.DECLINED, RULE, reason=NO_ANSWER),
    Action.PAUSE: Answer(NoticeState.DECLINED, RULE, reason=NO_ANSWER),
}


def make_due_steps(env: Environment) -> int:
    """Make each due step in a transaction of its own. Returns the number of steps that were made."""
    with env.db.transaction() as transaction:
        due = read_due_steps(transaction, env.clock(), BATCH)
    made = 0
    for step in due:
        try:
            made += _make(env, step)
        except Locked:
            log.logger().info("a step is left for the next look", extra={"notice": step.notice})
    return made


def _make(env: Environment, step: Step) -> bool:
    """Whether this worker made the step. The notice is locked first, as an answer does it."""
    now = env.clock()
    with env.outbox.work("outlets") as work:
        notice = lock_notice(work, step.notice)
        if notice is None or notice.state in FINAL:
            update_steps_ended(work, [step.notice])
            return False
        if not update_step_done(work, step, now):
            return False
        action = Action(step.action)
        messages = [] if action in AUTOMATIC else _messages(work, notice, step, action, now)
        insert_messages(work, messages)
        notice = _announced(work, notice, action, len(messages))
        if action in AUTOMATIC:
            answer(work, notice, ANSWERS[action], now)
        if action is Action.PAUSE:
            _pause(work, notice, now)
    late = (now - step.due_at).total_seconds()
    log.logger().info("step made", extra={"notice": step.notice, "action": action, "late": round(late, 3)})
    return True


def _pause(work: Work, notice: Notice, now: datetime) -> None:
    """Pause the outlet, and tell its chat how to take orders again."""
    outlet, chain = read_outlet(work, notice.store), read_chain(work, notice.chain)
    rules = rules_of(chain.settings if chain else None, outlet.settings if outlet else None)
    until = now + timedelta(minutes=rules.pause_minutes)
    chat = next_chat(read_chats(work, [notice.store])[notice.store])
    if not change_pause(work, notice.store, until, BY_RULE, now) or chat is None:
        return
    store = read_stores(work, [notice.store]).get(notice.store)
    zone, name = (store.settings.timezone, store.settings.name) if store else ("UTC", notice.store)
    card = Card(say(rules.language, "paused", store=name, time=local_time(until, zone)), language=rules.language)
    insert_messages(work, [replace(to_chat(notice, chat, PAUSED_STEP, now, ALERT), card=stored_card(card))])


def _messages(work: Work, notice: Notice, step: Step, action: Action, now: datetime) -> Sequence[ChatMessage]:
    if action is Action.AGAIN:
        chat = second_chat(read_chats(work, [notice.store])[notice.store])
        return [to_chat(notice, chat, step.step, now)] if chat else []
    people = read_on_call(work, notice.chain, notice.store, ROLES[action], _local_day(work, notice, now))
    if not people:
        detail = f"No person for the step {action}."
        insert_alert(work, notice.chain, NOBODY, f"{notice.store} {action}", detail, now)
    return [to_person(notice, person, step.step, place, now) for place, person in enumerate(people)]


def _local_day(work: Work, notice: Notice, now: datetime) -> date:
    store = read_stores(work, [notice.store]).get(notice.store)
    return now.astimezone(ZoneInfo(store.settings.timezone if store else "UTC")).date()


def _announced(work: Work, notice: Notice, action: Action, messages: int) -> Notice:
    counted = replace(notice, sequence=notice.sequence + 1)
    update_notice(work, counted)
    announce(work, counted, OutletEscalated(**about(counted), action=action, messages=messages))
    return counted
