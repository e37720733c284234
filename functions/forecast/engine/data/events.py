"""Events that are held again: which day of the event one year before corresponds to a day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.data.covariates import EVENT, Covariates
from functions.forecast.engine.data.plans import PlannedDays, enter_plan

# Days between an event and the same event one year before.
LEAST_APART, MOST_APART = timedelta(days=300), timedelta(days=400)


def events_year_ago(plans: Sequence[PlannedDays], covariates: Covariates) -> Values:
    """[store, day]: negative days to the same day of the event with the same name one year before, else 0."""
    values = np.zeros((len(covariates.stores), covariates.days), np.float32)
    for plan in plans:
        enter_year_before(values, covariates, plan, plans)
    return values


def enter_year_before(
    values: Values, covariates: Covariates, plan: PlannedDays, earlier_plans: Sequence[PlannedDays]
) -> None:
    """Enter the year before of one plan in `values[store, day]`; an earlier event of the store itself wins."""
    for before in sorted(earlier_plans, key=lambda earlier: earlier.store is not None):
        if _is_year_before(before, plan):
            last_day = min(plan.last_day, plan.first_day + (before.last_day - before.first_day))
            days = (before.first_day - plan.first_day).days
            same_days = replace(plan, store=plan.store or before.store, last_day=last_day)
            enter_plan(values, covariates, same_days, float(days))


def _is_year_before(before: PlannedDays, event: PlannedDays) -> bool:
    name = event.name.strip().casefold()
    same_name = bool(name) and before.name.strip().casefold() == name
    same_store = event.store is None or before.store in (None, event.store)
    are_events = before.kind == event.kind == EVENT
    return are_events and same_name and same_store and LEAST_APART <= event.first_day - before.first_day <= MOST_APART
