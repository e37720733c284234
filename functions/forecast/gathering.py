"""What is known of some stores on an evening: revenue pulled from orders and imports, and what people entered."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast import calendars, store
from functions.forecast.archive import array_bytes, zipped
from functions.forecast.calendars import WEATHER, Calendar
from functions.forecast.history import History, of_days, require_one_currency
from functions.forecast.mending import mended
from functions.forecast.settings import HORIZON
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import Rejected

Values = NDArray[np.float32]
HISTORY_DAYS = 730
# Money goes back for days after it came in.
REFUND_DAYS = 14
COLUMNS = {"promotion": "promo", "event": "event", "school_holiday": "school_holiday"}
TOLD = {"closure": 0.0, "opening": 1.0}
CLOSED_BY_HOURS = -1.0


@dataclass(frozen=True)
class Snapshot:
    """Everything that a training or forecast sees.

    `told[store, ahead]` is 1 open, 0 closed, -1 closed by the opening hours, NaN where nobody said.
    """

    history: History
    calendar: Calendar
    told: Values

    def dump(self) -> bytes:
        """The same snapshot gives the same bytes."""
        head = {
            "country": self.calendar.country,
            "stores": self.history.stores,
            "first_day": self.history.first_day.isoformat(),
        }
        arrays: dict[str, NDArray[Any]] = {"revenue": self.history.revenue, "told": self.told}
        arrays |= {f"known.{name}": values for name, values in self.calendar.known.items()}
        parts = {f"{name}.npy": array_bytes(values) for name, values in arrays.items()}
        return zipped(parts | {"head.json": json.dumps(head).encode()})

    @classmethod
    def load(cls, data: bytes) -> "Snapshot":
        """What `dump` wrote."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            head = json.loads(archive.read("head.json"))
            arrays = {
                name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)))
                for name in archive.namelist()
                if name.endswith(".npy")
            }
        history = History(tuple(head["stores"]), date.fromisoformat(head["first_day"]), arrays["revenue"])
        known = {name.removeprefix("known."): values for name, values in arrays.items() if name.startswith("known.")}
        calendar = Calendar(head["country"], history.stores, history.first_day, history.days + HORIZON, known)
        return cls(history, calendar, arrays["told"])

    @property
    def columns(self) -> list[str]:
        """Names of what is known in advance."""
        return sorted(self.calendar.known)

    def with_columns(self, columns: Sequence[str]) -> "Snapshot":
        """With these columns alone: what a model set was trained with. Of one that is gone nothing was entered."""
        shape = (len(self.history.stores), self.calendar.days)
        known = {
            name: self.calendar.known.get(name, np.full(shape, np.nan if name.startswith(WEATHER) else 0, np.float32))
            for name in columns
        }
        return replace(self, calendar=replace(self.calendar, known=known))


def digest(content: bytes) -> str:
    """Names a content."""
    return hashlib.sha256(content).hexdigest()


def pull(env: Environment, chain: str, stores: Sequence[str], last_day: date, *, whole: bool) -> None:
    """Take over what orders say of each store's days since the last time, and of those that refunds may have moved.

    `whole`: of all days, for orders of long ago may have been taken in since.
    """
    first = last_day - timedelta(days=HISTORY_DAYS - 1)
    for start in range(0, len(stores), store.STORES_A_COMMIT):
        some = stores[start : start + store.STORES_A_COMMIT]
        # Two years of orders take a while to sum, in which a transaction would keep the table from being altered.
        with env.db.statements() as statements:
            newest = {} if whole else store.pulled_to(statements, chain, some)
            rows = [
                (each, row["day"], "orders", chain, row["currency"], row["revenue"])
                for each in some
                for row in store.revenue(statements, chain, each, _again_from(newest.get(each), first), last_day)
            ]
        with env.db.transaction() as transaction:
            store.keep_history(transaction, rows)


def _again_from(newest: date | None, first: date) -> date:
    return max(first, newest - timedelta(days=REFUND_DAYS)) if newest else first


