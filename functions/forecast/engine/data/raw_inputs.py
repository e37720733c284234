"""Raw inputs: history, plans and weather as tables have them; from them the snapshot with a corrected history."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.covariates import EVENT, EVENT_YEAR_AGO, Covariates
from functions.forecast.engine.data.events import events_year_ago
from functions.forecast.engine.data.history import History, from_days, require_one_currency
from functions.forecast.engine.data.outliers import without_outliers
from functions.forecast.engine.data.plans import PlannedDays, enter_plan
from functions.forecast.engine.data.snapshot import (
    CLOSED_BY_HOURS,
    COLUMNS,
    OVERRIDES,
    Snapshot,
)
from functions.forecast.engine.holidays.holiday_calendar import require_country
from functions.forecast.engine.settings import HORIZON
from shared.spine.errors import Rejected

EVERY_STORE = "*"


@dataclass(frozen=True)
class ClosedByHours:
    """A `weekday` (0 is Monday), or one `day`, on which the opening hours of a store close it."""

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

    A column without entries in the history is left out, because models cannot learn from it.
    """
    require_country(raw.country)
    history = reaching(history_of(raw.history, raw.first_day).closed_since_last_row(), raw.origin)
    history = without_outliers(history, raw.country)
    end = raw.origin + timedelta(days=HORIZON)
    empty = covariates.build(raw.country, history.stores, history.first_day, end)
    columns = {COLUMNS[kind]: _entries(raw.plans, kind, empty) for kind in COLUMNS}
    columns |= {name: weather_of(days, raw.first_day, empty) for name, days in raw.weather.items()}
    used = {name: array for name, array in columns.items() if np.nan_to_num(array[:, : history.days]).any()}
    if EVENT in used:
        used[EVENT_YEAR_AGO] = events_year_ago(raw.plans, empty)
    overrides = _overrides(raw.plans, raw.closed_by_hours, empty, history.days)
    return Snapshot(history, replace(empty, columns=used), overrides)


def history_of(days: dict[str, list[str]], first_day: date) -> History:
    """The history of stores from lines "days-since-first source currency revenue", in any order.

    Of several sources of a day, the first in the alphabet counts. Raises `Rejected` if there are no days, or two
    currencies.
    """
    if not days:
        raise Rejected("history_empty", "The stores have no revenue in the history.")
    text = io.StringIO("\n".join("\n".join(lines) for lines in days.values()))
    table = pd.read_csv(text, sep=" ", names=["day", "source", "currency", "revenue"], keep_default_na=False)
    table["store_id"] = np.repeat(pd.Categorical(list(days)), [len(lines) for lines in days.values()])
    table = table.sort_values(["store_id", "day", "source"]).drop_duplicates(["store_id", "day"])
    require_one_currency(table["currency"])
    dates = pd.Timestamp(first_day) + pd.to_timedelta(table["day"], unit="D")
    return from_days(table.assign(date=dates, revenue=table["revenue"].astype(float)))


def reaching(history: History, last_day: date) -> History:
    """The history with days up to `last_day`; a day that it lacks is unknown."""
    days = (last_day - history.last_day).days
    unknown = np.full((len(history.stores), max(days, 0)), np.nan)
    return replace(history, revenue=np.hstack([history.revenue, unknown]))


def weather_of(days_of_stores: Sequence[tuple[str, str]], first_day: date, covariates: Covariates) -> Values:
    """[store, day] of `covariates`: the values of `*`, replaced by those of stores; NaN for a day without a value."""
    values = np.full((len(covariates.stores), covariates.days), np.nan, np.float32)
    rows: dict[str, int | slice] = {store: index for index, store in enumerate(covariates.stores)}
    rows[EVERY_STORE] = slice(None)
    shift = (covariates.first_day - first_day).days
    for store, days in days_of_stores:
        if store in rows:
            day, value = np.fromstring(days, sep=" ").reshape(-1, 2).T
            within = (day >= shift) & (day < shift + covariates.days)
            values[rows[store], (day[within] - shift).astype(int)] = value[within]
    return values


def _entries(plans: Sequence[PlannedDays], kind: str, covariates: Covariates) -> Values:
    """[store, day]: 1 on the days of such plans."""
    values = np.zeros((len(covariates.stores), covariates.days), np.float32)
    for plan in plans:
        if plan.kind == kind:
            enter_plan(values, covariates, plan, 1.0)
    return values


def _overrides(
    plans: Sequence[PlannedDays], closed_by_hours: Sequence[ClosedByHours], covariates: Covariates, past: int
) -> Values:
    """A plan wins over the opening hours, and a closure over an opening of the same day."""
    overrides = np.full((len(covariates.stores), covariates.days), np.nan, np.float32)
    _close_by_hours(overrides, closed_by_hours, covariates)
    for kind in ("opening", "closure"):
        for plan in plans:
            if plan.kind == kind:
                enter_plan(overrides, covariates, plan, OVERRIDES[kind])
    return overrides[:, past:]


def _close_by_hours(overrides: Values, closed_by_hours: Sequence[ClosedByHours], covariates: Covariates) -> None:
    row = {store: index for index, store in enumerate(covariates.stores)}
    weekday = (covariates.first_day.weekday() + np.arange(covariates.days)) % 7
    for closed in closed_by_hours:
        if closed.store in row:
            days = weekday == closed.weekday if closed.day is None else (closed.day - covariates.first_day).days
            overrides[row[closed.store], days] = CLOSED_BY_HOURS
