"""The outcome of a push and of its right after the call, by the answer of the service. Pure functions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Accepted, Failure, Outcome, Refused
from functions.outlets.guests.browsers import ENDED
from functions.outlets.guests.consents import PushResult
from functions.outlets.guests.contract import GuestService
from functions.outlets.guests.wechat import right_after
from functions.outlets.states import PushState
from functions.outlets.tables.guest_pushes import GuestPush
from shared.kit.outside.exchange import Answer, Lost

# Seconds until the next try, by the number of tries.
WAITS = (2, 10, 60, 300, 900)
MOST_TRIES = 5
# The guest is no follower, or the service does not know the guest, or the browser has ended its subscription.
GONE = frozenset({"40003", "43004", ENDED})


@dataclass(frozen=True)
class PushDecision:
    """The push as it is stored, and the result for its right. `gone`: the service knows the guest no more."""

    push: GuestPush
    result: PushResult
    refusal: Refused | None = None
    gone: bool = False


def decide_push(service: GuestService, push: GuestPush, answer: Answer, now: datetime, *, mass: bool) -> PushDecision:
    """The decision for a push that was sent. `mass`: a message that many guests get at once."""
    if answer.lost in (Lost.NOT_SENT, Lost.REFUSED_ADDRESS):
        failure = Failure.CONTENT if answer.lost is Lost.REFUSED_ADDRESS else Failure.LATER
        refusal = Refused(failure, str(answer.lost), "The service was not reached.")
        return _refused(push, refusal, PushResult.NOT_SHOWN, now)
    outcome: Outcome | None = service.outcome(answer.reply) if answer.reply else None
    if isinstance(outcome, Accepted):
        sent = replace(push, state=PushState.SENT, external=outcome.message_id, reason=None, detail=None)
        return PushDecision(sent, PushResult.SHOWN)
    if isinstance(outcome, Refused):
        return _refused(push, outcome, right_after(outcome, mass=mass), now)
    return lost_push(service, push, now)


def lost_push(service: GuestService, push: GuestPush, now: datetime) -> PushDecision:
    """No reply, or one that can't be read: the guest may have the message. It goes again only with the same key."""
    if service.native_key and push.attempts < MOST_TRIES:
        again = replace(push, state=PushState.WAITING, reason="no_reply", due_at=now + _wait(push))
        return PushDecision(again, PushResult.UNKNOWN)
    return PushDecision(replace(push, state=PushState.UNKNOWN, reason="no_reply"), PushResult.UNKNOWN)


def _refused(push: GuestPush, refusal: Refused, result: PushResult, now: datetime) -> PushDecision:
    noted = replace(push, reason=refusal.code[:64], detail=refusal.detail[:200])
    tries_left = push.attempts < MOST_TRIES
    if refusal.renew_token and tries_left:
        # At once with a new token. A token that is refused again and again is a matter of rights.
        return PushDecision(replace(noted, state=PushState.WAITING, due_at=now + _wait(push) / 2), result, refusal)
    if refusal.failure in (Failure.LATER, Failure.RIGHTS) and tries_left:
        wait = _wait(push) if refusal.wait_seconds is None else timedelta(seconds=max(0.05, refusal.wait_seconds))
        return PushDecision(replace(noted, state=PushState.WAITING, due_at=now + wait), result, refusal)
    failed = replace(noted, state=PushState.FAILED, settled_at=now)
    return PushDecision(failed, result, refusal, gone=refusal.code in GONE)


def _wait(push: GuestPush) -> timedelta:
    return timedelta(seconds=WAITS[min(max(push.attempts, 1), len(WAITS)) - 1])
