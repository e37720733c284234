"""Reasons name the drivers that a store manager would name; the others are summed up."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine import reasons
from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.explain import DRIVERS, explain
from functions.forecast.engine.models.train import train
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import NEVER, SMALL, WEEK, rows

NAMES = {"weekday": "Monday {}", "holiday": "2 days after Labor Day {} (seen once)", "trend": "trend {}"}


def effects(**by_driver: float) -> dict[str, float]:
    return dict.fromkeys(DRIVERS, 0.0) | {driver: float(np.log(factor)) for driver, factor in by_driver.items()}


def line(remainder: float = 1.0, least: float = 0.06, **by_driver: float) -> str:
    least_effects = {"weekday": 0.02, "promotion": 0.02, "event": 0.02, "holiday": least, "inferred": 2 * least}
    return reasons.line_of(effects(**by_driver), float(np.log(remainder)), NAMES, least_effects | {"other": least})


def test_the_largest_effect_comes_first() -> None:
    assert line(weekday=0.8, holiday=1.3) == "2 days after Labor Day +30 % (seen once), Monday -20 %"


def test_a_small_effect_of_a_holiday_is_noise_and_that_of_a_weekday_is_none() -> None:
    assert line(weekday=0.96, holiday=1.04) == "Monday -4 %"


def test_effects_below_the_threshold_are_summed_up_as_other() -> None:
    assert line(weekday=0.8, holiday=1.05, trend=1.05) == "Monday -20 %, other +10 %"
    assert line(weekday=0.8, holiday=1.05, trend=1 / 1.05) == "Monday -20 %"


def test_the_remainder_belongs_to_other() -> None:
    assert line(remainder=1.05, holiday=1.05) == "other +10 %"


def test_an_inferred_driver_is_a_reason_only_beyond_the_whole_expected_error() -> None:
    assert line(trend=1.10) == "other +10 %"
    assert line(trend=1.15) == "trend +15 %"


def test_at_most_three_drivers_are_reasons_and_the_rest_is_other() -> None:
    names = NAMES | {"promotion": "promotion {}", "weather": "weather {}"}
    least = {"inferred": 0.05, "other": 0.05}
    by_driver = effects(weekday=1.5, promotion=1.4, weather=1.3, trend=1.2)
    text = reasons.line_of(by_driver, 0.0, names, least)
    assert text == "Monday +50 %, promotion +40 %, weather +30 %, other +20 %"


def test_a_driver_without_a_name_belongs_to_other() -> None:
    assert line(weather=1.2) == "other +20 %"


def test_an_ordinary_day_has_no_reasons() -> None:
    assert line() == ""


ORIGIN, DAYS = date(2024, 12, 14), 640


@pytest.fixture(scope="module")
def explanations() -> Callable[[int], pd.DataFrame]:
    """By number of days of history: a chain that sells twice as much on 24 December, and its next thirty days."""

    def of(days: int) -> pd.DataFrame:
        first = ORIGIN - timedelta(days=days - 1)
        sales = rows(6, days, first=first, factor=lambda _, day: 2.0 if (day.month, day.day) == (12, 24) else 1.0)
        past = history.read(sales, NEVER)
        inputs = covariates.build("US", past.stores, first, ORIGIN + timedelta(days=30))
        models = train(past, inputs, SMALL, last_day=ORIGIN)
        panel, table = models.table(past, inputs, ORIGIN, 30)
        log_forecast = models.log_forecast(panel, table)
        explanation = explain(models, panel, table, log_forecast)
        expected_error = models.intervals.error_scale.expected_error(table.matrix, panel.regime(table.rows))
        return explanation.assign(mean=np.exp(log_forecast), expected_error=expected_error)

    return of


def test_a_holiday_effect_that_the_history_has_once_says_so(explanations: Callable[[int], pd.DataFrame]) -> None:
    days = explanations(DAYS)
    eve = days[days["date"] == date(2024, 12, 24)]
    assert eve["reasons"].str.contains(r"a day before Christmas Day \+\d+ % \(seen once\)").all()


def test_reasons_multiply_to_the_forecast_within_half_of_the_expected_error(
    explanations: Callable[[int], pd.DataFrame],
) -> None:
    days = explanations(DAYS)
    for _, row in days.iterrows():
        percents = [int(text) for text in re.findall(r"([+-]\d+) %", row["reasons"])]
        product = row["baseline"] * np.prod([1 + percent / 100 for percent in percents])
        rounding = 0.01 * len(percents)
        assert abs(np.log(product / row["mean"])) <= max(0.02, row["expected_error"] / 2) + rounding, row["reasons"]


def test_no_reason_of_a_holiday_is_smaller_than_half_of_the_expected_error(
    explanations: Callable[[int], pd.DataFrame],
) -> None:
    days = explanations(DAYS)
    with_holiday = days[days["reasons"].str.contains(r"(?:before|after) [A-Z]|Christmas Day|New Year")]
    assert len(with_holiday)
    assert (np.log(with_holiday["holiday"]).abs() >= with_holiday["expected_error"] / 2 - 1e-9).all()


def panel_of(first: date, **columns: Callable[[date], float]) -> Panel:
    """Two stores from `first` to the origin, in the US; the columns reach thirty days further."""
    sales = rows(2, (ORIGIN - first).days + 1, first=first)
    past = history.read(sales, NEVER)
    dates = pd.date_range(first, ORIGIN + timedelta(days=30))
    entries = pd.DataFrame({"store_id": np.repeat(past.stores, len(dates)), "date": np.tile(dates, 2)})
    for name, value in columns.items():
        entries[name] = [value(day.date()) for day in entries["date"]]
    return Panel(past, covariates.build("US", past.stores, first, dates[-1].date(), entries), 30)


def names_on(panel: Panel, day: date) -> dict[str, str]:
    index = panel.index(day)
    return reasons._names_for(panel, reasons._names_on(panel, index), 0, index)


@pytest.mark.parametrize(
    ("first", "day", "name"),
    [
        (date(2022, 11, 1), date(2024, 12, 25), "Christmas Day {}"),
        (date(2022, 11, 1), date(2024, 12, 24), "a day before Christmas Day {}"),
        (date(2022, 11, 1), date(2024, 12, 27), "2 days after Christmas Day {}"),
        (date(2022, 11, 1), date(2024, 12, 20), "the week before Christmas Day {}"),
        (date(2022, 1, 1), date(2024, 6, 15), "a day before Father's Day {}"),
        (date(2022, 1, 1), date(2024, 5, 11), "a day before Mother's Day {}"),
        (date(2022, 1, 1), date(2024, 11, 29), "Black Friday {}"),
        (date(2023, 11, 1), date(2024, 12, 24), "a day before Christmas Day {} (seen once)"),
        (date(2024, 11, 1), date(2024, 12, 24), "a day before Christmas Day {} (not seen before)"),
    ],
)
def test_a_holiday_has_its_distance_and_how_often_the_history_has_it(first: date, day: date, name: str) -> None:
    assert names_on(panel_of(first), day)["holiday"] == name


def test_a_day_far_from_holidays_has_no_holiday_as_a_reason() -> None:
    assert "holiday" not in names_on(panel_of(date(2024, 10, 1)), date(2024, 10, 25))


@pytest.mark.parametrize("day", [date(2024, 1, 4), date(2024, 1, 6), date(2024, 12, 15), date(2024, 7, 8)])
def test_no_reason_is_a_holiday_that_people_would_not_name(day: date) -> None:
    """Such as the eighth day after New Year's Day."""
    assert "holiday" not in names_on(panel_of(date(2022, 11, 1)), day)


