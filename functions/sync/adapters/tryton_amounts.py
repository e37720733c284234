"""Lines of a Tryton sale whose net, tax and gross are exactly those of a document. Pure functions.

Tryton computes each line as quantity x unit price, and each tax of the sale from the sum of its lines. Our receipts
round otherwise. So the lines are completed by lines of a service for roundings, which together have no net amount.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from functions.sync.adapters.contract import TargetDocument
from functions.sync.documents.document import Kind, LineType

CENT = Decimal("0.01")
# Decimals of a unit price in Tryton (`price_decimal`).
PRICE = Decimal("0.0001")
SERVICES = {
    LineType.CHARGE: "CHARGE",
    LineType.DISCOUNT: "DISCOUNT",
    LineType.TIP: "TIP",
    LineType.ROUNDING: "ROUNDING",
    LineType.LIABILITY: "LIABILITY",
}


@dataclass(frozen=True)
class SaleLine:
    """A line by the code of its product, and the codes of its taxes."""

    product: str
    quantity: Decimal
    unit_price: Decimal
    taxes: tuple[str, ...]
    name: str

    @property
    def amount(self) -> Decimal:
        """The net amount as Tryton computes it."""
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_EVEN)


def sale_lines_of(document: TargetDocument, rates: Mapping[str, Decimal]) -> list[SaleLine]:
    """The lines of a sale. A credit note is a sale of negative quantities. `rates` by tax code: 0.06 for 6 %."""
    sign = -1 if document.kind == Kind.CREDIT_NOTE else 1
    lines: list[SaleLine] = []
    for line in document.lines:
        product = line.item if line.type == LineType.ITEM and line.item else SERVICES.get(line.type, "CHARGE")
        taxes = tuple(line.tax_code.split("+")) if line.tax_code else ()
        quantity = line.quantity or Decimal(1)
        price = (line.net / quantity).quantize(PRICE, ROUND_HALF_UP)
        lines.append(SaleLine(product, quantity * sign, price, taxes, line.name))
    return lines + _completing(lines, document, rates, sign)


def _completing(
    lines: Sequence[SaleLine], document: TargetDocument, rates: Mapping[str, Decimal], sign: int
) -> list[SaleLine]:
    """Lines that bring each tax to its amount, and then the net amount to its own."""
    added: list[SaleLine] = []
    taxes = _taxes(document, rates)
    bases: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        for code in line.taxes:
            bases[code] += line.amount
    for code, tax in taxes.items():
        missing = _missing_base(bases[code], tax * sign, rates[code])
        if missing:
            added.append(_rounding(missing, (code,)))
    net = sum((line.amount for line in (*lines, *added)), Decimal(0))
    if net != document.net * sign:
        added.append(_rounding(document.net * sign - net, ()))
    return added


def _taxes(document: TargetDocument, rates: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The tax of the document by code. The tax of a line with several codes is divided by their rates."""
    taxes: dict[str, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        codes = line.tax_code.split("+") if line.tax_code else []
        total = sum((rates[code] for code in codes), Decimal(0))
        remaining = line.tax
        for code in codes[1:]:
            share = (line.tax * rates[code] / total).quantize(CENT) if total else Decimal(0)
            taxes[code] += share
            remaining -= share
        if codes:
            taxes[codes[0]] += remaining
    return taxes


def _missing_base(base: Decimal, tax: Decimal, rate: Decimal) -> Decimal:
    """The amount that the base lacks, so that Tryton computes this tax."""
    if (base * rate).quantize(CENT, ROUND_HALF_EVEN) == tax or not rate:
        return Decimal(0)
    return (tax / rate).quantize(CENT, ROUND_HALF_UP) - base


def _rounding(amount: Decimal, taxes: tuple[str, ...]) -> SaleLine:
    quantity = Decimal(1) if amount > 0 else Decimal(-1)
    return SaleLine(SERVICES[LineType.ROUNDING], quantity, abs(amount), taxes, "Rounding")
