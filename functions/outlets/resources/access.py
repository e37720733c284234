"""Paths and rights of outlets: settings are of a chain, an outlet is one of its stores."""

from typing import Annotated

from pydantic import Field

from functions.outlets.tables.settings import Outlet, lock_outlet
from functions.outlets.tables.stores import read_stores
from shared.contracts.ids import Ulid, store_key
from shared.contracts.models import Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.rights import Scope

MANAGE, READ = "outlets:manage", "outlets:read"
Name = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]


class ChainQuery(Query):
    """The chain."""

    chain: Id


class RobotPath(Query):
    """The name of a robot within its chain."""

    robot: Name


class OutletPath(Query):
    """The id of a store within its chain."""

    outlet: Id


class NoticePath(Query):
    """The id of a notice."""

    notice: Ulid


class PersonPath(Query):
    """The id of a person."""

    person: Ulid


def require(call: Call, right: str, chain: str) -> None:
    """Raises `Rejected` (403) without the right over the chain."""
    call.client.require(right, Scope(chain))


def require_outlet(call: Call, transaction: Transaction, right: str, chain: str, outlet: str) -> str:
    """The key of the store. Raises `Rejected` (403) without the right, and `NotFound` for a store that is not there."""
    key = store_key(chain, outlet)
    store = read_stores(transaction, [key]).get(key)
    call.client.require(right, store.scope if store else Scope(chain))
    if store is None:
        raise NotFound("unknown_store", f"There is no store {outlet} in this chain.")
    return key


def store_scope(transaction: Transaction, key: str) -> Scope:
    """The scope of a store by its key; that of its chain where the store is gone."""
    store = read_stores(transaction, [key]).get(key)
    return store.scope if store else Scope(key.partition(":")[0])


def locked_outlet(transaction: Transaction, key: str) -> Outlet:
    """The outlet, locked. Raises `NotFound`."""
    outlet = lock_outlet(transaction, key)
    if outlet is None:
        raise NotFound("unknown_outlet", "The store gets no orders in a chat.")
    return outlet
