"""A store at one revision, read through the view `store_records` that the concern `stores` publishes."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from shared.contracts.chain_menus import read_menu_at
from shared.contracts.ids import split_key
from shared.contracts.menu import Item, Menu
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.price_lists import lists_that_apply, menu_with_lists
from shared.contracts.store_settings import OpeningHours, StoreSettings
from shared.spine.clock import business_day
from shared.spine.db import Row, Transaction
from shared.spine.rights import Scope

# A till may be offline for this long. An older order is history, and needs the right `orders:import`.
OFFLINE_AT_MOST = timedelta(days=7)
# A store keeps its items for so many sets of price lists.
MAX_CACHED_MENUS = 16

# (settings, opening hours, menu, sold-out list) as JSON; None for opening hours or a menu that the store lacks.
StoreTexts = tuple[str, str | None, str | None, str]

SELECT_STORE = """
    SELECT s.store_id, s.revision, s.changed_at, s.settings, s.opening_hours, s.menu, s.sold_out,
        COALESCE(k.revision, 0) AS stock_revision
    FROM store_records s LEFT JOIN store_stock_revisions k ON k.store_id = s.store_id
    WHERE s.store_id = %(store)s"""
# Of the view that `orders` publishes.
SELECT_LEFT = "SELECT item_id, left_count FROM store_stock WHERE store_id = %(store)s"


@dataclass(frozen=True)
class Store:
    """A store at one revision. `id` is unique in its chain. `changed_at`: its own parts are so since then, if known.

    `menu` is what it sells from. When its settings name a menu of the chain, that is the version from `menu_from` until
    `menu_until`; None while no one has read it. `menu_versions` identifies the version.

    `left` has the counted items with the pieces that were left when it was read; `stock_revision` is their list's.
    """

    id: str
    revision: int
    settings: StoreSettings
    hours: OpeningHours | None
    menu: Menu | None
    sold_out: frozenset[str]
    changed_at: datetime | None = None
    menu_from: datetime | None = None
    menu_until: datetime | None = None
    menu_versions: str = ""
    left: dict[str, int] = field(default_factory=dict)
    stock_revision: int = 0

    @cached_property
    def scope(self) -> Scope:
        """Its chain, region and id, for rights."""
        return Scope(self.settings.chain, self.settings.region, self.id)

    @cached_property
    def key(self) -> str:
        """Its id that is unique over all chains."""
        return self.scope.key

    @cached_property
    def items(self) -> dict[str, Item]:
        """The menu's items by id."""
        return {item.id: item for item in self.menu.items} if self.menu else {}

    def items_for(self, channel: SourceKind, service: Service, moment: datetime) -> dict[str, Item]:
        """The items on sale at this moment by id, with the prices of the price lists that apply."""
        if self.menu is None or not self.menu.price_lists:
            return self.items
        lists = lists_that_apply(self.menu, channel, service, moment.astimezone(ZoneInfo(self.settings.timezone)))
        if not lists:
            return self.items
        names = tuple(price_list.id for price_list in lists)
        if names not in self._items_by_lists:
            if len(self._items_by_lists) >= MAX_CACHED_MENUS:
                self._items_by_lists.clear()
            self._items_by_lists[names] = {item.id: item for item in menu_with_lists(self.menu, lists).items}
        return self._items_by_lists[names]

    @cached_property
    def _items_by_lists(self) -> dict[tuple[str, ...], dict[str, Item]]:
        return {}

    @property
    def valid_from(self) -> datetime | None:
        """The time since which its own parts and its menu are as they are, if known."""
        known = [moment for moment in (self.changed_at, self.menu_from) if moment]
        return max(known) if known else None

    @cached_property
    def day_ends_at(self) -> time:
        """The local time at which its business day ends."""
        return time.fromisoformat(self.settings.day_ends_at.replace("24:00", "00:00"))

    def day_of(self, moment: datetime) -> date:
        """The business day that `moment` counts for."""
        return business_day(moment, self.settings.timezone, self.day_ends_at)

    def kitchen_time(self, placed_at: datetime, wanted_for: datetime | None) -> datetime:
        """The time at which the kitchen starts: the lead time before `wanted_for`, but not before `placed_at`."""
        if wanted_for is None:
            return placed_at
        return max(placed_at, wanted_for - timedelta(minutes=self.settings.lead_minutes))

    def open_at(self, moment: datetime) -> bool:
        """Whether it sells at this moment. A store without opening hours always sells, until it is closed for good."""
        if self.is_closed(moment):
            return False
        return self.hours is None or self.hours.open_at(self.local(moment))

    def is_paused(self, moment: datetime) -> bool:
        """Whether mini-programs and platforms can place no orders for this moment. A till sells on."""
        until = self.settings.paused_until
        return until is not None and moment < until

    def is_closed(self, moment: datetime) -> bool:
        """Whether it is closed for good, from the business day that its settings name."""
        closed_from = self.settings.closed_from
        return closed_from is not None and self.day_of(moment).isoformat() >= closed_from

    def local(self, moment: datetime) -> datetime:
        """The moment by the store's clock."""
        return moment.astimezone(ZoneInfo(self.settings.timezone))

    def texts(self) -> StoreTexts:
        """Its parts as JSON, as the database holds them."""
        # A store that sells from the chain's menu has no menu of its own.
        hours, menu = self.hours, None if self.settings.menu else self.menu
        return (
            self.settings.model_dump_json(),
            hours.model_dump_json() if hours else None,
            menu.model_dump_json(exclude_defaults=True) if menu else None,
            json.dumps(sorted(self.sold_out)),
        )


def store_of_texts(store_id: str, revision: int, changed_at: datetime | None, texts: StoreTexts) -> Store:
    """The store whose `texts` these are."""
    settings, hours, menu, sold_out = texts
    return Store(
        store_id,
        revision,
        StoreSettings.model_validate_json(settings),
        OpeningHours.model_validate_json(hours) if hours else None,
        Menu.model_validate_json(menu) if menu else None,
        frozenset(json.loads(sold_out)),
        changed_at,
    )


def store_of_row(row: Row) -> Store:
    """The store in a row of `SELECT_STORE`."""
    changed_at = row["changed_at"].replace(tzinfo=UTC) if row["changed_at"] else None
    texts = (row["settings"], row["opening_hours"], row["menu"], row["sold_out"])
    return store_of_texts(split_key(row["store_id"])[1], row["revision"], changed_at, texts)


def read_store(transaction: Transaction, key: str, moment: datetime) -> Store | None:
    """The store at its present revision, with the menu that it sells from at the moment."""
    row = transaction.row(SELECT_STORE, {"store": key})
    if row is None:
        return None
    store = with_chain_menu(transaction, store_of_row(row), moment)
    return with_stock(transaction, store, row["stock_revision"]) if row["stock_revision"] else store


def with_stock(transaction: Transaction, store: Store, revision: int) -> Store:
    """The store with its counted items. `revision` was read before: a later list gets a later revision."""
    rows = transaction.rows(SELECT_LEFT, {"store": store.key})
    return replace(store, left={row["item_id"]: row["left_count"] for row in rows}, stock_revision=revision)


def with_chain_menu(transaction: Transaction, store: Store, moment: datetime) -> Store:
    """The store with the menu that its settings name, as it is at the moment; a store with its own menu as it is."""
    if store.settings.menu is None:
        return store
    at = read_menu_at(transaction, store.scope, store.settings.menu, moment)
    return replace(store, menu=at.menu, menu_from=at.begins_at, menu_until=at.ends_at, menu_versions=at.versions)
