"""Every feature is computed a second time in SQL, written from docs/develop/forecast-method.md and not from the code.

The oracle gets revenue by day, the covariates, and the days of Easter and the Spring Festival. It also gets the
baseline and the week regimes as known at the end of each day. Other tests hold those to chains with stated rules:
test_baseline, test_week_regimes, test_model_set.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import holidays
import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from functions.forecast.engine.signals.week_regimes import WeekRegimes
from tests.functions.forecast.chains import FIRST, WEEK

STORES, PAST, HORIZON = 4, 470, 30
ORIGINS = (5, 40, 200, 340, 380, 435, 469)  # the last row's horizon ends where the panel does
EASTER = ["2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20"]
EASTER_MONDAYS = pd.to_datetime(EASTER) + pd.Timedelta(days=1)
SPRING_FESTIVAL = ["2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29"]

INPUTS = """
    CREATE TABLE easter AS SELECT unnest($easter)::DATE AS day;
    CREATE TABLE spring AS SELECT unnest($spring)::DATE AS day;
    CREATE TABLE christmas AS SELECT make_date(unnest([2022, 2023, 2024]), 12, 25) AS day;
    CREATE TABLE years AS SELECT unnest([2022, 2023, 2024, 2025]) AS year;
    -- Germany's holidays, by law and by the distance from Easter.
    CREATE TABLE holiday AS
        SELECT name, make_date(year, month, day) AS day
        FROM years, (VALUES ('New Year''s Day', 1, 1), ('Labor Day', 5, 1), ('German Unity Day', 10, 3),
            ('Christmas Day', 12, 25), ('Second Day of Christmas', 12, 26)) AS fixed (name, month, day)
        UNION ALL
        SELECT name, day + shift FROM easter, (VALUES ('Good Friday', -2), ('Easter Monday', 1), ('Ascension Day', 39),
            ('Pentecost Monday', 50)) AS movable (name, shift);
    CREATE TABLE observance AS
        SELECT 'Valentine''s Day' AS name, make_date(year, 2, 14) AS day FROM years
        UNION ALL
        SELECT 'Rose Monday', day - 48 FROM easter
        UNION ALL
        -- The second Sunday of May is the 8th to the 14th; Black Friday is 23 to 29 November.
        SELECT 'Mother''s Day', day FROM years, (SELECT unnest(range(8, 15))::INT AS d), LATERAL
            (SELECT make_date(year, 5, d) AS day) WHERE isodow(day) = 7
        UNION ALL
        SELECT 'Black Friday', day FROM years, (SELECT unnest(range(23, 30))::INT AS d), LATERAL
            (SELECT make_date(year, 11, d) AS day) WHERE isodow(day) = 5;
    -- A day belongs to a holiday up to ten days from it, to an observance up to one day.
    CREATE TABLE anchor AS
        SELECT name, day, 10 AS width FROM holiday UNION ALL SELECT name, day, 1 FROM observance;
    CREATE TABLE calendar AS
        SELECT n, date, isodow(date) - 1 AS weekday, day(date) AS month_day, last_day(date) - date AS month_left
        FROM (SELECT n, DATE '2023-01-02' + n AS date FROM (SELECT unnest(range(-20, 530))::INT AS n));
    ALTER TABLE calendar ADD COLUMN public BOOLEAN;
    UPDATE calendar SET public = date IN (SELECT day FROM holiday);
    CREATE TABLE nearest AS
        SELECT n, arg_min(calendar.date - this.day, rank) AS distance, arg_min(this.name, rank) AS name,
            arg_min(before.day - this.day, rank) AS ago
        FROM calendar JOIN anchor this ON abs(calendar.date - this.day) <= this.width
            JOIN anchor before ON before.name = this.name AND year(before.day) = year(this.day) - 1,
            LATERAL (SELECT (abs(calendar.date - this.day), -this.width, this.name) AS rank)
        GROUP BY n;
    CREATE TABLE days_off AS
        SELECT *, public OR weekday >= 5 AS off,
            (SELECT least(min(date - day), 30) FROM holiday WHERE day <= date) AS since,
            (SELECT least(min(day - date), 30) FROM holiday WHERE day >= date) AS till,
            (SELECT count(*) FROM lands WHERE lands.date = calendar.date)
                / (SELECT count(DISTINCT land) FROM lands) AS regional
        FROM calendar LEFT JOIN nearest USING (n);
    -- Days off that stand together share the number of working days before them.
    CREATE TABLE country AS
        SELECT *, CASE WHEN off THEN count(*) FILTER (off) OVER (PARTITION BY spell) ELSE 0 END AS run,
            CASE WHEN off THEN row_number() OVER (PARTITION BY spell, off ORDER BY n) ELSE 0 END AS index_in_run
        FROM (SELECT *, count(*) FILTER (NOT off) OVER (ORDER BY n) AS spell FROM days_off);
    CREATE TABLE history AS
        SELECT *, revenue > 0 AS traded, CASE WHEN traded THEN ln(revenue) - profile - effect * promo END AS adjusted
        FROM days;
