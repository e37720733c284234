"""When a message is tried again, and when an endpoint is paused or disabled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.webhooks.deliveries.schedule import (
    LONGEST_DELAY,
    after_failure,
    delay_after,
    endpoint_after_failure,
    is_open,
    may_be_tried,
)
from functions.webhooks.posting.post import Outcome, PostError
from functions.webhooks.states import DeliveryState, DisabledReason, EndpointStatus, move
from functions.webhooks.tables.deliveries import Delivery
from functions.webhooks.tables.endpoints import Endpoint
from shared.spine.errors import Conflict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FAILURE = Outcome(500)
ENDPOINT = Endpoint(
    id="e",
    chain="demo",
    stores=[],
    url="https://a.b/",
    types=["order.*"],
    description="",
    guest=False,
    status=EndpointStatus.ENABLED,
    reason=None,
    created_at=NOW,
    hears_from=NOW,
    failing_since=None,
    failures=0,
    paused_until=None,
    revision=1,
    sequence=0,
)
DELIVERY = Delivery(
    "e", "m", "order/1", 1, "order.paid", DeliveryState.PENDING, NOW, 0, None, None, None, None, None, None
)


# By the page docs/api/webhooks.md: 30 s, doubled each time, at most 4 h; a quarter less or more.
@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(1, 0.5, 30), (2, 0.5, 60), (3, 0.5, 120), (9, 0.5, 7680), (10, 0.5, 14400), (99, 0.5, 14400), (1, 0, 22.5),
     (1, 1, 37.5), (99, 1, 18000)],
)  # fmt: skip
def test_delays_double_up_to_four_hours_and_vary_by_a_quarter(failures: int, chance: float, seconds: float) -> None:
    assert delay_after(failures, chance, LONGEST_DELAY) == timedelta(seconds=seconds)


def test_a_message_is_tried_for_three_days_and_then_given_up() -> None:
    delivery, now, last, tries = DELIVERY, NOW, NOW, 0
    while delivery.state is DeliveryState.PENDING:
        delivery = after_failure(delivery, FAILURE, now, 0.5)
        delivery = replace(delivery, first_tried_at=delivery.first_tried_at or NOW)
        tries, last, now = tries + 1, now, delivery.next_at
    # 9 tries in the first 255.5 minutes, then one each 4 hours: (4320 - 255.5) / 240 = 16.9.
    assert delivery.state is DeliveryState.FAILED
    assert tries == 27
    assert timedelta(days=3) <= last - NOW < timedelta(days=3, hours=5)


@pytest.mark.parametrize(("asked", "seconds"), [(0.0, 30), (29.0, 30), (3600.0, 3600), (86400.0, 86400)])
def test_retry_after_is_obeyed_where_it_is_longer(asked: float, seconds: int) -> None:
    delivery = after_failure(DELIVERY, Outcome(503, retry_after=asked), NOW, 0.5)
    assert delivery.next_at == NOW + timedelta(seconds=seconds)
    assert (delivery.http_status, delivery.attempts) == (503, 1)


def test_retry_after_holds_for_the_whole_endpoint() -> None:
    endpoint = endpoint_after_failure(ENDPOINT, Outcome(429, retry_after=600.0), NOW, 0.5)
    assert not may_be_tried(endpoint, NOW + timedelta(seconds=599))
    assert may_be_tried(endpoint, NOW + timedelta(seconds=600))


def test_an_endpoint_is_paused_after_five_failures_in_a_row() -> None:
    endpoint = ENDPOINT
    for failures in range(1, 5):
        endpoint = endpoint_after_failure(endpoint, Outcome(error=PostError.TIMED_OUT), NOW, 0.5)
        assert (endpoint.failures, is_open(endpoint, NOW)) == (failures, True)
    endpoint = endpoint_after_failure(endpoint, Outcome(error=PostError.TIMED_OUT), NOW, 0.5)
    assert not may_be_tried(endpoint, NOW + timedelta(seconds=29))
    # The pause is over, but one message at a time tries whether it works.
    assert may_be_tried(endpoint, NOW + timedelta(seconds=30))
    assert not is_open(endpoint, NOW + timedelta(seconds=30))


def test_pauses_grow_to_fifteen_minutes() -> None:
    endpoint = replace(ENDPOINT, failures=50, failing_since=NOW)
    endpoint = endpoint_after_failure(endpoint, FAILURE, NOW, 0.5)
    assert endpoint.paused_until == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("outcome", "failed_for", "status", "reason"),
    [
        (FAILURE, timedelta(days=3) - timedelta(seconds=1), EndpointStatus.ENABLED, None),
        (FAILURE, timedelta(days=3), EndpointStatus.DISABLED, DisabledReason.FAILING),
        (Outcome(410), timedelta(0), EndpointStatus.DISABLED, DisabledReason.GONE),
    ],
)
def test_three_days_of_failures_or_a_410_disable_an_endpoint(
    outcome: Outcome, failed_for: timedelta, status: EndpointStatus, reason: DisabledReason | None
) -> None:
    failing = replace(ENDPOINT, failing_since=NOW - failed_for, failures=3)
    endpoint = endpoint_after_failure(failing, outcome, NOW, 0.5)
    assert (endpoint.status, endpoint.reason) == (status, reason)
    assert endpoint.sequence == (1 if status is EndpointStatus.DISABLED else 0)


def test_a_delivery_moves_only_as_its_states_say() -> None:
    for before, after in [("delivered", "failed"), ("failed", "delivered"), ("delivered", "delivered")]:
        with pytest.raises(Conflict):
            move(DeliveryState(before), DeliveryState(after))
    assert move(DeliveryState.FAILED, DeliveryState.PENDING) is DeliveryState.PENDING
