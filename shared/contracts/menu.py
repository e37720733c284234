"""The menu of a store, as callers send it and as other concerns read it."""

from typing import Annotated

from pydantic import Field, model_validator

from shared.contracts.messages.orders import Service
from shared.contracts.models import Input
from shared.contracts.money import Amount, PositiveAmount
from shared.contracts.store_settings import BasisPoints
from shared.contracts.text import Id, Name

# At half a kilobyte an item, a menu of this size fits the largest body.
MAX_ITEMS = 500


class MenuOption(Input):
    """A choice on an item; `price` is added per piece."""

    id: Id
    name: Name
    price: Amount = 0


class Size(Input):
    """A size of an item and its price per piece."""

    id: Id
    price: Amount


class Item(Input):
    """An item with a price for each size, or with `price` when it has no sizes."""

    id: Id
    name: Name
    category: Id
    station: Id | None = None
    price: Amount | None = None
    sizes: Annotated[list[Size], Field(max_length=20)] = []
    options: Annotated[list[MenuOption], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _priced_one_way(self) -> "Item":
        if (self.price is None) != bool(self.sizes):
            raise ValueError("an item has either a price or sizes")
        return self


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

    @model_validator(mode="after")
    def _unique(self) -> "Menu":
        _refuse_repeats([item.id for item in self.items], "item")
        _refuse_repeats([discount.code for discount in self.discounts], "discount")
        for item in self.items:
            _refuse_repeats([size.id for size in item.sizes], f"size of {item.id}")
            _refuse_repeats([option.id for option in item.options], f"option of {item.id}")
        return self


def _refuse_repeats(ids: list[str], kind: str) -> None:
    if len(set(ids)) < len(ids):
        repeated = next(id_ for id_ in ids if ids.count(id_) > 1)
        raise ValueError(f"{kind} {repeated} is there twice")
