"""A chain's daily revenue as a table of stores by days, and how bad history is refused or mended."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shared.spine.errors import Fault, Rejected

Floats = NDArray[np.float64]
MOST_FAULTS = 20
LONGEST_ID = 64
LEAST_DAYS = 28
UNKNOWN = "unknown"  # what a correction makes of a day
EARLIEST = pd.Timestamp(1990, 1, 1)
MOST_REVENUE = 1e13  # a slip of the keys; all of a chain's days still fit 64 bits
MOST_CELLS = 40_000_000  # stores times days, a third of a gigabyte
LONGEST_DATE = 40  # with nanoseconds and an offset it has 35 characters
DATE = r"\d{4}-?\d{2}-?\d{2}(?!\d)"
OFFSET = r"(?<=\d)(?:Z|[+-]\d{2}:?\d{2})$"
UTC_EVENING = r"[T ](?!00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)$).*(?:Z|[+-]00:?00)$"


@dataclass(frozen=True)
class Correction:
    """What was mended: `store` and `day` (None for all of its days), a machine-readable `reason`."""

    store: str
    day: date | None
    reason: str
    was: str
    became: str


@dataclass(frozen=True)
class History:
    """`revenue[store, day]` from `first_day` on: 0 is a day closed, NaN a day of which nothing is known."""

    stores: tuple[str, ...]
    first_day: date
    revenue: Floats
    corrections: tuple[Correction, ...] = ()

    @property
    def days(self) -> int:
        return int(self.revenue.shape[1])

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    def index(self, day: date) -> int:
        """The column of `day`, which may lie outside."""
        return (day - self.first_day).days

    def until(self, day: date, most_days: int | None = None) -> "History":
        """Nothing after `day`, and of what is left at most the newest `most_days`."""
        end = self.index(day) + 1
        start = max(0, end - most_days) if most_days else 0
        return replace(self, first_day=self.first_day + timedelta(days=start), revenue=self.revenue[:, start:end])

    def closed_since_last_row(self) -> "History":
        """After its last row a store is closed as it is between two: what comes later does not say so sooner."""
        silent = np.isnan(self.revenue)
        for each in self.corrections:
            if each.day is not None and each.became == UNKNOWN:  # there was a row
                silent[self.stores.index(each.store), max(0, self.index(each.day)) : self.index(each.day) + 1] = False
        last = np.where(silent, -1, np.arange(self.days)).max(1)
        after = (np.arange(self.days) > last[:, None]) & (last >= 0)[:, None]
        return replace(self, revenue=np.where(after, 0, self.revenue))

    def of(self, stores: Sequence[str]) -> "History":
        """These stores only, in this order."""
        places = {store: place for place, store in enumerate(self.stores)}
        return replace(self, stores=tuple(stores), revenue=self.revenue[[places[store] for store in stores]])


def read(rows: pd.DataFrame, today: date, most_cells: int = MOST_CELLS) -> History:
    """History from rows of store_id, date, revenue and perhaps currency; values may be text, as CSV has them.

    A day without a row between a store's first and last is a day closed. Raises `Rejected` with every kind of fault
    that no rule can mend; what a rule did mend is in `corrections`.
    """
    rows, notes = _parsed(rows, today)
    rows, doubled = _without_duplicates(rows)
    return of_days(rows, (*notes, *doubled), most_cells)


def of_days(rows: pd.DataFrame, corrections: Sequence[Correction] = (), most_cells: int = MOST_CELLS) -> History:
    """From a row a store and day: store_id, date as a day, revenue as a number; what is negative is mended."""
    negative = rows["revenue"] < 0
    mended = rows.assign(revenue=rows["revenue"].mask(negative))
    return _table(mended, (*corrections, *_noted(rows[negative], "negative_revenue", UNKNOWN)), most_cells)


def store_days(rows: pd.DataFrame, *further: str) -> pd.DataFrame:
    """store_id as text and date as a day, of each row. Raises `Rejected`, also for a lack of what is in `further`."""
    missing = [name for name in ("store_id", "date", *further) if name not in rows]
    if missing:
        raise Rejected("columns_missing", f"the file lacks {', '.join(missing)}")
    if rows.empty:
        raise Rejected("history_empty", "the file has no rows")
    parsed = pd.DataFrame({"store_id": rows["store_id"].astype(str).str.strip(), "date": dates(rows["date"])})
    too_long = parsed["store_id"].str.len() > LONGEST_ID
    refuse(rows["store_id"].isna() | (parsed["store_id"] == ""), rows, "store_id_missing", "names no store")
    refuse(too_long, rows, "store_id_too_long", f"has over {LONGEST_ID} characters")
    refuse(parsed["date"].isna(), rows, "date_unreadable", "is not a date as in 2026-01-31")
    refuse(parsed["date"] < EARLIEST, rows, "date_too_early", f"is before {EARLIEST:%Y}")
    return parsed


def numbers(column: "pd.Series[Any]") -> "tuple[pd.Series[float], pd.Series[bool]]":
    """The column as numbers, NaN for what is none, and where it is empty."""
    empty = column.isna() | (column.astype(str).str.strip() == "")
    return pd.to_numeric(column, errors="coerce").astype(float), empty


def _parsed(rows: pd.DataFrame, today: date) -> tuple[pd.DataFrame, list[Correction]]:
    """Days to come are left out: a month's export has them without revenue, and they are not closed."""
    parsed = store_days(rows, "revenue")
    parsed["revenue"], empty = numbers(rows["revenue"])
    refuse(~np.isfinite(parsed["revenue"]) & ~empty, rows, "revenue_unreadable", "is not a number")
    refuse(parsed["revenue"].abs() > MOST_REVENUE, rows, "revenue_too_large", "is more than a store takes in a day")
    if "currency" in rows:
        require_one_currency(rows["currency"])
    future = parsed["date"] > pd.Timestamp(today)
    refuse(future & (parsed["revenue"].fillna(0) != 0), parsed, "date_in_future", f"is after {today}")
    if future.all():
        raise Rejected("history_empty", f"the file has no row up to {today}")
    notes = [
        *_noted(parsed[empty & ~future], "revenue_empty", UNKNOWN),
        *_noted(parsed[future], "date_in_future", "left out"),
    ]
    return parsed[~future], notes


