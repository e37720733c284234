"""Messages that are due are sent: claimed, within the windows of their robot, in one round for many robots.

A worker holds a message by a lease. It is marked as being sent just before the call. So a worker that is killed before
leaves it waiting, and one that is killed later leaves it in doubt.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.outlets.announcing.stopping import without_stopped
from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Card, Robot, Scope
from functions.outlets.queueing.targets import ANNOUNCEMENTS, ORDERS
from functions.outlets.sending.calls import post_calls
from functions.outlets.sending.cards import Cards
from functions.outlets.sending.chat_windows import Wanted, take_chat_slots
from functions.outlets.sending.outcomes import Decision, decide, lost, marked
from functions.outlets.sending.quiet_hours import read_allowed
from functions.outlets.sending.recording import CONCERN, store_answers
from functions.outlets.sending.robots import ready_robots
from functions.outlets.sending.storing import lock_notices_of, store_lost
from functions.outlets.sending.windows import Pace, are_held, paces, seconds_to_wait, take_slots
from functions.outlets.states import MessageState
from functions.outlets.tables.messages import (
    ChatMessage,
    claim_messages,
    lock_lost,
    read_due,
    read_due_robots,
    read_lost,
    read_to_dead_chats,
    update_released,
    update_sending,
)
from functions.outlets.tables.robots import StoredRobot, read_robots
from functions.outlets.tables.slots import SHORTEST_WAIT, update_slots_returned, update_slots_stamped
from shared.kit.outside.exchange import AT_ONCE, CALL_SECONDS, Answer, Call
from shared.spine import log
from shared.spine.db import Locked, Transaction
from shared.spine.env import Environment

# Longer than the calls of a round take.
LEASE = timedelta(seconds=45)
# Messages of one robot in a round: a slow service delays the others of the round.
BATCH = 10
ROBOTS_AT_ONCE = 40
DEAD_CHAT = "chat_dead"
# All calls of a round end within the lease, also when each takes its longest.
MOST_CALLS = AT_ONCE * int(LEASE.total_seconds() // CALL_SECONDS)


@dataclass(frozen=True)
class Sent:
    """The calls of a round, of orders and of announcements. False where nothing was sent."""

    orders: int = 0
    announcements: int = 0

    def __bool__(self) -> bool:
        return self.orders + self.announcements > 0


@dataclass
class _Round:
    """One round of sending: the messages that this worker holds, and the windows whose slots it took."""

    token: int
    now: datetime
    robots: dict[str, Robot] = field(default_factory=dict)
    held: list[ChatMessage] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    slots: int = 0
    shared: dict[str, Sequence[Pace]] = field(default_factory=dict)
    allowed: dict[str, int] = field(default_factory=dict)


def send_round(
    env: Environment, robots: Sequence[str] | None = None, meanwhile: Callable[[], object] | None = None
) -> Sent:
    """Send one batch of each robot that has something due. Returns what was sent.

    `meanwhile` is done each second while services do not answer.
    """
    now = env.clock()
    sending = _Round(secrets.randbits(63) or 1, now)
    with env.db.statements() as statements:
        due = dict.fromkeys(robots, 0) if robots is not None else read_due_robots(statements, now)
        stored = read_robots(statements, _in_turn(due, due)[:ROBOTS_AT_ONCE])
    open_ones = {
        key: robot
        for key, robot in stored.items()
        if robot.enabled and robot.channel in CHANNELS and (robot.not_before is None or robot.not_before <= now)
    }
    sending.robots = ready_robots(env, open_ones, now)
    with env.db.statements() as statements:
        try:
            _claim(statements, sending, due)
        except Locked:
            log.logger().info("due messages are locked", extra={"robots": len(sending.robots)})
        held = _begin(statements, sending, env.clock() + LEASE)
    return _send(env, sending, held, meanwhile) if held else Sent()


def _in_turn(robots: Collection[str], due: Mapping[str, int]) -> list[str]:
    """Those with an order first, and in another order each time: a round may end before the last robot."""
    return sorted(robots, key=lambda robot: (due[robot], secrets.randbits(32)))


def _begin(statements: Transaction, sending: _Round, until: datetime) -> list[ChatMessage]:
    """The messages that this worker sends now. The services may have them from now on."""
    try:
        if sending.held and are_held(statements, sending.keys, sending.token, sending.slots):
            held = update_sending(statements, [message.id for message in sending.held], sending.token, until)
            if held:
                return held
    except Locked:
        log.logger().info("messages are locked before sending", extra={"messages": len(sending.held)})
    if sending.held:
        _give_back(statements, sending)
    return []


def _give_back(statements: Transaction, sending: _Round) -> None:
    """Nothing was sent: all was answered, or this worker was stopped so long that another one has its slots."""
    log.logger().info("a round gives its messages back", extra={"messages": len(sending.held)})
    with suppress(Locked):  # Their lease ends.
        update_released(statements, [message.id for message in sending.held], sending.token, sending.now)
        update_slots_stamped(statements, sorted(set(sending.keys)), sending.token)


def _claim(statements: Transaction, sending: _Round, due: Mapping[str, int]) -> None:
    """Claim what the robots may send now: orders first, and announcements when no order waits. Then take the slots."""
    messages: list[str] = []
    for robot in _in_turn(sending.robots, due):
        if len(messages) + BATCH <= MOST_CALLS:
            messages += _read_due(statements, robot, due[robot], sending.now)
    claimed = claim_messages(statements, messages, sending.token, sending.now, sending.now + LEASE)
    claimed = _outside_quiet_hours(statements, sending, claimed)
    for robot in sorted({message.robot for message in claimed}):
        sending.held += _granted(statements, sending, robot, [one for one in claimed if one.robot == robot])
    _take_chat_windows(statements, sending)


def _read_due(statements: Transaction, robot: str, priority: int, now: datetime) -> list[str]:
    """Due messages of a robot with the first priority that has any."""
    for one in range(priority, ANNOUNCEMENTS + 1):
        if due := read_due(statements, robot, one, now, BATCH):
            return due
    return []


def _outside_quiet_hours(statements: Transaction, sending: _Round, claimed: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Those that may be sent now. A message may have waited for its robot until the outlet's quiet hours, or longer."""
    if all(message.priority < ANNOUNCEMENTS for message in claimed):
        return list(claimed)
    claimed = without_stopped(statements, claimed, sending.token)
    begins = read_allowed(statements, claimed, sending.now)
    for moment in {begins[message.id] for message in claimed if begins[message.id] > sending.now}:
        quiet = [message.id for message in claimed if begins[message.id] == moment]
        update_released(statements, quiet, sending.token, moment)
    return [message for message in claimed if begins[message.id] <= sending.now]


