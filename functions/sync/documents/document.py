"""A document of money or of stock, before and after our codes are replaced by those of an outside system."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic_core import from_json


class Kind(StrEnum):
    """The kinds of documents. Sales and credit notes have amounts, the others move stock."""

    SALE = "sale"
    CREDIT_NOTE = "credit_note"
    CONSUMPTION = "consumption"
    WASTAGE = "wastage"
    COUNT = "count"
    RECEIPT = "receipt"
    TRANSFER = "transfer"


class LineType(StrEnum):
    """The types of lines. A discount has amounts below 0; a liability is money that the store owes."""

    ITEM = "item"
    CHARGE = "charge"
    DISCOUNT = "discount"
    TIP = "tip"
    ROUNDING = "rounding"
    LIABILITY = "liability"


MONEY_KINDS = (Kind.SALE, Kind.CREDIT_NOTE)
# A payment that no tender is known of.
NO_TENDER = "unknown"
# Units of what the menu sells.
PIECE, KILOGRAM = "piece", "kg"


class DocumentLine(NamedTuple):
    """A line. Amounts are minor units, `quantity` is a decimal text. `gross` is `net` + `tax`.

    `tax_code` names the taxes of the line, joined by `+`; None for none.
    """

    type: LineType
    name: str
    item: str | None = None
    quantity: str = "1"
    unit: str | None = None
    net: int = 0
    tax: int = 0
    tax_code: str | None = None

    @property
    def gross(self) -> int:
        """The amount with its tax."""
        return self.net + self.tax


class Tender(NamedTuple):
    """Money by one tender: `amount` in minor units."""

    code: str
    amount: int


@dataclass(frozen=True)
class Document:
    """A document of one store and business day. `source_key` identifies it for ever; `group` is what it was made from.

    `tender` is set where the document is for one tender alone. `refers_to` is the source key of the sale of a credit
    note. The amounts of a credit note are positive.
    """

    source_key: str
    group: str
    kind: Kind
    store: str
    day: date
    reference: str
    currency: str | None = None
    to_store: str | None = None
    tender: str | None = None
    refers_to: str | None = None
    lines: tuple[DocumentLine, ...] = ()
    payments: tuple[Tender, ...] = field(default=())

    @property
    def net(self) -> int:
        """The sum of the lines without tax."""
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        """The sum of the taxes."""
        return sum(line.tax for line in self.lines)

    @property
    def gross(self) -> int:
        """The sum with tax."""
        return self.net + self.tax

    def payload(self) -> str:
        """The document as JSON. Equal documents have equal payloads."""
        fields = vars(self) | {
            "lines": [line._asdict() for line in self.lines],
            "payments": [payment._asdict() for payment in self.payments],
        }
        return json.dumps(fields, default=str, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def payload_hash(payload: str) -> bytes:
    """SHA-256 of a payload: 32 bytes."""
    return hashlib.sha256(payload.encode()).digest()


def document_of(payload: str) -> Document:
    """The document in a payload."""
    fields: dict[str, Any] = from_json(payload)
    return Document(
        **fields
        | {
            "kind": Kind(fields["kind"]),
            "day": date.fromisoformat(fields["day"]),
            "lines": tuple(_line(line) for line in fields["lines"]),
            "payments": tuple(Tender(**payment) for payment in fields["payments"]),
        }
    )


def _line(fields: dict[str, Any]) -> DocumentLine:
    fields["type"] = LineType(fields["type"])
    return DocumentLine(**fields)
