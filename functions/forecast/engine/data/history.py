"""The history: a chain's daily revenue as stores × days. Invalid rows are refused, or corrected by a stated rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Floats
from functions.forecast.engine.settings import LONGEST_SILENCE
from shared.spine.errors import Fault, Rejected

MOST_FAULTS = 20
LONGEST_ID = 64
LEAST_DAYS = 28
UNKNOWN = "unknown"  # the value of a day after a correction that makes it missing
EARLIEST = pd.Timestamp(1990, 1, 1)
MOST_REVENUE = 1e13  # a larger number is a typing error; the sum of all days still fits 64 bits
MOST_CELLS = 40_000_000  # stores times days: a third of a gigabyte
LONGEST_DATE = 40  # with nanoseconds and an offset it has 35 characters
DATE = r"\d{4}-?\d{2}-?\d{2}(?!\d)"
OFFSET = r"(?<=\d)(?:Z|[+-]\d{2}:?\d{2})$"
UTC_TIME = r"[T ](?!00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)$).*(?:Z|[+-]00:?00)$"


@dataclass(frozen=True)
class Correction:
    """A changed row of history: its `store` and `day`, a machine-readable `reason`, the value before and after."""

    store: str
    day: date | None
    reason: str
    was: str
    became: str


@dataclass(frozen=True)
class History:
    """`revenue[store, day]` from `first_day` on: 0 on a closed day, NaN on an unknown day.

    `notes` tell how a file was read, if numbers, dates or text had other forms than usual. `ended` has the number of
    days since the last row of each store that `closed_since_last_row` closed.
    """

    stores: tuple[str, ...]
    first_day: date
    revenue: Floats
    corrections: tuple[Correction, ...] = ()
    notes: tuple[str, ...] = ()
    ended: tuple[tuple[str, int], ...] = ()

    @property
    def days(self) -> int:
        """Number of days."""
        return int(self.revenue.shape[1])

    @property
    def last_day(self) -> date:
        """The last day, of any store."""
        return self.first_day + timedelta(days=self.days - 1)

    def index(self, day: date) -> int:
        """The column of `day`, which may be outside the history."""
        return (day - self.first_day).days

    def until(self, day: date, most_days: int | None = None) -> "History":
        """The history up to `day`, and of that at most the newest `most_days`."""
        end = self.index(day) + 1
        start = max(0, end - most_days) if most_days else 0
        return replace(self, first_day=self.first_day + timedelta(days=start), revenue=self.revenue[:, start:end])

    def closed_since_last_row(self) -> "History":
        """A copy in which a store without a row for more than `LONGEST_SILENCE` days is closed since its last row.

        After a shorter silence, up to the last row of any store, the days stay unknown: their data may be late. A day
        with a row whose value became unknown stays unknown.
        """
        without_row = np.isnan(self.revenue)
        for correction in self.corrections:
            if correction.day is not None and correction.became == UNKNOWN:
                day = self.index(correction.day)
                without_row[self.stores.index(correction.store), max(0, day) : day + 1] = False
        last = np.where(without_row, -1, np.arange(self.days)).max(1)
        ended = (last >= 0) & (self.days - 1 - last > LONGEST_SILENCE)
        after = (np.arange(self.days) > last[:, None]) & ended[:, None]
        named = tuple((self.stores[store], int(self.days - 1 - last[store])) for store in np.flatnonzero(ended))
        return replace(self, revenue=np.where(after, 0, self.revenue), ended=named)

    def of(self, stores: Sequence[str]) -> "History":
        """These stores only, in this order."""
        index = {store: row for row, store in enumerate(self.stores)}
        return replace(self, stores=tuple(stores), revenue=self.revenue[[index[store] for store in stores]])


def read(rows: pd.DataFrame, today: date, most_cells: int = MOST_CELLS, *, add_rows: bool = False) -> History:
    """The history from rows of store_id, date, revenue and perhaps currency; values may be text, as in CSV.

    A day without a row between a store's first and last row is closed. With `add_rows`, several rows of a store and
    day are added up. Raises `Rejected` for rows that no rule can correct. The corrections are in `History.corrections`.
    """
    rows, corrections = _parsed(rows, today)
    rows, repeated = _added(rows) if add_rows else _without_repeated(rows)
    return from_days(rows, (*corrections, *repeated), most_cells)


def from_days(rows: pd.DataFrame, corrections: Sequence[Correction] = (), most_cells: int = MOST_CELLS) -> History:
    """The history from one row a store and day: store_id, date as a day, revenue as a number.

    Negative revenue becomes unknown, with a correction.
    """
    negative = rows["revenue"] < 0
    positive = rows.assign(revenue=rows["revenue"].mask(negative))
    negative_corrections = _corrections(rows[negative], "negative_revenue", UNKNOWN)
    return _history(positive, (*corrections, *negative_corrections), most_cells)


def store_days(rows: pd.DataFrame, *further: str) -> pd.DataFrame:
    """store_id as text and date as a day, of each row.

    Raises `Rejected` if they are invalid, or if a `further` column is missing.
    """
    absent = [name for name in ("store_id", "date", *further) if name not in rows]
    if absent:
        raise Rejected("columns_missing", f"The file lacks {', '.join(absent)}.")
    if rows.empty:
        raise Rejected("history_empty", "The file has no rows.")
    parsed = pd.DataFrame({"store_id": rows["store_id"].astype(str).str.strip(), "date": dates(rows["date"])})
    too_long = parsed["store_id"].str.len() > LONGEST_ID
    refuse(rows["store_id"].isna() | (parsed["store_id"] == ""), rows, "store_id_missing", "names no store")
    refuse(too_long, rows, "store_id_too_long", f"has over {LONGEST_ID} characters")
    refuse(parsed["date"].isna(), rows, "date_unreadable", "is not a date such as 2026-01-31")
    refuse(parsed["date"] < EARLIEST, rows, "date_too_early", f"is before {EARLIEST:%Y}")
    return parsed


def numbers(column: "pd.Series[Any]") -> "tuple[pd.Series[float], pd.Series[bool]]":
    """The column as numbers, NaN for text that is no number; and where it is empty."""
    empty = column.isna() | (column.astype(str).str.strip() == "")
    return pd.to_numeric(column, errors="coerce").astype(float), empty


def _parsed(rows: pd.DataFrame, today: date) -> tuple[pd.DataFrame, list[Correction]]:
    """Rows up to today. A month's export has future days without revenue; they are left out, and not closed."""
    parsed = store_days(rows, "revenue")
    parsed["revenue"], empty = numbers(rows["revenue"])
    not_a_number = ~np.isfinite(parsed["revenue"]) & ~empty
    refuse(not_a_number, rows, "revenue_unreadable", "is not a number; use digits and a decimal point")
    refuse(parsed["revenue"].abs() > MOST_REVENUE, rows, "revenue_too_large", "is too much for one day of a store")
    if "currency" in rows:
        require_one_currency(rows["currency"])
    future = parsed["date"] > pd.Timestamp(today)
    refuse(future & (parsed["revenue"].fillna(0) != 0), parsed, "date_in_future", f"is after {today}")
    if future.all():
        raise Rejected("history_empty", f"The file has no row up to {today}.")
    corrections = [
        *_corrections(parsed[empty & ~future], "revenue_empty", UNKNOWN),
        *_corrections(parsed[future], "date_in_future", "left out"),
    ]
    return parsed[~future], corrections


