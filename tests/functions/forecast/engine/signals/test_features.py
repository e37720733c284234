"""Features use no day after their origin, and are what an independent SQL engine computes."""

from dataclasses import replace
from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import FIRST, NEVER, rows

DAYS, HORIZON, ORIGIN = 460, 30, 430
Chain = tuple[History, Covariates]


@pytest.fixture(scope="module")
def chain() -> Chain:
    """Closed on some days, with promotions in every third week, entered thirty days ahead."""
    sales = rows(3, DAYS, factor=lambda store, day: float(((day - FIRST).days + 1) % (11 + store) > 0))
    past = history.read(sales[sales["revenue"] > 0], NEVER)
    dates = pd.date_range(FIRST, periods=DAYS + HORIZON)
    entries = pd.DataFrame({"store_id": np.repeat(past.stores, len(dates)), "date": np.tile(dates, 3)})
    entries["promo"] = (entries["date"].dt.day_of_year // 7 % 3 == 0).astype(int)
    return past, covariates.build("US", past.stores, FIRST, dates[-1].date(), entries)


@pytest.fixture(scope="module")
def panel(chain: Chain) -> Panel:
    return Panel(*chain, HORIZON)


def rows_from(panel: Panel, origin: int = ORIGIN) -> Rows:
    store, ahead = (index.ravel() for index in np.indices((panel.store_count, HORIZON)))
    return Rows(store, np.full(len(store), origin), origin + ahead + 1)


def columns(panel: Panel, origin: int = ORIGIN) -> pd.DataFrame:
    table = FeatureTable(panel, rows_from(panel, origin))
    return pd.DataFrame(table.matrix, columns=table.names)


def test_weather_is_a_column_for_as_many_days_ahead_as_most_stores_have_it(chain: Chain) -> None:
    past, inputs = chain
    weather = np.tile(np.arange(DAYS + HORIZON, dtype=np.float32), (3, 1))  # the day's number
    weather[:2, DAYS + 10 :] = np.nan
    panel = Panel(past, replace(inputs, columns={"weather_rain": weather}), HORIZON)
    for origin in (100, ORIGIN):
        table = columns(panel, origin).iloc[:HORIZON]
        for name, first, last in (
            ("weather_rain", 0, 0),
            ("weather_rain_before", -1, -1),
            ("weather_rain_after", 1, 1),
            ("weather_rain_-7_-1", -7, -1),
            ("weather_rain_0_6", 0, 6),
            ("weather_rain_-14_-8", -14, -8),
        ):
            ahead = np.arange(1, HORIZON + 1)
            expected = np.where(ahead + last <= 10, origin + ahead + (first + last) / 2, np.nan)
            np.testing.assert_allclose(table[name], expected, err_msg=name)


def assert_same_features(panel: Panel, changed: Panel) -> None:
    for origin in (30, 200, 370, ORIGIN):
        pd.testing.assert_frame_equal(columns(panel, origin), columns(changed, origin))
        forecast, changed_forecast = (p.baseline_forecast(rows_from(p, origin)) for p in (panel, changed))
        np.testing.assert_array_equal(forecast, changed_forecast)


@pytest.mark.parametrize("tomorrow", [0.0, 1.0, 1e6, np.nan])
def test_no_feature_changes_if_a_later_day_does(chain: Chain, panel: Panel, tomorrow: float) -> None:
    past, inputs = chain
    changed = History(past.stores, past.first_day, past.revenue.copy())
    changed.revenue[:, ORIGIN + 1 :] = tomorrow
    assert_same_features(panel, Panel(changed, inputs, HORIZON))


@pytest.mark.parametrize("tomorrow", [0.0, 1e6])
def test_no_feature_changes_if_a_later_day_does_and_only_revenue_is_known(tomorrow: float) -> None:
    """Every second week sells half as much again, without an entry."""
    past = history.read(rows(3, DAYS, factor=lambda _store, day: 1.5 if day.toordinal() // 7 % 2 else 1.0), NEVER)
    inputs = covariates.build("US", past.stores, FIRST, FIRST + timedelta(days=DAYS + HORIZON))
    panel = Panel(past, inputs, HORIZON)
    assert columns(panel)["regime_expected"].std() > 0, "no regimes were detected"
    past.revenue[:, ORIGIN + 1 :] = tomorrow
    assert_same_features(panel, Panel(past, inputs, HORIZON))


def test_a_trailing_feature_changes_if_the_origin_does(chain: Chain, panel: Panel) -> None:
    past, inputs = chain
    changed = History(past.stores, past.first_day, past.revenue.copy())
    changed.revenue[:, ORIGIN] *= 3
    assert not columns(panel)["level_7"].equals(columns(Panel(changed, inputs, HORIZON))["level_7"])


def test_a_panel_that_ends_at_the_origin_has_the_features_of_a_longer_one(chain: Chain, panel: Panel) -> None:
    past, inputs = chain
    cut = Panel(past.until(FIRST + timedelta(days=ORIGIN)), inputs, HORIZON)
    after_horizon = ["promo_after", "promo_0_6"]  # these use promotions after the horizon, as far as they are entered
    pd.testing.assert_frame_equal(columns(panel).drop(columns=after_horizon), columns(cut).drop(columns=after_horizon))


ORACLE = """
    WITH pairs AS (
        SELECT r.store, o.day AS origin, r.day AS target FROM days r JOIN days o ON r.store = o.store
        WHERE o.day = $origin AND r.day > o.day AND r.day <= o.day + 30
    ),
    newest AS (SELECT *, target - 7 * CAST(ceil((target - origin) / 7.0) AS INT) AS weekday_day FROM pairs)
    SELECT
        (SELECT avg(adjusted) FROM days d
            WHERE d.store = p.store AND d.day BETWEEN p.origin - 27 AND p.origin)
            AS level_28,
        (SELECT avg(adjusted) FROM days d WHERE d.store = p.store AND d.day BETWEEN p.origin - 363 AND p.origin)
            AS level_364,
        (SELECT avg(adjusted) FROM days d WHERE d.store = p.store AND d.day <= p.origin
            AND d.day IN (p.weekday_day, p.weekday_day - 7, p.weekday_day - 14, p.weekday_day - 21)) AS weekday_4,
        (SELECT avg(CAST(traded AS INT)) FROM days d
            WHERE d.store = p.store AND d.day BETWEEN p.origin - 27 AND p.origin)
            AS open_28,
        (SELECT avg(CAST(traded AS INT)) FROM days d WHERE d.store = p.store AND d.day <= p.origin
            AND d.day % 7 = p.target % 7 AND d.day > p.weekday_day - 7 * 26) AS open_weekday_26,
        (SELECT p.origin - max(d.day) FROM days d
            WHERE d.store = p.store AND d.day <= p.origin AND traded) AS days_since_open,
        (SELECT avg(promo) FROM days d WHERE d.store = p.store AND d.day BETWEEN p.target - 7 AND p.target - 1)
            AS "promo_-7_-1",
        (SELECT promo FROM days d WHERE d.store = p.store AND d.day = p.target + 1) AS promo_after,
        (SELECT CAST(traded AS INT) FROM days d
            WHERE d.store = p.store AND d.day = p.target - 364) AS year_ago_week_open,
        (SELECT avg(CAST(traded AS INT)) FROM days d WHERE d.day = p.target - 364) AS year_ago_week_chain_open,
        (SELECT avg(e.adjusted - l.level) FROM days e JOIN days l ON e.store = l.store
            WHERE e.day = p.target - 364 AND l.day = p.origin - 364) AS year_ago_week_chain,
        day(DATE '2023-01-02' + CAST(p.target AS INT)) AS month_day,
        ((DATE '2023-01-02' + CAST(p.target AS INT)) - DATE '2024-03-31') AS easter_offset
    FROM newest p ORDER BY store, target"""


def test_features_are_what_an_independent_sql_engine_computes(panel: Panel) -> None:
    store, day = (index.ravel() for index in np.indices((panel.store_count, panel.days)))
    past = day < panel.history_days
    days = pd.DataFrame({"store": store, "day": day, "promo": panel.covariates["promo"].ravel()})
    for name, values in (("adjusted", panel.adjusted), ("level", panel.baseline.level), ("traded", panel.traded)):
        days[name] = pd.Series(values.ravel(), index=days.index[past])
    days["traded"] = days["traded"].astype("boolean")
    with duckdb.connect() as engine:
        engine.register("days", days)
        expected = engine.execute(ORACLE.replace("$origin", str(ORIGIN))).df()
    table = columns(panel)
    relative = ["level_28", "level_364", "weekday_4"]
    expected[relative] = expected[relative].sub(table["level"], axis=0)
    expected.loc[expected["easter_offset"].abs() > 30, "easter_offset"] = np.nan
    for name in map(str, expected):
        np.testing.assert_allclose(table[name], expected[name].to_numpy(float), atol=2e-4, err_msg=name)
