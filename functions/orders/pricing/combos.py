"""Parts of a combo, a set menu or a half-and-half pizza: chosen items, their price, and faults of the choice. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from functions.orders.pricing.menu_entries import NO_CATEGORY, entry_faults, price_of
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.options import NOTHING_CHOSEN, Chooser, Chosen
from functions.orders.pricing.order_request import LineIn, PartIn
from shared.contracts.menu import Combo, ComboChoice, ComboPart, Item
from shared.contracts.messages.order_parts import STANDARD_CLASS
from shared.spine.errors import Fault


class PricedPart(NamedTuple):
    """The fields of a `LinePart` but its amount, and the prices of one of it; None where the menu lacks one.

    `item_price` is that of the item alone, `addition` is the combo's for this item, `options` that of the options.
    """

    fields: dict[str, Any]
    quantity: int
    item_price: int | None
    addition: int
    options: int | None

    @property
    def alone(self) -> int:
        """The price of the part outside of the combo. The combo's amount is divided in this proportion."""
        return ((self.item_price or 0) + (self.options or 0)) * self.quantity


class ComboLine(NamedTuple):
    """A line with its item, whose parts are priced. `faults` collects the faults."""

    line: LineIn
    item: Item | None
    occasion: Occasion
    faults: list[Fault]

    def parts(self, path: str) -> list[PricedPart]:
        """The parts. One of which the menu has a single choice need not be stated."""
        combo = self.item.combo if self.item else None
        if not (self.line.parts or combo):
            return []
        stated = [*self.line.parts, *_single_choices(self.line, combo)]
        if combo:
            self.faults.extend(_count_faults(f"{path}.parts", combo, stated))
        return [self._part(f"{path}.parts[{number}]", part) for number, part in enumerate(stated)]

    def _part(self, path: str, part: PartIn) -> PricedPart:
        item, choice = self.occasion.part_item(part.item), self._choice(part)
        size = self._size(part, item, choice)
        price = price_of(item, size)
        if self.item and (price is None or choice is None or self.occasion.store.sold_out):
            self._check(path, part, item, size, choice)
        chosen = NOTHING_CHOSEN
        if part.choices or (item and item.groups):
            chosen = Chooser(self.occasion, item, size, self.faults).of_piece(path, part)
        known = choice is not None and price is not None
        return PricedPart(
            _part_fields(part, item, size, chosen),
            part.quantity,
            price if known else None,
            choice.price if choice else 0,
            chosen.price if known else None,
        )

    def _offered(self, part: PartIn) -> ComboPart | None:
        """The combo's part of this id."""
        for offered in self.item.combo.parts if self.item and self.item.combo else ():
            if offered.id == part.part:
                return offered
        return None

    def _choice(self, part: PartIn) -> ComboChoice | None:
        """The combo's choice of the part. A choice without a size stands for all sizes that have none of their own."""
        offered = self._offered(part)
        if offered is None:
            return None
        of_item = [choice for choice in offered.choices if choice.item == part.item]
        exact = [choice for choice in of_item if choice.size is not None and choice.size == part.size]
        general = [choice for choice in of_item if choice.size is None]
        single = of_item if part.size is None and len(of_item) == 1 else []
        return next(iter([*exact, *general, *single]), None)

    def _size(self, part: PartIn, item: Item | None, choice: ComboChoice | None) -> str | None:
        """The size of the part: as stated, else that of the choice, else that of the line."""
        if part.size or item is None or not item.sizes:
            return part.size
        return choice.size if choice and choice.size else self.line.size

    def _check(self, path: str, part: PartIn, item: Item | None, size: str | None, choice: ComboChoice | None) -> None:
        if choice is None and self._offered(part) is None:
            self.faults.append(Fault(f"{path}.part", "unknown_part", "not a part of the item", part.part))
        elif choice is None or item is None:
            self.faults.append(Fault(f"{path}.item", "unknown_choice", "not a choice of this part", part.item))
        else:
            self.faults.extend(entry_faults(path, item, size, self.occasion))


def combo_price(item: Item, own: int | None, parts: Sequence[PricedPart]) -> int | None:
    """The price of a piece by the combo's rule, with the options of its parts. None if the menu lacks a price.

    `own` is the price of the item itself. It counts unless the price is that of the parts.
    """
    if item.combo is None:
        return own
    prices, options = [part.item_price for part in parts], [part.options for part in parts]
    if own is None or None in prices or None in options:
        return None
    pieces = [part.quantity for part in parts]
    optional = sum(price * count for price, count in zip(_known(options), pieces, strict=True))
    if item.combo.price == "own" or not parts:
        return own + optional + sum(part.addition * part.quantity for part in parts)
    whole = [price + part.addition for price, part in zip(_known(prices), parts, strict=True)]
    if item.combo.price == "dearest":
        return max(whole) + optional
    total, count = sum(price * count for price, count in zip(whole, pieces, strict=True)), sum(pieces)
    return (2 * total + count) // (2 * count) + optional


def _known(prices: Iterable[int | None]) -> list[int]:
    return [price for price in prices if price is not None]


def _single_choices(line: LineIn, combo: Combo | None) -> Iterator[PartIn]:
    """A part for each part of the combo that is not stated, and that has one choice alone."""
    stated = {part.part for part in line.parts}
    for part in combo.parts if combo else []:
        if part.id not in stated and part.min and len(part.choices) == 1:
            choice = part.choices[0]
            yield PartIn.model_construct(part=part.id, item=choice.item, size=choice.size, quantity=part.min)


def _count_faults(path: str, combo: Combo, parts: Sequence[PartIn]) -> Iterator[Fault]:
    counts: dict[str, int] = {}
    for part in parts:
        counts[part.part] = counts.get(part.part, 0) + part.quantity
    for offered in combo.parts:
        count = counts.get(offered.id, 0)
        if count < offered.min:
            yield Fault(path, "part_missing", f"part {offered.id} needs at least {offered.min}", count, offered.min)
        if count > offered.max:
            yield Fault(path, "too_many_parts", f"part {offered.id} takes at most {offered.max}", count, offered.max)


def _part_fields(part: PartIn, item: Item | None, size: str | None, chosen: Chosen) -> dict[str, Any]:
    """The part as the kitchen reads it: names from the menu, else from the source, else the id."""
    return {
        "part": part.part,
        "item": part.item,
        "name": item.name if item else part.name or part.item,
        "category": item.category if item else NO_CATEGORY,
        "size": size,
        "options": chosen.options,
        "quantity": part.quantity,
        "note": part.note,
        "station": item.station if item else None,
        "tax_class": item.tax_class if item else STANDARD_CLASS,
    }
