"""A record of a store about its stock: wastage, a count, a receipt or a transfer."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

CANCELLED, RECORDED = "cancelled", "recorded"


@dataclass(frozen=True)
class StockEntry:
    """A quantity of a stock item, in one of its units."""

    item: str
    name: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True)
class StockRecord:
    """A record of a store (by its key). `photo` is a key in object storage."""

    id: str
    chain: str
    store: str
    kind: str
    day: date
    reference: str
    entries: tuple[StockEntry, ...]
    created_at: datetime
    to_store: str | None = None
    note: str | None = None
    state: str = RECORDED
    photo: str | None = None
    photo_hash: str | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether the store took it back."""
        return self.state == CANCELLED