def _granted(statements: Transaction, sending: _Round, robot: str, claimed: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Those of the messages that have a slot in each window of the robot. The others wait until one may be free."""
    channel = CHANNELS[sending.robots[robot].channel]
    shared = paces(channel, robot, Scope.ROBOT, "", announces=claimed[0].priority > ORDERS)
    try:
        allowed = take_slots(statements, shared, len(claimed), sending.token)
    except Locked:
        log.logger().info("a robot's window is busy", extra={"robot": robot})
        _postpone(statements, sending, claimed, [])
        return []
    sending.keys += [pace.key for pace in shared]
    sending.slots += allowed * len(shared)
    sending.shared[robot] = shared
    sending.allowed[robot] = allowed
    _postpone(statements, sending, claimed[allowed:], shared)
    return list(claimed[:allowed])


def _take_chat_windows(statements: Transaction, sending: _Round) -> None:
    """Those of the messages stay that have a slot in each window of their chat. The others wait for one."""
    requests = {
        message.id: Wanted(
            paces(
                CHANNELS[sending.robots[message.robot].channel],
                message.robot,
                Scope.CHAT,
                message.address,
                announces=message.priority > ORDERS,
            )
        )
        for message in sending.held
    }
    try:
        sending.slots += take_chat_slots(statements, list(requests.values()), sending.token)
    except Locked:
        log.logger().info("the windows of chats are busy", extra={"chats": len(requests)})
        for request in requests.values():
            request.wait = SHORTEST_WAIT
    sending.keys += [pace.key for request in requests.values() for pace in request.paces]
    for wait in sorted({request.wait for request in requests.values() if request.wait}):
        messages = [message_id for message_id, request in requests.items() if request.wait == wait]
        update_released(statements, messages, sending.token, sending.now + timedelta(seconds=wait))
    sending.held = [message for message in sending.held if not requests[message.id].wait]
    with suppress(Locked):  # Their lease ends.
        _return_unused(statements, sending)


def _return_unused(statements: Transaction, sending: _Round) -> None:
    """Slots of a robot's windows whose message waits for its chat go back."""
    for robot, shared in sending.shared.items():
        unused = sending.allowed[robot] - sum(message.robot == robot for message in sending.held)
        for pace in shared:
            update_slots_returned(statements, pace.key, sending.token, unused)
            sending.slots -= unused


def _postpone(statements: Transaction, sending: _Round, messages: Sequence[ChatMessage], found: Sequence[Pace]) -> None:
    if messages:
        seconds = max(SHORTEST_WAIT, seconds_to_wait(statements, found))
        due_at = sending.now + timedelta(seconds=seconds)
        update_released(statements, [message.id for message in messages], sending.token, due_at)


def _send(
    env: Environment, sending: _Round, held: Sequence[ChatMessage], meanwhile: Callable[[], object] | None
) -> Sent:
    """Send what is held, and store what became of it. No transaction is open during the calls."""
    with env.db.statements() as statements:
        to_dead_chats = read_to_dead_chats(statements, held)
        cards = Cards(statements, env.keyring(), held)
    calls: list[Call] = []
    messages: list[ChatMessage] = []
    decisions: list[Decision] = []
    for claimed in held:
        if claimed.id in to_dead_chats:
            decisions.append(_failed(claimed, DEAD_CHAT))
            continue
        message = marked(CHANNELS[sending.robots[claimed.robot].channel], claimed, sending.now)
        card = cards.card(message, sending.now) if message else None
        call = call_of(sending.robots[message.robot], message, card, sending.now) if message and card else None
        if message is None:
            decisions.append(Decision(replace(claimed, state=MessageState.UNKNOWN), lost=True))
        elif call is None:
            decisions.append(_failed(message, "no_card"))
        else:
            calls.append(call)
            messages.append(message)
    answers = post_calls(env, calls, meanwhile)
    now = env.clock()
    answered = zip(messages, answers, strict=True)
    decisions += [decided(sending.robots[message.robot], message, answer, now) for message, answer in answered]
    store_answers(env, decisions, sending.keys, sending.token, now)
    announcements = sum(message.priority == ANNOUNCEMENTS for message in messages)
    return Sent(len(messages) - announcements, announcements)


def call_of(robot: Robot, message: ChatMessage, card: Card, now: datetime) -> Call | None:
    """The call of a message; None where the channel can't make one."""
    try:
        return CHANNELS[robot.channel].send(robot, message.address, card, message.id, now)
    except Exception as failure:  # noqa: BLE001 - a fault of one channel must not stop the others
        log.bug(failure, "a channel cannot make a call")
        return None


def _failed(message: ChatMessage, failure: str) -> Decision:
    """A message that is not sent to this chat."""
    return Decision(replace(message, state=MessageState.FAILED, failure=failure), fails_over=True)


def decided(robot: Robot, message: ChatMessage, answer: Answer, now: datetime) -> Decision:
    """The decision for a message after its call."""
    channel = CHANNELS[robot.channel]
    try:
        return decide(channel, message, answer, now)
    except Exception as failure:  # noqa: BLE001 - a reply that a channel can't read is a reply without evidence
        log.bug(failure, "a channel cannot read a reply")
        return lost(channel, message, now)


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