def gather(
    env: Environment, run: str, part: int, chain: str, country: str, stores: Sequence[str], last_day: date
) -> Snapshot:
    """What is known on the evening of `last_day`. Raises `Rejected` for a history that no rule can mend."""
    calendars.require_country(country)
    first_day, end = last_day - timedelta(days=HISTORY_DAYS - 1), last_day + timedelta(days=HORIZON)
    with env.db.transaction() as transaction:
        days = store.histories(transaction, chain, stores, first_day, last_day)
        plans = store.plans(transaction, chain, first_day, end)
        closings = store.closings(transaction, chain, last_day + timedelta(days=1), end)
    history = mended(_until(_history(days, first_day).closed_since_last_row(), last_day), country)
    with env.db.transaction() as transaction:
        store.keep_corrections(transaction, run, chain, history.corrections, part)
    calendar = calendars.build(country, history.stores, history.first_day, end)
    known = {COLUMNS[kind]: _marks(plans, kind, calendar) for kind in COLUMNS} | weather(env, chain, calendar)
    # A column that was never set within the history teaches nothing.
    known = {name: values for name, values in known.items() if np.nan_to_num(values[:, : history.days]).any()}
    return Snapshot(history, replace(calendar, known=known), _told(plans, closings, calendar, history.days))


def _history(days: dict[str, list[str]], first_day: date) -> History:
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


def _until(history: History, last_day: date) -> History:
    """Also where nothing was sold on the last days; of those nothing is known."""
    missing = (last_day - history.last_day).days
    unknown = np.full((len(history.stores), max(missing, 0)), np.nan)
    return replace(history, revenue=np.hstack([history.revenue, unknown]))


def _marks(plans: list[Row], kind: str, calendar: Calendar) -> Values:
    """[store, day]: 1 on the days of such plans."""
    marks = np.zeros((len(calendar.stores), calendar.days), np.float32)
    for plan in plans:
        if plan["kind"] == kind:
            mark(marks, calendar, plan, 1.0)
    return marks


def mark(marks: Values, calendar: Calendar, plan: Row, value: float) -> None:
    """Set the days of a plan (store, first_day, last_day) in a table by store and day of `calendar`."""
    begin = max(0, (plan["first_day"] - calendar.first_day).days)
    end = max(0, (plan["last_day"] - calendar.first_day).days + 1)
    rows = [at for at, each in enumerate(calendar.stores) if plan["store"] in (None, each)]
    marks[rows, begin:end] = value


def weather(env: Environment, chain: str, calendar: Calendar) -> dict[str, Values]:
    """By name, [store, day]: what people entered; NaN where they did not."""
    with env.db.transaction() as transaction:
        names = store.weather_names(transaction, chain)
        found = {name: np.full((len(calendar.stores), calendar.days), np.nan, np.float32) for name in names}
        places: dict[str, int | slice] = {store.EVERY_STORE: slice(None)}
        places |= {each: at for at, each in enumerate(calendar.stores)}
        for of, at in places.items() if names else ():
            told = store.weather_of_store(transaction, chain, names, of, calendar.first_day, calendar.last_day)
            for name, days in told.items():
                day, value = np.fromstring(" ".join(days), sep=" ").reshape(-1, 2).T
                found[name][at, day.astype(int)] = value
    return found


def _told(plans: list[Row], closings: list[Row], calendar: Calendar, past: int) -> Values:
    told = np.full((len(calendar.stores), calendar.days), np.nan, np.float32)
    # What was entered for a day stands above the opening hours, and a closure above an opening of the same day.
    _close_by_hours(told, closings, calendar)
    for kind in ("opening", "closure"):
        for plan in plans:
            if plan["kind"] == kind:
                mark(told, calendar, plan, TOLD[kind])
    return told[:, past:]


def _close_by_hours(told: Values, closings: list[Row], calendar: Calendar) -> None:
    places = {each: at for at, each in enumerate(calendar.stores)}
    weekday = (calendar.first_day.weekday() + np.arange(calendar.days)) % 7
    for each in closings:
        if each["store"] in places:
            days = weekday == each["weekday"] if each["day"] is None else (each["day"] - calendar.first_day).days
            told[places[each["store"]], days] = CLOSED_BY_HOURS
