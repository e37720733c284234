"""Parts of a combo, a set menu or a half-and-half pizza: chosen items, their price, and faults of the choice. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from functions.orders.pricing.menu_entries import NO_CATEGORY, entry_faults, price_of
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.options import NOTHING_CHOSEN, Chooser, Chosen
from functions.orders.pricing.order_request import LineIn, PartIn
from shared.contracts.menu import ComboChoice, ComboPart, Item
from shared.spine.errors import Fault


class PricedPart(NamedTuple):
    """The fields of a `LinePart` but its amount, and the prices of one of it; None where the menu lacks one.

    `item_price` is that of the item alone, `addition` is the combo's for this item, `options` that of the options.
    `alone` is the price of all its pieces outside of the combo. The combo's amount is divided in this proportion.
    """

    fields: dict[str, Any]
    quantity: int
    item_price: int | None
    addition: int
    options: int | None
    alone: int


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
        stated = self.line.parts
        if combo:
            counts: dict[str, int] = {}
            for part in stated:
                counts[part.part] = counts.get(part.part, 0) + part.quantity
            wrong = [part for part in combo.parts if not part.min <= counts.get(part.id, 0) <= part.max]
            if wrong:
                stated = [*stated, *_single_choices(wrong, counts)]
                self.faults.extend(_count_faults(f"{path}.parts", wrong, counts))
        return [self._part(path, number, part) for number, part in enumerate(stated)]

    def _part(self, path: str, number: int, part: PartIn) -> PricedPart:
        """The part. One without choices is priced once in an order: many combos have the same side and drink."""
        if part.choices or part.note or part.name or self.item is None:
            return self._priced(f"{path}.parts[{number}]", part)
        key = (self.item.id, self.line.size, part.part, part.item, part.size, part.quantity)
        priced = self.occasion.plain_parts.get(key)
        if priced is None:
            known_faults = len(self.faults)
            priced = self._priced(f"{path}.parts[{number}]", part)
            if len(self.faults) == known_faults:
                self.occasion.plain_parts[key] = priced
        return priced

    def _priced(self, path: str, part: PartIn) -> PricedPart:
        item, choice = self.occasion.part_item(part.item), self._choice(part)
        size = self._size(part, item, choice)
        price = price_of(item, size)
        if self.item and (price is None or choice is None or self.occasion.store.sold_out):
            self._check(path, part, item, size, choice)
        chosen = NOTHING_CHOSEN
        if part.choices or (item and item.groups):
            chosen = Chooser(self.occasion, item, size, self.faults).of_piece(path, part)
        alone = ((price or 0) + (chosen.price or 0)) * part.quantity
        fields = _part_fields(part, item, size, chosen)
        if choice is None:
            return PricedPart(fields, part.quantity, None, 0, None, alone)
        return PricedPart(fields, part.quantity, price, choice.price, chosen.price, alone)

    def _offered(self, part: PartIn) -> ComboPart | None:
        """The combo's part of this id."""
        for offered in self.item.combo.parts if self.item and self.item.combo else ():
            if offered.id == part.part:
                return offered
        return None

    def _choice(self, part: PartIn) -> ComboChoice | None:
        """The combo's choice of the part. A choice without a size stands for all sizes that have none of their own."""
        offered = self._offered(part)
        general, sized = None, []
        for choice in self.occasion.choices_of(offered).get(part.item, ()) if offered else ():
            if choice.size == part.size:
                return choice
            if choice.size is None:
                general = choice
            else:
                sized.append(choice)
        return general or (sized[0] if part.size is None and len(sized) == 1 else None)

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
    if own is None:
        return None
    pieces = additions = optional = dearest = total = 0
    for _, quantity, price, addition, options, _ in parts:
        if price is None or options is None:
            return None
        pieces += quantity
        additions += addition * quantity
        optional += options * quantity
        dearest = max(dearest, price + addition)
        total += (price + addition) * quantity
    if item.combo.price == "own" or not pieces:
        return own + additions + optional
    return optional + (dearest if item.combo.price == "dearest" else (2 * total + pieces) // (2 * pieces))


def _single_choices(parts: Sequence[ComboPart], counts: dict[str, int]) -> list[PartIn]:
    """A part for each of these that is not stated, and that has one choice alone. They are counted."""
    added: list[PartIn] = []
    for offered in parts:
        if offered.id not in counts and offered.min and len(offered.choices) == 1:
            (choice,) = offered.choices
            added.append(PartIn(part=offered.id, item=choice.item, size=choice.size, quantity=offered.min))
            counts[offered.id] = offered.min
    return added


def _count_faults(path: str, parts: Sequence[ComboPart], counts: dict[str, int]) -> list[Fault]:
    faults: list[Fault] = []
    for offered in parts:
        count = counts.get(offered.id, 0)
        if count < offered.min:
            detail = f"part {offered.id} needs at least {offered.min}"
            faults.append(Fault(path, "part_missing", detail, count, offered.min))
        if count > offered.max:
            detail = f"part {offered.id} takes at most {offered.max}"
            faults.append(Fault(path, "too_many_parts", detail, count, offered.max))
    return faults


def _part_fields(part: PartIn, item: Item | None, size: str | None, chosen: Chosen) -> dict[str, Any]:
    """The part as the kitchen reads it: names from the menu, else from the source, else the id."""
    fields: dict[str, Any] = {
        "part": part.part,
        "item": part.item,
        "name": item.name if item else part.name or part.item,
        "category": item.category if item else NO_CATEGORY,
        "size": size,
        "options": chosen.options,
        "quantity": part.quantity,
        "note": part.note,
    }
    if item:
        fields["station"], fields["tax_class"] = item.station, item.tax_class
    return fields
