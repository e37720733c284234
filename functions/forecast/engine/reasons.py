"""Reasons: the drivers of a forecast that a store manager would name, as one line of text.

A driver is a reason if its effect is large against the expected error of the day. All others are summed up as `other`.
"""

from datetime import timedelta

import numpy as np

from functions.forecast.engine.arrays import Floats
from functions.forecast.engine.holidays.holiday_effects import times_observed
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel

# A reason changes the logarithm of the day by at least this, and by this share of the day's expected error. A weekday,
# an entered promotion and an event are certain causes. Of other drivers a small effect is noise.
SMALLEST_REASON, ERROR_SHARE, CERTAIN_ERROR_SHARE = 0.02, 0.5, 0.1
CERTAIN_CAUSES = ("weekday", "promotion", "event")
MOST_REASONS = 3
SEEN = {0: " (not seen before)", 1: " (seen once)"}  # a holiday, in the chain's history
BESIDE_DAYS = 3  # further from a holiday, school holidays are the likelier reason


def reasons(
    models: ModelSet, panel: Panel, table: FeatureTable, effects: dict[str, Floats], remainder: Floats
) -> list[str]:
    """By row, such as: Saturday +32 %, a day before Good Friday +12 % (seen once), other -3 %.

    `effects[driver][row]` and `remainder[row]` are logarithms.
    """
    rows = table.rows
    expected_error = models.intervals.error_scale.expected_error(table.matrix, panel.regime(rows)).tolist()
    names = {int(day): _names_on(panel, int(day)) for day in np.unique(rows.target)}
    by_row = np.column_stack([*effects.values(), remainder]).tolist()
    lines = []
    for row, (store, day) in enumerate(zip(rows.store, rows.target, strict=True)):
        row_names = _names_for(panel, names[int(day)], int(store), int(day))
        row_effects = dict(zip(effects, by_row[row], strict=False))
        least = _least_effects(panel, expected_error[row])
        lines.append(line_of(row_effects, by_row[row][-1], row_names, least))
    return lines


def _least_effects(panel: Panel, expected_error: float) -> dict[str, float]:
    """By driver, the smallest effect of a reason; under `other`, that of all drivers without an entry.

    Without a calendar of promotions, a promotion is only a probable cause.
    """
    certain = max(SMALLEST_REASON, CERTAIN_ERROR_SHARE * expected_error)
    least = {cause: certain for cause in CERTAIN_CAUSES if cause != "promotion" or panel.regimes is None}
    return least | {"other": max(SMALLEST_REASON, ERROR_SHARE * expected_error)}


def line_of(effects: dict[str, float], remainder: float, names: dict[str, str], least: dict[str, float]) -> str:
    """The largest effects with a name that reach the `least` effect of a reason, and the sum of all others."""
    by_size = sorted(effects.items(), key=lambda item: -abs(item[1]))
    drivers = [driver for driver, effect in by_size if abs(effect) >= least.get(driver, least["other"])]
    drivers = [driver for driver in drivers if driver in names][:MOST_REASONS]
    texts = [names[driver].format(_percent(effects[driver])) for driver in drivers]
    sum_of_others = remainder + sum(effect for driver, effect in by_size if driver not in drivers)
    if abs(sum_of_others) >= least["other"]:
        texts.append(f"other {_percent(sum_of_others)}")
    return ", ".join(texts)


def _percent(effect: float) -> str:
    return f"{100 * np.expm1(effect):+.0f} %"


def _names_on(panel: Panel, day: int) -> dict[str, str]:
    """By driver, a template such as `Saturday {}`; without a holiday if there is none near the day."""
    holiday = _holiday_name(panel, day)
    return {
        "weekday": (panel.first_day + timedelta(days=day)).strftime("%A {}"),
        "promotion": "promotion {}" if panel.regimes is None else "expected promotion week {}",
        "event": "event {}",
        "seasonality": "season {}",
        "weather": "weather {}",
        "opening": "opening {}",
        "trend": "trend {}",
    } | ({"holiday": holiday} if holiday else {})


def _names_for(panel: Panel, names: dict[str, str], store: int, day: int) -> dict[str, str]:
    """The names of the day for one store: with school holidays, if the store has them and no holiday is beside."""
    school_holiday = panel.covariates.get("school_holiday")
    beside_holiday = abs(panel.holidays.holiday_offset[day]) <= BESIDE_DAYS
    if school_holiday is None or beside_holiday or not school_holiday[store, day] > 0:
        return names
    return names | {"holiday": "school holiday {}"}


def _holiday_name(panel: Panel, day: int) -> str:
    """Such as `2 days before Easter Monday {} (seen once)`; empty if no holiday is near."""
    offset = panel.holidays.holiday_offset[day]
    if np.isnan(offset):
        return ""
    name = panel.holidays.holiday_names[int(panel.holidays.holiday_code[day])]
    days = "a day" if abs(offset) == 1 else f"{abs(offset):.0f} days"
    distance = "" if offset == 0 else f"{days} before " if offset < 0 else f"{days} after "
    has_data = np.isfinite(panel.revenue[: panel.store_count]).sum(0) > 0
    times = times_observed(panel.holidays, has_data, day)
    return f"{distance}{name} {{}}{SEEN.get(times, '')}"
