"""The menu of a store, as callers send it and as other concerns read it, and the checks beyond its form."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.contracts.messages.order_parts import STANDARD_CLASS, LineKind
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.models import Input
from shared.contracts.money import Amount, PositiveAmount
from shared.contracts.store_settings import BasisPoints, Day, TimeOfDay
from shared.contracts.text import Id, Name

# An option of an option of an option: "with fries, large, without salt".
MAX_DEPTH = 3
# At half a kilobyte an item, a menu of this size fits the largest body.
MAX_ITEMS, MAX_PRICES = 500, 2_000
Language = Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["zh-CN"])]


# Shown in the OpenAPI document.
EXAMPLE_COMBO = {
    "parts": [
        {"id": "main", "name": "Main", "choices": [{"item": "burger"}, {"item": "wrap", "price": 50}]},
        {"id": "drink", "name": "Drink", "choices": [{"item": "cola", "size": "S"}]},
    ]
}


class ItemText(Input):
    """The name and description of an item in one language."""

    name: Name
    description: Annotated[str, Field(max_length=1_000)] | None = None


class MenuOption(Input):
    """A choice on an item; `price` is added per piece. `prices_by_size` replaces it for sizes of the item.

    A group allows at most `max` of it on one piece. `groups` are choices within it.
    """

    id: Id
    name: Name
    price: Amount = 0
    prices_by_size: dict[Id, Amount] = {}
    max: Annotated[int, Field(ge=1, le=99)] = 1
    groups: "Annotated[list[OptionGroup], Field(max_length=20)]" = []


class OptionGroup(Input):
    """Choices of which a piece takes at least `min` and at most `max` in all. `max` null is no bound."""

    id: Id
    name: Name
    min: Annotated[int, Field(ge=0, le=99)] = 0
    max: Annotated[int, Field(ge=1, le=99)] | None = None
    options: Annotated[list[MenuOption], Field(min_length=1, max_length=100)]


class Size(Input):
    """A size of an item and its price per piece."""

    id: Id
    price: Amount


class ComboChoice(Input):
    """An item that fills a part of a combo. `price` is added to the combo's price, for each piece."""

    item: Id
    size: Id | None = None
    price: Amount = 0


class ComboPart(Input):
    """A part of a combo or set menu: the guest takes at least `min` and at most `max` of its choices."""

    id: Id
    name: Name
    min: Annotated[int, Field(ge=0, le=20)] = 1
    max: Annotated[int, Field(ge=1, le=20)] = 1
    choices: Annotated[list[ComboChoice], Field(min_length=1, max_length=100)]


class Combo(Input):
    """An item made of other items of the menu.

    `own`: the item has its own price, and choices add to it. `dearest`: the price is that of the dearest chosen item.
    `average`: it is the mean of the chosen items. Half-and-half pizzas are sold by one of the last two.
    """

    price: Literal["own", "dearest", "average"] = "own"
    parts: Annotated[list[ComboPart], Field(min_length=1, max_length=20)]


class Item(Input):
    """An item with a price for each size, or with `price` when it has no sizes.

    Prices are for a piece, or for a kilogram of an item that is sold by weight. `texts` are other languages by tag.
    """

    id: Id
    name: Name
    category: Id
    station: Id | None = None
    price: Amount | None = None
    sizes: Annotated[list[Size], Field(max_length=20)] = []
    options: Annotated[list[MenuOption], Field(max_length=100)] = []
    groups: Annotated[list[OptionGroup], Field(max_length=30)] = []
    combo: Annotated[Combo | None, Field(examples=[EXAMPLE_COMBO])] = None
    kind: LineKind = LineKind.GOODS
    sold_by: Literal["piece", "kilogram"] = "piece"
    tax_class: Id = STANDARD_CLASS
    texts: Annotated[dict[Language, ItemText], Field(max_length=20)] = {}
    picture: Annotated[str, Field(pattern="^https://", max_length=500)] | None = None
    allergens: Annotated[list[Id], Field(max_length=40)] = []

    @model_validator(mode="after")
    def _priced_one_way(self) -> "Item":
        if (self.price is None) != bool(self.sizes):
            raise ValueError("an item has either a price or sizes")
        return self


