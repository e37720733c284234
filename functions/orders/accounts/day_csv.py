"""The report of a day as CSV (RFC 4180): section, name, field, value; amounts in the currency's major unit."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from shared.contracts.messages.days import DayReport
from shared.contracts.money import written

HEADER = ("section", "name", "field", "value")
# Fields that are counts. All other numbers are amounts.
COUNTS = {
    "number", "orders", "covers", "cancelled", "voided_pieces", "refunds", "payments", "count", "corrected", "unpaid",
}  # fmt: skip
# The fields that name a row of a list.
KEYS = {
    "taxes": ("id", "name", "percent", "inclusive"),
    "discounts": ("kind", "code"),
    "tenders": ("method",),
    "services": ("service",),
    "hours": ("hour",),
    "persons": ("person",),
    "late": ("day",),
    "moves": ("reason", "person"),
}
# A spreadsheet runs a text that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(report: DayReport) -> str:
    """The report as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows([*map(_safe, row[:3]), row[3]] for row in _rows(report.model_dump(mode="json"), report.currency))
    return text.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _rows(report: dict[str, Any], currency: str) -> Iterator[tuple[str, str, str, str]]:
    drawer = report.pop("drawer")
    report["open_bills"] = " ".join(report["open_bills"])
    lists = {name: report.pop(name) for name in KEYS if name in report} | {"moves": drawer.pop("moves")}
    yield from _fields("report", "", report, currency)
    for section, rows in lists.items():
        for row in rows:
            name = " ".join(str(row.pop(key)) for key in KEYS[section] if row.get(key) is not None)
            yield from _fields(section, name, {k: v for k, v in row.items() if k not in KEYS[section]}, currency)
    yield from _fields("drawer", "", drawer, currency)


def _fields(section: str, name: str, fields: dict[str, Any], currency: str) -> Iterator[tuple[str, str, str, str]]:
    for field, value in fields.items():
        if value is None:
            continue
        amount = isinstance(value, int) and field not in COUNTS
        text = written(value, currency).replace(",", "") if amount else str(value)
        yield section, name, field, text if amount else _safe(text)
