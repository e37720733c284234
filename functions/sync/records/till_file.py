"""Rows of a till's file → sales. A row is a line of a sale; the fields of the sale repeat in each of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.sync.records.csv_file import Row, RowFault, read_rows
from functions.sync.records.faults import RecordFault
from functions.sync.records.till_sale import TillSale, sale_of

LINE_COLUMNS = ("item", "name", "quantity", "unit_price", "amount")
SALE_COLUMNS = (
    "number", "store", "sold_at", "service", "currency", "tax", "total", "payment_method", "payment_reference",
)  # fmt: skip
COLUMNS = (*SALE_COLUMNS, *LINE_COLUMNS)


@dataclass
class TillFile:
    """The sales of a file by the number of their first row, and its refused rows."""

    sales: list[tuple[int, TillSale]] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def read_till_file(content: bytes) -> TillFile:
    """The sales of the file. Raises `FileRefused`."""
    file, groups = TillFile(), dict[tuple[str, ...], list[Row]]()
    for row in read_rows(content, COLUMNS):
        if isinstance(row, RowFault):
            file.faults.append(row)
        else:
            values = row[1]
            # A number that is missing belongs to no sale but its own.
            key = (values["store"], values["number"], values["sold_at"], "" if values["number"] else str(row[0]))
            groups.setdefault(key, []).append(row)
    for rows in groups.values():
        _add_sale(file, rows)
    return file


def _add_sale(file: TillFile, rows: Sequence[Row]) -> None:
    number, first = rows[0]
    for other, values in rows[1:]:
        for column in SALE_COLUMNS:
            if values[column] != first[column]:
                file.faults.append(RowFault(other, column, f"It differs from row {number} of the same sale."))
                return
    try:
        file.sales.append((number, sale_of(_document(rows))))
    except RecordFault as fault:
        parts = fault.field.split(".")
        at = rows[int(parts[1])][0] if parts[0] == "lines" and len(parts) > 1 else number
        file.faults.append(RowFault(at, _column(parts), fault.detail))


def _column(parts: Sequence[str]) -> str:
    return {"method": "payment_method", "reference": "payment_reference"}.get(parts[-1], parts[-1])


def _document(rows: Sequence[Row]) -> dict[str, Any]:
    sale = rows[0][1]
    document: dict[str, Any] = {name: sale[name] for name in SALE_COLUMNS[:7]}
    document["lines"] = [{name: values[name] for name in LINE_COLUMNS} for _, values in rows]
    if sale["payment_method"]:
        reference = sale["payment_reference"] or sale["number"]
        payment = {"reference": reference, "method": sale["payment_method"], "amount": sale["total"]}
        document["payments"] = [payment]
    return document
