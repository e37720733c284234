"""The bodies of requests that change a bill."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from functions.orders.pricing.order_request import (
    MAX_LINES_SOLD,
    MAX_PARTS,
    MAX_PARTS_SOLD,
    DiscountIn,
    GuestIn,
    LineDiscountIn,
    LineIn,
    MetadataIn,
    TaxIn,
)
from shared.contracts.ids import Ulid
from shared.contracts.messages.orders import SourceKind
from shared.contracts.models import Input
from shared.contracts.moments import AnyMoment
from shared.contracts.money import Amount
from shared.contracts.text import Id, Name, Note, printable

Version = Annotated[int, Field(ge=1, description="The order's `version` that you saw.")]
Person = Annotated[Name | None, Field(description="The person who made the change.")]
# A void has happened: its reason may be as long as any text of a sale.
Reason = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(printable)]
Quantity = Annotated[int, Field(ge=1, le=999)]


class BillSourceIn(Input):
    """The system that sends a change, when it is not the order's own source: another till, or a guest's phone."""

    kind: SourceKind
    id: Id


class LineChangeIn(Input):
    """New values of a line. A field that is not sent stays as it is; null clears it. `quantity` can only grow."""

    line: Id
    quantity: Quantity | None = None
    note: Annotated[str, Field(max_length=1_000), AfterValidator(printable)] | None = None
    seat: Annotated[int, Field(ge=1, le=999)] | None = None
    discounts: Annotated[list[LineDiscountIn], Field(max_length=MAX_PARTS)] | None = None


class VoidIn(Input):
    """Pieces of a line to take off the bill. Without `quantity` all of them. The reason is kept."""

    line: Id
    quantity: Quantity | None = None
    reason: Reason
    person: Name | None = None


class BillFieldsIn(Input):
    """New values of fields of the order. A field that is not sent stays as it is; null clears it."""

    table: str | None = None
    covers: Annotated[int, Field(ge=0, le=9_999)] | None = None
    waiter: str | None = None
    note: str | None = None
    guest: GuestIn | None = None
    discounts: Annotated[list[DiscountIn], Field(max_length=MAX_PARTS_SOLD)] = []


class BillChangeIn(Input):
    """A change of an open bill. `version` may be absent when the change only adds lines."""

    version: Version | None = None
    person: Person = None
    source: BillSourceIn | None = None
    placed_at: Annotated[
        AnyMoment | None, Field(description="The time of the change at its source. By default the time of receipt.")
    ] = None
    add: Annotated[list[LineIn], Field(max_length=MAX_LINES_SOLD, description="A round.")] = []
    change: Annotated[list[LineChangeIn], Field(max_length=MAX_LINES_SOLD)] = []
    void: Annotated[list[VoidIn], Field(max_length=MAX_LINES_SOLD)] = []
    set: BillFieldsIn | None = None

    @property
    def only_adds(self) -> bool:
        """Whether it has new lines and nothing else. Two such changes lead to the same bill in any order."""
        return not (self.change or self.void or self.set)

    @property
    def discounts(self) -> bool:
        """Whether it gives a discount that a person decided: an open one, or a comp."""
        on_lines = any(line.discounts for line in self.add) or any(line.discounts for line in self.change)
        return on_lines or any(discount.kind != "code" for discount in (self.set.discounts if self.set else []))

    @model_validator(mode="after")
    def _says_something(self) -> "BillChangeIn":
        if self.only_adds and not self.add:
            raise ValueError("the change is empty")
        if self.version is None and not self.only_adds:
            raise ValueError("name the version that you saw: only a change that just adds lines may leave it out")
        return self


class BillCloseIn(Input):
    """The end of a bill. Amounts that you state are compared with the server's. `taxes` are as those of an order."""

    version: Version
    person: Person = None
    total: Amount | None = None
    tax: Amount | None = None
    taxes: Annotated[list[TaxIn], Field(max_length=MAX_PARTS_SOLD)] = []
    service_charge: Amount | None = None
    delivery_charge: Amount | None = None


class BillReopenIn(Input):
    """A closed bill grows again, for a reason."""

    version: Version
    reason: Note
    person: Person = None


class MovedLineIn(Input):
    """Pieces of a line that move to another bill. Without `quantity` all of them."""

    line: Id
    quantity: Quantity | None = None


class SplitPartIn(Input):
    """The lines of one new bill, and its table and covers; by default the table stays."""

    lines: Annotated[list[MovedLineIn], Field(min_length=1, max_length=MAX_LINES_SOLD)]
    table: Name | None = None
    covers: Annotated[int, Field(ge=0, le=9_999)] | None = None


class BillSplitIn(Input):
    """A split: `parts` by items, `by_seat`, or evenly into `ways`; exactly one of them."""

    version: Version
    person: Person = None
    parts: Annotated[list[SplitPartIn], Field(max_length=50)] = []
    by_seat: bool = False
    ways: Annotated[int, Field(ge=2, le=100)] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "BillSplitIn":
        if [bool(self.parts), self.by_seat, self.ways is not None].count(True) != 1:
            raise ValueError("a split has either parts, by_seat or ways")
        return self


class BillMergeIn(Input):
    """The bill whose lines come in. It becomes `merged` and empty."""

    version: Version
    order: Annotated[Ulid, Field(description="The id of the other order.")]
    order_version: Annotated[int, Field(ge=1, description="The `version` of the other order that you saw.")]
    person: Person = None


class MetadataChangeIn(Input):
    """Keys to set; null removes a key. Of the order, of one line, or of one payment."""

    metadata: Annotated[dict[str, str | None], Field(max_length=100)]
    line: Id | None = None
    payment: Annotated[str | None, Field(description="The payment's `reference`.")] = None

    @model_validator(mode="after")
    def _one_place(self) -> "MetadataChangeIn":
        if self.line and self.payment:
            raise ValueError("name a line or a payment, not both")
        return self


class MetadataNow(Input):
    """The metadata after a change: its limits."""

    metadata: MetadataIn
