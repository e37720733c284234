"""Browsers are told the number of the newest message in their inbox. They fetch the message themselves."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from functions.delivery.push.server import contact_of, push_server
from functions.delivery.tables.devices import (
    Device,
    delete_devices,
    lock_due,
    update_failed,
    update_pushed,
    update_worked,
)
from shared.kit.outside.exchange import Answer, Call
from shared.kit.outside.remote import post_from_outside
from shared.kit.web_push import (
    PushOutcome,
    PushRequest,
    Server,
    Subscription,
    Urgency,
    push_outcome,
    push_request,
)
from shared.spine import log
from shared.spine.auth import cipher
from shared.spine.env import Environment

AT_ONCE = 50
LONGEST_ROUND = timedelta(seconds=10)
DAY_SECONDS = 86_400
# A page with a live connection says so at least once in this time.
ALIVE = timedelta(seconds=150)
PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
MOST_FAILURES = 20


def wake_browsers(env: Environment, until: datetime | None = None) -> int:
    """Tell the browsers that have something new, some at once, until none is left or the time ends.

    Returns how many the services took. Browsers count as told before the requests leave, so that two runs never tell
    the same. A service that is busy is asked again later; one that says that the browser ended its subscription is
    believed.
    """
    if contact_of(env.settings) is None:
        return 0
    accepted = 0
    while (outcomes := _wake_some(env)) is not None:
        accepted += outcomes.count(PushOutcome.ACCEPTED)
        if until and env.clock() + LONGEST_ROUND > until:
            break
    return accepted


def _wake_some(env: Environment) -> list[PushOutcome] | None:
    """The outcomes of one round of requests; None where no browser is due."""
    now = env.clock()
    with env.db.transaction() as transaction:
        due = lock_due(transaction, now, now - ALIVE, AT_ONCE)
        update_pushed(transaction, due)
        server = push_server(env, transaction) if due else None
    if server is None:
        return None
    keyring = env.keyring()
    calls = [_call(_request(server, device, keyring, now)) for device in due]
    outcomes = [_outcome(answer) for answer in post_from_outside(env, calls)]
    _store(env, due, outcomes)
    return outcomes


def encrypted(subscription: Subscription, keyring: Sequence[str]) -> bytes:
    """A subscription as the table keeps it."""
    parts = [base64.b64encode(part).decode() for part in (subscription.public, subscription.secret)]
    return cipher(keyring).encrypt(json.dumps([subscription.endpoint, *parts]).encode())


def _request(server: Server, device: Device, keyring: Sequence[str], now: datetime) -> PushRequest:
    endpoint, public, secret = json.loads(cipher(keyring).decrypt(device.subscription))
    subscription = Subscription(endpoint, base64.b64decode(public), base64.b64decode(secret))
    party, _, place = device.recipient.partition("/")
    chain, _, store = place.partition(":")
    shown = {"party": party, "chain": chain, "store": None if party == "courier" else store, "head": device.head}
    # A browser that was away for long gets the last push alone.
    topic = hashlib.sha256(device.recipient.encode()).hexdigest()[:32]
    content = json.dumps(shown, separators=(",", ":")).encode()
    return push_request(server, subscription, content, now, ttl=DAY_SECONDS, urgency=Urgency.HIGH, topic=topic)


def _call(request: PushRequest) -> Call:
    return Call("POST", request.url, request.headers, request.body)


def _outcome(answer: Answer) -> PushOutcome:
    return push_outcome(answer.reply.status) if answer.reply else PushOutcome.LATER


def _store(env: Environment, devices: Sequence[Device], outcomes: Sequence[PushOutcome]) -> None:
    now, ended = env.clock(), []
    with env.db.transaction() as transaction:
        for device, outcome in zip(devices, outcomes, strict=True):
            if outcome == PushOutcome.ACCEPTED:
                update_worked(transaction, device.id)
            elif outcome == PushOutcome.ENDED or device.failures >= MOST_FAILURES:
                ended.append(device.id)
            else:
                pause = min(PAUSE * 2 ** min(device.failures, 10), LONGEST_PAUSE)
                update_failed(transaction, device.id, now + pause)
        delete_devices(transaction, ended)
    if PushOutcome.RIGHTS in outcomes or PushOutcome.CONTENT in outcomes:
        log.logger().error("a push service refuses our pushes", extra={"outcomes": sorted(set(outcomes))})
