"""The entries of a menu that a line of an order names. Pure functions."""

from collections.abc import Iterable, Iterator

from functions.orders.pricing.occasion import Occasion
from shared.contracts.menu import Item
from shared.spine.errors import Fault

# The category of a line when neither the menu nor the source states one.
NO_CATEGORY = "other"


def has_size(item: Item, size: str | None) -> bool:
    """Whether the item is sold in this size; an item without sizes is sold without one."""
    return price_of(item, size) is not None


def price_of(item: Item | None, size: str | None) -> int | None:
    """The price of an item in a size, without options. None if the menu lacks it."""
    if item is None:
        return None
    if not item.sizes:
        return item.price if size is None else None
    for item_size in item.sizes:
        if item_size.id == size:
            return item_size.price
    return None


def entry_faults(path: str, item: Item, size: str | None, occasion: Occasion) -> Iterable[Fault]:
    """Faults of an item of the menu and of its size: sold out, or not on the menu."""
    return () if has_size(item, size) and not occasion.store.sold_out else _entry_faults(path, item, size, occasion)


def _entry_faults(path: str, item: Item, size: str | None, occasion: Occasion) -> Iterator[Fault]:
    if occasion.is_sold_out(item.id):
        yield Fault(f"{path}.item", "sold_out", "sold out in this store for now", item.id)
    if not has_size(item, size):
        yield Fault(f"{path}.size", "unknown_size", _sizes(item), size)
    elif size and occasion.is_sold_out(item.id, "size", size):
        yield Fault(f"{path}.size", "sold_out", "sold out in this store for now", size)


def _sizes(item: Item) -> str:
    sizes = ", ".join(size.id for size in item.sizes)
    return f"the item has the sizes {sizes}" if sizes else "the item has no sizes"
