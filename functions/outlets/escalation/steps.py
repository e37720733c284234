"""Due steps of notices that have no answer: again by a second robot, a call, people, and an automatic answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.outlets.asking.pausing import BY_RULE, change_pause
from functions.outlets.channels.contract import Card
from functions.outlets.notices.answering import RULE, Answer, answer
from functions.outlets.notices.traces import about, announce
from functions.outlets.queueing.targets import REPLY, next_chat, second_chat, to_chat, to_person
from functions.outlets.rules.settings import AUTOMATIC, Action, rules_of
from functions.outlets.states import FINAL, NoticeState
from functions.outlets.tables.alerts import insert_alert
from functions.outlets.tables.chats import Chat, read_chats
from functions.outlets.tables.messages import ChatMessage, insert_messages
from functions.outlets.tables.notices import Notice, lock_notices, update_sequences
from functions.outlets.tables.people import read_on_call
from functions.outlets.tables.settings import read_chain, read_outlet
from functions.outlets.tables.steps import (
    Step,
    lock_due_steps,
    read_due_steps,
    update_steps_done,
    update_steps_ended,
)
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
# Steps of a transaction.
TOGETHER = 25
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
    """Make the steps that are due, those of a notice in their order. Returns the number of steps that were made.

    Many steps share a transaction and a publication, because a publication takes longer than a step. An answer waits
    for at most one such transaction.
    """
    made = 0
    # Several steps of a notice are due where nobody looked for minutes.
    for _ in Action:
        in_pass = _make_pass(env)
        made += in_pass
        if not in_pass:
            break
    return made


def _make_pass(env: Environment) -> int:
    """Make at most one step of each notice."""
    with env.db.transaction() as transaction:
        due = read_due_steps(transaction, env.clock(), BATCH)
    notices = sorted({step.notice for step in due})
    parts = (notices[begin : begin + TOGETHER] for begin in range(0, len(notices), TOGETHER))
    return sum(_make_unless_locked(env, part) for part in parts)


def _make_unless_locked(env: Environment, notices: Sequence[str]) -> int:
    """Where one of the notices is locked, each is tried alone: the others must not wait for it."""
    try:
        return _make(env, notices)
    except Locked:
        if len(notices) > 1:
            return sum(_make_unless_locked(env, [notice]) for notice in notices)
        log.logger().info("a step is left for the next look", extra={"notice": notices[0]})
        return 0


def _make(env: Environment, notices: Sequence[str]) -> int:
    """Make the first due step of each of these notices. The notices are locked first, as an answer does it."""
    now = env.clock()
    with env.outbox.work("outlets") as work:
        found = lock_notices(work, notices)
        unanswered = {key: notice for key, notice in found.items() if notice.state not in FINAL}
        update_steps_ended(work, [notice for notice in notices if notice not in unanswered])
        steps = _taken(work, sorted(unanswered), now)
        _follow(work, [(unanswered[step.notice], step) for step in steps], now)
    for step in steps:
        late = round((now - step.due_at).total_seconds(), 3)
        log.logger().info("step made", extra={"notice": step.notice, "action": step.action, "late": late})
    return len(steps)


def _taken(work: Work, notices: Sequence[str], now: datetime) -> list[Step]:
    """The first due step of each notice. No other worker makes it."""
    steps: dict[str, Step] = {}
    for step in lock_due_steps(work, notices, now):
        steps.setdefault(step.notice, step)
    for number in sorted({step.step for step in steps.values()}):
        update_steps_done(work, number, [notice for notice, step in steps.items() if step.step == number], now)
    return list(steps.values())


def _follow(work: Work, taken: Sequence[tuple[Notice, Step]], now: datetime) -> None:
    """The messages, the announcement and the automatic answer of each step."""
    again = [notice.store for notice, step in taken if step.action == Action.AGAIN]
    chats = read_chats(work, sorted(set(again)))
    update_sequences(work, [notice.id for notice, _ in taken])
    queued: list[ChatMessage] = []
    for notice, step in taken:
        action = Action(step.action)
        messages = [] if action in AUTOMATIC else _messages(work, notice, step, chats.get(notice.store, []), now)
        queued += messages
        counted = _announced(work, notice, action, len(messages))
        if action in AUTOMATIC:
            answer(work, counted, ANSWERS[action], now)
        if action is Action.PAUSE:
            _pause(work, counted, now)
    insert_messages(work, queued)


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
    insert_messages(work, [replace(to_chat(notice, chat, PAUSED_STEP, now, REPLY), card=stored_card(card))])


def _messages(work: Work, notice: Notice, step: Step, chats: Sequence[Chat], now: datetime) -> Sequence[ChatMessage]:
    action = Action(step.action)
    if action is Action.AGAIN:
        chat = second_chat(chats)
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
    """The notice with the number that `update_sequences` gave it."""
    counted = replace(notice, sequence=notice.sequence + 1)
    announce(work, counted, OutletEscalated(**about(counted), action=action, messages=messages))
    return counted
