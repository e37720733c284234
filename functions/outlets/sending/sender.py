"""Messages that are due are sent: claimed, within the windows of their robot, in one round for many robots.

A worker holds a message by a lease. It is marked as being sent just before the call. So a worker that is killed before
leaves it waiting, and one that is killed later leaves it in doubt.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Card, Robot, Scope
from functions.outlets.sending.calls import post_calls
from functions.outlets.sending.cards import Cards
from functions.outlets.sending.outcomes import Decision, decide, lost, marked
from functions.outlets.sending.quiet_hours import read_allowed
from functions.outlets.sending.robots import ready_robots
from functions.outlets.sending.storing import lock_notices_of, store_decisions, store_lost
from functions.outlets.sending.windows import Pace, are_held, paces, seconds_to_wait, take_slots
from functions.outlets.states import MessageState
from functions.outlets.tables.messages import (
    ChatMessage,
    claim_messages,
    lock_lost,
    read_due,
    read_due_robots,
    read_lost,
    update_released,
    update_sending,
)
from functions.outlets.tables.robots import StoredRobot, read_robots
from functions.outlets.tables.slots import update_slots_stamped
from shared.kit.isolation import Isolation
from shared.kit.outside.exchange import AT_ONCE, CALL_SECONDS, Answer, Call
from shared.spine import log
from shared.spine.db import Locked, Transaction
from shared.spine.env import Environment
from shared.spine.errors import Unavailable

CONCERN = "outlets"
# Longer than the calls of a round take.
LEASE = timedelta(seconds=45)
# Messages of one robot in a round: a slow service delays the others of the round.
BATCH = 10
ROBOTS_AT_ONCE = 40
STORE_TRIES, STORE_PAUSE = 8, 0.1
# All calls of a round end within the lease, also when each takes its longest.
MOST_CALLS = AT_ONCE * int(LEASE.total_seconds() // CALL_SECONDS)


@dataclass
class _Round:
    """One round of sending: the messages that this worker holds, and the windows whose slots it took."""

    token: int
    now: datetime
    robots: dict[str, Robot] = field(default_factory=dict)
    held: list[ChatMessage] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    slots: int = 0


def send_due(env: Environment, until: datetime) -> int:
    """Send what is due, in rounds, until nothing is due or the time ends. Returns the number of calls."""
    calls = 0
    while env.clock() + LEASE / 3 < until:
        sent = send_round(env)
        if not sent:
            break
        calls += sent
    return calls


def send_round(
    env: Environment, robots: Sequence[str] | None = None, meanwhile: Callable[[], object] | None = None
) -> int:
    """Send one batch of each robot that has something due. Returns the number of calls.

    `meanwhile` is done each second while services do not answer.
    """
    now = env.clock()
    sending = _Round(secrets.randbits(63) or 1, now)
    with env.db.statements() as statements:
        due = list(robots) if robots is not None else read_due_robots(statements, now)
        stored = read_robots(statements, due[:ROBOTS_AT_ONCE])
    open_ones = {
        key: robot
        for key, robot in stored.items()
        if robot.enabled and robot.channel in CHANNELS and (robot.not_before is None or robot.not_before <= now)
    }
    sending.robots = ready_robots(env, open_ones, now)
    with env.db.statements() as statements:
        for key in _shuffled(sending.robots):
            if len(sending.held) + BATCH <= MOST_CALLS:
                _claim(statements, sending, key)
        held = are_held(statements, sending.keys, sending.token, sending.slots)
        if not held:
            _give_back(statements, sending)
    return _send(env, sending, meanwhile) if held and sending.held else 0


def _shuffled(robots: Mapping[str, Robot]) -> list[str]:
    """In another order each time: a round may end before the last robot."""
    return secrets.SystemRandom().sample(sorted(robots), len(robots))


def _give_back(statements: Transaction, sending: _Round) -> None:
    """This worker was stopped for so long that another one may have used its slots. Nothing was sent."""
    log.logger().warning("slots lost before sending", extra={"messages": len(sending.held)})
    update_released(statements, [message.id for message in sending.held], sending.token, sending.now)
    update_slots_stamped(statements, sorted(set(sending.keys)), sending.token)


def _claim(statements: Transaction, sending: _Round, robot: str) -> None:
    """Claim what a robot may send now: orders first, and announcements when no order waits."""
    for priority in (0, 1):
        due = read_due(statements, robot, priority, sending.now, BATCH)
        if not due:
            continue
        claimed = claim_messages(statements, due, sending.token, sending.now, sending.now + LEASE)
        if priority > 0:
            claimed = _outside_quiet_hours(statements, sending, claimed)
        granted = _granted(statements, sending, robot, claimed, announces=priority > 0)
        sending.held += granted
        if granted or priority == 0:
            return


def _outside_quiet_hours(statements: Transaction, sending: _Round, claimed: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Those that may be sent now. A message may have waited for its robot until the outlet's quiet hours."""
    begins = read_allowed(statements, claimed, sending.now)
    for moment in {begins[message.id] for message in claimed if begins[message.id] > sending.now}:
        quiet = [message.id for message in claimed if begins[message.id] == moment]
        update_released(statements, quiet, sending.token, moment)
    return [message for message in claimed if begins[message.id] <= sending.now]


