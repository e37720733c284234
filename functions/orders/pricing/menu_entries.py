"""The entries of a menu that a line of an order names."""

from functions.orders.pricing.order_request import LineIn
from shared.contracts.menu import Item, MenuOption


def has_size(item: Item, size: str | None) -> bool:
    """Whether the item is sold in this size; an item without sizes is sold without one."""
    return size in [item_size.id for item_size in item.sizes] if item.sizes else size is None


def menu_options(line: LineIn, item: Item | None) -> list[MenuOption | None]:
    """The menu's option for each option of the line; None for an option that the menu lacks."""
    if not line.options:
        return []
    options = {option.id: option for option in item.options} if item else {}
    return [options.get(option) for option in line.options]
