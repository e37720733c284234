"""The outcome of a message after its call, by the answer of the service."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Accepted, Channel, Failure, Outcome, Refused
from functions.outlets.queueing.targets import ANNOUNCEMENT, CANCELLED, NOTICE, PERSON
from functions.outlets.states import MessageState
from functions.outlets.tables.messages import ChatMessage
from shared.kit.outside.exchange import Answer, Lost

# Seconds until the next try of a message that was not accepted, by the number of tries.
WAITS = (2, 5, 15, 30, 60, 120, 300)
# A message of an order without a reply is sent so often; then the next chat is used.
MOST_LOST = 3
MOST_TRIES = 40
# The service has a key since the try, which is a lease before we know of it at the most.
KEY_MARGIN = 120.0
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
    stored = replace(message, failure="no_reply", detail=None, doubtful_since=message.doubtful_since or now)
    repeats = channel.native_key or message.kind in REPEATED
    if not repeats:
        return Decision(replace(stored, state=MessageState.UNKNOWN), lost=True)
    if message.attempts >= MOST_LOST:
        return Decision(replace(stored, state=MessageState.UNKNOWN), lost=True, fails_over=message.kind == NOTICE)
    again = message.again or not channel.native_key
    return Decision(
        replace(stored, state=MessageState.WAITING, again=again, due_at=now + _wait(message.attempts)), lost=True
    )


def marked(channel: Channel, message: ChatMessage, now: datetime) -> ChatMessage | None:
    """The message as it is sent now; None for one that must not be shown twice and may be.

    While the service keeps the key, it shows the message once. After that time an order says that it comes again.
    """
    if message.doubtful_since is None or message.again:
        return message
    kept = channel.key_seconds - KEY_MARGIN if channel.native_key else 0.0
    if (now - message.doubtful_since).total_seconds() < kept:
        return message
    return replace(message, again=True) if message.kind in REPEATED else None


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
