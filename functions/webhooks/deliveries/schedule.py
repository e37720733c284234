"""When a failed message is tried again, and when an endpoint is paused or disabled. Pure arithmetic."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.webhooks.posting.post import Outcome
from functions.webhooks.states import DeliveryState, DisabledReason, EndpointStatus, move
from functions.webhooks.tables.deliveries import Delivery
from functions.webhooks.tables.endpoints import Endpoint

GIVE_UP_AFTER = timedelta(days=3)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=4)
# Each delay is multiplied by 0.75 to 1.25, so that messages that failed together do not come again together.
JITTER = 0.25
# So many failures in a row are the endpoint's, not one message's. Then one message at a time tries whether it is back.
FAILURES_UNTIL_PAUSE = 5
LONGEST_PAUSE = timedelta(minutes=15)


def delay_after(failures: int, chance: float, longest: timedelta) -> timedelta:
    """The delay after so many failures, from 1: 30 s, doubled each time up to `longest`, with jitter.

    `chance` is from 0 to 1.
    """
    doubled = FIRST_DELAY * float(2 ** min(failures - 1, 20))
    return min(doubled, longest) * (1 - JITTER + 2 * JITTER * chance)


def after_failure(delivery: Delivery, outcome: Outcome, now: datetime, chance: float) -> Delivery:
    """The delivery after a failed try: pending with the time of its next try, or failed after three days."""
    delay = delay_after(delivery.attempts + 1, chance, LONGEST_DELAY)
    if outcome.retry_after is not None:
        delay = max(delay, timedelta(seconds=outcome.retry_after))
    tried_since = delivery.first_tried_at or now
    state = DeliveryState.FAILED if now - tried_since >= GIVE_UP_AFTER else DeliveryState.PENDING
    return replace(
        delivery,
        state=move(delivery.state, state),
        attempts=delivery.attempts + 1,
        next_at=now + delay,
        http_status=outcome.status,
        error=outcome.error,
    )


def endpoint_after_failure(endpoint: Endpoint, outcome: Outcome, now: datetime, chance: float) -> Endpoint:
    """The endpoint after one more failure: counted, paused or disabled."""
    failures = endpoint.failures + 1
    failing_since = endpoint.failing_since or now
    counted = replace(endpoint, failures=failures, failing_since=failing_since)
    if outcome.gone or now - failing_since >= GIVE_UP_AFTER:
        reason = DisabledReason.GONE if outcome.gone else DisabledReason.FAILING
        return replace(
            counted, status=EndpointStatus.DISABLED, reason=reason, paused_until=None, sequence=endpoint.sequence + 1
        )
    pauses = [endpoint.paused_until] if endpoint.paused_until else []
    if failures >= FAILURES_UNTIL_PAUSE:
        pauses.append(now + delay_after(failures - FAILURES_UNTIL_PAUSE + 1, chance, LONGEST_PAUSE))
    if outcome.retry_after:
        pauses.append(now + timedelta(seconds=outcome.retry_after))
    return replace(counted, paused_until=max(pauses, default=None))


def is_open(endpoint: Endpoint, now: datetime) -> bool:
    """Whether messages go to the endpoint at once."""
    return endpoint.failures < FAILURES_UNTIL_PAUSE and may_be_tried(endpoint, now)


def may_be_tried(endpoint: Endpoint, now: datetime) -> bool:
    """Whether a request may go to the endpoint now."""
    is_paused = endpoint.paused_until is not None and endpoint.paused_until > now
    return endpoint.status is EndpointStatus.ENABLED and not is_paused
