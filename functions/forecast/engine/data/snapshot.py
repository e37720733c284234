"""The inputs of one training or forecast: history, calendar and opening, stored as one file that its hash names."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.data.covariates import WEATHER, Calendar
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped
from functions.forecast.engine.settings import HORIZON
from shared.spine.errors import Rejected

Values = NDArray[np.float32]
HISTORY_DAYS = 730
COLUMNS = {"promotion": "promo", "event": "event", "school_holiday": "school_holiday"}
TOLD = {"closure": 0.0, "opening": 1.0}
CLOSED_BY_HOURS = -1.0


@dataclass(frozen=True)
class PlannedDays:
    """Days from `first_day` to `last_day` that people entered for a store, or for all stores where `store` is None."""

    kind: str
    store: str | None
    first_day: date
    last_day: date


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

    def with_plan(self, plan: PlannedDays) -> "Snapshot":
        """A copy with one more plan. Raises `Rejected` for a kind that the history does not have."""
        if plan.kind in TOLD:
            first_day = self.history.last_day + timedelta(days=1)
            told = self.told.copy()
            mark_days(told, replace(self.calendar, first_day=first_day, days=HORIZON), plan, TOLD[plan.kind])
            return replace(self, told=told)
        column = COLUMNS[plan.kind]
        if column not in self.calendar.known:
            raise Rejected("never_seen", f"the chain's history has no {plan.kind} to learn from; enter past ones first")
        marks = self.calendar.known[column].copy()
        mark_days(marks, self.calendar, plan, 1.0)
        return replace(self, calendar=replace(self.calendar, known=self.calendar.known | {column: marks}))


def digest(content: bytes) -> str:
    """Names a content."""
    return hashlib.sha256(content).hexdigest()


def mark_days(marks: Values, calendar: Calendar, plan: PlannedDays, value: float) -> None:
    """Set the days of a plan in a table by store and day of `calendar`."""
    begin = max(0, (plan.first_day - calendar.first_day).days)
    end = max(0, (plan.last_day - calendar.first_day).days + 1)
    rows = [index for index, store in enumerate(calendar.stores) if plan.store in (None, store)]
    marks[rows, begin:end] = value
