"""The consents of one guest to one template: each accept is the right to one message.

A guest's settings can take all rights back. Events come twice and in any order; the state is the same in every order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class RightStatus(StrEnum):
    """A free right can be taken. A taken one waits for the outcome of its push. The other two are ends."""

    FREE = "free"
    TAKEN = "taken"
    SPENT = "spent"
    VOID = "void"


class PushResult(StrEnum):
    """The outcome of a push, for its right: shown; not shown; the guest has no right at the service; not known."""

    SHOWN = "shown"
    NOT_SHOWN = "not_shown"
    NO_RIGHT = "no_right"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Right:
    """One accept, by the id of its event. `push` is the push that took it."""

    accepted_at: datetime
    status: RightStatus = RightStatus.FREE
    push: str | None = None


@dataclass(frozen=True)
class Consents:
    """All rights of a guest to a template, and the last time at which they were taken back.

    `returned` are the pushes that gave their right back. Each try has a push of its own: so an outcome that comes
    twice can't give back the right of a later try.
    """

    rights: Mapping[str, Right] = field(default_factory=dict)
    refused_at: datetime = NEVER
    returned: frozenset[str] = frozenset()

    @property
    def free(self) -> int:
        """The messages that may still be sent."""
        return sum(right.status is RightStatus.FREE for right in self.rights.values())


def accepted(consents: Consents, event_id: str, at: datetime) -> Consents:
    """The consents after an accept. A known event changes nothing; one before a refusal is void."""
    if event_id in consents.rights:
        return consents
    status = RightStatus.FREE if at > consents.refused_at else RightStatus.VOID
    return _with(consents, {event_id: Right(at, status)})


def refused(consents: Consents, at: datetime) -> Consents:
    """The consents after a refusal: free rights up to `at` are void. The right of a push under way stays with it."""
    if at <= consents.refused_at:
        return consents
    void = {
        event_id: replace(right, status=RightStatus.VOID)
        for event_id, right in consents.rights.items()
        if right.status is RightStatus.FREE and right.accepted_at <= at
    }
    return replace(_with(consents, void), refused_at=at)


def taken(consents: Consents, push: str) -> tuple[Consents, bool]:
    """The consents with the oldest free right taken by `push`, and whether it has one. Again: the same right."""
    if push in consents.returned:
        return consents, False
    if any(right.push == push for right in consents.rights.values()):
        return consents, any(_is_taken_by(right, push) for right in consents.rights.values())
    free = [
        (right.accepted_at, event_id) for event_id, right in consents.rights.items() if right.status is RightStatus.FREE
    ]
    if not free:
        return consents, False
    _, event_id = min(free)
    right = replace(consents.rights[event_id], status=RightStatus.TAKEN, push=push)
    return _with(consents, {event_id: right}), True


def settled(consents: Consents, push: str, result: PushResult, sent_at: datetime) -> Consents:
    """The consents after the outcome of a push that began at `sent_at`. An outcome that comes again changes nothing.

    An unknown outcome keeps the right taken: a message is rather lost than sent without consent.
    """
    mine = [event_id for event_id, right in consents.rights.items() if _is_taken_by(right, push)]
    if not mine or result is PushResult.UNKNOWN:
        return consents
    right = consents.rights[mine[0]]
    if result is PushResult.SHOWN:
        return _with(consents, {mine[0]: replace(right, status=RightStatus.SPENT)})
    if result is PushResult.NOT_SHOWN:
        given_back = _with(consents, {mine[0]: _returned(consents, right)})
        return replace(given_back, returned=consents.returned | {push})
    # The service's own count is 0: rights that we still count were lost before this push.
    settled_consents = _with(consents, {mine[0]: replace(right, status=RightStatus.VOID)})
    return refused(settled_consents, sent_at)


def _returned(consents: Consents, right: Right) -> Right:
    """A right that its push did not use. A refusal since then has ended it."""
    is_void = right.accepted_at <= consents.refused_at
    return Right(right.accepted_at, RightStatus.VOID if is_void else RightStatus.FREE)


def _is_taken_by(right: Right, push: str) -> bool:
    return right.push == push and right.status is RightStatus.TAKEN


def _with(consents: Consents, rights: Mapping[str, Right]) -> Consents:
    return replace(consents, rights={**consents.rights, **rights})
