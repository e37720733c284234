"""Which endpoints a client may manage: those of which it has the right over every store."""

from collections.abc import Sequence

from functions.webhooks.tables.endpoints import Endpoint, lock_endpoint
from functions.webhooks.tables.stores import read_scopes
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.rights import Scope

RIGHT = "webhooks:manage"


def require_scopes(call: Call, transaction: Transaction, chain: str, stores: Sequence[str]) -> None:
    """Raises `Rejected` (403) without the right over all of it, `NotFound` for a store that the chain does not have."""
    if not stores:
        call.client.require(RIGHT, Scope(chain))
    scopes = read_scopes(transaction, chain, stores)
    for store in stores:
        call.client.require(RIGHT, scopes.get(store, Scope(chain, "", store)))
    missing = sorted(set(stores) - scopes.keys())
    if missing:
        raise NotFound("unknown_store", f"there is no store {missing[0]}")


def may_manage(client: Client, transaction: Transaction, endpoint: Endpoint) -> bool:
    """Whether the client has the right over the chain, or over each store of the endpoint."""
    if client.may(RIGHT, Scope(endpoint.chain)):
        return True
    scopes = read_scopes(transaction, endpoint.chain, endpoint.stores)
    return bool(endpoint.stores) and all(
        client.may(RIGHT, scopes.get(store, Scope(endpoint.chain, "", store))) for store in endpoint.stores
    )


def managed_endpoint(call: Call, transaction: Transaction, endpoint_id: str) -> Endpoint:
    """The endpoint, locked. Raises `NotFound` where there is none, and where the client may not manage it."""
    endpoint = lock_endpoint(transaction, endpoint_id)
    if endpoint is None or not may_manage(call.client, transaction, endpoint):
        raise NotFound("unknown_webhook", f"there is no webhook {endpoint_id}")
    return endpoint
