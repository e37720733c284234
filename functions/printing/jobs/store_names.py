"""The names of a store in documents and messages: its id, and the chain in which the id is unique."""

from typing import TypedDict

from shared.contracts.ids import split_key


class StoreNames(TypedDict):
    """Fields of every document and message about a store."""

    chain: str
    store: str


def names_of(store_key: str) -> StoreNames:
    """The names of the store that tables identify by this key."""
    chain, store = split_key(store_key)
    return {"chain": chain, "store": store}
