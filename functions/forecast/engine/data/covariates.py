"""Covariates: values other than revenue, by store and day: openings, promotions, school holidays, weather."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Floats, Values
from functions.forecast.engine.holidays.holiday_calendar import require_country
from shared.spine.errors import Rejected

KNOWN_AHEAD = ("open", "promo", "school_holiday", "state_holiday")
WEATHER = "weather"  # names of weather columns begin with it
# Days, negative, to the same day of the same event one year before; 0 on a day without. No feature has its values.
EVENT, EVENT_YEAR_AGO = "event", "event_year_ago"
YES_OR_NO = ("open", "promo", "school_holiday")
WORDS = {"yes": 1.0, "y": 1.0, "true": 1.0, "open": 1.0, "no": 0.0, "n": 0.0, "false": 0.0, "closed": 0.0}


@dataclass(frozen=True)
class Covariates:
    """`columns[name][store, day]` from `first_day` on, NaN where missing; `statics` has one row a store."""

    country: str
    stores: tuple[str, ...]
    first_day: date
    days: int
    columns: dict[str, Values] = field(default_factory=dict)
    statics: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def last_day(self) -> date:
        """The last day of the columns."""
        return self.first_day + timedelta(days=self.days - 1)

    def column(self, name: str, first_day: date, days: int) -> Values:
        """[store, day] of `name` for `days` days from `first_day` on, NaN outside them."""
        cut = np.full((len(self.stores), days), np.nan, np.float32)
        if name in self.columns:
            shift = (first_day - self.first_day).days
            begin, end = max(0, -shift), min(days, self.days - shift)
            if begin < end:
                cut[:, begin:end] = self.columns[name][:, begin + shift : end + shift]
        return cut

    def constant_columns(self, first_day: date, days: int) -> tuple[str, ...]:
        """Names of the columns that have one value on all of these days, or none. Nothing can be learned from them.

        Openings are no such column: a future closure counts even if the history has none. Nor is the year before of
        an event: the first event that is held again is a future one.
        """
        names = sorted({*self.columns} - {"open", EVENT_YEAR_AGO})
        past = {name: self.column(name, first_day, days) for name in names}
        return tuple(name for name, values in past.items() if len(np.unique(values[np.isfinite(values)])) <= 1)

    def without(self, names: Sequence[str]) -> "Covariates":
        """A copy without these columns."""
        return replace(self, columns={name: column for name, column in self.columns.items() if name not in names})

    def of(self, stores: Sequence[str]) -> "Covariates":
        """These stores only, in this order."""
        index = {store: row for row, store in enumerate(self.stores)}
        rows = [index[store] for store in stores]
        columns = {name: array[rows] for name, array in self.columns.items()}
        statics = self.statics.iloc[rows] if len(self.statics) else self.statics
        return replace(self, stores=tuple(stores), columns=columns, statics=statics)


def build(
    country: str,
    stores: Sequence[str],
    first_day: date,
    last_day: date,
    table: pd.DataFrame | None = None,
    statics: pd.DataFrame | None = None,
) -> Covariates:
    """Covariates of stores in `country` (ISO 3166 alpha-2).

    `table` has rows of store_id, date and any covariates, `statics` rows of store_id and any fixed properties. Raises
    `Rejected` for a country without public holidays, and for words in a column of yes and no.
    """
    require_country(country)
    days = (last_day - first_day).days + 1
    columns = {} if table is None else _columns(table, stores, first_day, days)
    by_store = _statics(statics, stores) if statics is not None else pd.DataFrame()
    return Covariates(country, tuple(stores), first_day, days, columns, by_store)


def _columns(table: pd.DataFrame, stores: Sequence[str], first_day: date, days: int) -> dict[str, Values]:
    row = pd.Index(stores).get_indexer(pd.Index(table["store_id"].astype(str)))
    day = (pd.to_datetime(table["date"]) - pd.Timestamp(first_day)).dt.days.to_numpy()
    within = (row >= 0) & (day >= 0) & (day < days)
    columns = {}
    for name in table.columns.difference(["store_id", "date", "revenue", "currency"]):
        numbers = _yes_or_no(table[name], name) if name in YES_OR_NO else _numbers(table[name])
        columns[name] = np.full((len(stores), days), np.nan, np.float32)
        columns[name][row[within], day[within]] = numbers[within]
    return columns


def _yes_or_no(column: "pd.Series[Any]", name: str) -> Floats:
    """1 and 0. Raises `Rejected` for an unknown word."""
    text = column.astype(str).str.strip().str.lower()
    numbers = pd.to_numeric(column, errors="coerce").where(~text.isin(WORDS), text.map(WORDS))
    unknown = column.notna() & numbers.isna() & (text != "")
    if unknown.any():
        raise Rejected(
            "word_unknown", f"Column {name} has the word {column[unknown].iloc[0]!r}. Use 1 and 0, or yes and no."
        )
    return numbers.to_numpy(float)


def _numbers(column: "pd.Series[Any]") -> Floats:
    """Numbers as they are; words, such as a, b, c in `state_holiday`, as their rank, with 0 for none."""
    numbers = pd.to_numeric(column, errors="coerce")
    words = column.notna() & numbers.isna()
    if not words.any():
        return numbers.to_numpy(float)
    ranks = {word: rank for rank, word in enumerate(sorted(column[words].astype(str).unique()), 1)}
    return numbers.where(~words, column.astype(str).map(ranks)).to_numpy(float)


def _statics(statics: pd.DataFrame, stores: Sequence[str]) -> pd.DataFrame:
    table = statics.assign(store_id=statics["store_id"].astype(str)).set_index("store_id").reindex(list(stores))
    return table.apply(lambda column: pd.Series(_numbers(column), index=column.index))
