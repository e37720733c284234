"""The inputs of a snapshot as tables have them, and the snapshot: corrected history, plans and weather by day."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.covariates import Calendar
from functions.forecast.engine.data.history import History, of_days, require_one_currency
from functions.forecast.engine.data.outliers import mended
from functions.forecast.engine.data.snapshot import (
    CLOSED_BY_HOURS,
    COLUMNS,
    TOLD,
    PlannedDays,
    Snapshot,
    mark_days,
)
from functions.forecast.engine.holidays.holiday_calendar import require_country
from functions.forecast.engine.settings import HORIZON
from shared.spine.errors import Rejected

Values = NDArray[np.float32]


@dataclass(frozen=True)
class ClosedByHours:
    """A `weekday` (0 is Monday), or one `day`, on which the opening hours of a store have it closed."""

    store: str
    weekday: int | None
    day: date | None


@dataclass(frozen=True)
class RawInputs:
    """All inputs of some stores from `first_day` to `HORIZON` days after the `origin`, as tables have them.

    `history` has by store "days-since-first source currency revenue" of each day and source, in any order. `weather`
    has by column, for `*` (every store) and then for each store, "days-since-first value" of its days as one text.
    """

    country: str
    first_day: date
    origin: date
    history: dict[str, list[str]]
    plans: Sequence[PlannedDays]
    closed_by_hours: Sequence[ClosedByHours]
    weather: dict[str, list[tuple[str, str]]]


def snapshot_of(raw: RawInputs) -> Snapshot:
    """The snapshot; its history names the corrections. Raises `Rejected` for a history that cannot be corrected.

    A column that was never set within the history is left out, because models cannot learn from it.
    """
    require_country(raw.country)
    history = reaching(history_of(raw.history, raw.first_day).closed_since_last_row(), raw.origin)
    history = mended(history, raw.country)
    end = raw.origin + timedelta(days=HORIZON)
    calendar = covariates.build(raw.country, history.stores, history.first_day, end)
    columns = {COLUMNS[kind]: _marks(raw.plans, kind, calendar) for kind in COLUMNS}
    columns |= {name: weather_of(days, raw.first_day, calendar) for name, days in raw.weather.items()}
    known = {name: values for name, values in columns.items() if np.nan_to_num(values[:, : history.days]).any()}
    told = _told(raw.plans, raw.closed_by_hours, calendar, history.days)
    return Snapshot(history, replace(calendar, known=known), told)


def history_of(days: dict[str, list[str]], first_day: date) -> History:
    """The history of stores from "days-since-first source currency revenue" of each day and source, in any order.

    Raises `Rejected` where there are no days, or where they are in two currencies.
    """
    if not days:
        raise Rejected("history_empty", "no revenue is known of these stores")
    lines = io.StringIO("\n".join("\n".join(each) for each in days.values()))
    table = pd.read_csv(lines, sep=" ", names=["day", "source", "currency", "revenue"], keep_default_na=False)
    table["store_id"] = np.repeat(pd.Categorical(list(days)), [len(each) for each in days.values()])
    # Of a day's sources the one that counts comes first.
    table = table.sort_values(["store_id", "day", "source"]).drop_duplicates(["store_id", "day"])
    require_one_currency(table["currency"])
    date = pd.Timestamp(first_day) + pd.to_timedelta(table["day"], unit="D")
    return of_days(table.assign(date=date, revenue=table["revenue"].astype(float)))


def reaching(history: History, last_day: date) -> History:
    """The history with days up to `last_day`; a day that it lacks is unknown."""
    missing = (last_day - history.last_day).days
    unknown = np.full((len(history.stores), max(missing, 0)), np.nan)
    return replace(history, revenue=np.hstack([history.revenue, unknown]))


def weather_of(days_of_stores: Sequence[tuple[str, str]], first_day: date, calendar: Calendar) -> Values:
    """[store, day] of `calendar`: the values of `*`, replaced by those of stores; NaN for a day without a value."""
    values = np.full((len(calendar.stores), calendar.days), np.nan, np.float32)
    rows: dict[str, int | slice] = {store: index for index, store in enumerate(calendar.stores)}
    rows["*"] = slice(None)
    shift = (calendar.first_day - first_day).days
    for store, days in days_of_stores:
        if store in rows:
            day, value = np.fromstring(days, sep=" ").reshape(-1, 2).T
            inside = (day >= shift) & (day < shift + calendar.days)
            values[rows[store], (day[inside] - shift).astype(int)] = value[inside]
    return values


def _marks(plans: Sequence[PlannedDays], kind: str, calendar: Calendar) -> Values:
    """[store, day]: 1 on the days of such plans."""
    marks = np.zeros((len(calendar.stores), calendar.days), np.float32)
    for plan in plans:
        if plan.kind == kind:
            mark_days(marks, calendar, plan, 1.0)
    return marks


def _told(plans: Sequence[PlannedDays], closings: Sequence[ClosedByHours], calendar: Calendar, past: int) -> Values:
    told = np.full((len(calendar.stores), calendar.days), np.nan, np.float32)
    # What was entered for a day stands above the opening hours, and a closure above an opening of the same day.
    _close_by_hours(told, closings, calendar)
    for kind in ("opening", "closure"):
        for plan in plans:
            if plan.kind == kind:
                mark_days(told, calendar, plan, TOLD[kind])
    return told[:, past:]


def _close_by_hours(told: Values, closings: Sequence[ClosedByHours], calendar: Calendar) -> None:
    places = {each: at for at, each in enumerate(calendar.stores)}
    weekday = (calendar.first_day.weekday() + np.arange(calendar.days)) % 7
    for each in closings:
        if each.store in places:
            days = weekday == each.weekday if each.day is None else (each.day - calendar.first_day).days
            told[places[each.store], days] = CLOSED_BY_HOURS
