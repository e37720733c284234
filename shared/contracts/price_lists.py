"""A menu at a moment: the items and prices that its price lists give for a channel, a service and a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shared.contracts.menu import Item, ListPrice, Menu, MenuOption, OptionGroup, PriceList, Window
from shared.contracts.messages.orders import Service, SourceKind

# The price of an item by (size, option); None where the price is for the item itself.
Prices = dict[tuple[str | None, str | None], int]


def menu_for(menu: Menu, channel: SourceKind | None, service: Service | None, local: datetime) -> Menu:
    """The menu with the items and prices of the lists that apply at this local time.

    Without a channel or service, lists that name channels or services do not apply. A list limits the menu to its
    `items`, if it has any. The first list that has a price counts. The menu itself, if no list applies.
    """
    lists = lists_that_apply(menu, channel, service, local)
    return menu_with_lists(menu, lists) if lists else menu


def lists_that_apply(
    menu: Menu, channel: SourceKind | None, service: Service | None, local: datetime
) -> tuple[PriceList, ...]:
    """The price lists that apply, in the order of the menu."""
    return tuple(price_list for price_list in menu.price_lists if _applies(price_list, channel, service, local))


def menu_with_lists(menu: Menu, lists: Sequence[PriceList]) -> Menu:
    """The menu with the items and prices of these lists."""
    limits = [set(price_list.items) for price_list in lists if price_list.items is not None]
    prices = _prices(lists)
    items = [
        _priced(item, prices[item.id]) if item.id in prices else item
        for item in menu.items
        if all(item.id in limit for limit in limits)
    ]
    return menu.model_copy(update={"items": items})


def item_with_prices(item: Item, prices: Iterable[ListPrice]) -> Item:
    """The item with these prices in place of its own."""
    return _priced(item, {(price.size, price.option): price.price for price in prices})


def _prices(lists: Sequence[PriceList]) -> dict[str, Prices]:
    prices: dict[str, Prices] = {}
    for price_list in lists:
        for price in price_list.prices:
            prices.setdefault(price.item, {}).setdefault((price.size, price.option), price.price)
    return prices


def _applies(price_list: PriceList, channel: SourceKind | None, service: Service | None, local: datetime) -> bool:
    if price_list.channels and channel not in price_list.channels:
        return False
    if price_list.services and service not in price_list.services:
        return False
    if not price_list.windows:
        return _is_dated(price_list, local)
    return any(_opens(price_list, window, local) for window in price_list.windows)


def _opens(price_list: PriceList, window: Window, local: datetime) -> bool:
    """Whether the window is open. Hours past midnight belong to the day on which they began."""
    opens, closes, now = window.opens, window.closes, f"{local:%H:%M}"
    if opens < closes:
        return opens <= now < closes and _is_on(price_list, window, local)
    before = local - timedelta(days=1)
    return (now >= opens and _is_on(price_list, window, local)) or (now < closes and _is_on(price_list, window, before))


def _is_on(price_list: PriceList, window: Window, day: datetime) -> bool:
    return day.isoweekday() in window.weekdays and _is_dated(price_list, day)


def _is_dated(price_list: PriceList, day: datetime) -> bool:
    date = day.date().isoformat()
    return (price_list.begins_on or date) <= date <= (price_list.ends_on or date)


def _priced(item: Item, prices: Prices) -> Item:
    fields: dict[str, object] = {
        "sizes": [size.model_copy(update={"price": prices.get((size.id, None), size.price)}) for size in item.sizes],
        "price": None if item.price is None else prices.get((None, None), item.price),
    }
    if any(option for _, option in prices):
        fields["options"] = [_priced_option(option, prices) for option in item.options]
        fields["groups"] = [_priced_group(group, prices) for group in item.groups]
    return item.model_copy(update=fields)


def _priced_group(group: OptionGroup, prices: Prices) -> OptionGroup:
    return group.model_copy(update={"options": [_priced_option(option, prices) for option in group.options]})


def _priced_option(option: MenuOption, prices: Prices) -> MenuOption:
    """A price of the option replaces its price for all sizes. A price of the option and a size is for that size."""
    general = prices.get((None, option.id))
    by_size = {size: price for (size, name), price in prices.items() if name == option.id and size is not None}
    by_size_before = option.prices_by_size if general is None else {}
    fields: dict[str, object] = {
        "price": option.price if general is None else general,
        "prices_by_size": by_size_before | by_size,
        "groups": [_priced_group(group, prices) for group in option.groups],
    }
    return option.model_copy(update=fields)
