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
from functions.forecast.engine.data.covariates import EVENT, EVENT_YEAR_AGO, WEATHER, Covariates
from functions.forecast.engine.data.events import enter_year_before
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.plans import PlannedDays, enter_plan
from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped
from functions.forecast.engine.settings import HORIZON
from shared.spine.errors import Rejected

HISTORY_DAYS = 730
COLUMNS = {"promotion": "promo", "event": "event", "school_holiday": "school_holiday"}
OVERRIDES = {"closure": 0.0, "opening": 1.0}
CLOSED_BY_HOURS = -1.0
COVARIATE = "covariate."  # prefix of a covariate's file in a snapshot


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

    def with_plan(self, plan: PlannedDays, earlier_plans: Sequence[PlannedDays] = ()) -> "Snapshot":
        """A copy with one more plan. An event is compared with the one of its name among `earlier_plans`.

        Raises `Rejected` for a kind that the history does not have.
        """
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
        columns = self.covariates.columns | {column: self.covariates.columns[column].copy()}
        enter_plan(columns[column], self.covariates, plan, 1.0)
        if plan.kind == EVENT and EVENT_YEAR_AGO in columns:
            columns[EVENT_YEAR_AGO] = columns[EVENT_YEAR_AGO].copy()
            enter_year_before(columns[EVENT_YEAR_AGO], self.covariates, plan, earlier_plans)
        return replace(self, covariates=replace(self.covariates, columns=columns))


def digest(content: bytes) -> str:
    """SHA-256 of the content, in hexadecimal: its name."""
    return hashlib.sha256(content).hexdigest()
