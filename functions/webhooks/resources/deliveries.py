"""/v1/webhooks/{webhook}/deliveries, /redeliveries and /tests: what was sent, sent again, and tried out."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import Field, model_validator

from functions.webhooks.deliveries.again import again
from functions.webhooks.resources.access import managed_endpoint
from functions.webhooks.resources.path import WebhookPath
from functions.webhooks.states import DeliveryState, EndpointStatus
from functions.webhooks.tables.deliveries import Delivery, read_page, update_failed_again
from functions.webhooks.tables.endpoints import Endpoint, update_sequence
from shared.contracts.ids import Ulid, first_id
from shared.contracts.messages.webhooks import WebhookRedeliveryRequested, WebhookTested, webhook_subject
from shared.contracts.models import Input, Output, Query
from shared.contracts.moments import AnyMoment
from shared.spine.errors import Conflict
from shared.spine.http import Call, Reply

# No id of a message sorts after this.
LAST_ID = "7" + "Z" * 25
# Of one request, so that its transaction is short.
MOST_AGAIN = 1_000


class DeliveriesQuery(Query):
    """Filter and cursor of a page. Deliveries are sorted by message, the newest first."""

    state: DeliveryState | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None


class DeliveryDocument(Output):
    """The delivery of one message. `status` is that of the last reply; `error` says why there was no reply.

    `next_at` is the time of the next try. A message also waits for earlier messages of its order.
    """

    message: str
    type: str
    subject: str
    sequence: int
    state: DeliveryState
    attempts: int
    first_tried_at: datetime | None
    last_tried_at: datetime | None
    delivered_at: datetime | None
    next_at: datetime | None
    status: int | None
    error: str | None


class Deliveries(Output):
    """A page of deliveries. `next` is the cursor of the next page; the last page has none."""

    deliveries: list[DeliveryDocument]
    next: str | None


class RedeliveryIn(Input):
    """Either one message, or all failed deliveries of messages since a moment."""

    message: Ulid | None = None
    failed_since: Annotated[AnyMoment | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.message is None) == (self.failed_since is None):
            raise ValueError("send either message or failed_since")
        return self


class Redelivered(Output):
    """The number of messages that are sent again. `more`: repeat the request for the others."""

    webhook: str
    messages: int
    more: bool


class TestSent(Output):
    """The id of the test message; its delivery is listed as every other."""

    webhook: str
    message: str


def list_deliveries(call: Call, path: WebhookPath, query: DeliveriesQuery) -> Reply:
    """List the deliveries of an endpoint. Delivered ones stay for 14 days, failed ones for 30 days."""
    with call.env.db.transaction() as transaction:
        endpoint = managed_endpoint(call, transaction, path.webhook)
        page = read_page(transaction, endpoint.id, query.state, query.cursor or LAST_ID, query.limit)
    following = page[-1].message_id if len(page) == query.limit else None
    return Reply(Deliveries(deliveries=[_document(delivery) for delivery in page], next=following))


def redeliver(call: Call, path: WebhookPath, body: RedeliveryIn) -> Reply:
    """Send a message again, also a delivered one. Or send all failed messages since a moment again."""
    with call.once() as (work, stored):
        endpoint = managed_endpoint(call, work, path.webhook)
        _require_enabled(endpoint)
        now = call.env.clock()
        if body.message is not None:
            again(work, endpoint.id, body.message, now)
            messages = 1
        else:
            assert body.failed_since is not None  # the model requires one of both
            since = first_id(max(body.failed_since, now - timedelta(days=365)))
            messages = update_failed_again(work, endpoint.id, since, now, MOST_AGAIN)
        sequence = endpoint.sequence + 1
        update_sequence(work, endpoint.id, sequence)
        request = WebhookRedeliveryRequested(webhook=endpoint.id, chain=endpoint.chain)
        work.announce(request, subject=webhook_subject(endpoint.id), sequence=sequence)
        more = messages == MOST_AGAIN
        stored.status = HTTPStatus.ACCEPTED
        stored.reply = Redelivered(webhook=endpoint.id, messages=messages, more=more).model_dump_json()
    return Reply(stored.reply, stored.status)


def send_test(call: Call, path: WebhookPath) -> Reply:
    """Send a message of the type `webhook.tested` to an endpoint. It goes the way of every other message."""
    with call.once() as (work, stored):
        endpoint = managed_endpoint(call, work, path.webhook)
        _require_enabled(endpoint)
        sequence = endpoint.sequence + 1
        update_sequence(work, endpoint.id, sequence)
        test = WebhookTested(webhook=endpoint.id, chain=endpoint.chain)
        work.announce(test, subject=webhook_subject(endpoint.id), sequence=sequence)
        stored.status = HTTPStatus.ACCEPTED
        stored.reply = TestSent(webhook=endpoint.id, message=work.announced[-1].id).model_dump_json()
    return Reply(stored.reply, stored.status)


def _require_enabled(endpoint: Endpoint) -> None:
    if endpoint.status is not EndpointStatus.ENABLED:
        raise Conflict("webhook_disabled", "The webhook is disabled. Enable it first.")


def _document(delivery: Delivery) -> DeliveryDocument:
    fields = {name: value for name, value in vars(delivery).items() if name in DeliveryDocument.model_fields}
    next_at = delivery.next_at if delivery.state is DeliveryState.PENDING else None
    values = fields | {"message": delivery.message_id, "status": delivery.http_status, "next_at": next_at}
    return DeliveryDocument.model_validate(values)
