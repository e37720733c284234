"""/v1/clients: API keys. Their secret is shown once. A caller gives only rights and sources that it has itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.people.authority.giving import CLIENTS, may_give_key
from functions.people.tables.scopes import read_scopes
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id, Name
from shared.spine.api_clients import (
    OVERLAP,
    StoredClient,
    expire_secrets,
    insert_client,
    insert_secret,
    new_client,
    read_client,
    read_clients,
    revoke_client,
)
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, Fault, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Binding, Grant, Scope

SECRET_SHOWN_FOR = timedelta(minutes=10)
MOST_GRANTS, MOST_SOURCES, MOST_RATE = 500, 100, 1_000
Texts = Annotated[str, StringConstraints(min_length=3, max_length=200)]


class ClientIn(Input):
    """A new key. All grants are of `chain`. Sources are those whose orders it may place and change."""

    chain: Id
    name: Name
    grants: Annotated[list[Texts], Field(min_length=1, max_length=MOST_GRANTS)]
    sources: Annotated[list[Texts], Field(max_length=MOST_SOURCES)] = []
    requests_per_second: Annotated[int, Field(ge=1, le=MOST_RATE)] = 50


class ClientPath(Query):
    """A key by its id."""

    client: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{1,32}$")]


class ClientsQuery(Query):
    """The chain, and the cursor of a page."""

    chain: Id
    cursor: Annotated[str | None, StringConstraints(pattern="^[A-Za-z0-9_-]{1,32}$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ClientDocument(Output):
    """A key, without its secrets."""

    id: str
    name: str
    grants: list[str]
    sources: list[str]
    requests_per_second: int
    created_at: datetime
    revoked_at: datetime | None


class NewClientDocument(ClientDocument):
    """A new key with its secret. The secret is shown in this reply alone."""

    secret: str


class ClientSecretDocument(Output):
    """A new secret of a key. The secrets of before are good until `others_end_at`."""

    id: str
    secret: str
    others_end_at: datetime


class ClientPage(Output):
    """A page of the keys that the caller may change; it may be short. `next` is the cursor of the next page."""

    clients: list[ClientDocument]
    next: str | None


def create_client(call: Call, body: ClientIn) -> Reply:
    """Make a key."""
    now = call.env.clock()
    client = _new_client(body, now)
    with call.once() as (work, stored):
        if not _manages(call.client, work, client):
            raise _not_allowed()
        insert_client(work, client)
        secret = insert_secret(work, client.id, call.env.keyring(), now)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + SECRET_SHOWN_FOR
        stored.reply = NewClientDocument(**_fields(client), secret=secret).model_dump_json()
    return Reply(stored.reply, stored.status)


def list_clients(call: Call, query: ClientsQuery) -> Reply:
    """The keys of a chain that the caller may change."""
    after, most = query.cursor or "", query.limit + 1
    with call.env.db.transaction() as transaction:
        if query.chain not in call.client.reach(CLIENTS).all_chains:
            call.client.require(CLIENTS, Scope(query.chain))
        clients = read_clients(transaction, query.chain, after, most)
        page = clients[: query.limit]
        documents = [ClientDocument(**_fields(client)) for client in _managed(call.client, transaction, page)]
    return Reply(ClientPage(clients=documents, next=page[-1].id if len(clients) > len(page) else None))


def get_client(call: Call, path: ClientPath) -> Reply:
    """Read a key, without its secrets."""
    with call.env.db.transaction() as transaction:
        client = _found(call.client, transaction, path.client)
    return Reply(ClientDocument(**_fields(client)))


def rotate_client(call: Call, path: ClientPath) -> Reply:
    """Make another secret. The secrets of before are good for seven more days."""
    now = call.env.clock()
    with call.once() as (work, stored):
        client = _found(call.client, work, path.client, lock=True)
        if client.revoked_at is not None:
            raise Conflict("client_revoked", "the key was revoked: make another one")
        expire_secrets(work, client.id, now + OVERLAP)
        secret = insert_secret(work, client.id, call.env.keyring(), now)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + SECRET_SHOWN_FOR
        document = ClientSecretDocument(id=client.id, secret=secret, others_end_at=now + OVERLAP)
        stored.reply = document.model_dump_json()
    return Reply(stored.reply, stored.status)


def end_client(call: Call, path: ClientPath) -> Reply:
    """Revoke a key. Every function refuses it within a minute."""
    with call.once() as (work, stored):
        client = _found(call.client, work, path.client, lock=True)
        revoke_client(work, client.id, call.env.clock())
        ended = _found(call.client, work, path.client)
        stored.reply = ClientDocument(**_fields(ended)).model_dump_json()
    return Reply(stored.reply)


def _new_client(body: ClientIn, now: datetime) -> StoredClient:
    """Raises `Rejected` (422) for what is no grant or source, and for a grant of another chain."""
    try:
        client = new_client(body.name, body.grants, body.sources, body.requests_per_second, now)
    except ValueError as failure:
        field = "sources" if "source" in str(failure) else "grants"
        raise _invalid(Fault(field, "wrong_form", str(failure).replace("--source", "`sources`"))) from None
    for number, text in enumerate(body.grants):
        if Grant.parse(text).chain != body.chain:
            raise _invalid(Fault(f"grants[{number}]", "differs", "it is of another chain"))
    return client


def _found(caller: Client, transaction: Transaction, client_id: str, *, lock: bool = False) -> StoredClient:
    """Raises `NotFound` where there is none, and where the caller may not change it."""
    client = read_client(transaction, client_id, lock=lock)
    if client is None or not _manages(caller, transaction, client):
        raise NotFound("unknown_client", "there is no such key")
    return client


def _manages(caller: Client, transaction: Transaction, client: StoredClient) -> bool:
    return bool(_managed(caller, transaction, [client]))


def _managed(caller: Client, transaction: Transaction, clients: Sequence[StoredClient]) -> list[StoredClient]:
    """Those of the clients that the caller may change."""
    grants = {client.id: _grants(client) for client in clients}
    by_chain: dict[str, set[str]] = {}
    for grant in (grant for found in grants.values() for grant in found if grant.level == "store"):
        by_chain.setdefault(grant.chain, set()).add(grant.id)
    stores = {chain: read_scopes(transaction, chain, ids) for chain, ids in by_chain.items()}
    return [client for client in clients if _is_managed(caller, client, grants[client.id], stores)]


def _is_managed(
    caller: Client, client: StoredClient, grants: Sequence[Grant], stores: dict[str, dict[str, Scope]]
) -> bool:
    sources = [Binding.parse(text) for text in client.sources]
    return bool(grants) and all(may_give_key(caller, [grant], sources, stores.get(grant.chain, {})) for grant in grants)


def _grants(client: StoredClient) -> list[Grant]:
    """The grants of a key; none for a key with a grant of an old form, which this API does not change."""
    try:
        return [Grant.parse(text) for text in client.grants]
    except ValueError:
        return []


def _fields(client: StoredClient) -> dict[str, object]:
    return {name: getattr(client, name) for name in ClientDocument.model_fields}


def _not_allowed() -> Rejected:
    detail = "you lack one of these rights or sources, or clients:manage there"
    return Rejected("grant_not_allowed", detail, status=HTTPStatus.FORBIDDEN)


def _invalid(fault: Fault) -> Rejected:
    return Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,))
