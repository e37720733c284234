"""The first message of a notice is sent in the run that writes the notice.

The message is stored as one that is being sent, in the transaction of the notice. So there is no claim and no look
between the order and the call. A worker that is killed leaves it in doubt, as any other. The slots are taken after the
commit, just before the call. A robot that has other orders to send takes its turn: then the message waits.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Robot, Scope
from functions.outlets.notices.opening import Opened
from functions.outlets.sending.cards import card_of_notice
from functions.outlets.sending.outcomes import Decision
from functions.outlets.sending.robots import robot_at_once
from functions.outlets.sending.sender import LEASE, call_of, decided, store_answers
from functions.outlets.sending.windows import Pace, paces, seconds_to_wait, take_slots
from functions.outlets.states import MessageState
from functions.outlets.tables.free_robots import insert_sending, read_free_robot
from functions.outlets.tables.messages import ChatMessage, insert_messages
from shared.kit.outside.exchange import Answer, Call, Lost
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Unavailable
from shared.spine.outbox import Work

# Seconds until another try of a message whose windows another worker had locked.
BUSY_SECONDS = 0.1


@dataclass
class FirstCall:
    """The call of a message that is stored as being sent. `answer` is None while nothing was sent."""

    env: Environment
    message: ChatMessage
    robot: Robot
    call: Call
    token: int
    answer: Answer | None = None
    wait_seconds: float = BUSY_SECONDS

    def post(self) -> None:
        """Take the slots and call. It runs after the commit, and never raises."""
        try:
            if self._has_slots():
                self.answer = Answer(lost=Lost.NO_REPLY)
                [self.answer] = post_from_outside(self.env, [self.call])
        except Unavailable as failure:
            log.logger().info("the first message waits", extra={"error": str(failure)})
        except Exception as failure:  # noqa: BLE001 - the notice is committed, and its message is in doubt at the most
            log.bug(failure, "the first message was not sent")

    def store(self) -> None:
        """Store what became of the message, and stamp its slots."""
        now = self.env.clock()
        if self.answer is None:
            due_at = now + timedelta(seconds=max(BUSY_SECONDS, self.wait_seconds))
            decision = Decision(replace(self.message, state=MessageState.WAITING, due_at=due_at))
        else:
            decision = decided(self.robot, self.message, self.answer, now)
        store_answers(self.env, [decision], [pace.key for pace in self._paces()], self.token, now)

    def _has_slots(self) -> bool:
        """Whether each window has a slot. A slot that another window does not match goes back."""
        windows = self._paces()
        with self.env.db.statements() as statements:
            granted = take_slots(statements, windows, 1, self.token) > 0
            if not granted:
                self.wait_seconds = seconds_to_wait(statements, windows)
        return granted

    def _paces(self) -> list[Pace]:
        channel, message = CHANNELS[self.robot.channel], self.message
        shared = paces(channel, message.robot, Scope.ROBOT, "", announces=False)
        return shared + paces(channel, message.robot, Scope.CHAT, message.address, announces=False)


def begin_first(work: Work, env: Environment, opened: Opened, now: datetime) -> FirstCall | None:
    """Store the first message of a notice, and call after the commit. None: it waits for its turn."""
    message = replace(opened.message, state=MessageState.SENDING, attempts=1)
    stored = read_free_robot(work, message.robot, message.address, now)
    robot = robot_at_once(env, stored, now) if stored else None
    card = card_of_notice(env.keyring(), message, opened.notice, opened.rules, now)
    call = call_of(robot, message, card, now) if robot and card else None
    if robot is None or call is None:
        insert_messages(work, [opened.message])
        return None
    first = FirstCall(env, message, robot, call, secrets.randbits(63) or 1)
    insert_sending(work, message, first.token, now + LEASE)
    work.then(first.post)
    return first
