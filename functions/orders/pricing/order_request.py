"""The body of POST /v1/orders, and the stricter form for an order that the source can still correct."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator
from pydantic_core import PydanticKnownError

from functions.orders.pricing.guest_delivery import GuestDeliveryIn, StrictGuestDelivery
from functions.orders.pricing.line_amounts import line_amount
from shared.contracts.messages.order_parts import DiscountKind, LineKind
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.models import Input, empty_list, empty_map
from shared.contracts.moments import AnyMoment, Moment
from shared.contracts.money import Amount, Currency, PositiveAmount, SignedAmount, largest_amount
from shared.contracts.stores import StoreReference
from shared.contracts.text import Address, Id, Method, Name, Note, Phone, Reference, printable

# A sale may be larger than an order that its guest can still split.
MAX_LINES, MAX_LINES_SOLD = 200, 1_000
MAX_PARTS, MAX_PARTS_SOLD = 20, 100


# Shown in the OpenAPI document.
EXAMPLE_CHOICES = [
    {"group": "sauce", "option": "hot"},
    {"group": "extras", "option": "bacon", "quantity": 2},
    {"group": "extras", "option": "onions", "without": True},
]
EXAMPLE_PARTS = [
    {"part": "main", "item": "burger", "size": "M", "choices": [{"option": "mayo"}]},
    {"part": "drink", "item": "cola", "note": "no ice"},
]
EXAMPLE_TAXES = [
    {"id": "food-out", "percent": "7", "amount": 74},
    {"id": "drinks", "percent": "19", "amount": 43},
]


def _without_repeats(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("a value is repeated")
    return values


def _lines_unless_open(lines: list[Any], info: ValidationInfo) -> list[Any]:
    if not (lines or info.data.get("open")):
        context = {"field_type": "List", "min_length": 1, "actual_length": 0}
        raise PydanticKnownError("too_short", context)
    return lines


class SourceIn(Input):
    """The system that sends the order, and its own number for it. The number is unique in a store and business day.

    A source without numbers sends a random id as `number`, the same one each time that it sends the order.
    """

    kind: SourceKind
    id: Id
    number: Id


class GuestIn(Input):
    """The guest, as far as the source knows.

    Limits for a mini-program: `member` is an id, `name` has at most 100 characters and `address` 400. `phone` holds
    only `+ 0-9 ( ) -`. A card text and wishes of `delivery` have at most 200.
    """

    member: str | None = None
    name: str | None = None
    phone: str | None = None
    address: str | None = None
    delivery: GuestDeliveryIn | None = None


class ChoiceIn(Input):
    """A choice in an option group of the item. `quantity` is for each piece. `choices` are made within the option."""

    group: str | None = None
    option: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(ge=1, le=99)] = 1
    without: bool = False
    choices: "Annotated[list[ChoiceIn], Field(max_length=MAX_PARTS_SOLD)]" = empty_list()


class PartIn(Input):
    """A chosen part of a combo. `quantity` is for each piece of the line."""

    part: Annotated[str, Field(min_length=1)]
    item: Annotated[str, Field(min_length=1)]
    name: str | None = None
    size: str | None = None
    choices: Annotated[list[ChoiceIn], Field(max_length=MAX_PARTS_SOLD)] = empty_list()
    quantity: Annotated[int, Field(ge=1, le=99)] = 1
    note: str | None = None


class LineDiscountIn(Input):
    """Money off one line. A comp takes off the whole line: its `amount` may be absent."""

    kind: DiscountKind = DiscountKind.OPEN
    amount: Amount | None = None
    code: str | None = None
    reason: str | None = None
    person: str | None = None


class TaxIn(Input):
    """One tax as the source computed it, for the breakdown by rate. `id` is that of the store's tax."""

    id: str | None = None
    percent: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$", examples=["8.875"])]
    inclusive: bool = True
    base: Amount | None = None
    amount: Amount


# As Stripe has it: 50 keys of 40 characters, values of 500.
MetadataIn = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(printable)],
        Annotated[str, StringConstraints(max_length=500), AfterValidator(printable)],
    ],
    Field(max_length=50, description="Your own keys and values, at most 50. The system never reads them."),
]
# A sale keeps what fits.
SoldMetadataIn = Annotated[
    dict[str, str],
    Field(description="Your own keys and values. At most 50 are kept, with keys of 40 and values of 500 characters."),
]


