"""POST /v1/guest-tokens: a short-lived token for the device of a mini-program's guest."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output
from shared.contracts.money import Amount
from shared.contracts.stores import StoreReference, find_store
from shared.contracts.text import Id
from shared.spine import guest_tokens, log
from shared.spine.db import Transaction
from shared.spine.epoch import read_epoch
from shared.spine.guest_tokens import RIGHT, SOURCE_KIND, GuestToken
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

MAX_ORDERS = 5
MAX_SECONDS = 3_600
DEFAULT_SECONDS = 900
Origin = Annotated[str, Field(max_length=100, pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]


class GuestTokenIn(Input):
    """The right that a guest's device gets. All limits are those of one token."""

    store: StoreReference
    source_id: Annotated[Id, Field(description="The id of the mini-program as a source, such as `app`.")]
    guest: Annotated[
        Id | None,
        Field(description="Your own name of the guest. The tokens of one guest read each other's orders."),
    ] = None
    member: Annotated[Id | None, Field(description="The member that the orders are for.")] = None
    seconds: Annotated[int, Field(ge=60, le=MAX_SECONDS, description="How long the token is valid.")] = DEFAULT_SECONDS
    orders: Annotated[int, Field(ge=1, le=MAX_ORDERS, description="How many orders and rounds it can send.")] = 1
    bill: Annotated[Ulid | None, Field(description="The open bill of a table to which it can add rounds.")] = None
    origins: Annotated[list[Origin], Field(max_length=5, description="The origins of pages that may use it.")] = []
    discounts: Annotated[list[Id], Field(max_length=10, description="The discount codes that it can use.")] = []
    service_charge: Annotated[Amount, Field(description="The least service charge of an order.")] = 0
    delivery_charge: Annotated[Amount, Field(description="The least delivery charge of a delivery.")] = 0


class GuestTokenDocument(Output):
    """A guest token. `numbers` are the numbers that it can use, each for one order or round."""

    token: str
    expires_at: datetime
    store: str
    source_id: str
    guest: str
    numbers: list[str]


def create_guest_token(call: Call, body: GuestTokenIn) -> Reply:
    """Make a token that places a few orders of one mini-program in one store. It cannot be listed or read again."""
    with call.once() as (work, stored_reply):
        scope = find_store(work, call.client, body.store)
        call.client.require(RIGHT, scope)
        call.client.require_source(SOURCE_KIND, body.source_id)
        token = _token(call, work, body, scope)
        log.note(token=token.id, store=scope.key)
        document = _document(token, guest_tokens.write_token(token, call.env.keyring()))
        stored_reply.status, stored_reply.reply = HTTPStatus.CREATED, document.model_dump_json()
        stored_reply.secret_until = document.expires_at
    return Reply(stored_reply.reply, HTTPStatus.CREATED)


def _token(call: Call, transaction: Transaction, body: GuestTokenIn, scope: Scope) -> GuestToken:
    now = call.env.clock()
    token_id = new_id(now)
    return GuestToken(
        id=token_id,
        client=call.client.id,
        chain=scope.chain,
        region=scope.region,
        store=scope.store,
        source_id=body.source_id,
        guest=body.guest or token_id,
        member=body.member,
        issued_at=int(now.timestamp()),
        expires_at=int((now + timedelta(seconds=body.seconds)).timestamp()),
        epoch=read_epoch(transaction),
        orders=body.orders,
        origins=body.origins,
        discounts=body.discounts,
        service_charge=body.service_charge,
        delivery_charge=body.delivery_charge,
        bill=body.bill,
    )


def _document(token: GuestToken, text: str) -> GuestTokenDocument:
    return GuestTokenDocument(
        token=text,
        expires_at=datetime.fromtimestamp(token.expires_at, UTC),
        store=token.store,
        source_id=token.source_id,
        guest=token.guest,
        numbers=token.numbers,
    )
