"""How documents and messages name a store: by its id, and the chain within which that is unique."""

from typing import TypedDict

from shared.contracts.ids import split_key


class StoreNames(TypedDict):
    """The members of every document and message about a store."""

    chain: str
    store: str


def names_of(store_key: str) -> StoreNames:
    """For the key that tables hold."""
    chain, store = split_key(store_key)
    return {"chain": chain, "store": store}
