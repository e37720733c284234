"""Features see nothing after their origin, and are what an independent SQL engine says they are."""

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.covariates import Calendar
from functions.forecast.engine.data.history import History
from functions.forecast.engine.signals.features import Table
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import FIRST, NEVER, rows

DAYS, HORIZON, ORIGIN = 460, 30, 430


def chain() -> tuple[History, Calendar]:
    """Closed on some days, with promotions in every third week, known thirty days ahead."""
    made = rows(3, DAYS, factor=lambda store, day: float(((day - FIRST).days + 1) % (11 + store) > 0))
    past = history.read(made[made["revenue"] > 0], NEVER)
    dates = pd.date_range(FIRST, periods=DAYS + HORIZON)
    known = pd.DataFrame({"store_id": np.repeat(past.stores, len(dates)), "date": np.tile(dates, 3)})
    known["promo"] = (known["date"].dt.day_of_year // 7 % 3 == 0).astype(int)
    return past, covariates.build("US", past.stores, FIRST, dates[-1].date(), known)


@pytest.fixture(scope="module")
def made() -> tuple[History, Calendar]:
    return chain()


@pytest.fixture(scope="module")
def panel(made: tuple[History, Calendar]) -> Panel:
    return Panel(*made, HORIZON)


def some(panel: Panel, origin: int = ORIGIN) -> Rows:
    store, ahead = (part.ravel() for part in np.indices((panel.real, HORIZON)))
    return Rows(store, np.full(len(store), origin), origin + ahead + 1)


def columns(panel: Panel, origin: int = ORIGIN) -> pd.DataFrame:
    table = Table(panel, some(panel, origin))
    return pd.DataFrame(table.matrix, columns=table.names)


def test_weather_is_looked_at_as_far_as_most_stores_are_told_of_it(made: tuple[History, Calendar]) -> None:
    past, calendar = made
    told = np.tile(np.arange(DAYS + HORIZON, dtype=np.float32), (3, 1))  # the day's number
    told[:2, DAYS + 10 :] = np.nan
    panel = Panel(past, replace(calendar, known={"weather_rain": told}), HORIZON)
    for origin in (100, ORIGIN):
        found = columns(panel, origin).iloc[:HORIZON]
        for name, first, last in (
            ("weather_rain", 0, 0),
            ("weather_rain_before", -1, -1),
            ("weather_rain_after", 1, 1),
            ("weather_rain_-7_-1", -7, -1),
            ("weather_rain_0_6", 0, 6),
            ("weather_rain_-14_-8", -14, -8),
        ):
            ahead = np.arange(1, HORIZON + 1)
            wanted = np.where(ahead + last <= 10, origin + ahead + (first + last) / 2, np.nan)
            np.testing.assert_allclose(found[name], wanted, err_msg=name)


@pytest.mark.parametrize("tomorrow", [0.0, 1.0, 1e6, np.nan])
def test_no_feature_changes_when_tomorrow_does(made: tuple[History, Calendar], panel: Panel, tomorrow: float) -> None:
    past, calendar = made
    other = History(past.stores, past.first_day, past.revenue.copy())
    other.revenue[:, ORIGIN + 1 :] = tomorrow
    changed = Panel(other, calendar, HORIZON)
    for origin in (30, 200, 370, ORIGIN):
        pd.testing.assert_frame_equal(columns(panel, origin), columns(changed, origin))
        np.testing.assert_array_equal(panel.base(some(panel, origin)), changed.base(some(panel, origin)))


@pytest.mark.parametrize("tomorrow", [0.0, 1e6])
def test_no_feature_changes_when_tomorrow_does_where_only_revenue_is_known(tomorrow: float) -> None:
    """Every other week sells half as much again, and nobody says so."""
    past = history.read(rows(3, DAYS, factor=lambda _store, day: 1.5 if day.toordinal() // 7 % 2 else 1.0), NEVER)
    calendar = covariates.build("US", past.stores, FIRST, FIRST + timedelta(days=DAYS + HORIZON))
    whole = Panel(past, calendar, HORIZON)
    assert columns(whole)["cycle"].std() > 0, "the turns were found"
    past.revenue[:, ORIGIN + 1 :] = tomorrow
    changed = Panel(past, calendar, HORIZON)
    for origin in (30, 200, 370, ORIGIN):
        pd.testing.assert_frame_equal(columns(whole, origin), columns(changed, origin))
        np.testing.assert_array_equal(whole.base(some(whole, origin)), changed.base(some(whole, origin)))


def test_a_feature_that_may_see_yesterday_does(made: tuple[History, Calendar], panel: Panel) -> None:
    past, calendar = made
    other = History(past.stores, past.first_day, past.revenue.copy())
    other.revenue[:, ORIGIN] *= 3
    changed = columns(Panel(other, calendar, HORIZON))
    assert not columns(panel)["level_7"].equals(changed["level_7"])


def test_a_panel_that_ends_at_the_origin_has_the_features_of_one_that_goes_on(
    made: tuple[History, Calendar], panel: Panel
) -> None:
    past, calendar = made
    cut = Panel(past.until(FIRST + timedelta(days=ORIGIN)), calendar, HORIZON)
    ahead = ["promo_after", "promo_0_6"]  # these look on past the horizon, as far as promotions were planned
    pd.testing.assert_frame_equal(columns(panel).drop(columns=ahead), columns(cut).drop(columns=ahead))


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
            WHERE d.store = p.store AND d.day <= p.origin AND traded) AS closed_for,
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


def test_features_are_what_an_independent_sql_engine_says(panel: Panel) -> None:
    store, day = (part.ravel() for part in np.indices((panel.real, panel.days)))
    past = day < panel.past
    days = pd.DataFrame({"store": store, "day": day, "promo": panel.known["promo"].ravel()})
    for name, values in (("adjusted", panel.adjusted), ("level", panel.track.level), ("traded", panel.traded)):
        days[name] = pd.Series(values.ravel(), index=days.index[past])
    days["traded"] = days["traded"].astype("boolean")
    with duckdb.connect() as engine:
        engine.register("days", days)
        said = engine.execute(ORACLE.replace("$origin", str(ORIGIN))).df()
    ours = columns(panel)
    said[["level_28", "level_364", "weekday_4"]] = said[["level_28", "level_364", "weekday_4"]].sub(
        ours["level"], axis=0
    )
    said.loc[said["easter_offset"].abs() > 30, "easter_offset"] = np.nan
    for name in map(str, said):
        np.testing.assert_allclose(ours[name], said[name].to_numpy(float), atol=2e-4, err_msg=name)


def test_weekday_and_promotion_are_taken_out_of_the_level() -> None:
    def promoted(_store: int, day: date) -> float:
        return 1.4 if day.timetuple().tm_yday // 7 % 3 == 0 else 1.0

    made = rows(2, 400, factor=promoted, noise=0.01)
    past = history.read(made, NEVER)
    known = made[["store_id", "date"]].assign(
        promo=(pd.to_datetime(made["date"]).dt.day_of_year // 7 % 3 == 0).astype(int)
    )
    found = Panel(past, covariates.build("US", past.stores, FIRST, past.last_day, known), HORIZON).track
    np.testing.assert_allclose(np.exp(found.promo[:, -1]), 1.4, rtol=0.05)
    np.testing.assert_allclose(np.exp(found.profile[:, -1, 5] - found.profile[:, -1, 6]), 1.5 / 0.7, rtol=0.05)
