"""The layers of a chain's menu: the menu itself, and what regions and stores override of it."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.contracts.menu import (
    MAX_ITEMS,
    MAX_PRICES,
    Item,
    ListPrice,
    Menu,
    PriceList,
    check_item,
    pruned_combo,
    refuse_repeats,
)
from shared.contracts.models import Input
from shared.contracts.price_lists import item_with_prices
from shared.contracts.text import Id

# The layer of the menu itself. Other layers are `region:REGION` and `store:STORE`.
CHAIN_LAYER = "chain"


class Override(Input):
    """The changes that a region or a store makes to its chain's menu.

    `prices` replace prices of items, sizes and options. `hidden` items are not sold. `items` are added, or replace the
    item of the same id. `price_lists` come before those of the chain, and replace the list of the same id.
    """

    prices: Annotated[list[ListPrice], Field(max_length=MAX_PRICES)] = []
    hidden: Annotated[list[Id], Field(max_length=MAX_ITEMS)] = []
    items: Annotated[list[Item], Field(max_length=MAX_ITEMS)] = []
    price_lists: Annotated[list[PriceList], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse_repeats([(price.item, price.size, price.option) for price in self.prices], "price")
        refuse_repeats([item.id for item in self.items], "item")
        refuse_repeats([price_list.id for price_list in self.price_lists], "price list")
        for item in self.items:
            check_item(item)
        return self

    @property
    def named_items(self) -> set[str]:
        """The items that it names, of the chain's menu or of its own."""
        listed = {item for price_list in self.price_lists for item in price_list.items or []}
        priced = {price.item for prices in (self.prices, *self._list_prices()) for price in prices}
        return listed | priced | set(self.hidden)

    def _list_prices(self) -> Iterable[list[ListPrice]]:
        return (price_list.prices for price_list in self.price_lists)


def layers_of(region: str, store: str) -> tuple[str, str, str]:
    """The layers of a store's menu, in the order in which they are applied."""
    return (CHAIN_LAYER, f"region:{region}", f"store:{store}")


def resolve(menu: Menu, overrides: Sequence[Override]) -> Menu:
    """The menu with these overrides, one after the other. References to items that are gone are left out."""
    if not overrides:
        return menu
    items = {item.id: item for item in menu.items}
    price_lists = list(menu.price_lists)
    for override in overrides:
        _apply(override, items)
        replaced = {price_list.id for price_list in override.price_lists}
        price_lists = [
            *override.price_lists,
            *(price_list for price_list in price_lists if price_list.id not in replaced),
        ]
    fields = {
        "items": _without_lost_combos(items),
        "price_lists": [_pruned_list(price_list, items) for price_list in price_lists],
    }
    return menu.model_copy(update=fields)


def _without_lost_combos(items: dict[str, Item]) -> list[Item]:
    pruned = (pruned_combo(item, items) if item.combo else item for item in items.values())
    return [item for item in pruned if item]


def _apply(override: Override, items: dict[str, Item]) -> None:
    for item_id in override.hidden:
        items.pop(item_id, None)
    items.update({item.id: item for item in override.items})
    prices: dict[str, list[ListPrice]] = {}
    for price in override.prices:
        prices.setdefault(price.item, []).append(price)
    for item_id in prices.keys() & items.keys():
        items[item_id] = item_with_prices(items[item_id], prices[item_id])


def _pruned_list(price_list: PriceList, items: dict[str, Item]) -> PriceList:
    prices = [price for price in price_list.prices if price.item in items]
    listed = None if price_list.items is None else [item for item in price_list.items if item in items]
    return price_list.model_copy(update={"prices": prices, "items": listed})
