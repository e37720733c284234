"""Copies of stores by which an environment prices orders, read through the view that `stores` publishes."""

from shared.contracts.ids import split_key
from shared.contracts.store_record import Store, read_store
from shared.contracts.stores import find_store, possible_keys
from shared.kit.cache import Cache
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import NotFound

# Seconds. A store that moves to another region is out of reach of the old region's keys after this time.
RIGHTS_CACHED_FOR = 60.0
# The revision of a copy is checked before an order is stored, so a copy may be old. `most` bounds the memory.
COPIES: Cache[Store] = Cache(RIGHTS_CACHED_FOR, most=500)


def copy_for(env: Environment, client: Client, reference: str) -> Store:
    """The environment's copy of the store that the client names, of any age. Raises as `find_store`.

    A planned menu begins without a change of the store, so the copy ends by the clock.
    """
    keys = possible_keys(client, reference)
    copy = COPIES.last(env, keys[0]) if len(keys) == 1 else None
    if copy and _is_current(env, copy):
        return copy
    with env.db.transaction() as transaction:
        return refresh(env, transaction, find_store(transaction, client, reference).key)


def recent_copy(env: Environment, transaction: Transaction, key: str) -> Store:
    """The store as it was at most `RIGHTS_CACHED_FOR` ago. Raises `NotFound`."""
    copy = COPIES.get(env, key)
    return copy if copy and _is_current(env, copy) else refresh(env, transaction, key)


def _is_current(env: Environment, copy: Store) -> bool:
    """Whether no planned menu has begun since the copy was read."""
    return copy.menu_until is None or env.clock() < copy.menu_until


def refresh(env: Environment, transaction: Transaction, key: str) -> Store:
    """The store at its present revision, which becomes the environment's copy. Raises `NotFound`."""
    store = read_store(transaction, key, env.clock())
    if store is None:
        raise NotFound("unknown_store", f"there is no store {split_key(key)[1]}")
    return COPIES.put(env, key, store)
