"""Lines of an order or of a round: as they are stored, as the menu prices them, and their faults. Pure functions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from functions.orders.pricing.combos import ComboLine, PricedPart, combo_price
from functions.orders.pricing.line_amounts import line_amount
from functions.orders.pricing.line_discounts import differing_amounts, discounts_of_line, line_discount_faults
from functions.orders.pricing.line_ids import line_ids
from functions.orders.pricing.menu_entries import NO_CATEGORY, entry_faults, price_of
from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.options import NOTHING_CHOSEN, Chooser, Chosen
from functions.orders.pricing.order_request import LineIn
from shared.contracts.menu import Item
from shared.contracts.messages.order_parts import STANDARD_CLASS, LineKind
from shared.contracts.messages.orders import Difference, Line
from shared.kit.apportion import apportioned
from shared.spine.errors import Fault


@dataclass(frozen=True)
class PricedLines:
    """Lines of a request. `stated` are stored; `by_menu` have the menu's amounts, and are the same where these agree.

    `differences` names each amount for which the menu has another one, and each id that was repeated.
    """

    stated: list[Line]
    by_menu: list[Line]
    faults: list[Fault]
    differences: list[Difference]


def price_lines(
    lines: Sequence[LineIn], occasion: Occasion, used_ids: Collection[str] = (), round_number: int = 1
) -> PricedLines:
    """The lines at an occasion. `used_ids` are the ids of earlier lines of the order."""
    ids, differences = line_ids(lines, used_ids)
    priced = PricedLines([], [], [], differences)
    for number, (line, id_) in enumerate(zip(lines, ids, strict=True)):
        path = f"lines[{number}]"
        pricer = _LinePricer(path, line, occasion.items.get(line.item), occasion, priced.faults)
        stated, by_menu = pricer.priced(id_, round_number)
        priced.stated.append(stated)
        priced.by_menu.append(by_menu)
        if line.discounts or by_menu is not stated:
            differences += _amounts_that_differ(path, line, stated, by_menu)
    return priced


class _LinePricer(NamedTuple):
    path: str
    line: LineIn
    item: Item | None
    occasion: Occasion
    faults: list[Fault]

    def priced(self, id_: str, round_number: int) -> tuple[Line, Line]:
        """The line as stated, and as the menu prices it."""
        line, item = self.line, self.item
        own = price_of(item, line.size)
        self._check(own)
        chosen = NOTHING_CHOSEN
        if line.options or line.choices or (item and item.groups):
            chosen = Chooser(self.occasion, item, line.size, self.faults).of_piece(self.path, line)
        is_combo = line.parts or (item and item.combo)
        parts = ComboLine(line, item, self.occasion, self.faults).parts(self.path) if is_combo else []
        stated = self._stated(id_, round_number, chosen, parts)
        price = self._menu_price(own, chosen, parts)
        return stated, self._by_menu(stated, line.unit_price if price is None else price, parts)

    def _check(self, own: int | None) -> None:
        line, item = self.line, self.item
        if item and (own is None or self.occasion.store.sold_out):
            self.faults.extend(entry_faults(self.path, item, line.size, self.occasion))
        if item and (line.kind or line.tax_class or line.weight or item.sold_by != "piece"):
            self.faults.extend(_nature_faults(self.path, line, item))
        if item is None and self.occasion.store.menu:
            # Without a menu no line is known; the store's fault names that once for all lines.
            self.faults.append(Fault(f"{self.path}.item", "unknown_item", "not on the store's menu", line.item))
        if line.discounts:
            self.faults.extend(line_discount_faults(self.path, line.discounts, self.occasion))

    def _menu_price(self, own: int | None, chosen: Chosen, parts: Sequence[PricedPart]) -> int | None:
        """The price of a piece by the menu. None if the menu lacks the item, its size, an option or a part."""
        if self.item and self.item.combo:
            own = combo_price(self.item, own, parts)
        elif parts:
            return None
        return None if own is None or chosen.price is None else own + chosen.price

    def _stated(self, id_: str, round_number: int, chosen: Chosen, parts: Sequence[PricedPart]) -> Line:
        """The line as the kitchen reads it: names from the menu, else from the source, else the id."""
        line, item = self.line, self.item
        amount = line_amount(line.unit_price, line.quantity, line.weight)
        fields: dict[str, Any] = {
            "item": line.item,
            "name": item.name if item else line.name or line.item,
            "category": item.category if item else line.category or NO_CATEGORY,
            "size": line.size,
            "options": chosen.options,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "amount": amount,
            "note": line.note,
            "station": line.station or (item.station if item else None),
            "id": id_,
            "kind": line.kind or (item.kind if item else LineKind.GOODS),
            "tax_class": line.tax_class or (item.tax_class if item else STANDARD_CLASS),
            "weight": line.weight,
            "seat": line.seat,
            "round": round_number,
            "metadata": line.metadata,
        }
        if parts:
            shares = apportioned(amount, [part.alone for part in parts])
            fields["parts"] = [{**part.fields, "amount": share} for part, share in zip(parts, shares, strict=True)]
        if line.discounts:
            stated = self.occasion.is_sale
            fields["discounts"] = discounts_of_line(line.discounts, amount, self.occasion, stated=stated)
        return Line.model_validate(fields)

    def _by_menu(self, stated: Line, unit_price: int, parts: Sequence[PricedPart]) -> Line:
        if unit_price == stated.unit_price and not stated.discounts:
            return stated
        amount = line_amount(unit_price, stated.quantity, stated.weight)
        discounts = stated.discounts
        if discounts:
            discounts = discounts_of_line(self.line.discounts, amount, self.occasion, stated=False)
        if unit_price == stated.unit_price and discounts == stated.discounts:
            return stated
        shares = apportioned(amount, [part.alone for part in parts])
        divided = [part.model_copy(update={"amount": share}) for part, share in zip(stated.parts, shares, strict=True)]
        fields = {"unit_price": unit_price, "amount": amount, "discounts": discounts, "parts": divided}
        return stated.model_copy(update=fields)


def _nature_faults(path: str, line: LineIn, item: Item) -> Iterator[Fault]:
    """Faults of the kind, the tax class and the weight: the menu says what an item is."""
    if line.kind and line.kind != item.kind:
        yield Fault(f"{path}.kind", "kind_differs", "the menu has another kind", line.kind, item.kind)
    if line.tax_class and line.tax_class != item.tax_class:
        detail = "the menu has another tax class"
        yield Fault(f"{path}.tax_class", "tax_class_differs", detail, line.tax_class, item.tax_class)
    if item.sold_by == "kilogram" and line.weight is None:
        yield Fault(f"{path}.weight", "weight_missing", "the item is sold by weight")
    if item.sold_by == "piece" and line.weight is not None:
        yield Fault(f"{path}.weight", "weight_unexpected", "the item is sold by the piece", line.weight)


def _amounts_that_differ(path: str, line: LineIn, stated: Line, by_menu: Line) -> Iterator[Difference]:
    if stated.unit_price != by_menu.unit_price:
        yield Difference(path=f"{path}.unit_price", stated=stated.unit_price, expected=by_menu.unit_price)
    yield from differing_amounts(path, line.discounts, by_menu.discounts)
