"""The parts of an order that its messages carry: options, combo parts, discounts, taxes, voids, changes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.contracts.messages import Document, left_out
from shared.contracts.money import Amount

# The tax class of an item for which the menu names none.
STANDARD_CLASS = "standard"


class BillStatus(StrEnum):
    """Whether a bill still grows. A merged bill is empty: its lines are on another order."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class LineKind(StrEnum):
    """Goods are revenue. A gift card or a deposit is a liability: the store owes its value to the guest."""

    GOODS = "goods"
    GIFT_CARD = "gift_card"
    DEPOSIT = "deposit"


class DiscountKind(StrEnum):
    """A discount by a code of the menu, by a person with an open amount, or an item given for free."""

    CODE = "code"
    OPEN = "open"
    COMP = "comp"


class Option(Document):
    """A choice made on a line. `price` is for one of it, for each piece of the line. `options` are chosen within it.

    `without`: the kitchen leaves it out. An option of no group has none.
    """

    id: str
    name: str
    price: Amount
    group: str | None = left_out(None)
    quantity: int = left_out(1)
    without: bool = left_out(default=False)
    options: "list[Option]" = left_out([])


class LinePart(Document):
    """A chosen part of a combo, or one half of a pizza. `quantity` is for each piece of the line.

    `amount` is the share of the line's amount that this part's tax is computed from.
    """

    part: str
    item: str
    name: str
    category: str
    size: str | None = left_out(None)
    options: list[Option] = left_out([])
    quantity: int = left_out(1)
    note: str | None = left_out(None)
    station: str | None = left_out(None)
    tax_class: str = left_out(STANDARD_CLASS)
    amount: Amount = left_out(0)


class LineDiscount(Document):
    """Money off one line, with its reason and the person who gave it."""

    kind: DiscountKind
    amount: Amount
    code: str | None = left_out(None)
    reason: str | None = left_out(None)
    person: str | None = left_out(None)


class TaxAmount(Document):
    """One tax of an order. `base` is the amount that it is computed from, without any tax. `percent` is a decimal."""

    id: str
    name: str
    percent: str
    inclusive: bool
    base: Amount
    amount: Amount


class Void(Document):
    """Pieces of a line that were taken off an open bill."""

    line: str
    item: str
    name: str
    quantity: int
    amount: Amount
    reason: str
    person: str | None
    voided_at: datetime


class Share(Document):
    """One of the equal shares of a bill. The shares sum to the amount due."""

    id: str
    amount: Amount


class RefundPart(Document):
    """The part of a refund that went back to one tender. A part of no payment exceeds all payments.

    `payment` is the reference of the payment. `tip` comes on top of `amount`.
    """

    payment: str | None
    method: str | None
    amount: Amount
    tip: Amount = left_out(0)


class RefundedLine(Document):
    """Pieces of a line for which money went back."""

    line: str
    quantity: int
    amount: Amount


class FieldChange(Document):
    """A field of an order other than its lines: table, covers, waiter, note, discounts, bill."""

    field: str
    before: str | int | None
    after: str | int | None


Metadata = Annotated[
    dict[str, str], Field(description="The integrator's own keys and values. The system never reads them.")
]
