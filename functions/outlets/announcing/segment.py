"""The outlets that get an announcement: all of a chain, or those of regions, or named ones."""

from collections.abc import Mapping
from typing import Any

from functions.outlets.tables.stores import read_stores_of_regions
from shared.contracts.ids import store_key
from shared.spine.db import Transaction


def read_segment(transaction: Transaction, chain: str, content: Mapping[str, Any]) -> frozenset[str] | None:
    """The keys of the stores that get it; None for all outlets of the chain."""
    segment = content.get("segment") or {}
    stores, regions = segment.get("stores") or [], segment.get("regions") or []
    if not stores and not regions:
        return None
    named = {store_key(chain, store) for store in stores}
    return frozenset(named | read_stores_of_regions(transaction, chain, regions))


def is_in_segment(segment: frozenset[str] | None, store: str) -> bool:
    """Whether the store gets it."""
    return segment is None or store in segment