class LineIn(Input):
    """`unit_price` is the source's price per piece, options included. `station` replaces the station of the menu.

    `name` and `category` are for an item that the menu lacks. Limits for a mini-program: `note` has at most 200
    characters. `item`, `size`, `category` and `options` are ids of the menu, of letters, digits and `. _ -`.
    """

    item: Annotated[str, Field(min_length=1)]
    name: str | None = None
    category: str | None = None
    size: str | None = None
    options: Annotated[list[str], Field(max_length=MAX_PARTS_SOLD)] = empty_list()
    quantity: Annotated[int, Field(ge=1, le=999)]
    unit_price: Amount
    note: str | None = None
    station: str | None = None
    id: Annotated[str | None, Field(description="Unique in the order. By default the number of the line.")] = None
    kind: Annotated[LineKind | str | None, Field(union_mode="left_to_right")] = None
    choices: Annotated[list[ChoiceIn], Field(max_length=MAX_PARTS_SOLD, examples=[EXAMPLE_CHOICES])] = empty_list()
    parts: Annotated[list[PartIn], Field(max_length=MAX_PARTS_SOLD, examples=[EXAMPLE_PARTS])] = empty_list()
    weight: (
        Annotated[int, Field(ge=0, le=1_000_000, description="Grams of each piece; `unit_price` is for a kilogram.")]
        | None
    ) = None
    discounts: Annotated[list[LineDiscountIn], Field(max_length=MAX_PARTS_SOLD)] = empty_list()
    tax_class: Annotated[str | None, Field(description="By default that of the menu's item.")] = None
    seat: Annotated[int, Field(ge=0, le=999, description="The guest at the table.")] | None = None
    metadata: SoldMetadataIn = empty_map()


class DiscountIn(Input):
    """An amount off the order: by a code of the store's menu, or an open discount with its reason and person."""

    code: str = "open"
    amount: Amount
    kind: DiscountKind = DiscountKind.CODE
    reason: str | None = None
    person: str | None = None


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
    tip: Annotated[Amount, Field(description="A tip on top of `amount`.")] = 0
    tendered: Annotated[Amount | None, Field(description="Cash that the guest handed over.")] = None
    change: Annotated[Amount | None, Field(description="Cash that was given back; by default what is over.")] = None
    share: Annotated[Id | None, Field(description="The share of a split bill that it pays.")] = None
    metadata: MetadataIn = empty_map()


class SoldPaymentIn(PaymentIn):
    """A payment that came with an order. A till lists a payment of 0 when a voucher covered all."""

    method: Annotated[str, Field(description="Letters, digits and `. _ -`, at most 32. Other characters become `-`.")]
    amount: Amount
    taken_at: AnyMoment | None = None
    share: Annotated[str | None, Field(description="The share of a split bill that it pays.")] = None
    metadata: SoldMetadataIn = empty_map()


class MovedPaymentIn(SoldPaymentIn):
    """Money that the source took. `reference` is the source's own name of the payment; a repeat changes nothing."""

    amount: PositiveAmount


class OrderIn(Input):
    """An order as a source sends it. All amounts are in minor units of `currency`.

    Limits for a mini-program: 200 lines, 20 discounts, 20 payments, and 100 characters of `table`.
    """

    store: StoreReference
    source: SourceIn
    service: Service
    table: str | None = None
    guest: GuestIn | None = None
    open: Annotated[bool, Field(description="A bill that still grows: rounds are added, then it is closed.")] = False
    # `open` stands before them: only an open bill may have no lines.
    lines: Annotated[list[LineIn], Field(max_length=MAX_LINES_SOLD), AfterValidator(_lines_unless_open)]
    discounts: Annotated[list[DiscountIn], Field(max_length=MAX_PARTS_SOLD)] = empty_list()
    service_charge: Amount = 0
    delivery_charge: Amount = 0
    tax: Amount = 0
    total: Amount
    currency: Currency
    payments: Annotated[list[SoldPaymentIn], Field(max_length=MAX_PARTS_SOLD)] = empty_list()
    placed_at: Annotated[
        AnyMoment | None,
        Field(description="The time of the order at the source. By default the time of receipt."),
    ] = None
    wanted_for: AnyMoment | None = None
    covers: Annotated[int, Field(ge=0, le=9_999, description="The number of guests.")] | None = None
    waiter: str | None = None
    note: Annotated[str | None, Field(description="A note on the whole order, for the kitchens.")] = None
    taxes: Annotated[list[TaxIn], Field(max_length=MAX_PARTS_SOLD, examples=[EXAMPLE_TAXES])] = empty_list()
    metadata: SoldMetadataIn = empty_map()

    @property
    def is_sale(self) -> bool:
        """Whether the order is already sold. The guest of a mini-program can still correct the order."""
        return self.source.kind != SourceKind.MINI_PROGRAM

    @model_validator(mode="after")
    def _countable(self) -> "OrderIn":
        lines = sum(line_amount(line.unit_price, line.quantity, line.weight or None) for line in self.lines)
        if max(lines, self.total) > (most := largest_amount(self.currency)):
            raise ValueError(f"an order comes to {most} minor units at most")
        return self


