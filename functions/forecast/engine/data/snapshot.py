"""The snapshot: the inputs of one training or forecast, as one file that its hash names."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from functions.forecast.engine.arrays import Array, Values
from functions.forecast.engine.data.covariates import WEATHER, Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped
from functions.forecast.engine.settings import HORIZON
from shared.spine.errors import Rejected

HISTORY_DAYS = 730
COLUMNS = {"promotion": "promo", "event": "event", "school_holiday": "school_holiday"}
OVERRIDES = {"closure": 0.0, "opening": 1.0}
CLOSED_BY_HOURS = -1.0
COVARIATE = "covariate."  # prefix of a covariate's file in a snapshot


@dataclass(frozen=True)
class PlannedDays:
    """Days from `first_day` to `last_day` that people entered for a store, or for all stores if `store` is None.

    An event with the `name` of an earlier one is held again.
    """

    kind: str
    store: str | None
    first_day: date
    last_day: date
    name: str = ""


@dataclass(frozen=True)
class Snapshot:
    """Everything that a training or forecast uses.

    `overrides[store, horizon - 1]`: 1 is open, 0 closed, -1 closed by the opening hours, NaN no override.
    """

    history: History
    covariates: Covariates
    overrides: Values

    def dump(self) -> bytes:
        """The snapshot as a zip; equal snapshots give equal bytes."""
        head = {
            "country": self.covariates.country,
            "stores": self.history.stores,
            "first_day": self.history.first_day.isoformat(),
        }
        arrays: dict[str, Array] = {"revenue": self.history.revenue, "overrides": self.overrides}
        arrays |= {f"{COVARIATE}{name}": values for name, values in self.covariates.columns.items()}
        files = {f"{name}.npy": array_bytes(values) for name, values in arrays.items()}
        return zipped(files | {"head.json": json.dumps(head).encode()})

    @classmethod
    def load(cls, data: bytes) -> "Snapshot":
        """The snapshot from `dump()`."""
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            head = json.loads(archive.read("head.json"))
            arrays = {
                name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)))
                for name in archive.namelist()
                if name.endswith(".npy")
            }
        history = History(tuple(head["stores"]), date.fromisoformat(head["first_day"]), arrays["revenue"])
        values = {name.removeprefix(COVARIATE): array for name, array in arrays.items() if name.startswith(COVARIATE)}
        days = history.days + HORIZON
        covariates = Covariates(head["country"], history.stores, history.first_day, days, values)
        return cls(history, covariates, arrays["overrides"])

    @property
    def columns(self) -> list[str]:
        """Names of the covariates, sorted."""
        return sorted(self.covariates.columns)

    def with_columns(self, names: Sequence[str]) -> "Snapshot":
        """A copy with these covariates alone, as a model set needs them.

        A covariate that is not in the snapshot has no entries: it is 0, or NaN if it is weather.
        """
        shape = (len(self.history.stores), self.covariates.days)
        values = {
            name: self.covariates.columns.get(
                name, np.full(shape, np.nan if name.startswith(WEATHER) else 0, np.float32)
            )
            for name in names
        }
        return replace(self, covariates=replace(self.covariates, columns=values))

    def with_plan(self, plan: PlannedDays) -> "Snapshot":
        """A copy with one more plan. Raises `Rejected` for a kind that the history does not have."""
        if plan.kind in OVERRIDES:
            future = replace(self.covariates, first_day=self.history.last_day + timedelta(days=1), days=HORIZON)
            overrides = self.overrides.copy()
            enter_plan(overrides, future, plan, OVERRIDES[plan.kind])
            return replace(self, overrides=overrides)
        column = COLUMNS[plan.kind]
        if column not in self.covariates.columns:
            raise Rejected(
                "never_seen",
                f"The chain's history has no {plan.kind}, so the effect is unknown. Enter past ones first.",
            )
        values = self.covariates.columns[column].copy()
        enter_plan(values, self.covariates, plan, 1.0)
        return replace(self, covariates=replace(self.covariates, columns=self.covariates.columns | {column: values}))


def digest(content: bytes) -> str:
    """SHA-256 of the content, in hexadecimal: its name."""
    return hashlib.sha256(content).hexdigest()


def enter_plan(values: Values, covariates: Covariates, plan: PlannedDays, value: float) -> None:
    """Set the days of a plan in `values[store, day]`, whose stores and days are those of `covariates`."""
    begin = max(0, (plan.first_day - covariates.first_day).days)
    end = max(0, (plan.last_day - covariates.first_day).days + 1)
    rows = [row for row, store in enumerate(covariates.stores) if plan.store in (None, store)]
    values[rows, begin:end] = value
