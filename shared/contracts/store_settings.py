"""Settings and opening hours of a store, as callers send them and as other concerns read them."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from shared.contracts.messages.orders import Service
from shared.contracts.models import Input
from shared.contracts.moments import Moment
from shared.contracts.money import Currency, cash_step, exponent, share, tax_within
from shared.contracts.text import Id, Name


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as failure:
        raise ValueError("not an IANA time zone") from failure
    return name


def _date(text: str) -> str:
    date.fromisoformat(text)
    return text


BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="Ten-thousandths: 600 is 6 %.")]
TimeZone = Annotated[str, AfterValidator(_time_zone), Field(examples=["Asia/Shanghai"])]
Country = Annotated[
    str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 code: cash in euros is rounded by it.", examples=["NL"])
]
TimeOfDay = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", examples=["11:00"])]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
Percent = Annotated[
    str,
    Field(pattern=r"^(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)$", description="8.875 is 8.875 %.", examples=["8.875"]),
]


class Tax(Input):
    """The store's sales tax, rounded half away from zero once per order. Menu prices contain an `inclusive` tax.

    A tax that is not inclusive is added to the prices. The rate is in ten-thousandths; `percent` allows a finer rate.
    """

    rate: BasisPoints | None = 0
    percent: Percent | None = None
    inclusive: bool = True

    @model_validator(mode="before")
    @classmethod
    def _percent_alone(cls, fields: Any) -> Any:
        return {"rate": None} | fields if isinstance(fields, dict) and fields.get("percent") is not None else fields

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
        units, _, decimals = self.percent.partition(".")
        return int(units) * 1_000 + int(decimals.ljust(3, "0"))

    def due(self, amount: int) -> int:
        """The tax within `amount`, or on top of it."""
        return (tax_within if self.inclusive else share)(amount, self.thousandths, 100_000)


class TaxRule(Input):
    """One tax of a store. Empty lists mean all services and all tax classes. Several taxes may apply to one line.

    `charges`: it applies to the service and delivery charge too. By default a tax on all classes does.
    """

    id: Id
    name: Name
    percent: Percent
    inclusive: bool = True
    services: list[Service] = []
    classes: Annotated[list[Id], Field(max_length=50)] = []
    charges: bool | None = None

    @property
    def on_charges(self) -> bool:
        """Whether charges bear the tax. A tax on some classes would otherwise tax them beside that on the others."""
        return not self.classes if self.charges is None else self.charges

    @property
    def thousandths(self) -> int:
        """The rate in thousandths of a percent."""
        units, _, decimals = self.percent.partition(".")
        return int(units) * 1_000 + int(decimals.ljust(3, "0"))


class SlotRule(Input):
    """The kitchen's capacity for scheduled orders: so many orders, or pieces, in each slot of so many minutes."""

    minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 15
    orders: Annotated[int, Field(ge=1, le=10_000)] | None = None
    pieces: Annotated[int, Field(ge=1, le=100_000)] | None = None


class CashRule(NamedTuple):
    """Cash is rounded to multiples of `step`; 0 is no rounding. A rounding that a till states stays below `limit`."""

    step: int
    limit: int


class StoreSettings(Input):
    """Name, region, time zone, currency and rules of a store.

    The business day ends at `day_ends_at` of the next calendar day, by the store's clock. The kitchen starts
    `lead_minutes` before the time for which an order is scheduled.
    """

    name: Name
    chain: Id
    region: Id
    city: Name | None = None
    country: Country | None = None
    timezone: TimeZone
    currency: Currency
    day_ends_at: TimeOfDay = "04:00"
    lead_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 30
    tax: Annotated[Tax, Field(default_factory=Tax)]
    cash_rounding: Annotated[
        int | None,
        Field(
            ge=0,
            le=100_000_000,
            description="Minor units to which cash is rounded. 0: no rounding. null: the rule of currency and country.",
        ),
    ] = None
    taxes: Annotated[
        list[TaxRule],
        Field(
            max_length=20,
            description="Taxes by item and service. They replace `tax`.",
            examples=[
                [
                    {"id": "food-out", "name": "Food", "percent": "7", "classes": ["food"], "services": ["takeaway"]},
                    {"id": "drinks", "name": "Drinks", "percent": "19", "classes": ["drink"]},
                ]
            ],
        ),
    ] = []
    tax_rounding: Annotated[
        Literal["order", "line"], Field(description="Each tax is rounded once an order, or on each line.")
    ] = "order"
    menu: Annotated[Id | None, Field(description="The chain's menu that the store sells from.")] = None
    slots: SlotRule | None = None
    closed_from: Annotated[
        Day | None, Field(description="The store is closed for good from this day. It keeps its orders.")
    ] = None
    # Left out while it is null: an older release must still read the settings during a deploy.
    paused_until: Annotated[
        Moment | None,
        Field(
            description="Mini-programs and platforms can place no orders before this time. Without it a pause stays.",
            exclude_if=lambda until: until is None,
        ),
    ] = None

    @property
    def cash_rule(self) -> CashRule:
        """The rounding of cash. By default a till may round by less than a tenth of the currency's unit."""
        if self.cash_rounding is not None:
            return CashRule(self.cash_rounding, self.cash_rounding)
        step = cash_step(self.currency, self.country)
        return CashRule(step, max(step, 10 ** exponent(self.currency) // 10))


class Hours(Input):
    """The store is open from `opens` to `closes`. When `closes` is the earlier time, it is on the next day."""

    opens: TimeOfDay
    closes: TimeOfDay


class OpeningHours(Input):
    """Seven lists of hours, Monday first. An empty list is a closed weekday. `closed_on` lists further closed dates."""

    week: Annotated[list[list[Hours]], Field(min_length=7, max_length=7)]
    closed_on: Annotated[list[Day], Field(max_length=400)] = []

    def open_at(self, local: datetime) -> bool:
        """Whether the store is open at this local time; hours past midnight belong to the day on which they began."""
        return self._covers(local, timedelta(0)) or self._covers(local, timedelta(days=1))

    def _covers(self, local: datetime, back: timedelta) -> bool:
        day = local.date() - back
        if day.isoformat() in self.closed_on:
            return False
        minute = local.hour * 60 + local.minute + back.days * 24 * 60
        return any(_minutes(hours.opens) <= minute < _closing(hours) for hours in self.week[day.weekday()])


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _closing(hours: Hours) -> int:
    closes = _minutes(hours.closes)
    return closes if closes > _minutes(hours.opens) else closes + 24 * 60
