"""Reasons: the drivers of a forecast that a store manager would name, as one line of text.

At most three drivers are reasons, each with an effect beyond its own error. All others are summed up as `other`.
"""

from datetime import timedelta

import numpy as np

from functions.forecast.engine.arrays import Flags, Floats
from functions.forecast.engine.data.snapshot import COLUMNS
from functions.forecast.engine.holidays.holiday_effects import times_observed
from functions.forecast.engine.holidays.observances import RAMADAN
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.signals.baseline import PROFILE_GAIN, PROMOTION_GAIN
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows

# A reason changes the logarithm of the day by at least this.
SMALLEST_REASON = 0.02
# The share of the day's expected error that is the error of a holiday effect, and of the sum of others. The other
# drivers are inferred by trees: each can have the whole error of the day.
HOLIDAY_SHARE, OTHER_SHARE, INFERRED_SHARE = 0.5, 0.5, 1.0
# Effects that are measured on days of their kind. Exponential smoothing by a share remembers 2 / share - 1 of them.
MOST_WEEKDAYS, MOST_PROMOTIONS = 2 / PROFILE_GAIN - 1, 2 / PROMOTION_GAIN - 1
MOST_REASONS = 3
WEATHER = "weather"  # how the names of the columns of weather begin
SEEN = {0: " (not seen before)", 1: " (seen once)"}  # a holiday, in the chain's history
BESIDE_DAYS = 3  # further from a holiday, school holidays are the likelier reason
# A holiday is a reason on so many days before and after it, and in the week before it.
DAYS_BEFORE, DAYS_AFTER, WEEK_BEFORE = 3, 2, 7


def reasons(
    models: ModelSet, panel: Panel, table: FeatureTable, effects: dict[str, Floats], remainder: Floats
) -> list[str]:
    """By row, such as: Saturday +32 %, a day before Good Friday +12 % (seen once), other -3 %.

    `effects[driver][row]` and `remainder[row]` are logarithms.
    """
    rows = table.rows
    expected_error = models.intervals.error_scale.expected_error(table.matrix, panel.regime(rows))
    least_by_row = _least_effects(panel, rows, expected_error)
    names = {int(day): _names_on(panel, int(day)) for day in np.unique(rows.target)}
    by_row = np.column_stack([*effects.values(), remainder]).tolist()
    lines = []
    for row, (store, day) in enumerate(zip(rows.store, rows.target, strict=True)):
        row_names = _names_for(panel, names[int(day)], int(store), int(day))
        row_effects = dict(zip(effects, by_row[row], strict=False))
        least = {driver: float(values[row]) for driver, values in least_by_row.items()}
        lines.append(line_of(row_effects, by_row[row][-1], row_names, least))
    return lines


def _least_effects(panel: Panel, rows: Rows, expected_error: Floats) -> dict[str, Floats]:
    """By driver and row, the smallest effect of a reason, in logarithms. A driver without an entry is inferred.

    An effect that is measured on n days of its kind has the error of a mean: the store's spread over the root of n.
    """
    at = (rows.store, rows.origin)
    spread = panel.baseline.spread[at].astype(float)
    errors = {
        "weekday": spread / np.sqrt(np.clip(panel.baseline.age[at] / 7, 1, MOST_WEEKDAYS)),
        "holiday": np.hypot(HOLIDAY_SHARE * expected_error, spread / np.sqrt(_holidays_observed(panel, rows))),
        "inferred": INFERRED_SHARE * expected_error,
        "other": OTHER_SHARE * expected_error,
    }
    # Without a calendar of promotions, a promotion is inferred.
    measured = {"event": np.inf} | ({"promotion": MOST_PROMOTIONS} if panel.regimes is None else {})
    for driver, most in measured.items():
        entries = panel.covariates.get(COLUMNS[driver])
        if entries is not None:
            days = np.cumsum((entries[:, : panel.history_days] > 0) & panel.traded, axis=1)[at]
            errors[driver] = spread / np.sqrt(np.clip(days, 1, most))
    weather = [entries for name, entries in panel.covariates.items() if name.startswith(WEATHER)]
    if weather:
        # The error of the difference between two means, each of half of the days with weather.
        days = np.cumsum(np.isfinite(weather[0][:, : panel.history_days]) & panel.traded, axis=1)[at]
        errors["weather"] = 2 * spread / np.sqrt(np.maximum(days, 1))
    return {driver: np.maximum(error, SMALLEST_REASON) for driver, error in errors.items()}


def _holidays_observed(panel: Panel, rows: Rows) -> Floats:
    """By row, on how many days of stores the holiday effect was measured; at least one."""
    has_data = _has_data(panel)
    times = {int(day): times_observed(panel.holidays, has_data, int(day)) for day in np.unique(rows.target)}
    counts = np.array([times[int(day)] for day in rows.target], float)
    observed: Floats = np.maximum(counts * panel.store_count, 1)
    return observed


def _has_data(panel: Panel) -> Flags:
    """[day]: True for a day of the history with revenue of a store, or with closed stores."""
    has_data: Flags = np.isfinite(panel.revenue[: panel.store_count]).sum(0) > 0
    return has_data


def line_of(effects: dict[str, float], remainder: float, names: dict[str, str], least: dict[str, float]) -> str:
    """The largest effects with a name that reach the `least` effect of a reason, and the sum of all others."""
    by_size = sorted(effects.items(), key=lambda item: -abs(item[1]))
    drivers = [driver for driver, effect in by_size if abs(effect) >= least.get(driver, least["inferred"])]
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
    if np.isnan(panel.holidays.holiday_offset[day]):
        return ""
    text = _place(panel, day)
    times = times_observed(panel.holidays, _has_data(panel), day)
    return text and f"{text} {{}}{SEEN.get(times, '')}"


def _place(panel: Panel, day: int) -> str:
    """The day's place beside its holiday, as people say it; empty if they would not name the holiday."""
    holidays = panel.holidays
    offset = int(holidays.holiday_offset[day])
    name = holidays.holiday_names[int(holidays.holiday_code[day])]
    if offset == 0 or name == RAMADAN:
        return name
    days = "a day" if abs(offset) == 1 else f"{abs(offset)} days"
    if -DAYS_BEFORE <= offset <= DAYS_AFTER:
        return f"{days} {'before' if offset < 0 else 'after'} {name}"
    if offset < 0:
        return f"the week before {name}" if offset >= -WEEK_BEFORE else ""
    # A later day of the same days off, such as the fifth of the Spring Festival.
    return f"day {offset + 1} of {name}" if holidays.off_index[day] > offset else ""
