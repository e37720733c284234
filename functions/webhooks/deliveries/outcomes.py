"""The outcomes of requests: deliveries move on, lanes wait, endpoints are paused or disabled."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from functions.webhooks.deliveries.claim import Claim
from functions.webhooks.deliveries.schedule import FAILURES_UNTIL_PAUSE, after_failure, endpoint_after_failure
from functions.webhooks.posting.post import Outcome
from functions.webhooks.states import DeliveryState, EndpointStatus
from functions.webhooks.tables.deliveries import (
    Delivery,
    update_all_due,
    update_all_failed,
    update_delivered,
    update_failed,
    update_later_postponed,
    update_released,
)
from functions.webhooks.tables.endpoints import Endpoint, lock_endpoint, update_health, update_healthy
from shared.contracts.messages.webhooks import WebhookDisabled, webhook_subject
from shared.spine import log
from shared.spine.outbox import Work

_chance = random.SystemRandom()
Lanes = Sequence[tuple[Sequence[Delivery], Sequence[Outcome]]]


def store_outcomes(work: Work, claim: Claim, outcomes: Sequence[Sequence[Outcome]], now: datetime) -> None:
    """Store the outcomes of a claim's lanes. A lane may have fewer outcomes than messages."""
    by_endpoint: dict[str, list[tuple[Sequence[Delivery], Sequence[Outcome]]]] = defaultdict(list)
    for lane, results in zip(claim.lanes, outcomes, strict=True):
        by_endpoint[lane[0].endpoint_id].append((lane, results))
    # In the order of their ids, so that two workers never wait for each other.
    for endpoint_id in sorted(by_endpoint):
        _store_delivered(work, endpoint_id, by_endpoint[endpoint_id], claim.token, now)
        for lane, results in by_endpoint[endpoint_id]:
            _store_end_of_lane(work, lane, results, claim.token, now)
        results = [outcome for _, lane_outcomes in by_endpoint[endpoint_id] for outcome in lane_outcomes]
        _store_health(work, claim.endpoints[endpoint_id], results, now)


def _store_delivered(work: Work, endpoint_id: str, lanes: Lanes, token: int, now: datetime) -> None:
    by_status: dict[int, list[str]] = defaultdict(list)
    for lane, results in lanes:
        for delivery, outcome in zip(lane, results, strict=False):
            if outcome.accepted and outcome.status is not None:
                by_status[outcome.status].append(delivery.message_id)
    for status, messages in by_status.items():
        update_delivered(work, endpoint_id, messages, token, status, now)


def _store_end_of_lane(
    work: Work, lane: Sequence[Delivery], results: Sequence[Outcome], token: int, now: datetime
) -> None:
    """A failed message postpones those behind it. A lane that the round did not end is given back."""
    if results and not results[-1].accepted:
        failed = after_failure(lane[len(results) - 1], results[-1], now, _chance.random())
        update_failed(work, failed, token, now)
        next_at = now if failed.state is DeliveryState.FAILED else failed.next_at
        update_later_postponed(work, failed, next_at, token, now)
    elif len(results) < len(lane):
        update_released(work, lane[0].lane, token)


def _store_health(work: Work, endpoint: Endpoint, outcomes: Sequence[Outcome], now: datetime) -> None:
    """`endpoint` as it was when the round began. An endpoint that accepts one of several messages works."""
    if any(outcome.accepted for outcome in outcomes):
        if endpoint.failures:
            update_healthy(work, endpoint.id)
        if endpoint.failures >= FAILURES_UNTIL_PAUSE:
            update_all_due(work, endpoint.id, now)
    elif outcomes and (locked := lock_endpoint(work, endpoint.id)):
        _store_failures(work, locked, outcomes, now)


def _store_failures(work: Work, endpoint: Endpoint, failures: Sequence[Outcome], now: datetime) -> None:
    if endpoint.status is not EndpointStatus.ENABLED:
        return
    for outcome in failures:
        if endpoint.status is EndpointStatus.ENABLED:
            endpoint = endpoint_after_failure(endpoint, outcome, now, _chance.random())
    update_health(work, endpoint)
    if endpoint.status is EndpointStatus.DISABLED:
        disable(work, endpoint)


def disable(work: Work, endpoint: Endpoint) -> None:
    """Announce an endpoint that was disabled, and end its pending deliveries. `sequence` is that of the message."""
    update_all_failed(work, endpoint.id)
    message = WebhookDisabled(webhook=endpoint.id, chain=endpoint.chain, reason=str(endpoint.reason))
    work.announce(message, subject=webhook_subject(endpoint.id), sequence=endpoint.sequence)
    log.logger().warning("webhook disabled", extra={"webhook": endpoint.id, "reason": endpoint.reason})