def test_a_later_day_of_long_days_off_is_counted_from_their_first() -> None:
    past = history.read(rows(2, 500, first=date(2023, 1, 2)), NEVER)
    panel = Panel(past, covariates.build("CN", past.stores, past.first_day, past.last_day + timedelta(days=30)), 30)
    # State Council, notice of 25 October 2023: 10 to 17 February 2024 off; the lunar year begins on the 10th.
    assert names_on(panel, date(2024, 2, 14))["holiday"] == "day 5 of Chinese New Year {}"


def test_the_error_of_a_measured_effect_shrinks_with_the_days_that_it_was_measured_on() -> None:
    panel = panel_of(date(2023, 1, 2), promo=lambda day: float(day.day == 1))
    origins = np.array([20, 120, 600])
    at = Rows(np.zeros(3, int), origins, origins + 5)
    least = reasons._least_effects(panel, at, np.full(3, 0.2))
    spread = panel.baseline.spread[0, origins]
    promotions = [1, 4, 19]  # the first days of the months since 2 January, up to each origin
    for driver, days in (("promotion", promotions), ("weekday", [21 / 7, 121 / 7, 24])):
        np.testing.assert_allclose(least[driver], np.maximum(0.02, spread / np.sqrt(days)), rtol=1e-6)
    assert (least["inferred"] == 0.2).all()
    assert (least["holiday"] >= 0.1).all()


def test_noise_of_a_store_makes_no_reason() -> None:
    """A chain with noise of 0.6 and a flat week: no weekday is a reason on most days."""
    first = ORIGIN - timedelta(days=399)
    sales = rows(6, 400, first=first, noise=0.6)
    weekday = pd.to_datetime(sales["date"]).dt.day_of_week.to_numpy()
    past = history.read(sales.assign(revenue=sales["revenue"] / WEEK[weekday]), NEVER)
    inputs = covariates.build("US", past.stores, first, ORIGIN + timedelta(days=30))
    models = train(past, inputs, SMALL, last_day=ORIGIN)
    panel, table = models.table(past, inputs, ORIGIN, 30)
    texts = explain(models, panel, table, models.log_forecast(panel, table))["reasons"]
    named = texts.str.contains(r"day [+-]|trend|season|opening", regex=True)
    assert named.mean() <= 0.32, "a standard error is exceeded by chance on 32 % of the days"


def test_school_holidays_are_the_reason_unless_a_holiday_is_beside() -> None:
    panel = panel_of(date(2023, 11, 1), school_holiday=lambda day: float(day.month == 12))
    assert names_on(panel, date(2024, 12, 18))["holiday"] == "school holiday {}"
    assert names_on(panel, date(2024, 12, 24))["holiday"].startswith("a day before Christmas Day")


def test_a_promotion_is_only_expected_if_none_are_entered() -> None:
    alternating = rows(4, 300, first=date(2024, 1, 1), factor=lambda _, day: 1.5 if day.toordinal() // 7 % 2 else 1.0)
    past = history.read(alternating, NEVER)
    panel = Panel(past, covariates.build("US", past.stores, past.first_day, past.last_day + timedelta(days=30)), 30)
    assert reasons._names_on(panel, 310)["promotion"] == "expected promotion week {}"
    entered = panel_of(date(2024, 10, 1), promo=lambda day: float(day.day < 8))
    assert names_on(entered, date(2024, 12, 20))["promotion"] == "promotion {}"
