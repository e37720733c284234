"""The item master of a system against a menu, in the fields that the system owns. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from functions.sync.adapters.contract import ItemRecord
from functions.sync.states import Cause
from shared.contracts.item_changes import ChangeRefused, with_change
from shared.contracts.menu import Item, Menu
from shared.contracts.messages.sync import ItemChange
from shared.contracts.money import MAX_AMOUNT, exponent

# Fields of an item that a system may own. People own the others.
Field = Literal["price", "tax_class", "name", "active"]
OWNED: tuple[Field, ...] = ("price", "tax_class", "active")


@dataclass(frozen=True)
class MappedItem:
    """An item of a system under our code, `item` or `item/size`. `tax_class` and `category` are ours, if known.

    An item that the menu lacks is added when its category has a code of ours. One that was `withdrawn` comes back as
    it was, but for the fields that the system owns.
    """

    code: str
    record: ItemRecord
    tax_class: str | None = None
    category: str | None = None
    withdrawn: bool = False

    @property
    def item(self) -> str:
        """The id of the item on the menu."""
        return self.code.partition("/")[0]


@dataclass(frozen=True)
class Refusal:
    """An item that is not on the menu as the system has it. `cause` names the person who must act."""

    code: str
    cause: Cause
    reason: str
    detail: str


def price_on(record: ItemRecord, day: date) -> Decimal | None:
    """The price of a day: the last planned one that has begun, else the present one."""
    planned = [price for begins, price in sorted(record.prices) if begins <= day]
    return planned[-1] if planned else record.price


def differences(
    menu: Menu, items: Sequence[MappedItem], currency: str, day: date, owned: Sequence[str]
) -> tuple[list[ItemChange], list[Refusal]]:
    """The changes that make the menu of a day agree with the items, and the items for which none can."""
    changes: list[ItemChange] = []
    refusals: list[Refusal] = []
    for item in items:
        try:
            for change in _changes(menu, item, currency, day, owned):
                if not item.withdrawn or change.withdrawn:
                    menu = with_change(menu, change, {})
                changes.append(change)
        except ChangeRefused as refusal:
            refusals.append(Refusal(item.record.code, Cause.DATA, refusal.reason, str(refusal)[:500]))
    return changes, refusals


def _changes(menu: Menu, mapped: MappedItem, currency: str, day: date, owned: Sequence[str]) -> Iterator[ItemChange]:
    item_id, _, size = mapped.code.partition("/")
    before = next((item for item in menu.items if item.id == item_id), None)
    if not mapped.record.active:
        if "active" in owned and before and (not size or size in _prices(before)):
            yield ItemChange(item=item_id, size=size or None, withdrawn=True)
        return
    if before is None and not mapped.category and not mapped.withdrawn:
        return
    comes_back = before is None and mapped.withdrawn
    wanted = _wanted(mapped, currency, day, owned, is_new=before is None and not mapped.withdrawn)
    fields = {name: value for name, value in wanted.items() if value != _present(before, size, name)}
    if fields or (comes_back and "active" in owned):
        yield ItemChange.model_validate({"item": item_id, "size": size or None} | fields)


def _wanted(mapped: MappedItem, currency: str, day: date, owned: Sequence[str], *, is_new: bool) -> dict[str, object]:
    """The fields that the system owns; of an item that the menu never had, all."""
    record, has_size = mapped.record, "/" in mapped.code
    fields: dict[str, object] = {}
    price = price_on(record, day)
    if price is not None and ("price" in owned or is_new):
        fields["price"] = minor_units(price, record.currency, currency)
    if mapped.tax_class and ("tax_class" in owned or is_new):
        fields["tax_class"] = mapped.tax_class
    if is_new or ("name" in owned and not has_size):
        fields["name"] = record.name
    if is_new:
        fields |= {"category": mapped.category, "names": dict(record.names)}
    return fields


def minor_units(price: Decimal, currency: str | None, wanted: str) -> int:
    """A price in minor units: minor_units(Decimal("12.5"), "CNY", "CNY") is 1250. Raises `ChangeRefused`."""
    if currency not in (None, wanted):
        raise ChangeRefused("other_currency", f"The price is in {currency}, and the menu in {wanted}.")
    amount = price.scaleb(exponent(wanted))
    if amount != amount.to_integral_value() or not 0 <= amount <= MAX_AMOUNT:
        raise ChangeRefused("price_invalid", f"{price} is no price in {wanted}.")
    return int(amount)


def _present(item: Item | None, size: str, name: str) -> object:
    if item is None:
        return None
    if name == "price":
        return _prices(item).get(size)
    return getattr(item, name)


def _prices(item: Item) -> Mapping[str, int | None]:
    """Prices by size; of an item without sizes by the empty text."""
    return {size.id: size.price for size in item.sizes} or {"": item.price}
