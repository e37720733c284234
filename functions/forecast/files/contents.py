"""Files of history and weather as checked rows: CSV, CSV by gzip, Parquet."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from functions.forecast.engine.data.covariates import WEATHER
from functions.forecast.engine.data.history import History, numbers, read, refuse, store_days
from functions.forecast.files import formats, unpack
from functions.forecast.files.unpack import MOST_ROWS, too_long
from shared.contracts.money import exponent, written
from shared.spine.errors import Rejected

REQUIRED = ("store_id", "date", "revenue")
COLUMNS = (*REQUIRED, "currency")
MOST_NAMED = 8  # columns that a refusal names
NAME = re.compile(WEATHER + r"[a-z0-9_]{0,33}")  # as long as the table has room for
MOST_WEATHER = 6  # columns of a chain: each is six of a model's
LARGEST = 1e9
# A product of two floats errs by far less than a ten-thousandth of a minor unit.
ROUNDED_DIGITS = 4
FRACTIONAL = (
    "Revenue has decimals, but is read in minor units, such as 1250 for 12.50."
    " If the file has 12.50, set `unit` to `major`."
)
TOO_FINE = "Revenue has more decimals than the currency. Round it to the currency's smallest unit."
MOST_CELLS = 4_000_000  # stores times days: a file of a few kilobytes can name a third of a gigabyte of them


@dataclass(frozen=True)
class Weather:
    """The names of the columns; a row is a store or `*`, a day, and a number or None for each column.

    `notes` tell how the file was read.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, date, list[float | None]]]
    notes: tuple[str, ...] = ()


def history(
    content: bytes, currency: str, today: date, *, add_rows: bool = False, major_units: bool = False
) -> History:
    """The history of a file in minor units of `currency`, with notes on how the file was read.

    With `add_rows`, several rows of a day are added up. With `major_units`, the file has 12.50 for 1250.
    Raises `Rejected` for an invalid or too long file.
    """
    table = unpack.table(content, COLUMNS, _of_history)
    rows, notes = _rows(table, ("revenue",))
    if "currency" in rows and len(foreign := rows["currency"][rows["currency"] != currency]):
        detail = f"a row of the file is in {foreign.iloc[0]!r}, and the request says {currency}"
        raise Rejected("currencies_mixed", detail)
    history = read(rows, today, MOST_CELLS, add_rows=add_rows)
    if (count := int(np.isfinite(history.revenue).sum())) > MOST_ROWS:
        raise too_long(f"the file has {count:,} days, with closed ones")
    if major_units:
        history = replace(history, revenue=np.round(history.revenue * 10 ** exponent(currency), ROUNDED_DIGITS))
        notes.append(f"Revenue was read in major units: 1 {currency} is {10 ** exponent(currency)}.")
    elif not table.typed and (decimals := _with_decimals(rows["revenue"])):
        notes.append(
            f"Revenue was read in minor units: {decimals!r} is {written(round(float(decimals)), currency)} {currency}."
            " If it is in major units, set `unit` to `major`."
        )
    if (history.revenue % 1 > 0).any():
        raise Rejected("revenue_fractional", TOO_FINE if major_units else FRACTIONAL)
    return replace(history, notes=tuple(notes))


def weather(content: bytes) -> Weather:
    """The columns whose names begin with `weather`, by store and day. Raises `Rejected`."""
    file = unpack.table(content, ("store_id", "date", f"{WEATHER}*"), _of_weather)
    columns = tuple(name for name in file.columns if name.startswith(WEATHER))
    rows, notes = _rows(file, columns)
    table = store_days(rows, *columns)
    if (count := len(rows) * len(columns)) > MOST_ROWS:
        raise too_long(f"the file has {count:,} numbers")
    refuse(table.duplicated(["store_id", "date"]), rows, "day_twice", "is there twice", "date")
    for name in columns:
        table[name], empty = numbers(rows[name])
        refuse(~(table[name].abs() <= LARGEST) & ~empty, rows, "weather_unreadable", "is not a number", name)
    numbers_by_row = table[list(columns)]
    values = numbers_by_row.astype(object).where(numbers_by_row.notna(), None).to_numpy().tolist()
    return Weather(columns, list(zip(table["store_id"], table["date"].dt.date, values, strict=True)), tuple(notes))


def days(history: History) -> Iterator[tuple[str, date, int]]:
    """Store, day and revenue of each day that is not unknown."""
    dates = pd.date_range(history.first_day, history.last_day).date
    for store, day in np.argwhere(np.isfinite(history.revenue)):
        yield history.stores[store], dates[day], int(history.revenue[store, day])


def _rows(table: unpack.Table, numbers: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """The table with ISO dates and decimal points, and notes on how the file was read."""
    columns, notes = ({**table.columns}, []) if table.typed else formats.normalized(table.columns, numbers)
    return pd.DataFrame(columns, dtype=object), [*table.notes, *notes]


def _with_decimals(column: "pd.Series[Any]") -> str:
    """The first text of the column that has a decimal point, or an empty text."""
    texts = column.astype(str)
    return str(next(iter(texts[texts.str.contains(".", regex=False)]), "")).strip()


def _of_history(names: Sequence[str]) -> list[str]:
    missing = [name for name in REQUIRED if name not in names]
    if missing and "".join(names).isprintable():  # else the file is no text, and a later check says so
        columns = ", ".join(f"{name:.20}" for name in names[:MOST_NAMED] if name) or "none"
        cure = "Write these names in the first line, separated by commas, semicolons or tabs."
        raise Rejected("columns_missing", f"The file lacks {', '.join(missing)}. Its columns are: {columns}. {cure}")
    return [name for name in names if name in COLUMNS]


def _of_weather(names: Sequence[str]) -> list[str]:
    columns = [name for name in names if name.startswith(WEATHER)]
    if not columns:
        raise Rejected("columns_missing", "the file has no column whose name begins with weather, such as weather_rain")
    if invalid := [name for name in columns if not NAME.fullmatch(name)]:
        raise Rejected(
            "weather_misnamed", f"{invalid[0]!r:.80} is no name like weather_rain: a-z, 0-9, _; 40 characters"
        )
    require_few(columns)
    return [name for name in names if name in ("store_id", "date", *columns)]


def require_few(columns: Sequence[str]) -> None:
    """Raises `Rejected` for more columns of weather than a chain can have."""
    if len(columns) > MOST_WEATHER:
        raise Rejected("weather_too_wide", f"a chain has at most {MOST_WEATHER} columns of weather, not {len(columns)}")
