"""The menu of a store, as callers send it and as other concerns read it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.contracts.menu_checks import check_menu
from shared.contracts.messages.order_parts import STANDARD_CLASS, LineKind
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.models import Input
from shared.contracts.money import Amount, PositiveAmount
from shared.contracts.store_settings import BasisPoints, Day, TimeOfDay
from shared.contracts.text import Id, Name

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
