"""The outcome of a message after its call, by the answer of the service."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Accepted, Channel, Failure, Outcome, Refused
from functions.outlets.outside.exchange import Answer, Lost
from functions.outlets.queueing.targets import ANNOUNCEMENT, CANCELLED, NOTICE, PERSON
from functions.outlets.states import MessageState
from functions.outlets.tables.messages import ChatMessage

# Seconds until the next try of a message that was not accepted, by the number of tries.
WAITS = (2, 5, 15, 30, 60, 120, 300)
# A message of an order without a reply is sent so often; then the next chat is used.
MOST_LOST = 3
MOST_TRIES = 40
# An announcement, an alert or a reply without a reply of the service is not repeated: it may have been shown.
REPEATED = (NOTICE, PERSON, CANCELLED)


@dataclass(frozen=True)
class Decision:
    """The message as it is stored. `refusal`: what the service said. `fails_over`: the next chat gets the message."""

    message: ChatMessage
    refusal: Refused | None = None
    fails_over: bool = False
    lost: bool = False


def decide(channel: Channel, message: ChatMessage, answer: Answer, now: datetime) -> Decision:
    """The decision for a message that was sent."""
    if answer.lost in (Lost.NOT_SENT, Lost.REFUSED_ADDRESS):
        refused = answer.lost is Lost.REFUSED_ADDRESS
        failure = Failure.RIGHTS if refused else Failure.LATER
        return _refused(message, Refused(failure, str(answer.lost), "The service was not reached."), now)
    outcome: Outcome | None = channel.outcome(answer.reply) if answer.reply else None
    if isinstance(outcome, Accepted):
        return Decision(
            replace(
                message, state=MessageState.SENT, external=outcome.message_id, sent_at=now, failure=None, detail=None
            )
        )
    if isinstance(outcome, Refused):
        return _refused(message, outcome, now)
    return lost(channel, message, now)


def lost(channel: Channel, message: ChatMessage, now: datetime) -> Decision:
    """No reply, or one that can't be read: the service may have the message.

    With the same key the service shows it once. Otherwise an order goes again and says so, and an announcement doesn't.
    """
    stored = replace(message, failure="no_reply", detail=None)
    repeats = channel.native_key or message.kind in REPEATED
    if not repeats:
        return Decision(replace(stored, state=MessageState.UNKNOWN), lost=True)
    if message.attempts >= MOST_LOST:
        return Decision(replace(stored, state=MessageState.UNKNOWN), lost=True, fails_over=message.kind == NOTICE)
    again = message.again or not channel.native_key
    return Decision(
        replace(stored, state=MessageState.WAITING, again=again, due_at=now + _wait(message.attempts)), lost=True
    )


def _refused(message: ChatMessage, refusal: Refused, now: datetime) -> Decision:
    stored = replace(message, failure=refusal.code[:64], detail=refusal.detail[:200])
    waiting = replace(stored, state=MessageState.WAITING, due_at=now)
    tries_left = message.attempts < MOST_TRIES
    if refusal.moved_to and tries_left:
        return Decision(replace(waiting, address=refusal.moved_to), refusal)
    if refusal.use_template and message.failure != "use_template":
        return Decision(replace(waiting, failure="use_template"), refusal)
    if refusal.renew_token and message.attempts < MOST_LOST:
        return Decision(waiting, refusal)
    if refusal.failure is Failure.LATER and tries_left:
        seconds = refusal.wait_seconds
        wait = _wait(message.attempts) if seconds is None else timedelta(seconds=max(0.05, seconds))
        return Decision(replace(waiting, due_at=now + wait), refusal)
    fails_over = message.kind in (NOTICE, CANCELLED, ANNOUNCEMENT)
    return Decision(replace(stored, state=MessageState.FAILED), refusal, fails_over=fails_over)


def _wait(tries: int) -> timedelta:
    return timedelta(seconds=WAITS[min(max(tries, 1), len(WAITS)) - 1])
