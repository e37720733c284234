"""A claim is signed and sent; then the outcomes are stored. No transaction is open during a request."""

from datetime import datetime

from functions.webhooks.content.body import body_for
from functions.webhooks.deliveries.claim import LEASE, Claim
from functions.webhooks.deliveries.keys import signing_keys
from functions.webhooks.deliveries.outcomes import store_outcomes
from functions.webhooks.posting.post import SECONDS, Outcome, Request
from functions.webhooks.posting.remote import post_from_outside
from functions.webhooks.signing.signature import signed_headers
from functions.webhooks.tables.deliveries import Delivery
from shared.spine import log
from shared.spine.env import Environment

CONCERN = "webhooks"
# No request begins later in a round. The last one ends before the function's time, and long before the lease.
ROUND_SECONDS = 12.0
assert LEASE.total_seconds() > 2 * (ROUND_SECONDS + SECONDS)


def send_claim(env: Environment, claim: Claim) -> int:
    """Send what the claim holds, and store each outcome. Returns how many messages were accepted."""
    keys = signing_keys(env, [claim.endpoints[endpoint] for endpoint in {lane[0].endpoint_id for lane in claim.lanes}])
    now = env.clock()
    lanes = [[_request(claim, delivery, keys, now) for delivery in lane] for lane in claim.lanes]
    outcomes = post_from_outside(env, lanes, ROUND_SECONDS)
    with env.outbox.work(CONCERN) as work:
        store_outcomes(work, claim, outcomes, env.clock())
    return sum(_logged(claim, outcomes))


def _request(claim: Claim, delivery: Delivery, keys: dict[str, list[bytes]], now: datetime) -> Request:
    endpoint = claim.endpoints[delivery.endpoint_id]
    body = body_for(claim.bodies[delivery.message_id], guest=endpoint.guest)
    return Request(endpoint.url, signed_headers(delivery.message_id, body, keys[endpoint.id], now), body)


def _logged(claim: Claim, outcomes: list[list[Outcome]]) -> list[bool]:
    """Log one line for each request. Returns which were accepted."""
    accepted = []
    for lane, results in zip(claim.lanes, outcomes, strict=True):
        for delivery, outcome in zip(lane, results, strict=False):
            about = {"webhook": delivery.endpoint_id, "sent": delivery.message_id, "status": outcome.status}
            about |= {"error": outcome.error, "ms": round(outcome.seconds * 1000)}
            log.logger().info("webhook sent" if outcome.accepted else "webhook not accepted", extra=about)
            accepted.append(outcome.accepted)
    return accepted