def require_one_currency(column: "pd.Series[Any]") -> None:
    """Raises `Rejected` if there are several."""
    currencies = sorted(map(str, column.unique()))
    if len(currencies) > 1:
        raise Rejected("currencies_mixed", f"The history is in {', '.join(currencies)}. Send one currency at a time.")


def dates(texts: "pd.Series[Any]") -> "pd.Series[pd.Timestamp]":
    """The day as written, without time of day and offset; NaT for text that is no date.

    A time of day in UTC gives NaT, because the day by the store's clock may be the one before or after.
    """
    days: pd.Series[pd.Timestamp]
    if pd.api.types.is_datetime64_dtype(texts):
        days = texts.dt.normalize()
        return days
    # Stores have the same days, so each text is parsed only once.
    codes, distinct = pd.factorize(texts.astype(str), use_na_sentinel=False)
    days = _parsed_dates(pd.Series(distinct)).iloc[codes].set_axis(texts.index)
    return days


def _parsed_dates(texts: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    text = texts.str.strip()
    text = text.where(text.str.len() <= LONGEST_DATE, "")  # the search below takes the square of a text's length
    text = text.where(text.str.match(DATE) & ~text.str.contains(UTC_TIME)).str.replace(OFFSET, "", regex=True)
    days: pd.Series[pd.Timestamp] = pd.to_datetime(text, errors="coerce", format="ISO8601").dt.normalize()
    return days


def _corrections(rows: pd.DataFrame, reason: str, became: str) -> list[Correction]:
    days = pd.DatetimeIndex(rows["date"]).date
    return [
        Correction(str(store), day, reason, "" if np.isnan(was) else f"{was:g}", became)
        for store, day, was in zip(rows["store_id"], days, rows["revenue"], strict=True)
    ]


def refuse(faulty: "pd.Series[bool]", rows: pd.DataFrame, code: str, reason: str, column: str = "") -> None:
    """Raises `Rejected` with the first faulty rows, if there are any.

    `reason` continues a sentence that begins with the value. Without `column`, `code` begins with its name.
    """
    if not faulty.any():
        return
    name = column or next(key for key in ("store_id", "date", "revenue") if code.startswith(key))
    indices = np.flatnonzero(faulty)[:MOST_FAULTS]
    faults = tuple(
        Fault(f"rows[{index}].{name}", code, f"{_as_text(rows[name].iloc[index])!r:.80} {reason}") for index in indices
    )
    first = indices[0]
    store, day = rows["store_id"].iloc[first], _as_text(rows["date"].iloc[first])
    row = f"Column {name:.40}, row {first + 1} (store {store!s:.64}, {day!s:.32})"
    count = f"{int(faulty.sum()):,} of {len(rows):,} rows"
    raise Rejected(code, f"{row}: {faults[0].detail}. This fault is in {count}.", faults=faults)


def _as_text(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) and not pd.isna(value) else value


def _without_repeated(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Correction]]:
    """A repeated row counts once. Raises `Rejected` if a store has two revenues on one day."""
    distinct = rows.drop_duplicates()
    conflicting = distinct[distinct.duplicated(["store_id", "date"], keep=False)]
    if len(conflicting):
        faults = tuple(
            Fault(f"{row.store_id}/{row.date:%Y-%m-%d}", "day_twice", f"revenue {row.revenue:g} is one of several")
            for row in conflicting.head(MOST_FAULTS).itertuples()
        )
        store, day = conflicting["store_id"].iloc[0], conflicting["date"].iloc[0]
        detail = f"Store {store!s:.64} has two revenues on {day:%Y-%m-%d}"
        raise Rejected("day_twice", f"{detail}. Send one row a day, or set day_twice to add.", faults=faults)
    return distinct.copy(), _corrections(rows[rows.duplicated()], "row_repeated", "one row")


