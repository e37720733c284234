"""The entries of a menu that a line of an order names. Pure functions."""

from collections.abc import Iterator

from functions.orders.pricing.occasion import Occasion
from shared.contracts.menu import Item
from shared.spine.errors import Fault

# The category of a line when neither the menu nor the source states one.
NO_CATEGORY = "other"


def has_size(item: Item, size: str | None) -> bool:
    """Whether the item is sold in this size; an item without sizes is sold without one."""
    return size in [item_size.id for item_size in item.sizes] if item.sizes else size is None


def price_of(item: Item | None, size: str | None) -> int | None:
    """The price of an item in a size, without options. None if the menu lacks it."""
    if item is None or not has_size(item, size):
        return None
    return next((item_size.price for item_size in item.sizes if item_size.id == size), item.price or 0)


def entry_faults(path: str, item: Item, size: str | None, occasion: Occasion) -> Iterator[Fault]:
    """Faults of an item of the menu and of its size: sold out, or not on the menu."""
    if occasion.is_sold_out(item.id):
        yield Fault(f"{path}.item", "sold_out", "sold out in this store for now", item.id)
    if not has_size(item, size):
        yield Fault(f"{path}.size", "unknown_size", _sizes(item), size)
    elif size and occasion.is_sold_out(item.id, "size", size):
        yield Fault(f"{path}.size", "sold_out", "sold out in this store for now", size)


def _sizes(item: Item) -> str:
    sizes = ", ".join(size.id for size in item.sizes)
    return f"the item has the sizes {sizes}" if sizes else "the item has no sizes"