class StrictGuest(GuestIn):
    """A guest of an order that its source can still correct."""

    member: Id | None = None
    name: Name | None = None
    phone: Phone | None = None
    address: Address | None = None
    delivery: StrictGuestDelivery | None = None


class StrictChoice(ChoiceIn):
    """A choice of an order that its source can still correct."""

    group: Id | None = None
    option: Id
    choices: "Annotated[list[StrictChoice], Field(max_length=MAX_PARTS)]" = empty_list()  # type: ignore[assignment]


class StrictPart(PartIn):
    """A part of a combo of an order that its source can still correct."""

    part: Id
    item: Id
    name: Name | None = None
    size: Id | None = None
    choices: Annotated[list[StrictChoice], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]
    note: Note | None = None


class StrictLineDiscount(LineDiscountIn):
    """A discount on a line of an order that its source can still correct."""

    code: Id | None = None
    reason: Note | None = None
    person: Name | None = None


class StrictLine(LineIn):
    """A line of an order that its source can still correct."""

    item: Id
    name: Name | None = None
    category: Id | None = None
    size: Id | None = None
    # As for an order's lists.
    options: Annotated[list[Id], Field(max_length=MAX_PARTS), AfterValidator(_without_repeats)] = empty_list()
    note: Note | None = None
    station: Id | None = None
    id: Id | None = None
    kind: LineKind | None = None
    weight: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    tax_class: Id | None = None
    seat: Annotated[int, Field(ge=1, le=999)] | None = None
    metadata: MetadataIn = empty_map()
    choices: Annotated[list[StrictChoice], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]
    parts: Annotated[list[StrictPart], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]
    discounts: Annotated[list[StrictLineDiscount], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]


class StrictDiscount(DiscountIn):
    """A discount of an order that its source can still correct."""

    code: Id = "open"
    reason: Note | None = None
    person: Name | None = None


class StrictTax(TaxIn):
    """A tax of an order that its source can still correct."""

    id: Id | None = None


class StrictOrder(OrderIn):
    """The form that a mini-program's order must have."""

    table: Name | None = None
    guest: StrictGuest | None = None
    # No list is ever added to: lists of narrower parts may stand for those of wider ones.
    lines: Annotated[list[StrictLine], Field(max_length=MAX_LINES), AfterValidator(_lines_unless_open)]  # type: ignore[assignment]
    discounts: Annotated[list[StrictDiscount], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]
    payments: Annotated[list[PaymentIn], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]
    placed_at: Moment | None = None
    wanted_for: Moment | None = None
    covers: Annotated[int, Field(ge=1, le=9_999)] | None = None
    waiter: Name | None = None
    note: Note | None = None
    metadata: MetadataIn = empty_map()
    taxes: Annotated[list[StrictTax], Field(max_length=MAX_PARTS)] = empty_list()  # type: ignore[assignment]

    @model_validator(mode="after")
    def _consistent(self) -> "StrictOrder":
        references = [payment.reference for payment in self.payments]
        if len(set(references)) < len(references):
            raise ValueError("two payments have the same reference")
        ids = [line.id for line in self.lines if line.id]
        if len(set(ids)) < len(ids):
            raise ValueError("two lines have the same id")
        codes = [discount.code for discount in self.discounts if discount.kind == DiscountKind.CODE]
        if len(set(codes)) < len(codes):
            raise ValueError("two discounts have the same code")
        if self.service == Service.DELIVERY and not (self.guest and self.guest.address):
            raise ValueError("a delivery needs guest.address")
        return self