class Window(Input):
    """Hours on weekdays (1 is Monday). When `closes` is the earlier time, it is on the next day."""

    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    opens: TimeOfDay
    closes: TimeOfDay


class ListPrice(Input):
    """The price of an item, of one of its sizes, or of one of its options, in a price list."""

    item: Id
    size: Id | None = None
    option: Id | None = None
    price: Amount


class PriceList(Input):
    """Other prices for some channels, services, days and hours: happy hour, lunch menu, delivery prices.

    Empty lists and missing dates mean all. With `items` only these items are sold while the list applies. Of several
    lists that apply, the first one that has a price for the item counts.
    """

    id: Id
    name: Name
    channels: list[SourceKind] = []
    services: list[Service] = []
    windows: Annotated[list[Window], Field(max_length=50)] = []
    begins_on: Day | None = None
    ends_on: Day | None = None
    items: Annotated[list[Id], Field(max_length=MAX_ITEMS)] | None = None
    prices: Annotated[list[ListPrice], Field(max_length=MAX_PRICES)] = []


class MenuDiscount(Input):
    """A discount code with a rate of the subtotal, or with an amount."""

    code: Id
    rate: Annotated[int, Field(ge=1, le=10_000)] | None = None
    amount: PositiveAmount | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "MenuDiscount":
        if (self.rate is None) == (self.amount is None):
            raise ValueError("a discount has either a rate or an amount")
        return self


class ServiceCharge(Input):
    """A rate of the subtotal, for these kinds of service."""

    rate: BasisPoints
    services: list[Service]


