"""Files of history and of weather, whatever they were written as: CSV, CSV by gzip, Parquet."""

import gzip
import io
import re
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from functions.forecast.calendars import WEATHER
from functions.forecast.history import History, numbers, read, refuse, store_days
from shared.errors import Rejected

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
MOST_UNZIPPED = 64 * 1024 * 1024
# As many as are read, checked and kept within the time that an HTTP call has.
MOST_ROWS = 250_000
COLUMNS = ("store_id", "date", "revenue", "currency")
NAME = re.compile(WEATHER + r"[a-z0-9_]{0,33}")  # as long as the table has room for
MOST_WEATHER = 6  # columns of a chain: each is six of a model's
LARGEST = 1e9
# Few: a column of one long text is small in the file, and large in each batch.
ROWS_AT_ONCE = 64
CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Weather:
    """`columns` are its names; a row is store or `*`, day, and a number or None for each of them."""

    columns: tuple[str, ...]
    rows: list[tuple[str, date, list[float | None]]]


def history(content: bytes, currency: str, today: date) -> History:
    """What a file in minor units of `currency` holds. Raises `Rejected` for one that is not so, or too long."""
    rows = _rows(content, lambda names: [name for name in names if name in COLUMNS])
    if "currency" in rows and len(other := rows["currency"][rows["currency"] != currency]):
        raise Rejected(
            "currencies_mixed", f"a row of the file is in {other.iloc[0]!r}, and the file is said to be in {currency}"
        )
    found = read(rows, today)
    if (count := int(np.isfinite(found.revenue).sum())) > MOST_ROWS:
        raise _too_long(f"{count:,} days, with those closed")
    if (found.revenue % 1 > 0).any():
        raise Rejected("revenue_fractional", "revenue is in minor units of the currency, as 1250 for 12.50")
    return found


def weather(content: bytes) -> Weather:
    """The columns whose names begin with `weather`, by store and day. Raises `Rejected`."""
    rows = _rows(content, _of_weather)
    columns = tuple(name for name in map(str, rows) if name.startswith(WEATHER))
    found = store_days(rows, *columns)
    if (count := len(rows) * len(columns)) > MOST_ROWS:
        raise _too_long(f"{count:,} numbers")
    refuse(found.duplicated(["store_id", "date"]), rows, "day_twice", "is there twice", "date")
    for name in columns:
        found[name], empty = numbers(rows[name])
        refuse(~(found[name].abs() <= LARGEST) & ~empty, rows, "weather_unreadable", "is not a number", name)
    values = found[list(columns)].astype(object).where(found[list(columns)].notna(), None).to_numpy().tolist()
    return Weather(columns, list(zip(found["store_id"], found["date"].dt.date, values, strict=True)))


def days(found: History) -> Iterator[tuple[str, date, int]]:
    """Store, day and amount of each day of which something is known."""
    dates = pd.date_range(found.first_day, found.last_day).date
    for store, day in np.argwhere(np.isfinite(found.revenue)):
        yield found.stores[store], dates[day], int(found.revenue[store, day])


def _of_weather(names: Sequence[str]) -> list[str]:
    columns = [name for name in names if name.startswith(WEATHER)]
    if not columns:
        raise Rejected("columns_missing", "the file has no column whose name begins with weather, as weather_rain")
    if odd := [name for name in columns if not NAME.fullmatch(name)]:
        raise Rejected("weather_misnamed", f"{odd[0]!r:.80} is no name as weather_rain: a-z, 0-9, _; 40 characters")
    require_few(columns)
    return [name for name in names if name in ("store_id", "date", *columns)]


def require_few(columns: Sequence[str]) -> None:
    """Raises `Rejected` for more columns of weather than a chain may have."""
    if len(columns) > MOST_WEATHER:
        raise Rejected("weather_too_wide", f"a chain has at most {MOST_WEATHER} columns of weather, not {len(columns)}")


def _rows(content: bytes, choose: Callable[[Sequence[str]], list[str]]) -> pd.DataFrame:
    """The columns that `choose` takes of those that are there."""
    if content.startswith(PARQUET):
        return _parquet(content, choose)
    rows = _csv(_unzipped(content), choose)
    if len(rows) > MOST_ROWS:
        raise _too_long(f"{len(rows):,} rows")
    return rows


def _too_long(found: str) -> Rejected:
    return Rejected("file_too_long", f"{found}; send at most {MOST_ROWS:,} days or numbers in one file")


def _unzipped(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            found = file.read(MOST_UNZIPPED + 1)
    except (OSError, EOFError, zlib.error) as failure:
        raise Rejected("not_gzip", f"the file begins as gzip and is none: {failure}") from None
    if len(found) > MOST_UNZIPPED:
        raise _too_long(f"the file holds more than {MOST_UNZIPPED:,} bytes")
    return found


def _csv(content: bytes, choose: Callable[[Sequence[str]], list[str]]) -> pd.DataFrame:
    try:
        content = content.decode("utf-8-sig").encode()
    except UnicodeDecodeError as failure:
        raise Rejected("not_csv", f"the file is not in UTF-8: {failure}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # Without `index_col`, a value too many in each line would make stores of the dates; with `usecols` it
            # would go unnoticed.
            names = [*pd.read_csv(io.BytesIO(content), nrows=0, index_col=False)]
            chosen, at_once = choose(names), max(CELLS_AT_ONCE // len(names), 1)
            with pd.read_csv(
                io.BytesIO(content), dtype=str, keep_default_na=False, index_col=False, chunksize=at_once
            ) as parts:
                rows = pd.concat([part[chosen] for part in parts])
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning) as failure:
        raise Rejected("not_csv", f"the file is no CSV: {failure}") from None
    return rows


def _parquet(content: bytes, choose: Callable[[Sequence[str]], list[str]]) -> pd.DataFrame:
    from arro3.core import DataType  # noqa: PLC0415 - 30 MB that no other file needs
    from arro3.io import read_parquet  # noqa: PLC0415 - likewise

    rows = size = 0
    with _sound():
        batches = read_parquet(content, batch_size=ROWS_AT_ONCE)
        found: dict[str, list[str | None]] = {name: [] for name in choose(batches.schema.names)}
        for batch in batches:
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows > MOST_ROWS or size > MOST_UNZIPPED:
                raise _too_long("the file holds more than can be read")
            for name in found:
                found[name] += batch.column(name).cast(DataType.utf8()).to_pylist()
    return pd.DataFrame(found, dtype=object)


@contextmanager
def _sound() -> Iterator[None]:
    """Where a file is damaged the reader panics: what it raises is no `Exception`."""
    try:
        yield
    except Rejected:
        raise
    except BaseException as failure:
        if not isinstance(failure, Exception) and type(failure).__name__ != "PanicException":
            raise
        raise Rejected(
            "not_parquet", "the file begins as Parquet and is damaged, cut off or of a kind unknown"
        ) from None
