"""A CSV file in UTF-8 with a header → its rows by column. A row with a fault is refused alone."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Row 1 is the header.
FIRST_ROW = 2
MOST_COLUMNS = 1_000


class FileRefused(Exception):
    """No row of the file can be read. The text says why, and names the column."""


@dataclass(frozen=True)
class RowFault:
    """A refused row: its number, its column, and the reason."""

    row: int
    column: str
    detail: str


Row = tuple[int, dict[str, str]]


def read_rows(content: bytes, columns: Sequence[str]) -> Iterator[Row | RowFault]:
    """The rows with their numbers. Other columns are passed over, and so are empty rows. Raises `FileRefused`."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader)]
    except (StopIteration, csv.Error):
        raise FileRefused("The file has no header of columns.") from None
    _check_header(header, columns)
    number = FIRST_ROW
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as failure:
            yield RowFault(number, "columns", str(failure))
            return
        if any(values):
            yield _row(number, header, values)
        number += 1


def _row(number: int, header: Sequence[str], values: Sequence[str]) -> Row | RowFault:
    if len(values) != len(header):
        return RowFault(number, "columns", f"The row has {len(values)} columns, and the header {len(header)}.")
    return number, dict(zip(header, values, strict=True))


def _text(content: bytes) -> str:
    if not content.strip():
        raise FileRefused("The file is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise FileRefused(f"The file is not UTF-8 at byte {failure.start}.") from None
    if "\0" in text:
        raise FileRefused("The file is not UTF-8 text: it has a byte 0.")
    return text


def _check_header(header: Sequence[str], columns: Sequence[str]) -> None:
    if len(header) > MOST_COLUMNS:
        raise FileRefused(f"The file has {len(header):,} columns, and {MOST_COLUMNS} is the most.")
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise FileRefused(f"The file has the column {', '.join(repeated)} more than once.")
    missing = [name for name in columns if name not in header]
    if missing:
        raise FileRefused(f"The file lacks the column {', '.join(missing)}.")
