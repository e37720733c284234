"""The occasion of lines: the store, channel, service and time by which they are priced. Pure."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from shared.contracts.menu import ComboChoice, ComboPart, Item, MenuDiscount
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.store_record import Store


@dataclass(frozen=True)
class Occasion:
    """Where, how and when lines are sold. `may_discount`: the key has the right `orders:discount`.

    `moment` is the time for which the lines are wanted. Price lists and opening hours are chosen by it.
    """

    store: Store
    channel: SourceKind
    service: Service
    moment: datetime
    may_discount: bool = False

    @cached_property
    def items(self) -> dict[str, Item]:
        """The items by id, with the prices of the lists that apply."""
        return self.store.items_for(self.channel, self.service, self.moment)

    @cached_property
    def plain_parts(self) -> dict[tuple[object, ...], Any]:
        """Parts of combos that were priced before at this occasion, for `combos`."""
        return {}

    @cached_property
    def _choices_by_part(self) -> dict[int, dict[str, list[ComboChoice]]]:
        return {}

    def choices_of(self, part: ComboPart) -> dict[str, list[ComboChoice]]:
        """The choices of a combo's part by their item: a set menu may have dozens, and an order dozens of set menus."""
        choices = self._choices_by_part.get(id(part))
        if choices is None:
            choices = self._choices_by_part[id(part)] = {}
            for choice in part.choices:
                choices.setdefault(choice.item, []).append(choice)
        return choices

    @cached_property
    def discounts(self) -> dict[str, MenuDiscount]:
        """The menu's discounts by code."""
        menu = self.store.menu
        return {discount.code: discount for discount in menu.discounts} if menu else {}

    @property
    def is_sale(self) -> bool:
        """Whether the lines are already sold. The guest of a mini-program can still correct them."""
        return self.channel != SourceKind.MINI_PROGRAM

    def part_item(self, item: str) -> Item | None:
        """An item as a part of a combo: a price list may sell it in combos alone."""
        return self.items.get(item) or self.store.items.get(item)

    def is_sold_out(self, item: str, kind: str | None = None, name: str | None = None) -> bool:
        """Whether an item, its size (`kind` size) or its option (`kind` option) is on the sold-out list."""
        return (f"{item}/{kind}/{name}" if kind else item) in self.store.sold_out
