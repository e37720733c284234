"""SQL of the views that `stores` publishes: stores of a chain, with their settings, and withdrawn items."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.store_settings import StoreSettings, TaxRule
from shared.spine.clock import business_day
from shared.spine.db import Row, Transaction

SELECT_STORES = "SELECT store_id, settings FROM store_records WHERE chain_id = %(chain)s ORDER BY store_id"
# Of a view that `stores` publishes: items that systems took off the own menu of a store.
SELECT_WITHDRAWN = "SELECT item_id FROM store_withdrawn_records WHERE store_id = %(store)s"


@dataclass(frozen=True)
class ChainStore:
    """A store by its key, with its settings."""

    key: str
    settings: StoreSettings

    @property
    def rules(self) -> dict[str, TaxRule]:
        """The taxes of the store by id."""
        return {rule.id: rule for rule in self.settings.taxes or ()}

    def day_of(self, moment: datetime) -> date:
        """The business day that `moment` counts for."""
        return business_day(moment, self.settings.timezone, self._ends_at)

    def day_ended_at(self, day: date) -> datetime:
        """The moment at which a business day ends, in UTC: the database keeps a time without its zone."""
        following = day + timedelta(days=1)
        return datetime.combine(following, self._ends_at, ZoneInfo(self.settings.timezone)).astimezone(UTC)

    @property
    def _ends_at(self) -> time:
        return time.fromisoformat(self.settings.day_ends_at.replace("24:00", "00:00"))


def read_stores(transaction: Transaction, chain: str) -> dict[str, ChainStore]:
    """The stores of a chain by key."""
    return {row["store_id"]: _store(row) for row in transaction.rows(SELECT_STORES, {"chain": chain})}


def read_withdrawn_items(transaction: Transaction, store: str) -> set[str]:
    """The ids of items that systems took off the own menu of a store, and that did not come back."""
    return {row["item_id"] for row in transaction.rows(SELECT_WITHDRAWN, {"store": store})}


def _store(row: Row) -> ChainStore:
    return ChainStore(row["store_id"], StoreSettings.model_validate_json(row["settings"]))
