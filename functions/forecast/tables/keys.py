"""Keys of stores in the tables of forecasting."""

from collections.abc import Iterable

from shared.contracts.ids import store_key


def store_keys(chain: str, stores: Iterable[str]) -> tuple[str, ...]:
    """The keys of stores of one chain."""
    return tuple(store_key(chain, store) for store in stores)
