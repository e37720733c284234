"""Deliver: messages as they come, and everything that is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.webhooks.content.public_types import REDELIVERY
from functions.webhooks.deliveries.claim import Claim, LaneKey, pending_claim
from functions.webhooks.deliveries.intake import PublicMessage, owners_of, store_messages
from functions.webhooks.deliveries.schedule import is_open, may_be_tried
from functions.webhooks.deliveries.sending import ROUND_SECONDS, send_claim
from functions.webhooks.posting.post import SECONDS
from functions.webhooks.tables.deliveries import read_due_endpoints, read_due_subjects
from functions.webhooks.tables.endpoints import Endpoint, read_enabled_endpoints, read_endpoints
from shared.contracts.messages import Message
from shared.kit.cache import Cache
from shared.spine.db import Transaction
from shared.spine.env import Environment

# Lanes of one endpoint in a round of the timer: a slow endpoint delays the others by a round at the most.
LANES_OF_ENDPOINT = 20
# The last request of a round begins at the end of the round.
LONGEST_ROUND = timedelta(seconds=ROUND_SECONDS + SECONDS)
A_MOMENT = timedelta(seconds=1)
# Seconds in which a chain that had an endpoint is taken for one that has.
HAD_ENDPOINT_FOR = 600.0
_had_endpoint: Cache[bool] = Cache(HAD_ENDPOINT_FOR)


def deliver_messages(messages: Sequence[Message[PublicMessage]], env: Environment) -> None:
    """Store the deliveries of these messages, and send what can be sent now. The timer sends the remainder.

    After each round the lanes are read again. A worker that meets another worker's lease leaves its messages to that
    worker, which sees them then.
    """
    until = env.clock() + timedelta(seconds=ROUND_SECONDS)
    if not _may_be_wanted(env, owners_of(messages)):
        return
    with env.db.transaction() as transaction:
        claim = store_messages(transaction, messages, env.clock())
    if claim.lanes:
        send_claim(env, claim)
    _send_watched(env, claim, until)
    if any(message.type == REDELIVERY for message in messages):
        # One round of what a person made due. The timer sends the others.
        deliver_due(env, env.clock() + LONGEST_ROUND + A_MOMENT)


def _send_watched(env: Environment, claim: Claim, until: datetime) -> None:
    while claim.watched and env.clock() < until:
        with env.db.transaction() as transaction:
            claim = pending_claim(transaction, claim, env.clock())
        if not claim.lanes:
            return
        send_claim(env, claim)


def _may_be_wanted(env: Environment, chains: set[str]) -> bool:
    """Whether a chain may have an endpoint. For chains without one, this is the only statement of their messages.

    Only the answer yes is remembered, so a new endpoint gets the next message.
    """
    if any(_had_endpoint.get(env, chain) for chain in chains):
        return True
    with env.db.statements() as statements:
        endpoints = read_enabled_endpoints(statements, chains)
    for endpoint in endpoints:
        _had_endpoint.put(env, endpoint.chain, value=True)
    return bool(endpoints)


def deliver_due(env: Environment, until: datetime) -> None:
    """Send what is due, in rounds, until nothing is due or no time is left for a round."""
    while env.clock() < until - LONGEST_ROUND:
        with env.db.transaction() as transaction:
            claim = _due_claim(transaction, env.clock())
        if not claim.lanes:
            return
        send_claim(env, claim)


def _due_claim(transaction: Transaction, now: datetime) -> Claim:
    ids = read_due_endpoints(transaction, now)
    endpoints = read_endpoints(transaction, ids)
    watched: set[LaneKey] = set()
    for endpoint in (endpoints[endpoint_id] for endpoint_id in ids if endpoint_id in endpoints):
        if may_be_tried(endpoint, now):
            subjects = read_due_subjects(transaction, endpoint.id, now, _lanes_at_once(endpoint, now))
            watched |= {(endpoint.id, subject) for subject in subjects}
    return pending_claim(transaction, Claim(0, endpoints, watched=frozenset(watched)), now)


def _lanes_at_once(endpoint: Endpoint, now: datetime) -> int:
    """One lane tries whether a failing endpoint is back."""
    return LANES_OF_ENDPOINT if is_open(endpoint, now) else 1
