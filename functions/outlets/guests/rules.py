"""Rules that decide whether a guest gets a push, and when: opt-out, caps, quiet hours, and the age of its cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Trigger(StrEnum):
    """The causes of a push."""

    ORDER_READY = "order_ready"
    COURIER_NEAR = "courier_near"
    REFUND_DONE = "refund_done"
    TAG_CHANGED = "tag_changed"


# The messages that a guest waits for. They ignore quiet hours and caps: the guest asked for them with the order.
SERVICE_TRIGGERS = frozenset({Trigger.ORDER_READY, Trigger.COURIER_NEAR, Trigger.REFUND_DONE})


@dataclass(frozen=True)
class Rule:
    """A trigger with its template, the most pushes in a period, and the age after which a push is useless."""

    trigger: Trigger
    template: str
    useless_after: timedelta = timedelta(hours=1)
    most: int = 1
    period: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class Quiet:
    """Hours without advertising, in the guest's time zone; `begins` may be later than `ends`: over midnight."""

    begins: time
    ends: time
    zone: ZoneInfo


class Verdict(StrEnum):
    """The action for a push."""

    SEND = "send"
    WAIT = "wait"
    DROP = "drop"


@dataclass(frozen=True)
class Decision:
    """A verdict with its reason; `at` is the time until which it waits."""

    verdict: Verdict
    reason: str
    at: datetime | None = None


def decide(
    rule: Rule, caused_at: datetime, now: datetime, sent: Sequence[datetime], quiet: Quiet | None, *, opted_out: bool
) -> Decision:
    """The decision for one guest. `sent` are the times of the guest's pushes by this rule. All times are aware."""
    if opted_out:
        return Decision(Verdict.DROP, "opted_out")
    if now - caused_at > rule.useless_after:
        return Decision(Verdict.DROP, "too_old")
    if rule.trigger in SERVICE_TRIGGERS:
        return Decision(Verdict.SEND, "asked_for")
    if sum(at > now - rule.period for at in sent) >= rule.most:
        return Decision(Verdict.DROP, "cap")
    return _after_quiet_hours(rule, caused_at, quiet_until(quiet, now) if quiet else None)


def _after_quiet_hours(rule: Rule, caused_at: datetime, ends_at: datetime | None) -> Decision:
    if ends_at is None:
        return Decision(Verdict.SEND, "allowed")
    if ends_at - caused_at > rule.useless_after:
        return Decision(Verdict.DROP, "quiet_hours")
    return Decision(Verdict.WAIT, "quiet_hours", ends_at)


def quiet_until(quiet: Quiet, now: datetime) -> datetime | None:
    """The end of the quiet hours that hold now, or None. A change of the clock moves the end, not its time of day."""
    local = now.astimezone(quiet.zone)
    at = local.time()
    over_midnight = quiet.begins > quiet.ends
    is_quiet = (at >= quiet.begins or at < quiet.ends) if over_midnight else quiet.begins <= at < quiet.ends
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and at >= quiet.begins else 0)
    return datetime.combine(day, quiet.ends, quiet.zone).astimezone(now.tzinfo)