def _added(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Correction]]:
    """One row a store and day: the sum of its rows, equal ones too. A day without any number stays unknown."""
    days = rows.groupby(["store_id", "date"], sort=False)["revenue"]
    sums = days.sum(min_count=1).reset_index()
    counts = days.size().to_numpy()
    several = sums[counts > 1]
    corrections = [
        Correction(str(store), day, "rows_added", f"{count} rows", f"{revenue:.15g}")
        for store, day, revenue, count in zip(
            several["store_id"],
            pd.DatetimeIndex(several["date"]).date,
            several["revenue"],
            counts[counts > 1],
            strict=True,
        )
    ]
    return sums, corrections


def _history(rows: pd.DataFrame, corrections: tuple[Correction, ...], most_cells: int) -> History:
    first, last = rows["date"].min(), rows["date"].max()
    row, stores = pd.factorize(rows["store_id"], sort=True)
    day = (rows["date"] - first).dt.days.to_numpy()
    if len(stores) * (count := (last - first).days + 1) > most_cells:
        size = f"{len(stores):,} stores from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        raise Rejected("history_too_large", f"The file has {size}. That is too much; send fewer stores or days.")
    revenue = np.full((len(stores), count), np.nan)
    begins, ends = np.full(len(stores), count), np.zeros(len(stores), int)
    np.minimum.at(begins, row, day)
    np.maximum.at(ends, row, day)
    days = np.arange(count)
    revenue[(days >= begins[:, None]) & (days <= ends[:, None])] = 0
    revenue[row, day] = rows["revenue"]
    return History(tuple(stores.tolist()), first.date(), revenue, corrections)
