"""A menu with the changes of an outside system's item master. Pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from shared.contracts.menu import MAX_ITEMS, Item, Menu, PriceList, check_menu
from shared.contracts.menu_layers import Override, resolve
from shared.contracts.messages.sync import ItemChange


class ChangeRefused(ValueError):
    """A change that makes no item. `reason` is a code, the text a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def with_changes(menu: Menu, changes: Sequence[ItemChange], withdrawn: Mapping[str, Item]) -> Menu:
    """The menu with all changes that make sense. `withdrawn` has items that were taken off it before, by id."""
    for change in changes:
        try:
            menu = with_change(menu, change, withdrawn)
        except ChangeRefused:
            # The concern that announced the change names it as refused.
            continue
    return menu


def with_change(menu: Menu, change: ItemChange, withdrawn: Mapping[str, Item]) -> Menu:
    """The menu with one change. Raises `ChangeRefused`."""
    before = next((item for item in menu.items if item.id == change.item), None)
    if change.withdrawn:
        return _without(menu, before, change.size) if before else menu
    if before is None and change.item not in withdrawn:
        return _checked(menu, [*menu.items, _added(change)])
    item = _changed(before or withdrawn[change.item], change)
    if before is None:
        return _with_combos(_checked(menu, [*menu.items, item]), item.id, withdrawn)
    return _checked(menu, [item if other_item.id == item.id else other_item for other_item in menu.items])


def _without(menu: Menu, item: Item, size: str | None) -> Menu:
    """Without the item, or one size of it. References to the item are left out of combos and price lists."""
    sizes = [item_size for item_size in item.sizes if item_size.id != size]
    if size is None or not sizes:
        return resolve(menu, [Override(hidden=[item.id])])
    smaller = item.model_copy(update={"sizes": sizes})
    lists = [_without_size(price_list, item.id, size) for price_list in menu.price_lists]
    return resolve(menu.model_copy(update={"price_lists": lists}), [Override(items=[smaller])])


def _without_size(price_list: PriceList, item: str, size: str) -> PriceList:
    prices = [price for price in price_list.prices if (price.item, price.size) != (item, size)]
    return price_list.model_copy(update={"prices": prices})


def _with_combos(menu: Menu, item: str, withdrawn: Mapping[str, Item]) -> Menu:
    """The combos that had lost their last choice come back with the item, too."""
    present = {menu_item.id for menu_item in menu.items}
    combos = [combo for combo in withdrawn.values() if combo.id not in present and item in _choices(combo)]
    return resolve(menu, [Override(items=combos)]) if combos else menu


def _choices(item: Item) -> set[str]:
    return {choice.item for part in item.combo.parts for choice in part.choices} if item.combo else set()


def _added(change: ItemChange) -> Item:
    if change.price is None or not change.name or not change.category:
        raise ChangeRefused("item_incomplete", "A new item needs a name, a price and a category.")
    fields = _texts(change) | {"id": change.item, "name": change.name, "category": change.category}
    prices = {"sizes": [{"id": change.size, "price": change.price}]} if change.size else {"price": change.price}
    return _item(fields | prices | ({"tax_class": change.tax_class} if change.tax_class else {}))


def _changed(item: Item, change: ItemChange) -> Item:
    fields = item.model_dump(mode="json", exclude_defaults=True) | _texts(change)
    for name in ("name", "tax_class"):
        if getattr(change, name) is not None:
            fields[name] = getattr(change, name)
    if change.price is not None:
        fields |= _priced(item, change.size, change.price)
    return _item(fields)


def _priced(item: Item, size: str | None, price: int) -> dict[str, Any]:
    if size is None:
        if item.sizes:
            raise ChangeRefused("item_has_sizes", f"{item.id} has a price for each size: map its sizes.")
        return {"price": price}
    if item.price is not None:
        raise ChangeRefused("item_has_no_sizes", f"{item.id} has one price and no sizes.")
    return {"sizes": [{"id": name, "price": amount} for name, amount in _prices(item, size, price).items()]}


def _prices(item: Item, size: str, price: int) -> dict[str, int]:
    return {item_size.id: item_size.price for item_size in item.sizes} | {size: price}


def _texts(change: ItemChange) -> dict[str, Any]:
    return {"texts": {language: {"name": name} for language, name in change.names.items()}} if change.names else {}


def _item(fields: Mapping[str, Any]) -> Item:
    try:
        return Item.model_validate_json(to_json(dict(fields)))
    except ValueError as failure:
        raise ChangeRefused("item_invalid", str(failure)[:500]) from None


def _checked(menu: Menu, items: Sequence[Item]) -> Menu:
    if len(items) > MAX_ITEMS:
        raise ChangeRefused("menu_full", f"A menu has at most {MAX_ITEMS} items.")
    after = menu.model_copy(update={"items": list(items)})
    try:
        check_menu(after)
    except ValueError as failure:
        raise ChangeRefused("menu_invalid", str(failure)[:500]) from None
    return after
