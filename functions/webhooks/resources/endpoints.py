"""/v1/webhooks: the endpoints of a chain."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from functions.webhooks.content.public_types import GROUPS, SUBSCRIBABLE
from functions.webhooks.deliveries.outcomes import disable
from functions.webhooks.resources.access import managed_endpoint, may_manage, require_scopes
from functions.webhooks.resources.path import WebhookPath
from functions.webhooks.resources.secrets import SECRET_SHOWN_FOR, add_secret
from functions.webhooks.states import DisabledReason, EndpointStatus
from functions.webhooks.tables.endpoints import (
    Endpoint,
    delete_endpoint,
    insert_endpoint,
    read_endpoints_of_chain,
    update_settings,
)
from shared.contracts.ids import new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.kit.addresses.resolution import resolve
from shared.kit.addresses.url import LONGEST_URL, parsed_url, refused_url
from shared.kit.revision import require_match, tag_headers
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply

MOST_ENDPOINTS = 50
# A resolver that does not answer must not hold an environment.
RESOLVER_SECONDS = 3.0


def _subscribable(name: str) -> str:
    if name not in (*SUBSCRIBABLE, *GROUPS):
        raise ValueError(f"is no public type: take one of {', '.join((*GROUPS, *SUBSCRIBABLE))}")
    return name


Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_URL),
    Field(description="https, a public host, no user name. Redirects are not followed."),
]
Types = Annotated[
    list[Annotated[str, AfterValidator(_subscribable)]],
    Field(min_length=1, max_length=50, description="Types of messages. `order.*` is every type about orders."),
]
Stores = Annotated[
    list[Id], Field(max_length=500, description="Ids of stores of the chain. Without one: all stores of the chain.")
]
Description = Annotated[str, StringConstraints(max_length=200)]
Guest = Annotated[
    bool, Field(description="Whether messages carry `guest`, `note`, `person` and `waiter`. Without it they are null.")
]


class WebhookSettings(Input):
    """The settings of an endpoint."""

    url: Url
    types: Types
    stores: Stores = []
    description: Description = ""
    guest: Guest = False


class WebhookIn(WebhookSettings):
    """A new endpoint of a chain."""

    chain: Id


class WebhookChange(WebhookSettings):
    """All settings of an endpoint. `enabled` false stops it, and true starts a disabled one again."""

    enabled: bool = True


class ChainQuery(Query):
    """The chain."""

    chain: Id


class WebhookDocument(Output):
    """An endpoint. `failing_since` is the first failure after the last success.

    `reason` says why it is disabled: `by_request`, `failing` for three days, or `gone` (it answered 410).
    """

    id: str
    chain: str
    url: str
    types: list[str]
    stores: list[str]
    description: str
    guest: bool
    status: EndpointStatus
    reason: DisabledReason | None
    created_at: datetime
    failing_since: datetime | None
    failures: int
    paused_until: datetime | None


class NewWebhookDocument(WebhookDocument):
    """A new endpoint with its signing secret. The secret is shown only in this reply."""

    secret: str


class Webhooks(Output):
    """The endpoints of a chain that the key may manage, the oldest first."""

    webhooks: list[WebhookDocument]


class WebhookDeleted(Output):
    """The endpoint that was deleted."""

    id: str


def create_webhook(call: Call, body: WebhookIn) -> Reply:
    """Create an endpoint. It gets messages that occur from now on. At most 50 in a chain."""
    _check_url(call, body.url)
    now = call.env.clock()
    with call.once() as (work, stored):
        require_scopes(call, work, body.chain, body.stores)
        if len(read_endpoints_of_chain(work, body.chain)) >= MOST_ENDPOINTS:
            raise Conflict("too_many_webhooks", f"A chain has at most {MOST_ENDPOINTS} webhooks. Delete one first.")
        endpoint = _new_endpoint(body, now)
        insert_endpoint(work, endpoint)
        secret = add_secret(call, work, endpoint.id)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + SECRET_SHOWN_FOR
        stored.reply = NewWebhookDocument(**_fields(endpoint), secret=secret).model_dump_json()
    return Reply(stored.reply, stored.status, tag_headers(endpoint.revision))


def list_webhooks(call: Call, query: ChainQuery) -> Reply:
    """List the endpoints of a chain that the key may manage."""
    with call.env.db.transaction() as transaction:
        endpoints = [
            endpoint
            for endpoint in read_endpoints_of_chain(transaction, query.chain)
            if may_manage(call.client, transaction, endpoint)
        ]
    return Reply(Webhooks(webhooks=[WebhookDocument(**_fields(endpoint)) for endpoint in endpoints]))


def get_webhook(call: Call, path: WebhookPath) -> Reply:
    """Read an endpoint. `ETag` is for a change with `If-Match`."""
    with call.env.db.transaction() as transaction:
        endpoint = managed_endpoint(call, transaction, path.webhook)
    return Reply(WebhookDocument(**_fields(endpoint)), headers=tag_headers(endpoint.revision))


def change_webhook(call: Call, path: WebhookPath, body: WebhookChange) -> Reply:
    """Replace all settings of an endpoint. Messages of the time in which it was disabled do not come later."""
    _check_url(call, body.url)
    with call.once() as (work, stored):
        endpoint = managed_endpoint(call, work, path.webhook)
        require_match(call, endpoint.revision)
        require_scopes(call, work, endpoint.chain, body.stores)
        changed = _changed(endpoint, body, call.env.clock())
        update_settings(work, changed)
        if changed.sequence > endpoint.sequence:
            disable(work, changed)
        stored.reply = WebhookDocument(**_fields(changed)).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(endpoint.revision + 1))


def delete_webhook(call: Call, path: WebhookPath) -> Reply:
    """Delete an endpoint, its secrets and its deliveries."""
    with call.once() as (work, stored):
        endpoint = managed_endpoint(call, work, path.webhook)
        delete_endpoint(work, endpoint.id)
        stored.reply = WebhookDeleted(id=endpoint.id).model_dump_json()
    return Reply(stored.reply)


def _check_url(call: Call, url: str) -> None:
    """Raises `Rejected` for an address to which no request may go. It is checked again at each request."""
    is_local = call.env.settings.stage == "local"
    try:
        resolve(parsed_url(url, local=is_local), local=is_local, seconds=RESOLVER_SECONDS)
    except TimeoutError:
        raise refused_url("The host's name was not resolved in time.") from None


def _new_endpoint(body: WebhookIn, now: datetime) -> Endpoint:
    return Endpoint(
        id=new_id(now),
        chain=body.chain,
        stores=sorted(set(body.stores)),
        url=body.url,
        types=sorted(set(body.types)),
        description=body.description,
        guest=body.guest,
        status=EndpointStatus.ENABLED,
        reason=None,
        created_at=now,
        hears_from=now,
        failing_since=None,
        failures=0,
        paused_until=None,
        revision=1,
        sequence=0,
    )


def _changed(endpoint: Endpoint, body: WebhookChange, now: datetime) -> Endpoint:
    """The endpoint with its new settings. Enabling forgets its failures."""
    changed = replace(
        endpoint,
        stores=sorted(set(body.stores)),
        types=sorted(set(body.types)),
        url=body.url,
        description=body.description,
        guest=body.guest,
    )
    was_enabled = endpoint.status is EndpointStatus.ENABLED
    if was_enabled and not body.enabled:
        reason = DisabledReason.BY_REQUEST
        return replace(changed, status=EndpointStatus.DISABLED, reason=reason, sequence=endpoint.sequence + 1)
    if not was_enabled and body.enabled:
        healthy = replace(changed, reason=None, failing_since=None, failures=0, paused_until=None)
        return replace(healthy, status=EndpointStatus.ENABLED, hears_from=now)
    return changed


def _fields(endpoint: Endpoint) -> dict[str, object]:
    return {name: value for name, value in vars(endpoint).items() if name in WebhookDocument.model_fields}