def _granted(
    statements: Transaction, sending: _Round, robot: str, claimed: Sequence[ChatMessage], *, announces: bool
) -> list[ChatMessage]:
    """Those of the messages that have a slot in each window. The others wait until one may be free."""
    channel = CHANNELS[sending.robots[robot].channel]
    shared = paces(channel, robot, Scope.ROBOT, "", announces=announces)
    granted: list[ChatMessage] = []
    try:
        allowed = take_slots(statements, shared, len(claimed), sending.token)
        sending.keys += [pace.key for pace in shared]
        sending.slots += allowed * len(shared)
        for message in claimed[:allowed]:
            own = paces(channel, robot, Scope.CHAT, message.address, announces=announces)
            if take_slots(statements, own, 1, sending.token):
                sending.keys += [pace.key for pace in own]
                sending.slots += len(own)
                granted.append(message)
            else:
                _postpone(statements, sending, [message], own)
        _postpone(statements, sending, claimed[allowed:], shared)
    except Locked:
        log.logger().info("a robot's window is busy", extra={"robot": robot})
        postponed = [message for message in claimed if message not in granted]
        _postpone(statements, sending, postponed, [])
    return granted


def _postpone(statements: Transaction, sending: _Round, messages: Sequence[ChatMessage], found: Sequence[Pace]) -> None:
    if messages:
        seconds = max(0.1, seconds_to_wait(statements, found))
        due_at = sending.now + timedelta(seconds=seconds)
        update_released(statements, [message.id for message in messages], sending.token, due_at)


def _send(env: Environment, sending: _Round, meanwhile: Callable[[], object] | None) -> int:
    """Send what is held, and store what became of it. No transaction is open during the calls."""
    with env.db.transaction() as transaction:
        held = [message.id for message in sending.held]
        sending_ids = update_sending(transaction, held, sending.token, env.clock() + LEASE)
        cards = Cards(transaction, env.keyring(), sending_ids)
    calls: list[Call] = []
    messages: list[ChatMessage] = []
    decisions: list[Decision] = []
    for claimed in sending_ids:
        message = marked(CHANNELS[sending.robots[claimed.robot].channel], claimed, sending.now)
        card = cards.card(message, sending.now) if message else None
        call = call_of(sending.robots[message.robot], message, card, sending.now) if message and card else None
        if message is None:
            decisions.append(Decision(replace(claimed, state=MessageState.UNKNOWN), lost=True))
        elif call is None:
            decisions.append(_unmade(message))
        else:
            calls.append(call)
            messages.append(message)
    answers = post_calls(env, calls, meanwhile)
    now = env.clock()
    answered = zip(messages, answers, strict=True)
    decisions += [decided(sending.robots[message.robot], message, answer, now) for message, answer in answered]
    store_answers(env, decisions, sending.keys, sending.token, now)
    return len(calls)


def store_answers(
    env: Environment, decisions: Sequence[Decision], keys: Sequence[str], token: int, now: datetime
) -> None:
    """The slots count from now, and what became of the messages is stored."""
    with env.db.statements() as statements:
        update_slots_stamped(statements, sorted(set(keys)), token)
    _store_apart(env, decisions, token, now)
    _log(decisions)


def _store_apart(env: Environment, decisions: Sequence[Decision], token: int, now: datetime) -> None:
    """Store a round at once. Where one reply cannot be stored, those of other robots and chains still are."""
    try:
        _store(env, decisions, token, now)
    except Unavailable:
        raise
    except Exception as failure:
        if len(decisions) < 2:  # noqa: PLR2004 - there is no other one
            raise
        log.bug(failure, "the replies of a round cannot be stored at once")
        with Isolation() as isolation:
            for decision in decisions:
                with isolation.isolate(decision.message.id):
                    _store(env, [decision], token, now)


def _store(env: Environment, decisions: Sequence[Decision], token: int, now: datetime) -> None:
    """The replies are known, so that a lock of another worker must not lose them. Raises `Locked` after many tries."""
    for tries_left in range(STORE_TRIES - 1, -1, -1):
        try:
            with env.outbox.work(CONCERN) as work:
                store_decisions(work, decisions, token, now)
        except Locked:
            if not tries_left:
                raise
            time.sleep(STORE_PAUSE)
        else:
            return


def call_of(robot: Robot, message: ChatMessage, card: Card, now: datetime) -> Call | None:
    """The call of a message; None where the channel can't make one."""
    try:
        return CHANNELS[robot.channel].send(robot, message.address, card, message.id, now)
    except Exception as failure:  # noqa: BLE001 - a fault of one channel must not stop the others
        log.bug(failure, "a channel cannot make a call")
        return None


def _unmade(message: ChatMessage) -> Decision:
    failed = replace(message, state=MessageState.FAILED, failure="no_card")
    return Decision(failed, fails_over=True)


def decided(robot: Robot, message: ChatMessage, answer: Answer, now: datetime) -> Decision:
    """The decision for a message after its call."""
    channel = CHANNELS[robot.channel]
    try:
        return decide(channel, message, answer, now)
    except Exception as failure:  # noqa: BLE001 - a reply that a channel can't read is a reply without evidence
        log.bug(failure, "a channel cannot read a reply")
        return lost(channel, message, now)


def _log(decisions: Sequence[Decision]) -> None:
    for decision in decisions:
        message = decision.message
        about = {"sent": message.id, "robot": message.robot, "state": message.state, "failure": message.failure}
        log.logger().info("chat message", extra=about)


def settle_lost(env: Environment) -> None:
    """Messages of a killed worker: an order goes again and says so; an announcement stays unknown."""
    now = env.clock()
    with env.outbox.work(CONCERN) as work:
        left = read_lost(work, now)
        notices = lock_notices_of(work, left)
        messages = lock_lost(work, [message.id for message in left], now)
        robots = read_robots(work, {message.robot for message in messages})
        store_lost(work, [_lost(robots.get(message.robot), message, now) for message in messages], notices, now)


def _lost(robot: StoredRobot | None, message: ChatMessage, now: datetime) -> Decision:
    channel = CHANNELS.get(robot.channel) if robot else None
    return lost(channel, message, now) if channel else Decision(replace(message, state=MessageState.UNKNOWN), lost=True)
