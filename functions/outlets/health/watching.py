"""Robots and chats are looked at silently: a lost login, a lost right, a dead chat, and each recovery."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Accepted, Failure, Refused, Robot
from functions.outlets.sending.robots import ready_robots
from functions.outlets.sending.storing import ACCEPTED, CHAT_DEAD, ROBOT_FAILING, note_chat_dead, note_robot_failing
from functions.outlets.states import ChatState, RobotState
from functions.outlets.tables.alerts import update_alert_ended
from functions.outlets.tables.chats import Chat, read_chats_to_look, update_alive, update_looked
from functions.outlets.tables.robots import (
    StoredRobot,
    lock_robot,
    read_robots,
    read_robots_to_look,
    update_sequence,
    update_working,
)
from functions.outlets.tables.robots import update_looked as update_robot_looked
from shared.contracts.messages.outlets import OutletRobotRecovered, robot_subject
from shared.kit.outside.exchange import Answer, Call
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.outbox import Work

T = TypeVar("T")
ROBOT_EVERY, CHAT_EVERY = timedelta(minutes=5), timedelta(hours=6)
ROBOTS_AT_ONCE, CHATS_AT_ONCE = 100, 50


def watch_robots(env: Environment) -> int:
    """Ask each service whether its robot is logged in. Returns the number of robots that were due.

    A robot that cannot be asked is due again in the next period, as any other.
    """
    now = env.clock()
    with env.db.transaction() as transaction:
        due = {robot.key: robot for robot in read_robots_to_look(transaction, now - ROBOT_EVERY, ROBOTS_AT_ONCE)}
    ready = ready_robots(env, due, now)
    looks = [(robot, call) for robot in ready.values() if (call := _login(robot)) is not None]
    answers = post_from_outside(env, [call for _, call in looks])
    with env.outbox.work("outlets") as work:
        for (robot, _), answer in zip(looks, answers, strict=True):
            _note_login(work, due[robot.robot], robot, answer, now)
        for key in due.keys() - {robot.robot for robot, _ in looks}:
            _note_unasked_robot(work, due[key], now)
    return len(due)


def _login(robot: Robot) -> Call | None:
    """None for an account for guests: only its token and its pushes tell about its rights."""
    channel = CHANNELS.get(robot.channel)
    return _unless_broken(lambda: channel.login(robot)) if channel else None


def _unless_broken(make: Callable[[], T]) -> T | None:
    """None where a channel fails: its fault must not stop the looks at robots of other chains."""
    try:
        return make()
    except Exception as failure:  # noqa: BLE001 - as the function says
        log.bug(failure, "a channel cannot look")
        return None


def _note_unasked_robot(work: Work, stored: StoredRobot, now: datetime) -> None:
    """A robot that was accepted since its failure works, where the service has no call that asks."""
    failed, answered = stored.failing_since, stored.answered_at
    if failed and answered and answered > failed and stored.answer == ACCEPTED:
        note_robot_working(work, stored.key, now)
    else:
        update_robot_looked(work, stored.key, now)


def _note_login(work: Work, stored: StoredRobot, robot: Robot, answer: Answer, now: datetime) -> None:
    channel, reply = CHANNELS[robot.channel], answer.reply
    outcome = _unless_broken(lambda: channel.login_outcome(reply)) if reply else None
    if isinstance(outcome, Accepted):
        note_robot_working(work, stored.key, now)
    elif isinstance(outcome, Refused) and outcome.failure is Failure.RIGHTS:
        note_robot_failing(work, stored.key, outcome.code, now)
    else:
        # A service that is away says nothing about the login.
        update_robot_looked(work, stored.key, now)


def note_robot_working(work: Work, key: str, now: datetime) -> None:
    """The robot works. A recovery is announced once."""
    stored = lock_robot(work, key)
    if stored is None:
        return
    update_working(work, key, now)
    if stored.state is not RobotState.FAILING:
        return
    update_alert_ended(work, stored.chain, ROBOT_FAILING, stored.id, now)
    update_sequence(work, key)
    message = OutletRobotRecovered(chain=stored.chain, robot=stored.id, channel=stored.channel)
    work.announce(message, subject=robot_subject(key), sequence=stored.sequence + 1)


def watch_chats(env: Environment) -> int:
    """Ask the services whether chats live, without a message to them. Returns the number of chats that were due."""
    now = env.clock()
    with env.db.transaction() as transaction:
        chats = read_chats_to_look(transaction, now - CHAT_EVERY, CHATS_AT_ONCE)
        stored = read_robots(transaction, {chat.robot for chat in chats})
    ready = ready_robots(env, {key: robot for key, robot in stored.items() if robot.enabled}, now)
    looks = [(chat, call) for chat in chats if (call := _look(ready, chat)) is not None]
    answers = post_from_outside(env, [call for _, call in looks])
    with env.outbox.work("outlets") as work:
        for (chat, _), answer in zip(looks, answers, strict=True):
            _note_chat(work, ready[chat.robot], chat, answer, now)
        _note_unasked(work, chats, looks, now)
    return len(chats)


def _look(ready: dict[str, Robot], chat: Chat) -> Call | None:
    robot = ready.get(chat.robot)
    return _unless_broken(lambda: CHANNELS[robot.channel].look(robot, chat.address)) if robot else None


def _note_chat(work: Work, robot: Robot, chat: Chat, answer: Answer, now: datetime) -> None:
    channel, reply = CHANNELS[robot.channel], answer.reply
    alive = _unless_broken(lambda: channel.alive(reply)) if reply else None
    if alive is True:
        update_alive(work, chat.robot, chat.address, now)
        if chat.state is ChatState.DEAD:
            update_alert_ended(work, chat.store.partition(":")[0], CHAT_DEAD, f"{chat.robot} {chat.address}", now)
    elif alive is False:
        note_chat_dead(work, chat.robot, chat.address, chat.store.partition(":")[0], "look", now)
        update_looked(work, chat.robot, chat.address, now)
    else:
        update_looked(work, chat.robot, chat.address, now)


def _note_unasked(work: Work, chats: Sequence[Chat], looks: Sequence[tuple[Chat, Call]], now: datetime) -> None:
    answered = {(chat.store, chat.place) for chat, _ in looks}
    for chat in chats:
        if (chat.store, chat.place) not in answered:
            update_looked(work, chat.robot, chat.address, now)
