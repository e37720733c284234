"""What callers send to and get from order intake."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from functions.orders.menu import Menu, OpeningHours, StoreSettings
from functions.orders.text import Address, Id, Method, Name, Note, Phone, Reference
from shared.contracts.ids import Ulid
from shared.contracts.messages.orders import FulfilmentStatus, Order, Service, SourceKind
from shared.contracts.models import Input, Output, Query
from shared.contracts.money import MAX_AMOUNT, Amount, Currency, PositiveAmount, SignedAmount
from shared.contracts.stores import StoreReference

# A sale that has happened may be larger than an order that its guest can still split.
MAX_LINES, MAX_LINES_SOLD = 200, 1_000
MAX_PARTS, MAX_PARTS_SOLD = 20, 100
# Ids, databases and calendars hold no time outside of these.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


def _without_repeats(found: list[Any]) -> list[Any]:
    if len(set(found)) < len(found):
        raise ValueError("the same one is there twice")
    return found


def _utc(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("not between 1970 and 2999")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]


class SourceIn(Input):
    """The till, mini-program or platform, and its own number: unique together in a store and one of its days."""

    kind: SourceKind
    id: Id
    number: Id


class GuestIn(Input):
    """Who ordered, as far as the source knows.

    Of a mini-program `member` is an id, `name` has at most 100 characters, `address` 400, `phone` only `+ 0-9 ( ) -`.
    """

    member: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None


class LineIn(Input):
    """`unit_price` is what the source charges per piece, options included. `station` overrides the menu's.

    `name` and `category` are for an item that the menu lacks. A mini-program's `note` has at most 200 characters; it
    names item, size, category and options by the menu's ids, of letters, digits and `. _ -`.
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
    """Money off, by a code of the store's menu."""

    code: str
    amount: Amount


class PaymentIn(Input):
    """Money that was taken. `reference` is the taker's own and makes the payment the same when it comes again."""

    reference: Reference
    method: Method
    amount: PositiveAmount
    taken_at: Moment | None = None
    rounding: Annotated[
        SignedAmount | None,
        Field(description="What cash came short (less than 0) or over by rounding; without it by the store's rule."),
    ] = None


class SoldPaymentIn(PaymentIn):
    """A payment that came with an order. Tills list one of 0 where a voucher took all."""

    amount: Amount


class OrderIn(Input):
    """An order as a source sends it. All amounts in minor units of `currency`.

    A mini-program's order has at most 200 lines, 20 discounts and 20 payments, and a `table` of at most 100 characters.
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
        Field(description="When the guest ordered, for a source that was offline; by default the time of receipt."),
    ] = None
    wanted_for: Moment | None = None

    @property
    def has_happened(self) -> bool:
        """Whether the sale is over: a till's or platform's guest has paid, a mini-program's can still be told."""
        return self.source.kind != SourceKind.MINI_PROGRAM

    @model_validator(mode="after")
    def _countable(self) -> "OrderIn":
        if sum(line.unit_price * line.quantity for line in self.lines) > MAX_AMOUNT:
            raise ValueError("the lines amount to more than an order may")
        return self


class AskedGuest(GuestIn):
    """A guest who can still be told what does not fit."""

    member: Id | None = None
    name: Name | None = None
    phone: Phone | None = None
    address: Address | None = None


class AskedLine(LineIn):
    """A line of an order whose guest can still be told."""

    item: Id
    name: Name | None = None
    category: Id | None = None
    size: Id | None = None
    # As for an order's lists.
    options: Annotated[list[Id], Field(max_length=MAX_PARTS), AfterValidator(_without_repeats)] = []
    note: Note | None = None


class AskedDiscount(DiscountIn):
    """A discount of an order whose guest can still be told."""

    code: Id


class AskedOrder(OrderIn):
    """What is taken of a mini-program's order, and of nothing else."""

    table: Name | None = None
    guest: AskedGuest | None = None
    # No list is ever added to: lists of narrower parts may stand for those of wider ones.
    lines: Annotated[list[AskedLine], Field(min_length=1, max_length=MAX_LINES)]  # type: ignore[assignment]
    discounts: Annotated[list[AskedDiscount], Field(max_length=MAX_PARTS)] = []  # type: ignore[assignment]
    payments: Annotated[list[PaymentIn], Field(max_length=MAX_PARTS)] = []  # type: ignore[assignment]

    @model_validator(mode="after")
    def _consistent(self) -> "AskedOrder":
        references = [payment.reference for payment in self.payments]
        if len(set(references)) < len(references):
            raise ValueError("two payments have the same reference")
        codes = [discount.code for discount in self.discounts]
        if len(set(codes)) < len(codes):
            raise ValueError("two discounts have the same code")
        if self.service == Service.DELIVERY and not (self.guest and self.guest.address):
            raise ValueError("a delivery needs guest.address")
        return self


class CancelIn(Input):
    """Why nobody is to make it."""

    reason: Note


class RefundIn(Input):
    """Money given back; `reference` makes it the same when it comes again."""

    reference: Reference
    amount: PositiveAmount
    reason: Note


class FulfilmentIn(Input):
    """The next step: accepted, preparing, ready, handed_over."""

    status: FulfilmentStatus

    @model_validator(mode="after")
    def _no_cancelling(self) -> "FulfilmentIn":
        if self.status in (FulfilmentStatus.PLACED, FulfilmentStatus.CANCELLED):
            raise ValueError("use /cancel to cancel; an order begins as placed")
        return self


class OrderPath(Query):
    """An order by its id."""

    order: Ulid


class StorePath(Query):
    """A store by its id in its chain."""

    store: StoreReference


class OrdersQuery(Query):
    """Filters and the cursor of a page. Orders come in the order of their receipt, or the newest first."""

    chain: Annotated[Id | None, Field(description="Without it, of every chain that the key may read.")] = None
    store: Annotated[
        StoreReference | None, Field(description="Without it a page may be short, or empty, before the last.")
    ] = None
    since: Annotated[Moment | None, Field(description="Received at this time or later.")] = None
    status: FulfilmentStatus | None = None
    source: Annotated[
        SourceKind | None,
        Field(description="With `source_id` and `number`: the orders under that number."),
    ] = None
    source_id: Annotated[Id | None, Field(description="With `source` and `number`.")] = None
    number: Annotated[Id | None, Field(description="The source's own; with `source` and `source_id`.")] = None
    order: Literal["oldest", "newest"] = "oldest"
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class OrderPage(Output):
    """`next` is the cursor of the page after this one, however few orders this one has; without it there is none."""

    orders: list[Order]
    next: Ulid | None


class Happening(Output):
    """One message about an order; `sequence` counts those of its `subject`, the order or one of its print jobs."""

    id: Ulid
    subject: str
    sequence: int
    type: str
    occurred_at: datetime
    published_at: datetime | None
    data: dict[str, Any]


class Trace(Output):
    """Everything that happened to an order, in its order."""

    order: Ulid
    messages: list[Happening]


class MenuDocument(Output):
    """A store's menu with what is sold out now."""

    store: str
    revision: int
    currency: str
    menu: Menu
    sold_out: list[str]


class StoreDocument(Output):
    """A store with its settings and opening hours."""

    id: str
    revision: int
    settings: StoreSettings
    opening_hours: OpeningHours | None
    business_day: date
    open: bool
