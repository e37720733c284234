"""Stock levels and needs of items → the entries of a store's sold-out list. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.contracts.menu import Menu


@dataclass(frozen=True)
class Need:
    """The stock that one piece of an item uses up: `quantity` of the outside system's `item`, in the level's unit.

    `safety`: the safety stock of our stock item in this unit; None where it has none.
    """

    item: str
    quantity: Decimal
    safety: Decimal | None = None


def menu_codes(menu: Menu) -> Iterator[tuple[str, str]]:
    """(our code, entry of the sold-out list) of each item, and of each of its sizes."""
    for item in menu.items:
        if not item.sizes:
            yield item.id, item.id
        for size in item.sizes:
            yield f"{item.id}/{size.id}", f"{item.id}/size/{size.id}"


def sold_out_entries(
    menu: Menu,
    needs: Mapping[str, list[Need]],
    levels: Mapping[str, Decimal],
    safety: Mapping[str, Decimal],
    general_safety: Decimal,
) -> set[str]:
    """The entries for which the stock above the safety stock is less than one piece needs.

    `needs` by our code; `levels` and `safety` by the item of the outside system. `safety` goes before that of our stock
    item, and this before the general one. An item without a level is not sold out: the system does not count it.
    """
    return {
        entry
        for code, entry in menu_codes(menu)
        for need in needs.get(code, ())
        if need.item in levels and levels[need.item] - _safety(need, safety, general_safety) < need.quantity
    }


def _safety(need: Need, safety: Mapping[str, Decimal], general: Decimal) -> Decimal:
    own = general if need.safety is None else need.safety
    return safety.get(need.item, own)
