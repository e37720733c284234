"""The rules of the simulated ERP for a document, and the code of each refusal."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tests.simulators.erp_books import Books

SALES = ("sale", "credit_note")
STOCK = ("consumption", "wastage", "count", "receipt", "transfer")
KINDS = (*SALES, *STOCK)
LINE_TYPES = ("item", "charge", "discount", "tip", "rounding", "liability")
AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?")
QUANTITY = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
AMOUNTS = ("net", "tax", "gross")
LONGEST_KEY = 64
Document = dict[str, Any]


class Refused(Exception):
    """A document that the ERP does not take: a code, a detail for people, and the field."""

    def __init__(self, code: str, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.code, self.detail, self.field = code, detail, field

    def result(self, index: int) -> dict[str, Any]:
        return {"index": index, "status": "refused", "code": self.code, "detail": self.detail, "field": self.field}


def check(books: Books, document: Any) -> None:
    """Raises Refused for the first fault of a document."""
    _check_form(document)
    _check_head(books, document)
    for number, line in enumerate(document["lines"]):
        _check_line(books, document["kind"], line, f"lines[{number}]")
    if document["kind"] in SALES:
        _check_sums(document)
        _check_payments(books, document)


def _check_form(document: Any) -> None:
    if not isinstance(document, dict):
        raise Refused("malformed", "A document must be an object.")
    for name in ("key", "kind", "store", "day"):
        if not isinstance(document.get(name), str) or not document[name]:
            raise Refused("malformed", f"{name} must be a text.", name)
    if len(document["key"]) > LONGEST_KEY:
        raise Refused("malformed", f"key has more than {LONGEST_KEY} characters.", "key")
    if document["kind"] not in KINDS:
        raise Refused("malformed", f"kind {document['kind']} does not exist.", "kind")
    lines = document.get("lines")
    if not isinstance(lines, list) or not lines or not all(isinstance(line, dict) for line in lines):
        raise Refused("malformed", "lines must be a list of at least one object.", "lines")
    try:
        well_written = date.fromisoformat(document["day"]).isoformat() == document["day"]
    except ValueError:
        well_written = False
    if not well_written:
        raise Refused("malformed", f"day {document['day']} must be written as 2026-12-31.", "day")


def _check_head(books: Books, document: Document) -> None:
    _known(books, "stores", document["store"], "unknown_store", "store")
    if document["kind"] == "transfer":
        _known(books, "stores", document.get("to_store"), "unknown_store", "to_store")
        if document["to_store"] == document["store"]:
            raise Refused("malformed", "A transfer needs two stores.", "to_store")
    if document["kind"] in SALES and not isinstance(document.get("currency"), str):
        raise Refused("malformed", "currency must be a text.", "currency")
    if books.is_closed(document["day"]):
        raise Refused("closed_period", f"The day {document['day']} is closed.", "day")


def _check_line(books: Books, kind: str, line: Document, place: str) -> None:
    sort = line.get("type", "item")
    if sort not in LINE_TYPES or (kind in STOCK and sort != "item"):
        raise Refused("malformed", f"A document of kind {kind} has no lines of type {sort}.", f"{place}.type")
    if sort == "item":
        if books.get("items", str(line.get("item"))) is None:
            raise Refused("unknown_item", f"Item {line.get('item')} does not exist.", f"{place}.item")
        _check_quantity(books, kind, line, place)
    if kind in SALES:
        for name in AMOUNTS:
            _amount(line, name, place)
        if line.get("tax_code") is not None:
            _known(books, "taxes", line["tax_code"], "unknown_tax", f"{place}.tax_code")
        _add_up(line, place)
        if sort == "discount" and _amount(line, "gross", place) > 0:
            raise Refused("amounts_differ", "A discount must be negative.", f"{place}.gross")


def _check_quantity(books: Books, kind: str, line: Document, place: str) -> None:
    written = line.get("quantity")
    if not isinstance(written, str) or not QUANTITY.fullmatch(written):
        raise Refused("malformed", f"quantity {written} is not a number in a text.", f"{place}.quantity")
    if kind in STOCK and Decimal(written) < 0:
        raise Refused("malformed", "quantity is below 0.", f"{place}.quantity")
    _known(books, "units", line.get("unit"), "unknown_unit", f"{place}.unit")
    if kind in STOCK and books.factor(line["item"], line["unit"]) is None:
        detail = f"Item {line['item']} has no conversion from the unit {line['unit']}."
        raise Refused("unknown_unit", detail, f"{place}.unit")


def _check_sums(document: Document) -> None:
    for name in AMOUNTS:
        head = _amount(document, name, "")
        lines = sum((Decimal(line[name]) for line in document["lines"]), Decimal(0))
        if head != lines:
            raise Refused("amounts_differ", f"{name} of the head is {head}; the lines add up to {lines}.", name)
    _add_up(document, "")
    if document["kind"] == "credit_note" and Decimal(document["gross"]) < 0:
        raise Refused("amounts_differ", "The amounts of a credit note are positive.", "gross")


def _check_payments(books: Books, document: Document) -> None:
    if document.get("tender") is not None:
        _known(books, "tenders", document["tender"], "unknown_tender", "tender")
    payments = document.get("payments") or []
    for number, payment in enumerate(payments):
        _known(books, "tenders", payment.get("tender"), "unknown_tender", f"payments[{number}].tender")
        _amount(payment, "amount", f"payments[{number}]")
    if not payments and document.get("tender") is not None:
        return  # the head says how all of it was paid
    paid = sum((Decimal(payment["amount"]) for payment in payments), Decimal(0))
    if paid != Decimal(document["gross"]):
        raise Refused("amounts_differ", f"The payments are {paid}, gross is {document['gross']}.", "payments")


def _known(books: Books, kind: str, code: Any, refusal: str, place: str) -> None:
    if not isinstance(code, str) or not books.has_code(kind, code):
        raise Refused(refusal, f"{code} does not exist in {kind}.", place)


def _amount(holder: Document, name: str, place: str) -> Decimal:
    written = holder.get(name)
    if not isinstance(written, str) or not AMOUNT.fullmatch(written):
        raise Refused(
            "malformed", f"{name} {written} is not an amount in a text.", ".".join(filter(None, (place, name)))
        )
    return Decimal(written)


def _add_up(holder: Document, place: str) -> None:
    net, tax, gross = (Decimal(holder[name]) for name in AMOUNTS)
    if net + tax != gross:
        raise Refused("amounts_differ", f"net {net} and tax {tax} are not gross {gross}.", place or "gross")


def mistakes(books: Books, documents: list[Any]) -> Iterator[Refused | None]:
    """For each document its first fault, or None."""
    for document in documents:
        try:
            check(books, document)
        except Refused as refused:
            yield refused
        else:
            yield None
