"""Messages of the customer: GET and POST /v1/delivery-links/{link}/messages, without a login.

The link is the secret. Numbers of phones are in no message, so neither side learns the other's.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints
from werkzeug.datastructures import Headers

from functions.delivery.creation.link import hash_of
from functions.delivery.inbox.envelope import Envelope, Sender
from functions.delivery.inbox.recipients import Party, customer_inbox
from functions.delivery.life.delivery import Delivery
from functions.delivery.resources.inbox import (
    MOST_FROM_CUSTOMER,
    Text,
    chat,
    note_fetched,
    page_of,
    require_kept,
    require_open,
    write,
)
from functions.delivery.tables import inbox as tables
from functions.delivery.tables.deliveries import lock_delivery, read_by_link
from functions.delivery.tables.inbox import Head
from shared.contracts.ids import new_id
from shared.contracts.models import Input, Query
from shared.contracts.text import Id
from shared.kit.revision import reply_to_tag
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Reply
from shared.spine.outbox import Work

CUSTOMER = Sender(party=Party.CUSTOMER, name="")


class LinkPath(Query):
    """The secret of a customer's page."""

    link: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]


class CustomerInboxQuery(Query):
    """`after` is the last number that the page has."""

    after: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=1, le=200)


class CustomerMessageIn(Input):
    """A message of the customer. `id` is the page's own: the same message may be sent again."""

    id: Id
    to: Party = Party.COURIER
    text: Text


def get_customer_messages(env: Environment, path: LinkPath, query: CustomerInboxQuery, headers: Headers) -> Reply:
    """List the customer's messages after a number. The reply is 304 while the page's ETag is the newest number."""
    with env.db.snapshot() as transaction:
        delivery = delivery_of(transaction, path.link)
        require_open(delivery, env.clock())
        name = customer_inbox(delivery.id)
        head = tables.read_heads(transaction, [name]).get(name, Head())
        require_kept(query.after, head)
        fresh: list[int] = []
        reply = reply_to_tag(
            headers, head.seq, lambda: page_of(transaction, name, query.after, query.limit, head, fresh)
        )
    note_fetched(env, name, fresh)
    return reply


def post_customer_message(env: Environment, path: LinkPath, body: CustomerMessageIn) -> Reply:
    """Write to the courier or to the desk. A message that is sent again is the same message."""
    now = env.clock()
    with env.outbox.work("delivery") as work:
        linked = delivery_of(work, path.link)
        delivery = lock_delivery(work, linked.id) or linked
        require_open(delivery, now)
        envelope = chat(delivery, CUSTOMER, body.id, [body.to], body.text, now)
        _write(work, delivery, envelope)
    return Reply(envelope, HTTPStatus.CREATED)


def post_complaint(work: Work, delivery: Delivery, text: str, now: datetime) -> None:
    """Bring the complaint about a locked delivery to the desk. Raises `Rejected` after too many messages."""
    envelope = chat(delivery, CUSTOMER, new_id(now), [Party.DESK], text, now)
    _write(work, delivery, envelope.model_copy(update={"template": "complaint"}))


def _write(work: Work, delivery: Delivery, envelope: Envelope) -> None:
    own = customer_inbox(delivery.id)
    if tables.count_written(work, own, envelope.conversation) >= MOST_FROM_CUSTOMER:
        detail = f"at most {MOST_FROM_CUSTOMER} messages a delivery: call the store"
        raise Rejected("too_many_messages", detail, status=HTTPStatus.TOO_MANY_REQUESTS)
    write(work, delivery, envelope, own)


def delivery_of(transaction: Transaction, link: str) -> Delivery:
    """The delivery of a link. Raises `NotFound`: an unknown link says nothing."""
    delivery = read_by_link(transaction, hash_of(link))
    if delivery is None or delivery.is_hidden:
        raise NotFound("unknown_link", "there is no delivery behind this link")
    return delivery
