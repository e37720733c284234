"""The first message of a notice is sent in the run that writes the notice.

The message is stored as one that is being sent, and its slots are taken, in the transaction of the notice. So there is
no claim, no look and no second commit between the order and the call. A worker that is killed leaves the message in
doubt, as any other. A robot that has other orders to send takes its turn: then the message waits.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Robot, Scope
from functions.outlets.notices.opening import Opened
from functions.outlets.sending.cards import card_of_notice
from functions.outlets.sending.recording import store_answers
from functions.outlets.sending.robots import robot_at_once
from functions.outlets.sending.sender import LEASE, call_of, decided
from functions.outlets.sending.windows import Pace, paces, seconds_to_wait, take_slots
from functions.outlets.states import MessageState
from functions.outlets.tables.free_robots import insert_sending
from functions.outlets.tables.messages import ChatMessage, insert_messages
from functions.outlets.tables.slots import SHORTEST_WAIT
from shared.kit.outside.exchange import Answer, Call, Lost
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.db import Deadlock, Locked
from shared.spine.env import Environment
from shared.spine.outbox import Work


@dataclass
class FirstCall:
    """The call of a message that is stored as being sent, and the windows whose slots it has."""

    env: Environment
    message: ChatMessage
    robot: Robot
    call: Call
    windows: Sequence[Pace]
    token: int
    answer: Answer = field(default_factory=partial(Answer, lost=Lost.NO_REPLY))

    def post(self) -> None:
        """Call. It runs after the commit, and never raises."""
        try:
            [self.answer] = post_from_outside(self.env, [self.call])
        except Exception as failure:  # noqa: BLE001 - the notice is committed, and its message is in doubt at the most
            log.bug(failure, "the first message was not sent")

    def store(self) -> None:
        """Store what became of the message, and stamp its slots."""
        now = self.env.clock()
        decision = decided(self.robot, self.message, self.answer, now)
        store_answers(self.env, [decision], [pace.key for pace in self.windows], self.token, now)


def begin_first(work: Work, env: Environment, opened: Opened, now: datetime) -> FirstCall | None:
    """Store the first message of a notice, and call after the commit. None: it waits for its turn."""
    message = replace(opened.message, state=MessageState.SENDING, attempts=1)
    robot = robot_at_once(env, opened.robot, now) if opened.robot else None
    card = card_of_notice(env.keyring(), message, opened.notice, opened.rules, now)
    call = call_of(robot, message, card, now) if robot and card else None
    if robot is None or call is None:
        insert_messages(work, [opened.message])
        return None
    windows, token = _windows(robot, message), secrets.randbits(63) or 1
    wait = _seconds_to_wait(work, windows, token)
    if wait is not None:
        insert_messages(work, [replace(opened.message, due_at=now + timedelta(seconds=wait))])
        return None
    first = FirstCall(env, message, robot, call, windows, token)
    insert_sending(work, message, token, now + LEASE)
    work.then(first.post)
    return first


def _windows(robot: Robot, message: ChatMessage) -> list[Pace]:
    channel = CHANNELS[robot.channel]
    shared = paces(channel, message.robot, Scope.ROBOT, "", announces=False)
    return shared + paces(channel, message.robot, Scope.CHAT, message.address, announces=False)


def _seconds_to_wait(work: Work, windows: Sequence[Pace], token: int) -> float | None:
    """None where the message has a slot in each window. A slot that another window does not match goes back."""
    try:
        if take_slots(work, windows, 1, token):
            return None
        return max(SHORTEST_WAIT, seconds_to_wait(work, windows))
    except Deadlock:
        raise
    except Locked:
        # The statement alone was rolled back.
        return SHORTEST_WAIT
