"""Plans: days that people entered for a store or for all stores."""

from dataclasses import dataclass
from datetime import date

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.data.covariates import Covariates


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


def enter_plan(values: Values, covariates: Covariates, plan: PlannedDays, value: float) -> None:
    """Set the days of a plan in `values[store, day]`, whose stores and days are those of `covariates`."""
    begin = max(0, (plan.first_day - covariates.first_day).days)
    end = max(0, (plan.last_day - covariates.first_day).days + 1)
    rows = [row for row, store in enumerate(covariates.stores) if plan.store in (None, store)]
    values[rows, begin:end] = value
