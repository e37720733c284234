"""The body of POST /v1/orders, and the stricter form for an order that the source can still correct."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.models import Input
from shared.contracts.money import MAX_AMOUNT, Amount, Currency, PositiveAmount, SignedAmount
from shared.contracts.stores import StoreReference
from shared.contracts.text import Address, Id, Method, Name, Note, Phone, Reference

# A sale may be larger than an order that its guest can still split.
MAX_LINES, MAX_LINES_SOLD = 200, 1_000
MAX_PARTS, MAX_PARTS_SOLD = 20, 100
# Ids, databases and calendars hold no time outside of these.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


def _without_repeats(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("a value is repeated")
    return values


def _utc(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("not between 1970 and 2999")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class SourceIn(Input):
    """The system that sends the order, and its own number for it. The number is unique in a store and business day.

    A source without numbers sends a random id as `number`, the same one each time that it sends the order.
    """

    kind: SourceKind
    id: Id
    number: Id


class GuestIn(Input):
    """The guest, as far as the source knows.

    Limits for a mini-program: `member` is an id, `name` has at most 100 characters and `address` 400.
    `phone` holds only `+ 0-9 ( ) -`.
    """

    member: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None


class LineIn(Input):
    """`unit_price` is the source's price per piece, options included. `station` replaces the station of the menu.

    `name` and `category` are for an item that the menu lacks. Limits for a mini-program: `note` has at most 200
    characters. `item`, `size`, `category` and `options` are ids of the menu, of letters, digits and `. _ -`.
    """

    item: Annotated[str, Field(min_length=1)]
    name: str | None = None
    category: str | None = None
    size: str | None = None
    options: Annotated[list[str], Field(max_length=MAX_PARTS_SOLD)] = []
    quantity: Annotated[int, Field(ge=1, le=999)]
    unit_price: Amount
    note: str | None = None
    station: Id | None = None


class DiscountIn(Input):
    """An amount off the order, by a code of the store's menu."""

    code: str
    amount: Amount


class PaymentIn(Input):
    """Money that the source took. `reference` is the source's own name of the payment; a repeat changes nothing."""

    reference: Reference
    method: Method
    amount: PositiveAmount
    taken_at: Moment | None = None
    rounding: Annotated[
        SignedAmount | None,
        Field(description="Cash above (more than 0) or below the total by rounding; by default by the store's rule."),
    ] = None


class SoldPaymentIn(PaymentIn):
    """A payment that came with an order. A till lists a payment of 0 when a voucher covered all."""

    amount: Amount


class OrderIn(Input):
    """An order as a source sends it. All amounts are in minor units of `currency`.

    Limits for a mini-program: 200 lines, 20 discounts, 20 payments, and 100 characters of `table`.
    """

    store: StoreReference
    source: SourceIn
    service: Service
    table: str | None = None
    guest: GuestIn | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MAX_LINES_SOLD)]
    discounts: Annotated[list[DiscountIn], Field(max_length=MAX_PARTS_SOLD)] = []
    service_charge: Amount = 0
    delivery_charge: Amount = 0
    tax: Amount = 0
    total: Amount
    currency: Currency
    payments: Annotated[list[SoldPaymentIn], Field(max_length=MAX_PARTS_SOLD)] = []
    placed_at: Annotated[
        Moment | None,
        Field(description="The time of the order at the source. By default the time of receipt."),
    ] = None
    wanted_for: Moment | None = None

    @property
    def is_sale(self) -> bool:
        """Whether the order is already sold. The guest of a mini-program can still correct the order."""
        return self.source.kind != SourceKind.MINI_PROGRAM

    @model_validator(mode="after")
    def _countable(self) -> "OrderIn":
        if sum(line.unit_price * line.quantity for line in self.lines) > MAX_AMOUNT:
            raise ValueError("the lines amount to more than an order may")
        return self


class StrictGuest(GuestIn):
    """A guest of an order that its source can still correct."""

    member: Id | None = None
    name: Name | None = None
    phone: Phone | None = None
    address: Address | None = None


class StrictLine(LineIn):
    """A line of an order that its source can still correct."""

    item: Id
    name: Name | None = None
    category: Id | None = None
    size: Id | None = None
    # As for an order's lists.
    options: Annotated[list[Id], Field(max_length=MAX_PARTS), AfterValidator(_without_repeats)] = []
    note: Note | None = None


class StrictDiscount(DiscountIn):
    """A discount of an order that its source can still correct."""

    code: Id


class StrictOrder(OrderIn):
    """The form that a mini-program's order must have."""

    table: Name | None = None
    guest: StrictGuest | None = None
    # No list is ever added to: lists of narrower parts may stand for those of wider ones.
    lines: Annotated[list[StrictLine], Field(min_length=1, max_length=MAX_LINES)]  # type: ignore[assignment]
    discounts: Annotated[list[StrictDiscount], Field(max_length=MAX_PARTS)] = []  # type: ignore[assignment]
    payments: Annotated[list[PaymentIn], Field(max_length=MAX_PARTS)] = []  # type: ignore[assignment]

    @model_validator(mode="after")
    def _consistent(self) -> "StrictOrder":
        references = [payment.reference for payment in self.payments]
        if len(set(references)) < len(references):
            raise ValueError("two payments have the same reference")
        codes = [discount.code for discount in self.discounts]
        if len(set(codes)) < len(codes):
            raise ValueError("two discounts have the same code")
        if self.service == Service.DELIVERY and not (self.guest and self.guest.address):
            raise ValueError("a delivery needs guest.address")
        return self
