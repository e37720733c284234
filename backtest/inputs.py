"""The request of a backtest: files, origins, horizon. The data that is known on the evening of an origin."""

import gzip
import io
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.covariates import KNOWN_AHEAD, WEATHER, Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.outliers import without_outliers
from functions.forecast.engine.holidays.holiday_calendar import require_country
from functions.forecast.files import formats, text_format
from functions.forecast.files.unpack import GZIP, PARQUET
from shared.spine.errors import Rejected

Floats = NDArray[np.float64]
TEXTS = ("store_id", "date", "revenue")
NEVER = date(3000, 1, 1)  # a backtest's history may be of any time
NOTHING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")


@dataclass(frozen=True)
class Request:
    """The options of the command line."""

    history: Path
    origins: tuple[date, ...]
    horizon: int
    country: str
    out: Path
    stores: Path | None = None
    threads: int = 1
    day_twice: str = "refuse"  # or `add`: several rows of a store and day are added up


@dataclass(frozen=True)
class Data:
    """Everything that was given; `known_at` and `truth` are the two sides of an origin."""

    history: History
    rows: pd.DataFrame
    statics: pd.DataFrame | None
    country: str
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def known_at(self, origin: date, horizon: int) -> tuple[History, Covariates]:
        """History of the stores that have one at `origin`, and the calendar of the horizon as known then."""
        last = origin + timedelta(days=horizon)
        past = self._until(origin)
        past = past.of([past.stores[at] for at in np.flatnonzero(np.isfinite(past.revenue).any(1))])
        past = without_outliers(past.closed_since_last_row(), self.country)
        covariate_rows = self.rows[self.rows["date"] <= pd.Timestamp(last)]
        given_rows = covariate_rows if len(self.known_names) else None
        calendar = covariates.build(self.country, past.stores, past.first_day, last, given_rows, self.statics)
        return past, calendar

    def _until(self, origin: date) -> History:
        """The history up to `origin`: a later row must not tell that a store was closed on the days before it."""
        past = self.history.until(origin)
        rows = self.rows[self.rows["date"] <= pd.Timestamp(origin)]
        last_rows = (rows.groupby("store_id")["date"].max() - pd.Timestamp(past.first_day)).dt.days
        last = last_rows.reindex(past.stores).fillna(-1).to_numpy()
        silent = (np.arange(past.days) > last[:, None]) & (past.revenue == 0)
        return replace(past, revenue=np.where(silent, np.nan, past.revenue))

    @property
    def known_names(self) -> tuple[str, ...]:
        return tuple(self.rows.columns.difference(["store_id", "date"]))

    def truth(self, origin: date, horizon: int) -> Floats:
        """[store, day] after `origin`; NaN where the history does not reach."""
        return stretch(self.history, origin, horizon)


def stretch(past: History, origin: date, horizon: int) -> Floats:
    """Revenue of the `horizon` days after `origin`, [store, day]."""
    begin = past.index(origin) + 1
    revenue = np.full((len(past.stores), horizon), np.nan)
    cut = past.revenue[:, begin : begin + horizon]
    revenue[:, : cut.shape[1]] = cut
    return revenue


def load(request: Request) -> Data:
    """Raises `Rejected` where the files cannot be what they should be."""
    require_country(request.country)
    rows, notes = _table(request.history)
    past = history.read(rows, NEVER, add_rows=request.day_twice == "add")
    for origin in request.origins:
        if not past.first_day + timedelta(days=history.LEAST_DAYS) <= origin < past.last_day:
            raise Rejected(
                "origin_outside",
                f"the history reaches from {past.first_day} to {past.last_day}; of that, {origin} must leave at least"
                f" {history.LEAST_DAYS} days before it and one after",
            )
    further = [name for name in map(str, rows) if name not in ("store_id", "date", "revenue", "currency")]
    # Any other column, as of guests or receipts, came with the day.
    ignored = [name for name in further if name not in KNOWN_AHEAD and not name.startswith(WEATHER)]
    covariate_rows = rows.drop(columns=["revenue", "currency", *ignored], errors="ignore")
    covariate_rows = covariate_rows.assign(
        store_id=covariate_rows["store_id"].astype(str).str.strip(), date=history.dates(covariate_rows["date"])
    )
    statics = _statics(request.stores) if request.stores else None
    if statics is not None and not set(statics["store_id"]) & set(past.stores):
        raise Rejected("stores_unmatched", f"no store of {request.history.name} is in {request.stores}")
    return Data(
        past,
        covariate_rows.drop_duplicates(["store_id", "date"]),
        statics,
        request.country,
        tuple(ignored),
        tuple(notes),
    )


