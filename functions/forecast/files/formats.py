"""Columns of CSV with ISO dates and decimal points, from any common way to write them."""

from collections.abc import Sequence

from functions.forecast.files.date_format import as_iso_dates
from functions.forecast.files.number_format import with_decimal_point


def normalized(
    columns: dict[str, list[str | None]], number_columns: Sequence[str]
) -> tuple[dict[str, list[str | None]], list[str]]:
    """The columns, and a note for each one that was not written as usual. Raises `Rejected` if one is in doubt."""
    result, notes = {**columns}, []
    if "date" in columns:
        result["date"], note = as_iso_dates(columns["date"], "date")
        notes.append(note)
    for name in number_columns:
        if name in columns:
            result[name], note = with_decimal_point(columns[name], name)
            notes.append(note)
    return result, [note for note in notes if note]
