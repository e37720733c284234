"""Copies of stores by which an environment prices orders, read through the view that `stores` publishes."""

import time
from weakref import WeakKeyDictionary

from shared.contracts.ids import split_key
from shared.contracts.store_record import Store, read_store
from shared.contracts.stores import find_store, possible_keys
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import NotFound

# The revision of a copy is checked before an order is stored, so a copy may be old. This bounds the memory.
MAX_COPIES = 500
# Seconds. A store that moves to another region is out of reach of the old region's keys after this time.
RIGHTS_CACHED_FOR = 60.0
_copies: WeakKeyDictionary[Environment, dict[str, tuple[float, Store]]] = WeakKeyDictionary()


def copy_for(env: Environment, client: Client, reference: str) -> Store:
    """The environment's copy of the store that the client names, of any age. Raises as `find_store`."""
    keys = possible_keys(client, reference)
    copies = _copies.get(env, {})
    if len(keys) == 1 and keys[0] in copies:
        return copies[keys[0]][1]
    with env.db.transaction() as transaction:
        return refresh(env, transaction, find_store(transaction, client, reference).key)


def recent_copy(env: Environment, transaction: Transaction, key: str) -> Store:
    """The store as it was at most `RIGHTS_CACHED_FOR` ago. Raises `NotFound`."""
    read_at, copy = _copies.get(env, {}).get(key, (0.0, None))
    if copy is None or time.time() - read_at > RIGHTS_CACHED_FOR:
        copy = refresh(env, transaction, key)
    return copy


def refresh(env: Environment, transaction: Transaction, key: str) -> Store:
    """The store at its present revision, which becomes the environment's copy. Raises `NotFound`."""
    store = read_store(transaction, key)
    if store is None:
        raise NotFound("unknown_store", f"there is no store {split_key(key)[1]}")
    copies = _copies.setdefault(env, {})
    copies.pop(key, None)
    if len(copies) >= MAX_COPIES:
        copies.pop(next(iter(copies)))
    copies[key] = (time.time(), store)
    return store