class Menu(Input):
    """Items, discounts and charges of a store. For a charge that the menu lacks, the amount of the source counts."""

    items: Annotated[list[Item], Field(max_length=MAX_ITEMS)]
    discounts: Annotated[list[MenuDiscount], Field(max_length=200)] = []
    service_charge: ServiceCharge | None = None
    delivery_charge: Amount | None = None
    price_lists: Annotated[list[PriceList], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _consistent(self) -> "Menu":
        check_menu(self)
        return self


def check_menu(menu: Menu) -> None:
    """Raises ValueError for the first fault."""
    refuse_repeats([item.id for item in menu.items], "item")
    refuse_repeats([discount.code for discount in menu.discounts], "discount")
    refuse_repeats([price_list.id for price_list in menu.price_lists], "price list")
    items = {item.id: item for item in menu.items}
    for item in menu.items:
        check_item(item)
        if item.combo:
            _check_combo(item, item.combo, items)
    for price_list in menu.price_lists:
        check_price_list(price_list, items)


def check_item(item: Item) -> None:
    """Raises ValueError for the first fault of one item."""
    if not (item.sizes or item.options or item.groups):
        return
    refuse_repeats([size.id for size in item.sizes], f"size of {item.id}")
    refuse_repeats([option.id for option in item.options], f"option of {item.id}")
    _check_groups(item, item.groups, 1)
    sizes = [size.id for size in item.sizes]
    for option in [*item.options, *(option for group in groups_of(item) for option in group.options)]:
        for size in option.prices_by_size:
            _require(size in sizes, f"option {option.id} of {item.id} has a price for the unknown size {size}")
        if option in item.options:
            _check_groups(item, option.groups, 2)


def check_price_list(price_list: PriceList, items: dict[str, Item]) -> None:
    """Raises ValueError for the first fault of a price list of a menu with these items."""
    name = f"price list {price_list.id}"
    refuse_repeats([(price.item, price.size, price.option) for price in price_list.prices], f"price of {name}")
    if price_list.begins_on and price_list.ends_on:
        _require(price_list.begins_on <= price_list.ends_on, f"{name} ends before it begins")
    for item in price_list.items or []:
        _require(item in items, f"{name} names the unknown item {item}")
    for price in price_list.prices:
        _require(price.item in items, f"{name} names the unknown item {price.item}")
        check_price(price, items[price.item], name)


def check_price(price: ListPrice, item: Item, name: str) -> None:
    """Raises ValueError for a price of a size or an option that the item lacks."""
    sizes = [size.id for size in item.sizes]
    _require(price.size is None or price.size in sizes, f"{name} names the unknown size {price.size} of {item.id}")
    has_option = price.option is None or price.option in option_ids(item)
    _require(has_option, f"{name} names the unknown option {price.option} of {item.id}")
    _require(bool(price.size or price.option) or not sizes, f"{name} has a price of {item.id} without a size")


def groups_of(item: Item) -> Iterator[OptionGroup]:
    """All option groups of an item: its own ones, and those within options."""
    yield from _nested(item.groups)
    for option in item.options:
        yield from _nested(option.groups)


def option_ids(item: Item) -> set[str]:
    """The ids of all options of an item, in groups or without a group."""
    grouped = {option.id for group in groups_of(item) for option in group.options}
    return grouped | {option.id for option in item.options}


def refuse_repeats(ids: Sequence[object], kind: str) -> None:
    """Raises ValueError for the first id that is there twice."""
    if len(set(ids)) < len(ids):
        repeated = next(id_ for id_ in ids if ids.count(id_) > 1)
        raise ValueError(f"{kind} {repeated} is there twice")


def _nested(groups: Iterable[OptionGroup]) -> Iterator[OptionGroup]:
    for group in groups:
        yield group
        for option in group.options:
            yield from _nested(option.groups)


def _check_groups(item: Item, groups: Sequence[OptionGroup], depth: int) -> None:
    _require(not groups or depth <= MAX_DEPTH, f"options of {item.id} are nested deeper than {MAX_DEPTH}")
    refuse_repeats([group.id for group in groups], f"option group of {item.id}")
    for group in groups:
        name = f"option group {group.id} of {item.id}"
        refuse_repeats([option.id for option in group.options], f"option of the {name}")
        _require(group.max is None or group.min <= group.max, f"{name} has a min above its max")
        _require(group.min <= sum(option.max for option in group.options), f"{name} has too few options for its min")
        for option in group.options:
            _check_groups(item, option.groups, depth + 1)


def _check_combo(item: Item, combo: Combo, items: dict[str, Item]) -> None:
    refuse_repeats([part.id for part in combo.parts], f"part of {item.id}")
    for part in combo.parts:
        name = f"part {part.id} of {item.id}"
        refuse_repeats([(choice.item, choice.size) for choice in part.choices], f"choice of the {name}")
        _require(part.min <= part.max, f"{name} has a min above its max")
        for choice in part.choices:
            _check_choice(name, choice, items)


def _check_choice(name: str, choice: ComboChoice, items: dict[str, Item]) -> None:
    _require(choice.item in items, f"{name} names the unknown item {choice.item}")
    chosen = items[choice.item]
    _require(chosen.combo is None, f"{name} names {choice.item}, which is a combo itself")
    has_size = choice.size is None or choice.size in [size.id for size in chosen.sizes]
    _require(has_size, f"{name} names the unknown size {choice.size} of {choice.item}")


def pruned_combo(item: Item, items: dict[str, Item]) -> Item | None:
    """The item, and of a combo only the choices that are in `items`. None when a part of it has no choice left."""
    if item.combo is None:
        return item
    pruned = [_pruned_part(part, items) for part in item.combo.parts]
    parts = [part for part in pruned if part.choices]
    if not parts or any(part.min for part in pruned if not part.choices):
        return None
    return item.model_copy(update={"combo": item.combo.model_copy(update={"parts": parts})})


def _pruned_part(part: ComboPart, items: dict[str, Item]) -> ComboPart:
    choices = [choice for choice in part.choices if choice.item in items and _has_size(items[choice.item], choice.size)]
    return part.model_copy(update={"choices": choices})


def _has_size(item: Item, size: str | None) -> bool:
    return size is None or size in [item_size.id for item_size in item.sizes]


def _require(holds: bool, fault: str) -> None:  # noqa: FBT001 - the condition of the fault
    if not holds:
        raise ValueError(fault)