def _table(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The rows of a file, and notes on how it was read. Raises `Rejected`."""
    if not path.is_file():
        raise Rejected("file_missing", f"there is no file {path}")
    with path.open("rb") as file:
        head = file.read(4)
    try:
        if head == PARQUET:
            return pd.read_parquet(path), []
        with (gzip.open if head.startswith(GZIP) else open)(path, "rb") as file:
            content = file.read()
        return _csv(content)
    except (ValueError, OSError, EOFError, zlib.error, NotImplementedError, pd.errors.ParserWarning) as failure:
        raise Rejected("file_unreadable", f"{path.name} is no CSV or Parquet that can be read: {failure}") from None


def _csv(content: bytes) -> tuple[pd.DataFrame, list[str]]:
    """Raises `ValueError` for content that is no CSV, `Rejected` for numbers or dates that are in doubt."""
    text_format.refuse_workbook(content)
    for encoding in text_format.encodings(content[: text_format.HEAD]):
        try:
            first = _first_line(content, encoding)
            delimiter = text_format.delimiter_of(first)
            rows = _rows(content, encoding, delimiter, skip=int(text_format.names_delimiter(first)))
        except UnicodeDecodeError:
            continue
        if not text_format.is_sure(encoding, [*map(str, rows), *rows.get("store_id", pd.Series()).dropna().unique()]):
            continue
        rows, notes = _normalized(rows)
        file_notes = [text_format.encoding_note(encoding), text_format.delimiter_note(delimiter)]
        return rows, [note for note in [*file_notes, *notes] if note]
    raise ValueError("it is not in UTF-8, UTF-16 or GBK; save it as CSV UTF-8")


def _first_line(content: bytes, encoding: str) -> str:
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding) as lines:
        return lines.readline()


def _rows(content: bytes, encoding: str, delimiter: str, skip: int) -> pd.DataFrame:
    """Rows with text where numbers and dates may be written in several ways."""
    options: dict[str, Any] = {"encoding": encoding, "sep": delimiter, "skiprows": skip, "index_col": False}
    with warnings.catch_warnings():
        # A value too many in a line: 1,234 for 1234.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        names = pd.read_csv(io.BytesIO(content), nrows=0, **options).columns
        # As it is written: 007 is a store, and so is NA.
        empty = {name: NOTHING for name in names if name != "store_id"}
        texts = {name: str for name in names if name in TEXTS or name.startswith(WEATHER)}
        rows: pd.DataFrame = pd.read_csv(
            io.BytesIO(content), dtype=texts, na_values=empty, keep_default_na=False, low_memory=False, **options
        )
    return rows[~_is_blank(rows)].reset_index(drop=True)


def _is_blank(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Rows without any value: Excel ends a sheet with rows of delimiters."""
    store = rows["store_id"].fillna("").astype(str).str.strip() if "store_id" in rows else pd.Series("", rows.index)
    return (store == "") & rows.drop(columns="store_id", errors="ignore").isna().all(axis=1)


def _normalized(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows with ISO dates and decimal points, and notes. Raises `Rejected`."""
    names = [name for name in rows if name in ("date", "revenue") or str(name).startswith(WEATHER)]
    columns = {str(name): rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in names}
    normal, notes = formats.normalized(columns, [name for name in columns if name != "date"])
    return rows.assign(**{name: pd.Series(values, rows.index, object) for name, values in normal.items()}), notes


def _statics(path: Path) -> pd.DataFrame:
    table, _ = _table(path)
    if "store_id" in table:
        table = table.assign(store_id=table["store_id"].astype(str).str.strip())
    if "store_id" not in table or table["store_id"].duplicated().any():
        raise Rejected("stores_unreadable", f"{path.name} must have a column store_id, and each store once")
    return table


def days(text: str) -> tuple[date, ...]:
    """Origins as they are written: 2016-12-23,2017-01-22. Raises `Rejected`."""
    try:
        origins = [date.fromisoformat(day.strip()) for day in text.split(",") if day.strip()]
    except ValueError:
        origins = []
    if not origins:
        raise Rejected("origins_unreadable", f"give origins as in ORIGINS=2016-12-23,2017-01-22, and not {text!r}")
    return tuple(dict.fromkeys(origins))


def places(stores: Sequence[str]) -> dict[Any, int]:
    return {store: index for index, store in enumerate(stores)}