"""

# Values at the end of an origin; only covariates reach later days.
MACROS = """
    CREATE MACRO level_at(s, d) AS (SELECT level FROM history WHERE store = s AND n = d AND d < $past);
    CREATE MACRO adjusted_at(s, d) AS (SELECT adjusted FROM history WHERE store = s AND n = d);
    CREATE MACRO adjusted_mean(s, a, b) AS (SELECT avg(adjusted) FROM history WHERE store = s AND n BETWEEN a AND b);
    CREATE MACRO one_step_error_mean(s, a, b) AS (SELECT avg(one_step_error) FROM history
        WHERE store = s AND n BETWEEN a AND b);
    CREATE MACRO same_weekdays(s, o, t, weeks) AS (SELECT avg(adjusted) FROM history
        WHERE store = s AND n <= o AND (t - n) % 7 = 0 AND n > o - 7 * weeks);
    CREATE MACRO open_weekdays(s, o, t, weeks) AS (SELECT avg(traded::INT) FROM history
        WHERE store = s AND n <= o AND (t - n) % 7 = 0 AND n > o - 7 * weeks);
    CREATE MACRO chain_at(d, o) AS (SELECT avg(a.adjusted - b.level) FROM history a JOIN history b USING (store)
        WHERE a.n = d AND b.n = o AND o < $past);
    CREATE MACRO every(t, o, step) AS t - step * ((t - o + step - 1) // step);
    CREATE MACRO profile_of(s, d, w) AS (SELECT value FROM profiles WHERE store = s AND n = d AND weekday = w);
    CREATE MACRO entered(s, d, name) AS (SELECT CASE name WHEN 'promo' THEN promo WHEN 'open' THEN open ELSE school END
        FROM days WHERE store = s AND n = least(greatest(d, 0), $past + 29));
    CREATE MACRO entered_mean(s, a, b, name) AS (SELECT avg(CASE name WHEN 'promo' THEN promo ELSE school END) FROM days
        WHERE store = s AND n BETWEEN a AND b);
    CREATE MACRO year_before(t, how) AS (SELECT CASE how WHEN 'week' THEN n - 364
        WHEN 'holiday' THEN n + coalesce(ago, -364)
        ELSE n + ((date - INTERVAL 1 YEAR)::DATE - date) END FROM country WHERE n = t);
    CREATE TABLE marked AS
        SELECT h.store, h.n, h.one_step_error, list_filter([
            CASE WHEN public THEN 'public' END, CASE WHEN till = 1 THEN 'before_public' END,
            CASE WHEN since = 1 THEN 'after_public' END, CASE WHEN run >= 3 THEN 'long_weekend' END,
            CASE WHEN month_day <= 4 THEN 'month_start' END, CASE WHEN month_left < 4 THEN 'month_end' END,
            CASE WHEN school > 0 THEN 'school_holiday' END,
            CASE WHEN entered(h.store, h.n + 1, 'open') = 0 THEN 'before_closed' END,
            CASE WHEN entered(h.store, h.n - 1, 'open') = 0 THEN 'after_closed' END],
            lambda mark : mark IS NOT NULL) AS marks
        FROM history h JOIN country USING (n);
    -- The chain's mean one-step error, as far as it exceeds four standard errors.
    CREATE TABLE chain_excess AS
        SELECT n, coalesce(avg(one_step_error) FILTER (age > 14), 0) AS mean,
            4 * median(spread) / sqrt(greatest(count(one_step_error) FILTER (age > 14), 1)) AS noise,
            sign(mean) * greatest(abs(mean) - noise, 0) AS excess
        FROM history WHERE n < $past GROUP BY n;
    CREATE MACRO effect(s, o, t, name) AS CASE
        WHEN (SELECT list_contains(marks, name) FROM marked WHERE store = s AND n = t)
        THEN (SELECT coalesce(sum(one_step_error), 0) / (count(one_step_error) + 3) FROM marked
              WHERE store = s AND n <= o AND list_contains(marks, name)) ELSE 0 END;
    CREATE MACRO weeks_ahead(o, t) AS (t + 0) // 7 - (o + 0) // 7;  -- the first day is a Monday
    CREATE MACRO probability_of(o, t) AS (SELECT probability FROM probabilities
        WHERE n = o AND ahead = least(weeks_ahead(o, t), 6));
    CREATE MACRO chain_week(o, ago) AS (SELECT avg(value) FROM (SELECT chain_at(o - o % 7 - 7 * ago + k, o) AS value
        FROM (SELECT unnest(range(0, 7))::INT AS k) WHERE o - o % 7 - 7 * ago + k <= o));
    CREATE MACRO offset_from(d, marks) AS (SELECT CASE WHEN abs(nearest) <= 30 THEN nearest END FROM
        (SELECT arg_min(d - day, abs(d - day)) AS nearest FROM query_table(marks)));
"""

ROWS = f"""
    SELECT h.store, h.n AS origin, c.n AS target, CAST($feature AS DOUBLE) AS feature
    FROM history h JOIN country c ON c.n BETWEEN h.n + 1 AND h.n + {HORIZON}
    WHERE h.n IN {ORIGINS} ORDER BY origin, store, target"""

FEATURES: dict[str, str] = {
    "horizon": "target - origin",
    "weekday": "c.weekday",
    "month_day": "c.month_day",
    "days_to_month_end": "c.month_left",
    "year_day": "dayofyear(c.date)",
    "public": "c.public",
    "regional": "c.regional",
    "off": "c.off",
    "off_run": "c.run",
    "off_index": "c.index_in_run",
    "since_holiday": "c.since",
    "until_holiday": "c.till",
    "holiday_offset": "c.distance",
    "holiday_code": "CASE WHEN c.name IS NOT NULL"
    " THEN (SELECT count(DISTINCT name) FROM anchor WHERE name < c.name) END",
    "easter_offset": "offset_from(c.date, 'easter')",
    "lunar_offset": "offset_from(c.date, 'spring')",
    "christmas_offset": "offset_from(c.date, 'christmas')",
    "off_before": "(SELECT off FROM country WHERE n = target - 1)",
    "off_after": "(SELECT off FROM country WHERE n = least(target + 1, $past + 29))",
    "regional_before": "(SELECT regional FROM country WHERE n = target - 1)",
    "regional_after": "(SELECT regional FROM country WHERE n = least(target + 1, $past + 29))",
    "holiday_year_ago": "CASE WHEN c.distance IS NULL OR target + c.ago < 0 THEN 0"
    " ELSE 0.7 * (SELECT excess FROM chain_excess WHERE n = target + c.ago) END",
    "level": "h.level",
    "spread": "h.spread",
    "age": "least(h.age, 365)",
    "promo_effect": "h.effect",
    "profile": "profile_of(h.store, origin, c.weekday)",
    **{
        f"profile_{name}": f"profile_of(h.store, origin, {day})"
        for day, name in ((0, "monday"), (4, "friday"), (5, "saturday"), (6, "sunday"))
    },
    "store_seats": "(SELECT seats FROM statics WHERE statics.store = h.store)",
    **{
        f"level_{days}": f"adjusted_mean(h.store, origin - {days - 1}, origin) - h.level"
        for days in (7, 14, 28, 56, 91, 182, 364)
    },
    **{f"one_step_error_{days}": f"one_step_error_mean(h.store, origin - {days - 1}, origin)" for days in (7, 28)},
    **{f"weekday_{weeks}": f"same_weekdays(h.store, origin, target, {weeks}) - h.level" for weeks in (1, 2, 4, 8)},
    **{f"open_weekday_{weeks}": f"open_weekdays(h.store, origin, target, {weeks})" for weeks in (4, 26)},
    "open_28": "(SELECT avg(traded::INT) FROM history x"
    " WHERE x.store = h.store AND x.n BETWEEN origin - 27 AND origin)",
    "days_since_open": "(SELECT CASE WHEN bool_or(traded) THEN count(traded) - max(known) FILTER (traded) END FROM"
    " (SELECT traded, count(traded) OVER (ORDER BY n) AS known FROM history x"
    " WHERE x.store = h.store AND x.n <= origin))",
    "every_14": "adjusted_at(h.store, every(target, origin, 14)) - h.level",
    "every_28": "adjusted_at(h.store, every(target, origin, 28)) - h.level",
    "every_14_mean": "(SELECT avg(adjusted) - h.level FROM history x WHERE x.store = h.store"
    " AND every(target, origin, 14) - n IN (0, 14, 28, 42))",
    "every_28_mean": "(SELECT avg(adjusted) - h.level FROM history x WHERE x.store = h.store"
    " AND every(target, origin, 28) - n IN (0, 28))",
    "chain_every_14": "chain_at(every(target, origin, 14), origin)",
    "chain_every_28": "chain_at(every(target, origin, 28), origin)",
    "chain_every_14_mean": "(SELECT avg(chain_at(every(target, origin, 14) - 14 * k, origin))"
    " FROM (SELECT unnest([0, 1, 2, 3]) AS k))",
    "chain_every_28_mean": "(SELECT avg(chain_at(every(target, origin, 28) - 28 * k, origin))"
    " FROM (SELECT unnest([0, 1]) AS k))",
    # The newest day that lies an odd number of weeks before the target: a fortnight's other week.
    "own_other_week": "adjusted_at(h.store, every(target + 7, origin, 14)) - h.level",
    "chain_other_week": "chain_at(every(target + 7, origin, 14), origin)",
    "own_week_contrast": "adjusted_at(h.store, every(target, origin, 14))"
    " - adjusted_at(h.store, every(target + 7, origin, 14))",
    "chain_week_contrast": "chain_at(every(target, origin, 14), origin)"
    " - chain_at(every(target + 7, origin, 14), origin)",
    "chain_weekday_1": "chain_at(every(target, origin, 7), origin)",
    "chain_weekday_2": "chain_at(every(target, origin, 7) - 7, origin)",
    "seasonality": "adjusted_mean(h.store, target - 371, target - 357) - level_at(h.store, origin - 364)",
    "seasonality_chain": "(SELECT avg(chain_at(target - 364 + k, origin - 364))"
    " FROM (SELECT unnest(range(-7, 8))::INT AS k))",
    "growth": "h.level - level_at(h.store, origin - 364)",
}
for how in ("week", "holiday", "date"):
    then = f"year_before(target, '{how}')"
    origin = f"({then} - target + origin)"
    FEATURES |= {
        f"year_ago_{how}": f"adjusted_at(h.store, {then}) - level_at(h.store, {origin})",
        f"year_ago_{how}_chain": f"chain_at({then}, {origin})",
        f"year_ago_{how}_open": "(SELECT coalesce(traded, false) FROM history x"
        f" WHERE x.store = h.store AND x.n = {then})",
        f"year_ago_{how}_chain_open": "(SELECT coalesce(avg(traded::INT), 0) FROM history"
        f" WHERE n = {then} HAVING count(*) > 0)",
    }
for name, shift in (("2_before", -2), ("day_before", -1), ("day_after", 1), ("2_after", 2)):
    FEATURES[f"open_{name}"] = f"entered(h.store, target + {shift}, 'open')"
FEATURES["open_days_around"] = " + ".join(f"entered(h.store, target + {shift}, 'open')" for shift in range(-3, 4))
for column in ("promo", "school_holiday"):
    FEATURES |= {
        column: f"entered(h.store, target, '{column}')",
        f"{column}_before": f"entered(h.store, target - 1, '{column}')",
        f"{column}_after": f"entered(h.store, target + 1, '{column}')",
        **{
            f"{column}_{begin}_{end}": f"entered_mean(h.store, target + {begin}, target + {end}, '{column}')"
            for begin, end in ((-7, -1), (0, 6), (-14, -8))
        },
    }
for mark in (
    *("public", "before_public", "after_public", "long_weekend", "month_start", "month_end"),
    *("school_holiday", "before_closed", "after_closed"),
):
    FEATURES[f"effect_{mark}"] = f"effect(h.store, origin, target, '{mark}')"


# If promotions are unknown: week regimes, and blurred dates.
WITHOUT_PROMOTIONS = {
    "year_day": "dayofyear(c.date) // 31",
    **{
        name: f"CASE WHEN abs({FEATURES[name]}) <= 8 THEN {FEATURES[name]} END"
        for name in ("easter_offset", "lunar_offset", "christmas_offset")
    },
    "weeks_ahead": "weeks_ahead(origin, target)",
    "regime_now": "h.promo",
    "regime_probability": "probability_of(origin, target)",
    # Close to the likelier regime: a probability of 0.8 counts as 0.98.
    "regime_expected": "probability_of(origin, target) ** 3"
    " / (probability_of(origin, target) ** 3 + (1 - probability_of(origin, target)) ** 3)"
    " * (SELECT share FROM weekday_shares WHERE n = origin AND weekday = c.weekday)",
    **{f"chain_week_{ago}": f"chain_week(origin, {ago})" for ago in range(4)},
    "chain_week_like": "chain_week(origin, weeks_ahead(origin, target) % 2)",
    "chain_week_unlike": "chain_week(origin, 1 - weeks_ahead(origin, target) % 2)",
}
OF_PROMOTIONS = {name for name in FEATURES if name.startswith("promo") and name != "promo_effect"}


Oracle = tuple[pd.DataFrame, duckdb.DuckDBPyConnection]


def chain(*, promotions_known: bool = True) -> tuple[History, pd.DataFrame, pd.DataFrame]:
    """A store that opened late, one with a gap of unknown days, closures, promotions and school holidays.

    Unknown promotions come every second week.
    """
    rng = np.random.default_rng(3)
    store, day = (index.ravel() for index in np.indices((STORES, PAST + HORIZON)))
    dates = pd.to_datetime(FIRST) + pd.to_timedelta(day, unit="D")
    entries = pd.DataFrame({"store_id": [f"s{number}" for number in store], "date": dates})
    every_third_week = (dates.day_of_year + 3 * store) // 7 % 3 == 0
    entries["promo"] = (every_third_week if promotions_known else day // 7 % 2 == 0).astype(int)
    entries["open"] = ((day + 1) % (9 + store) > 0).astype(int)
    entries["school_holiday"] = (dates.month.isin([7, 12]) | (dates.day < 3)).astype(int)
    holiday = dates.strftime("%m-%d").isin(["01-01", "05-01", "10-03", "12-25"]) | dates.isin(EASTER_MONDAYS)
    factor = np.exp(0.3 * entries["promo"] + holiday + rng.normal(0, 0.1, len(store)))
    sales = (900 + 400 * store) * WEEK[dates.day_of_week] * factor
    revenue = np.where(entries["open"] > 0, sales, 0).reshape(STORES, -1)[:, :PAST]
    revenue[2, :130] = np.nan
    revenue[1, 300:309] = np.nan
    statics = pd.DataFrame({"store_id": [f"s{number}" for number in range(STORES)], "seats": [20, 80, 45, 60]})
    history = History(tuple(statics["store_id"]), FIRST, revenue)
    return history, entries if promotions_known else entries.drop(columns="promo"), statics


@pytest.fixture(scope="module", params=["with promotions", "without promotions"])
def oracle(request: pytest.FixtureRequest) -> Iterator[Oracle]:
    """The features of the code, and the oracle over the same chain."""
    history, entries, statics = chain(promotions_known=request.param == "with promotions")
    last = FIRST + timedelta(days=PAST + HORIZON - 1)
    panel = Panel(history, covariates.build("DE", history.stores, FIRST, last, entries, statics), HORIZON)
    with duckdb.connect() as engine:
        for name, table in _inputs(panel, history, entries, statics).items():
            engine.register(name, table)
        for script in (INPUTS, MACROS):
            engine.execute(with_constants(script))
        yield _features(panel), engine


def _features(panel: Panel) -> pd.DataFrame:
    origin, store, ahead = (index.ravel() for index in np.indices((len(ORIGINS), STORES, HORIZON)))
    origins = np.array(ORIGINS)[origin]
    table = FeatureTable(panel, Rows(store, origins, origins + ahead + 1))
    keys = pd.DataFrame({"store": store, "origin": origins, "target": origins + ahead + 1})
    return pd.concat([keys, pd.DataFrame(table.matrix, columns=table.names)], axis=1)


def with_constants(text: str) -> str:
    for name, value in (("$past", PAST), ("$easter", EASTER), ("$spring", SPRING_FESTIVAL)):
        text = text.replace(name, str(value))
    return text


def _inputs(panel: Panel, history: History, entries: pd.DataFrame, statics: pd.DataFrame) -> dict[str, pd.DataFrame]:
    regions = [
        (region, day)
        for region in holidays.list_supported_countries()["DE"]
        for day in holidays.country_holidays("DE", subdiv=region, years=range(2022, 2026))
    ]
    regimes = panel.regimes or WeekRegimes(*(np.zeros((PAST, width), np.float32) for width in (1, 7, 7)))
    return {
        "days": _days(panel, history, entries),
        "probabilities": _long(regimes.probability, "n", "ahead", "probability"),
        "weekday_shares": _long(regimes.weekday_share, "n", "weekday", "share"),
        "profiles": _long(panel.baseline.profile, "store", "n", "weekday", "value"),
        "statics": statics.assign(store=range(STORES)),
        "lands": pd.DataFrame(regions, columns=["land", "date"]).astype({"date": "datetime64[s]"}),
    }


def _days(panel: Panel, history: History, entries: pd.DataFrame) -> pd.DataFrame:
    store, day = (index.ravel() for index in np.indices((STORES, PAST + HORIZON)))
    days = pd.DataFrame({"store": store, "n": day, "promo": panel.promotion.ravel().astype(float)})
    days["open"], days["school"] = entries["open"], entries["school_holiday"]
    baseline, weekday = panel.baseline, panel.weekday[:PAST]
    index = np.broadcast_to(weekday[None, :, None], (STORES, PAST, 1))
    values_by_day: dict[str, Any] = {
        "revenue": history.revenue, "level": baseline.level, "effect": baseline.promotion_effect,
        "profile": np.take_along_axis(baseline.profile, index, 2)[..., 0],
        "one_step_error": baseline.one_step_error, "spread": baseline.spread, "age": baseline.age,
    }  # fmt: skip
    for name, values in values_by_day.items():
        days[name] = pd.Series(values.ravel().astype(float), index=days.index[day < PAST])
    return days


def _long(values: Any, *names: str) -> pd.DataFrame:
    """One row an entry of the array, with its indices."""
    indices = (index.ravel() for index in np.indices(values.shape))
    return pd.DataFrame(dict(zip(names, [*indices, values.ravel().astype(float)], strict=True)))


def test_the_oracle_has_every_feature(oracle: Oracle) -> None:
    names = set(oracle[0]) - {"store", "origin", "target"}
    assert names in (set(FEATURES), (set(FEATURES) | set(WITHOUT_PROMOTIONS)) - OF_PROMOTIONS)


@pytest.mark.parametrize("name", FEATURES | WITHOUT_PROMOTIONS)
def test_a_feature_is_what_an_independent_sql_engine_computes(oracle: Oracle, name: str) -> None:
    features, engine = oracle
    if name not in features:
        pytest.skip("of the chain with the other inputs")
    feature = FEATURES[name] if "promo" in features else {**FEATURES, **WITHOUT_PROMOTIONS}[name]
    expected = engine.execute(with_constants(ROWS.replace("$feature", feature))).df()
    keys = ["store", "origin", "target"]
    assert (features[keys].to_numpy() == expected[keys].to_numpy()).all()
    assert len(expected["feature"].dropna().unique()) > 1, "the feature is constant, so this test has no power"
    np.testing.assert_allclose(features[name].to_numpy(float), expected["feature"].to_numpy(float), atol=3e-4)
