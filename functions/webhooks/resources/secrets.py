"""/v1/webhooks/{webhook}/secrets: the signing secret is replaced; the former one stays good for a grace period."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.webhooks.resources.access import managed_endpoint
from functions.webhooks.resources.path import WebhookPath
from functions.webhooks.signing.signature import new_secret, shown_secret
from functions.webhooks.tables.endpoints import (
    count_secrets,
    insert_secret,
    update_secrets_ending,
    update_settings,
)
from shared.contracts.models import Input, Output
from shared.spine.auth import cipher
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

# A repeated request gets the stored reply for so long.
SECRET_SHOWN_FOR = timedelta(hours=1)
# With more signatures the header would grow without need.
MOST_SECRETS = 2


class SecretIn(Input):
    """How long the former secret signs, too: 24 hours without a value, 7 days at the most, 0 if it was stolen."""

    grace_hours: Annotated[int, Field(ge=0, le=168)] = 24


class SecretDocument(Output):
    """The new signing secret. It is shown only in this reply. The former one signs until `former_until`."""

    webhook: str
    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="])]
    former_until: datetime


def rotate_secret(call: Call, path: WebhookPath, body: SecretIn) -> Reply:
    """Make a new signing secret. During the grace period each request has a signature of both."""
    now = call.env.clock()
    former_until = now + timedelta(hours=body.grace_hours)
    with call.once() as (work, stored):
        endpoint = managed_endpoint(call, work, path.webhook)
        update_secrets_ending(work, endpoint.id, former_until, now)
        if count_secrets(work, endpoint.id) >= MOST_SECRETS:
            raise Conflict("secret_rotating", "Two secrets are in use. Wait for the former one, or send grace_hours 0.")
        secret = add_secret(call, work, endpoint.id)
        update_settings(work, endpoint)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + SECRET_SHOWN_FOR
        document = SecretDocument(webhook=endpoint.id, secret=secret, former_until=former_until)
        stored.reply = document.model_dump_json()
    return Reply(stored.reply, stored.status)


def add_secret(call: Call, work: Work, endpoint_id: str) -> str:
    """Store a new secret, encrypted under the keyring. Returns it as it is shown once."""
    secret = new_secret()
    encrypted = cipher(call.env.keyring()).encrypt(secret)
    insert_secret(work, endpoint_id, encrypted, call.env.clock())
    return shown_secret(secret)