def require_one_currency(column: "pd.Series[Any]") -> None:
    """Raises `Rejected` where there are several."""
    if len(found := column.unique()) > 1:
        names = ", ".join(sorted(map(str, found)))
        raise Rejected("currencies_mixed", f"the history is in {names}; send one currency at a time")


def dates(written: "pd.Series[Any]") -> "pd.Series[pd.Timestamp]":
    """The day as it is written, whatever time and offset follow; NaT for what is none.

    A time of day in UTC is none: by the store's clock it may be the day before or after.
    """
    days: pd.Series[pd.Timestamp]
    if pd.api.types.is_datetime64_dtype(written):
        days = written.dt.normalize()
        return days
    # Stores share their days: each is parsed once.
    places, texts = pd.factorize(written.astype(str), use_na_sentinel=False)
    days = _days_of(pd.Series(texts)).iloc[places].set_axis(written.index)
    return days


def _days_of(texts: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    text = texts.str.strip()
    text = text.where(text.str.len() <= LONGEST_DATE, "")  # the search below takes the square of a text's length
    text = text.where(text.str.match(DATE) & ~text.str.contains(UTC_EVENING)).str.replace(OFFSET, "", regex=True)
    days: pd.Series[pd.Timestamp] = pd.to_datetime(text, errors="coerce", format="ISO8601").dt.normalize()
    return days


def _noted(rows: pd.DataFrame, reason: str, became: str) -> list[Correction]:
    days = pd.DatetimeIndex(rows["date"]).date
    return [
        Correction(str(store), day, reason, "" if np.isnan(was) else f"{was:g}", became)
        for store, day, was in zip(rows["store_id"], days, rows["revenue"], strict=True)
    ]


def refuse(bad: "pd.Series[bool]", rows: pd.DataFrame, code: str, what: str, column: str = "") -> None:
    """Raises `Rejected` where a row is bad, with the first of them; without `column` the code begins with its name."""
    if not bad.any():
        return
    name = column or next(each for each in ("store_id", "date", "revenue") if code.startswith(each))
    places = np.flatnonzero(bad)[:MOST_FAULTS]
    faults = tuple(Fault(f"rows[{at}].{name}", code, f"{_shown(rows[name].iloc[at])!r:.80} {what}") for at in places)
    store, day = rows["store_id"].iloc[places[0]], _shown(rows["date"].iloc[places[0]])
    detail = f"{faults[0].detail}, of store {store!s:.64} on {day!s:.32}; so {int(bad.sum()):,} of {len(rows):,} rows"
    raise Rejected(code, detail, faults=faults)


def _shown(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, date) and not pd.isna(value) else value


def _without_duplicates(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Correction]]:
    """A row that is there twice with one value counts once; two values for one day are refused."""
    once = rows.drop_duplicates()
    twice = once[once.duplicated(["store_id", "date"], keep=False)]
    if len(twice):
        faults = tuple(
            Fault(f"{row.store_id}/{row.date:%Y-%m-%d}", "day_twice", f"revenue {row.revenue:g} is one of several")
            for row in twice.head(MOST_FAULTS).itertuples()
        )
        detail = (
            f"store {twice['store_id'].iloc[0]!s:.64} has two different revenues on {twice['date'].iloc[0]:%Y-%m-%d}"
        )
        raise Rejected("day_twice", detail, faults=faults)
    return once.copy(), _noted(rows[rows.duplicated()], "row_repeated", "one row")


def _table(rows: pd.DataFrame, corrections: tuple[Correction, ...], most_cells: int) -> History:
    first, last = rows["date"].min(), rows["date"].max()
    place, stores = pd.factorize(rows["store_id"], sort=True)
    day = (rows["date"] - first).dt.days.to_numpy()
    if len(stores) * (count := (last - first).days + 1) > most_cells:
        detail = f"{len(stores):,} stores from {first:%Y-%m-%d} to {last:%Y-%m-%d} are too many; send fewer at a time"
        raise Rejected("history_too_large", detail)
    revenue = np.full((len(stores), count), np.nan)
    begins, ends = np.full(len(stores), revenue.shape[1]), np.zeros(len(stores), int)
    np.minimum.at(begins, place, day)
    np.maximum.at(ends, place, day)
    days = np.arange(revenue.shape[1])
    revenue[(days >= begins[:, None]) & (days <= ends[:, None])] = 0
    revenue[place, day] = rows["revenue"]
    return History(tuple(stores.tolist()), first.date(), revenue, corrections)
