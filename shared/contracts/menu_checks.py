"""Checks of a menu beyond its form: ids are not repeated, and references lead somewhere."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.contracts.menu import Combo, ComboChoice, ComboPart, Item, ListPrice, Menu, OptionGroup, PriceList

# An option of an option of an option: "with fries, large, without salt".
MAX_DEPTH = 3


def check_menu(menu: "Menu") -> None:
    """Raises ValueError for the first fault."""
    refuse_repeats([item.id for item in menu.items], "item")
    refuse_repeats([discount.code for discount in menu.discounts], "discount")
    refuse_repeats([price_list.id for price_list in menu.price_lists], "price list")
    items = {item.id: item for item in menu.items}
    for item in menu.items:
        check_item(item)
        if item.combo:
            _check_combo(item, item.combo, items)
    for price_list in menu.price_lists:
        check_price_list(price_list, items)


def check_item(item: "Item") -> None:
    """Raises ValueError for the first fault of one item."""
    if not (item.sizes or item.options or item.groups):
        return
    refuse_repeats([size.id for size in item.sizes], f"size of {item.id}")
    refuse_repeats([option.id for option in item.options], f"option of {item.id}")
    _check_groups(item, item.groups, 1)
    sizes = [size.id for size in item.sizes]
    for option in [*item.options, *(option for group in groups_of(item) for option in group.options)]:
        for size in option.prices_by_size:
            _require(size in sizes, f"option {option.id} of {item.id} has a price for the unknown size {size}")
        if option in item.options:
            _check_groups(item, option.groups, 2)


def check_price_list(price_list: "PriceList", items: "dict[str, Item]") -> None:
    """Raises ValueError for the first fault of a price list of a menu with these items."""
    name = f"price list {price_list.id}"
    refuse_repeats([(price.item, price.size, price.option) for price in price_list.prices], f"price of {name}")
    if price_list.begins_on and price_list.ends_on:
        _require(price_list.begins_on <= price_list.ends_on, f"{name} ends before it begins")
    for item in price_list.items or []:
        _require(item in items, f"{name} names the unknown item {item}")
    for price in price_list.prices:
        _require(price.item in items, f"{name} names the unknown item {price.item}")
        check_price(price, items[price.item], name)


def check_price(price: "ListPrice", item: "Item", name: str) -> None:
    """Raises ValueError for a price of a size or an option that the item lacks."""
    sizes = [size.id for size in item.sizes]
    _require(price.size is None or price.size in sizes, f"{name} names the unknown size {price.size} of {item.id}")
    has_option = price.option is None or price.option in option_ids(item)
    _require(has_option, f"{name} names the unknown option {price.option} of {item.id}")
    _require(bool(price.size or price.option) or not sizes, f"{name} has a price of {item.id} without a size")


def groups_of(item: "Item") -> "Iterator[OptionGroup]":
    """All option groups of an item: its own ones, and those within options."""
    yield from _nested(item.groups)
    for option in item.options:
        yield from _nested(option.groups)


def option_ids(item: "Item") -> set[str]:
    """The ids of all options of an item, in groups or without a group."""
    grouped = {option.id for group in groups_of(item) for option in group.options}
    return grouped | {option.id for option in item.options}


def refuse_repeats(ids: Sequence[object], kind: str) -> None:
    """Raises ValueError for the first id that is there twice."""
    if len(set(ids)) < len(ids):
        repeated = next(id_ for id_ in ids if ids.count(id_) > 1)
        raise ValueError(f"{kind} {repeated} is there twice")


def _nested(groups: "Iterable[OptionGroup]") -> "Iterator[OptionGroup]":
    for group in groups:
        yield group
        for option in group.options:
            yield from _nested(option.groups)


def _check_groups(item: "Item", groups: "Sequence[OptionGroup]", depth: int) -> None:
    _require(not groups or depth <= MAX_DEPTH, f"options of {item.id} are nested deeper than {MAX_DEPTH}")
    refuse_repeats([group.id for group in groups], f"option group of {item.id}")
    for group in groups:
        name = f"option group {group.id} of {item.id}"
        refuse_repeats([option.id for option in group.options], f"option of the {name}")
        _require(group.max is None or group.min <= group.max, f"{name} has a min above its max")
        _require(group.min <= sum(option.max for option in group.options), f"{name} has too few options for its min")
        for option in group.options:
            _check_groups(item, option.groups, depth + 1)


def _check_combo(item: "Item", combo: "Combo", items: "dict[str, Item]") -> None:
    refuse_repeats([part.id for part in combo.parts], f"part of {item.id}")
    for part in combo.parts:
        name = f"part {part.id} of {item.id}"
        refuse_repeats([(choice.item, choice.size) for choice in part.choices], f"choice of the {name}")
        _require(part.min <= part.max, f"{name} has a min above its max")
        for choice in part.choices:
            _check_choice(name, choice, items)


def _check_choice(name: str, choice: "ComboChoice", items: "dict[str, Item]") -> None:
    _require(choice.item in items, f"{name} names the unknown item {choice.item}")
    chosen = items[choice.item]
    _require(chosen.combo is None, f"{name} names {choice.item}, which is a combo itself")
    has_size = choice.size is None or choice.size in [size.id for size in chosen.sizes]
    _require(has_size, f"{name} names the unknown size {choice.size} of {choice.item}")


def pruned_combo(item: "Item", items: "dict[str, Item]") -> "Item | None":
    """The item, and of a combo only the choices that are in `items`. None when a part of it has no choice left."""
    if item.combo is None:
        return item
    pruned = [_pruned_part(part, items) for part in item.combo.parts]
    parts = [part for part in pruned if part.choices]
    if not parts or any(part.min for part in pruned if not part.choices):
        return None
    return item.model_copy(update={"combo": item.combo.model_copy(update={"parts": parts})})


def _pruned_part(part: "ComboPart", items: "dict[str, Item]") -> "ComboPart":
    choices = [choice for choice in part.choices if choice.item in items and _has_size(items[choice.item], choice.size)]
    return part.model_copy(update={"choices": choices})


def _has_size(item: "Item", size: str | None) -> bool:
    return size is None or size in [item_size.id for item_size in item.sizes]


def _require(holds: bool, fault: str) -> None:  # noqa: FBT001 - the condition of the fault
    if not holds:
        raise ValueError(fault)
