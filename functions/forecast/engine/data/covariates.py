"""Covariates: values other than revenue that are known for a store and day, such as promotions and weather."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.holidays.holiday_calendar import require_country
from shared.spine.errors import Rejected

Values = NDArray[np.float32]
KNOWN = ("open", "promo", "school_holiday", "state_holiday")
WEATHER = "weather"  # so begin the names of its columns
YES_OR_NO = ("open", "promo", "school_holiday")
WORDS = {"yes": 1.0, "y": 1.0, "true": 1.0, "open": 1.0, "no": 0.0, "n": 0.0, "false": 0.0, "closed": 0.0}


@dataclass(frozen=True)
class Calendar:
    """`known[name][store, day]` from `first_day` on, NaN where nothing was said; `statics` is one row a store."""

    country: str
    stores: tuple[str, ...]
    first_day: date
    days: int
    known: dict[str, Values] = field(default_factory=dict)
    statics: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    def column(self, name: str, first_day: date, days: int) -> Values:
        """[store, day] of `name` for a stretch of days, NaN where it says nothing."""
        cut = np.full((len(self.stores), days), np.nan, np.float32)
        if name in self.known:
            shift = (first_day - self.first_day).days
            begin, end = max(0, -shift), min(days, self.days - shift)
            if begin < end:
                cut[:, begin:end] = self.known[name][:, begin + shift : end + shift]
        return cut

    def of(self, stores: Sequence[str]) -> "Calendar":
        """These stores only, in this order."""
        places = {store: place for place, store in enumerate(self.stores)}
        rows = [places[store] for store in stores]
        known = {name: values[rows] for name, values in self.known.items()}
        statics = self.statics.iloc[rows] if len(self.statics) else self.statics
        return replace(self, stores=tuple(stores), known=known, statics=statics)


def build(
    country: str,
    stores: Sequence[str],
    first_day: date,
    last_day: date,
    known: pd.DataFrame | None = None,
    statics: pd.DataFrame | None = None,
) -> Calendar:
    """A calendar of `country` (ISO 3166 alpha-2).

    `known` has rows of store_id, date and any further columns known in advance, `statics` rows of store_id and any
    further columns. Raises `Rejected` for a country without a calendar.
    """
    require_country(country)
    days = (last_day - first_day).days + 1
    columns = {} if known is None else _columns(known, stores, first_day, days)
    table = _statics(statics, stores) if statics is not None else pd.DataFrame()
    return Calendar(country, tuple(stores), first_day, days, columns, table)


def _columns(known: pd.DataFrame, stores: Sequence[str], first_day: date, days: int) -> dict[str, Values]:
    places = pd.Index(stores).get_indexer(pd.Index(known["store_id"].astype(str)))
    day = (pd.to_datetime(known["date"]) - pd.Timestamp(first_day)).dt.days.to_numpy()
    inside = (places >= 0) & (day >= 0) & (day < days)
    columns = {}
    for name in known.columns.difference(["store_id", "date", "revenue", "currency"]):
        values = _said(known[name], name)
        columns[name] = np.full((len(stores), days), np.nan, np.float32)
        columns[name][places[inside], day[inside]] = values[inside]
    return columns


def _said(column: "pd.Series[Any]", name: str) -> NDArray[np.float64]:
    """What a column known in advance says, as numbers. Raises `Rejected` for words where it is yes or no."""
    if name not in YES_OR_NO:
        return _numbers(column)
    text = column.astype(str).str.strip().str.lower()
    numbers = pd.to_numeric(column, errors="coerce").where(~text.isin(WORDS), text.map(WORDS))
    unknown = column.notna() & numbers.isna() & (text != "")
    if unknown.any():
        raise Rejected("word_unknown", f"{name} is {column[unknown].iloc[0]!r}: say 1 or 0, or yes or no")
    return numbers.to_numpy(float)


def _numbers(column: "pd.Series[Any]") -> NDArray[np.float64]:
    """Numbers as they are; words (as in state_holiday's a, b, c) as their rank, with 0 for none."""
    numbers = pd.to_numeric(column, errors="coerce")
    words = column.notna() & numbers.isna()
    if not words.any():
        return numbers.to_numpy(float)
    ranks = {word: rank for rank, word in enumerate(sorted(column[words].astype(str).unique()), 1)}
    return numbers.where(~words, column.astype(str).map(ranks)).to_numpy(float)


def _statics(statics: pd.DataFrame, stores: Sequence[str]) -> pd.DataFrame:
    table = statics.assign(store_id=statics["store_id"].astype(str)).set_index("store_id").reindex(list(stores))
    return table.apply(lambda column: pd.Series(_numbers(column), index=column.index))
