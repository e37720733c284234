"""A sale of an outside till, and the order that intake is asked to place. Pure functions."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from functions.sync.records.faults import RecordFault, checked
from functions.sync.records.our_codes import OurCodes
from shared.contracts.ids import derived_id
from shared.contracts.messages import Document
from shared.contracts.messages.orders import Service, SourceKind
from shared.contracts.moments import EARLIEST, LATEST, Moment
from shared.contracts.money import CURRENCIES, exponent
from shared.contracts.text import Id, Reference, cleaned, printable
from shared.spine.clock import EPOCH

Code = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(printable)]
Text = Annotated[str, StringConstraints(max_length=100), AfterValidator(printable)]
# Digits with a point: no sign, no thousands separator, no symbol of a currency.
Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
MOST_LINES, MOST_PARTS = 1_000, 100


def _known(currency: str) -> str:
    if currency not in CURRENCIES:
        raise ValueError("not an ISO 4217 currency code")
    return currency


Currency = Annotated[str, AfterValidator(_known)]


class TillLine(Document):
    """A line: `amount` is `quantity` × `unit_price`."""

    item: Code
    name: Text = ""
    quantity: Annotated[int, Field(ge=1, le=999)]
    unit_price: Amount
    amount: Amount


class TillPayment(Document):
    """Money that the till took."""

    reference: Reference
    method: Code
    amount: Amount
    taken_at: Moment | None = None


class TillRefund(Document):
    """Money that went back to the guest."""

    reference: Reference
    amount: Amount
    reason: Text = ""
    refunded_at: Moment | None = None


class TillSale(Document):
    """A sale in the codes of the till. Amounts are decimal texts in `currency`."""

    number: Id
    store: Code
    sold_at: Moment
    service: Service
    currency: Currency
    lines: Annotated[list[TillLine], Field(min_length=1, max_length=MOST_LINES)]
    tax: Amount
    total: Amount
    payments: Annotated[list[TillPayment], Field(max_length=MOST_PARTS)] = []
    refunds: Annotated[list[TillRefund], Field(max_length=MOST_PARTS)] = []
    changed_at: Moment | None = None

    def key(self, system: str) -> str:
        """The same for the same sale, in a file and in an answer of the API. A till restarts its numbers each day."""
        return derived_id(self.sold_at, system, self.store, self.number, self.sold_at.isoformat())

    def content(self) -> str:
        """The sale as JSON without the time of its last change."""
        return json.dumps(self.model_dump(mode="json", exclude={"changed_at"}), sort_keys=True, ensure_ascii=False)

    def content_hash(self) -> bytes:
        """The hash of its content: the sale is sent again only when that differs."""
        return hashlib.sha256(self.content().encode()).digest()


@dataclass(frozen=True)
class SaleHead:
    """The name of a sale that cannot be read. `sold_at` is None where the time cannot be read either."""

    key: str
    number: str
    store: str
    sold_at: datetime | None


def head_of(document: Mapping[str, Any], system: str) -> SaleHead:
    """The head of a sale with a fault. Its key is that of the corrected sale, if the fault is not in the head."""
    number, store, sold_at = (cleaned(str(document.get(name, ""))) for name in ("number", "store", "sold_at"))
    try:
        moment = datetime.fromisoformat(sold_at).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment and not EARLIEST <= moment < LATEST:
        moment = None
    key = derived_id(moment or EPOCH, system, store, number, moment.isoformat() if moment else sold_at)
    return SaleHead(key, number[:64], store[:128], moment)


def sale_of(document: dict[str, Any]) -> TillSale:
    """The sale of a document. Raises `RecordFault`."""
    sale = checked(TillSale, document)
    for index, line in enumerate(sale.lines):
        if minor(line.amount, sale, f"lines.{index}.amount") != line.quantity * minor(
            line.unit_price, sale, f"lines.{index}.unit_price"
        ):
            raise RecordFault(f"lines.{index}.amount", f"{line.amount} is not {line.quantity} × {line.unit_price}.")
    for name in ("tax", "total"):
        minor(getattr(sale, name), sale, name)
    return sale


def minor(text: str, sale: TillSale, field: str) -> int:
    """An amount in minor units of the currency. Raises `RecordFault` for one with more decimals."""
    units = Decimal(text).scaleb(exponent(sale.currency))
    if units != units.to_integral_value():
        raise RecordFault(field, f"{text} has more decimals than {sale.currency}.")
    return int(units)


def order_of(sale: TillSale, system: str, codes: OurCodes) -> dict[str, Any]:
    """The body of POST /v1/orders. Raises `CodeMissing` and `RecordFault`."""
    return {
        "store": codes.our_code("stores", sale.store),
        "source": {"kind": SourceKind.TILL, "id": system, "number": sale.number},
        "service": sale.service,
        "lines": [_line(line, sale, codes) for line in sale.lines],
        "tax": minor(sale.tax, sale, "tax"),
        "total": minor(sale.total, sale, "total"),
        "currency": sale.currency,
        "payments": [_payment(payment, sale, codes) for payment in sale.payments],
        "placed_at": _time(sale.sold_at),
    }


def refunds_of(sale: TillSale) -> list[dict[str, Any]]:
    """The bodies of POST /v1/orders/{order}/refunds. Raises `RecordFault`."""
    return [
        {
            "reference": refund.reference,
            "amount": minor(refund.amount, sale, "refunds.amount"),
            "reason": refund.reason or "refund",
            "refunded_at": _time(refund.refunded_at) if refund.refunded_at else None,
        }
        for refund in sale.refunds
    ]


def _line(line: TillLine, sale: TillSale, codes: OurCodes) -> dict[str, Any]:
    item, _, size = codes.our_code("items", line.item).partition("/")
    return {
        "item": item,
        "size": size or None,
        "name": line.name or None,
        "quantity": line.quantity,
        "unit_price": minor(line.unit_price, sale, "unit_price"),
    }


def _payment(payment: TillPayment, sale: TillSale, codes: OurCodes) -> Mapping[str, Any]:
    return {
        "reference": payment.reference,
        "method": codes.our_code("tenders", payment.method),
        "amount": minor(payment.amount, sale, "payments.amount"),
        "taken_at": _time(payment.taken_at or sale.sold_at),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
