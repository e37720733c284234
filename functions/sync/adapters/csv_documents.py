"""A document ↔ a CSV file: a row for each line, with the fields of the document in each row. Pure functions."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from functions.sync.adapters.contract import InDoubt, StoredDocument, TargetDocument
from functions.sync.documents.document import Kind

HEAD = (
    "key", "kind", "store", "to_store", "day", "reference", "refers_to", "currency", "tender", "payments", "net", "tax",
    "gross",
)  # fmt: skip
LINE = ("line_type", "item", "name", "quantity", "unit", "line_net", "line_tax", "tax_code")
ANSWER = ("key", "id", "store", "day", "tender", "payments", "net", "tax", "gross", "quantity")


def document_file(document: TargetDocument) -> bytes:
    """The file of a document: UTF-8, a header, a row for each line. Equal documents have equal files."""
    head = {
        "key": document.key,
        "kind": document.kind,
        "store": document.store,
        "to_store": document.to_store or "",
        "day": document.day.isoformat(),
        "reference": document.reference,
        "refers_to": document.refers_to or "",
        "currency": document.currency or "",
        "tender": document.tender or "",
        "payments": "|".join(f"{tender}={amount}" for tender, amount in document.payments),
        "net": str(document.net),
        "tax": str(document.tax),
        "gross": str(document.gross),
    }
    lines = [
        {
            "line_type": line.type,
            "item": line.item or "",
            "name": line.name,
            "quantity": str(line.quantity),
            "unit": line.unit or "",
            "line_net": str(line.net),
            "line_tax": str(line.tax),
            "tax_code": line.tax_code or "",
        }
        for line in document.lines
    ]
    return _written((*HEAD, *LINE), [head | line for line in lines])


def cancellation_file(kind: Kind, key: str) -> bytes:
    """The file that cancels a document."""
    return _written(("key", "kind"), [{"key": key, "kind": kind}])


def stored_of_file(content: bytes, key: str, kind: Kind, state: str) -> StoredDocument:
    """The document of a file that lies there. Raises `InDoubt` for a file that is not ours."""
    rows = _read(content, (*HEAD, *LINE))
    if not rows or {row["key"] for row in rows} != {key}:
        raise InDoubt("answer_malformed", f"The file of {key} has another document.")
    quantity = sum((_decimal(row["quantity"]) for row in rows if row["item"]), Decimal(0))
    return _stored(rows[0], key, kind, state, quantity)


def answer_of(content: bytes, kind: Kind, day: date) -> list[StoredDocument]:
    """The documents of an answer file. Raises `InDoubt` for a malformed one."""
    rows = _read(content, ANSWER)
    if any(row["day"] != day.isoformat() for row in rows):
        raise InDoubt("answer_malformed", f"The answer file of {day} has a row of another day.")
    return [_stored(row, row["id"] or row["key"], kind, "posted", _decimal(row["quantity"])) for row in rows]


def _stored(row: Mapping[str, str], identity: str, kind: Kind, state: str, quantity: Decimal) -> StoredDocument:
    try:
        day = date.fromisoformat(row["day"])
        pairs = [pair.rpartition("=") for pair in row["payments"].split("|") if pair]
    except ValueError:
        raise InDoubt("answer_malformed", f"The row of {row['key']} is malformed.") from None
    return StoredDocument(
        id=identity,
        number=identity,
        key=row["key"],
        kind=kind,
        state=state,
        store=row["store"],
        day=day,
        tender=row["tender"] or None,
        net=_decimal(row["net"]),
        tax=_decimal(row["tax"]),
        gross=_decimal(row["gross"]),
        quantity=quantity,
        payments=tuple((tender, _decimal(amount)) for tender, _, amount in pairs),
    )


def _written(names: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _read(content: bytes, names: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InDoubt("answer_malformed", "The file is no CSV in UTF-8.") from None
    for row in rows:
        if any(not isinstance(row.get(name), str) for name in names):
            raise InDoubt("answer_malformed", f"A row of the file lacks one of {', '.join(names)}.")
    return rows


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text or "0")
    except InvalidOperation:
        raise InDoubt("answer_malformed", f"{text[:32]} is no number. Use a decimal point.") from None
    if not number.is_finite():
        raise InDoubt("answer_malformed", "A number of the file is not finite.")
    return number
