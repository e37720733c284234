"""A store as orders see it: its settings, opening hours, menu, and what is sold out."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from functions.orders.text import Id, Name
from shared.contracts.messages.orders import Service
from shared.contracts.models import Input
from shared.contracts.money import CASH_STEPS, Amount, Currency, PositiveAmount, exponent, share, tax_within
from shared.spine.auth import Scope
from shared.spine.clock import business_day


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as failure:
        raise ValueError("not an IANA time zone") from failure
    return name


def _date(text: str) -> str:
    date.fromisoformat(text)
    return text


BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="Ten-thousandths: 600 is 6 %.")]
Zone = Annotated[str, AfterValidator(_zone), Field(examples=["Asia/Shanghai"])]
Minute = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", examples=["11:00"])]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]


Percent = Annotated[
    str,
    Field(pattern=r"^(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)$", description="8.875 is 8.875 %.", examples=["8.875"]),
]


class Tax(Input):
    """`inclusive`: menu prices contain it; otherwise it comes on top. Rounded half away from zero, once an order.

    The rate is in ten-thousandths, or where these are too coarse, in `percent`.
    """

    rate: BasisPoints | None = 0
    percent: Percent | None = None
    inclusive: bool = True

    @model_validator(mode="before")
    @classmethod
    def _percent_alone(cls, given: Any) -> Any:
        return {"rate": None} | given if isinstance(given, dict) and given.get("percent") is not None else given

    @model_validator(mode="after")
    def _one_rate(self) -> "Tax":
        if (self.rate is None) == (self.percent is None):
            raise ValueError("a tax has either a rate or a percent")
        return self

    @property
    def thousandths(self) -> int:
        """The rate in thousandths of a percent."""
        if self.percent is None:
            return (self.rate or 0) * 10
        whole, _, part = self.percent.partition(".")
        return int(whole) * 1_000 + int(part.ljust(3, "0"))

    def due(self, amount: int) -> int:
        """The tax within `amount`, or on top of it."""
        return (tax_within if self.inclusive else share)(amount, self.thousandths, 100_000)


class CashRule(NamedTuple):
    """How a store rounds cash: to multiples of `step`, or not (0). What a till states stays below `limit`."""

    step: int
    limit: int


class StoreSettings(Input):
    """What a store is. Its day ends at `day_ends_at` of the next calendar day, by its own clock.

    `lead_minutes` before an order is wanted its kitchen begins.
    """

    name: Name
    chain: Id
    region: Id
    city: Name | None = None
    timezone: Zone
    currency: Currency
    day_ends_at: Minute = "04:00"
    lead_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 30
    tax: Annotated[Tax, Field(default_factory=Tax)]
    cash_rounding: Annotated[
        int | None,
        Field(
            ge=0,
            le=100_000_000,
            description="Minor units that cash is rounded to; 0 for not at all, null for the currency's own.",
        ),
    ] = None

    @property
    def cash_rule(self) -> CashRule:
        """How it rounds cash. Unasked, a till may round by less than a tenth of the currency's unit, as for euros."""
        if self.cash_rounding is not None:
            return CashRule(self.cash_rounding, self.cash_rounding)
        step = CASH_STEPS.get(self.currency, 0)
        return CashRule(step, max(step, 10 ** exponent(self.currency) // 10))


class Hours(Input):
    """From `opens` to `closes`; past midnight where `closes` is the earlier one."""

    opens: Minute
    closes: Minute


class OpeningHours(Input):
    """Seven lists, Monday first; an empty one is a day closed. `closed_on` names further dates."""

    week: Annotated[list[list[Hours]], Field(min_length=7, max_length=7)]
    closed_on: Annotated[list[Day], Field(max_length=400)] = []

    def open_at(self, local: datetime) -> bool:
        """Whether the store is open at this moment of its wall clock; a night counts to the day it began on."""
        return self._covers(local, timedelta(0)) or self._covers(local, timedelta(days=1))

    def _covers(self, local: datetime, back: timedelta) -> bool:
        day = local.date() - back
        if day.isoformat() in self.closed_on:
            return False
        minute = local.hour * 60 + local.minute + back.days * 24 * 60
        return any(_minutes(h.opens) <= minute < _closing(h) for h in self.week[day.weekday()])


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _closing(hours: Hours) -> int:
    closes = _minutes(hours.closes)
    return closes if closes > _minutes(hours.opens) else closes + 24 * 60


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
    """Something to order: priced by size, or by `price` where it has no sizes."""

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
    """A code that sources may take off: a share of the subtotal, or an amount."""

    code: Id
    rate: Annotated[int, Field(ge=1, le=10_000)] | None = None
    amount: PositiveAmount | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "MenuDiscount":
        if (self.rate is None) == (self.amount is None):
            raise ValueError("a discount has either a rate or an amount")
        return self


class ServiceCharge(Input):
    """A share of the subtotal, for these kinds of service."""

    rate: BasisPoints
    services: list[Service]


# So many fit a body, at half a kilobyte each.
MAX_ITEMS = 500


class Menu(Input):
    """What a store sells. A charge that the menu does not set is taken as the source states it."""

    items: Annotated[list[Item], Field(max_length=MAX_ITEMS)]
    discounts: Annotated[list[MenuDiscount], Field(max_length=200)] = []
    service_charge: ServiceCharge | None = None
    delivery_charge: Amount | None = None

    @model_validator(mode="after")
    def _unique(self) -> "Menu":
        _refuse_twice([item.id for item in self.items], "item")
        _refuse_twice([discount.code for discount in self.discounts], "discount")
        for item in self.items:
            _refuse_twice([size.id for size in item.sizes], f"size of {item.id}")
            _refuse_twice([option.id for option in item.options], f"option of {item.id}")
        return self


def _refuse_twice(ids: list[str], what: str) -> None:
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise ValueError(f"{what} {twice} is there twice")


class SoldOut(Input):
    """Items that can't be ordered for now: the whole list, each time."""

    items: Annotated[list[Id], Field(max_length=MAX_ITEMS)]


@dataclass(frozen=True)
class Store:
    """A store at one revision, which it has had since `changed_at` where that is known; `id` is unique in its chain."""

    id: str
    revision: int
    settings: StoreSettings
    hours: OpeningHours | None
    menu: Menu | None
    sold_out: frozenset[str]
    changed_at: datetime | None = None

    @property
    def place(self) -> Scope:
        """Where it stands, for rights."""
        return Scope(self.settings.chain, self.settings.region, self.id)

    @property
    def key(self) -> str:
        """Its id that is unique over all chains."""
        return self.place.key

    @cached_property
    def items(self) -> dict[str, Item]:
        """The menu's items by id."""
        return {item.id: item for item in self.menu.items} if self.menu else {}

    @property
    def day_ends_at(self) -> time:
        """When its business day ends."""
        return time.fromisoformat(self.settings.day_ends_at.replace("24:00", "00:00"))

    def day_of(self, moment: datetime) -> date:
        """The business day that `moment` counts for."""
        return business_day(moment, self.settings.timezone, self.day_ends_at)

    def kitchen_time(self, placed_at: datetime, wanted_for: datetime | None) -> datetime:
        """When the kitchen begins: the lead before the order is wanted, never before it was placed."""
        if wanted_for is None:
            return placed_at
        return max(placed_at, wanted_for - timedelta(minutes=self.settings.lead_minutes))

    def open_at(self, moment: datetime) -> bool:
        """Whether it takes orders for this moment; without opening hours it always does."""
        return self.hours is None or self.hours.open_at(moment.astimezone(ZoneInfo(self.settings.timezone)))

    def texts(self) -> tuple[str, str | None, str | None, str]:
        """(settings, hours, menu, sold-out list) as JSON, as the database keeps them."""
        hours, menu = self.hours, self.menu
        return (
            self.settings.model_dump_json(),
            hours.model_dump_json() if hours else None,
            menu.model_dump_json() if menu else None,
            json.dumps(sorted(self.sold_out)),
        )


def store_of_texts(
    store_id: str, revision: int, changed_at: datetime | None, texts: tuple[str, str | None, str | None, str]
) -> Store:
    """The store whose `texts` these are."""
    settings, hours, menu, sold_out = texts
    return Store(
        store_id,
        revision,
        StoreSettings.model_validate_json(settings),
        OpeningHours.model_validate_json(hours) if hours else None,
        Menu.model_validate_json(menu) if menu else None,
        frozenset(json.loads(sold_out)),
        changed_at,
    )
