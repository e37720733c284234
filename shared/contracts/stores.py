"""Which store a caller means.

A caller names a store by its id within its chain, `main`. A client whose grants name several chains writes
`demo:main` where more than one of them has such a store.
"""

from typing import Annotated

from pydantic import Field

from shared.contracts.ids import split_key, store_key
from shared.contracts.text import IDENTIFIER
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.rights import Scope

StoreReference = Annotated[
    str,
    Field(
        pattern=f"^({IDENTIFIER}:)?{IDENTIFIER}$",
        description="A store's id, or `chain:store` for a key of several chains.",
    ),
]

SELECT_PLACES = "SELECT chain_id, region_id, store_id FROM store_places WHERE store_id IN %s"


def possible_keys(client: Client, reference: str) -> tuple[str, ...]:
    """The keys of the stores that the client may mean; none in a chain in which it has no right at all."""
    chain, separator, store = reference.rpartition(":")
    chains = [chain] if separator else client.chains
    return tuple(store_key(chain, store) for chain in chains if chain in client.chains)


def find_store(transaction: Transaction, client: Client, reference: str) -> Scope:
    """Where the store stands that the client means. Raises `NotFound`, or `Rejected` where several may be meant."""
    keys = possible_keys(client, reference)
    rows = transaction.rows(SELECT_PLACES, (keys,)) if keys else []
    require_single(reference, [row["store_id"] for row in rows])
    _, store = split_key(rows[0]["store_id"])
    return Scope(rows[0]["chain_id"], rows[0]["region_id"], store)


def require_single(reference: str, keys: list[str]) -> None:
    """Raises `NotFound` for no store, `Rejected` for several."""
    if not keys:
        raise NotFound("unknown_store", f"there is no store {reference}")
    if len(keys) > 1:
        detail = f"several chains have a store {reference}: write chain:store"
        raise Rejected("ambiguous_store", detail, extensions={"stores": sorted(keys)})
