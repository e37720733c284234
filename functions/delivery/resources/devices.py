"""/v1/inbox/devices and /v1/inbox/push-key: browsers that are woken by web push when their inbox has something new."""

import hashlib
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.delivery.push.server import push_server
from functions.delivery.push.waking import encrypted
from functions.delivery.resources.inbox import Staff, inbox_name
from functions.delivery.tables.devices import delete_device, upsert_device
from functions.delivery.tables.inbox import Head, read_heads
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.kit.web_push import parsed_subscription
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply


class PushKeys(Input):
    """The browser's public point and its secret, as base64url."""

    p256dh: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    auth: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class PushSubscription(Input):
    """The JSON of a `PushSubscription` of a browser. The address is a public one over TLS."""

    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    keys: PushKeys
    expirationTime: float | None = None  # noqa: N815 - the browser's own name


class DeviceIn(Input):
    """A browser that is woken for an inbox: of the desk or the packers of a store, or of the courier who asks."""

    party: Staff
    chain: Id | None = None
    store: Id | None = None
    subscription: PushSubscription


class InboxDevice(Output):
    """The registration of a browser. A page registers again at each start."""

    id: str


class DevicePath(Query):
    """A browser by the id of its registration."""

    device: Annotated[Ulid, Field()]


class PushKey(Output):
    """The key that a page gives to `pushManager.subscribe`, as base64url."""

    key: str


def get_push_key(call: Call) -> Reply:
    """Read the public key of web push. It is made at the first request, and never changes."""
    with call.env.db.transaction() as transaction:
        return Reply(PushKey(key=push_server(call.env, transaction).public_text))


def post_device(call: Call, body: DeviceIn) -> Reply:
    """Register a browser. It is woken for messages that come from now on, while its person has no live connection."""
    now = call.env.clock()
    subscription = parsed_subscription(body.subscription.model_dump(), local=call.env.settings.stage == "local")
    with call.once() as (work, stored):
        name = inbox_name(call, work, body.party, body.chain, body.store)
        head = read_heads(work, [name]).get(name, Head()).seq
        device = upsert_device(
            work,
            new_id(now),
            name,
            call.client.id,
            hashlib.sha256(subscription.endpoint.encode()).digest(),
            encrypted(subscription, call.env.keyring()),
            head=head,
            now=now,
        )
        stored.status, stored.reply = HTTPStatus.CREATED, InboxDevice(id=device).model_dump_json()
    return Reply(stored.reply, stored.status)


def delete_inbox_device(call: Call, path: DevicePath) -> Reply:
    """Wake a browser no more."""
    with call.once() as (work, stored):
        if not delete_device(work, path.device, call.client.id):
            raise NotFound("unknown_device", "you have no such device")
        stored.reply = InboxDevice(id=path.device).model_dump_json()
    return Reply(stored.reply)
