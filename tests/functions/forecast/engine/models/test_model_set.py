"""Forecasts of chains with stated rules, in the situations of real chains."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from shared.spine.errors import Rejected
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, WEEK, rows, wape

DAYS = 500
ORIGIN = FIRST + timedelta(days=DAYS - 31)
Chain = tuple[History, Covariates, pd.DataFrame]


def entered(past: History, country: str = "US", columns: pd.DataFrame | None = None) -> Covariates:
    """Covariates up to 30 days after the history."""
    return covariates.build(country, past.stores, past.first_day, past.last_day + timedelta(days=30), columns)


def openings(sales: pd.DataFrame) -> pd.DataFrame:
    return sales[["store_id", "date"]].assign(open=(sales["revenue"] > 0).astype(int))


def cut(sales: pd.DataFrame, last: date) -> pd.DataFrame:
    return sales[sales["date"] <= last.isoformat()]


def forecast(past: History, inputs: Covariates, origin: date, **settings: object) -> pd.DataFrame:
    models = train(past, inputs, replace(SMALL, **settings), last_day=origin)  # type: ignore[arg-type]
    return models.forecast(past, inputs, origin)


def beside_revenue(sales: pd.DataFrame, rows_of_forecast: pd.DataFrame) -> pd.DataFrame:
    """The forecast with the revenue of its days, 0 without a row."""
    revenue = sales.assign(date=pd.to_datetime(sales["date"]).dt.date)
    return rows_of_forecast.merge(revenue, on=["store_id", "date"], how="left").fillna({"revenue": 0})


def wape_of(days: pd.DataFrame) -> float:
    return wape(days["revenue"].to_numpy(), days["mean"].to_numpy())


@pytest.fixture(scope="module")
def chain() -> Chain:
    sales = rows(6, DAYS)
    past = history.read(sales, NEVER)
    return past, entered(past, columns=openings(sales)), sales


@pytest.fixture(scope="module")
def models(chain: Chain) -> ModelSet:
    past, inputs, _ = chain
    return train(past, inputs, SMALL, last_day=ORIGIN)


def test_a_steady_chain_is_forecast_to_within_its_noise(chain: Chain, models: ModelSet) -> None:
    past, inputs, sales = chain
    prediction = models.forecast(past, inputs, ORIGIN)
    assert len(prediction) == 6 * 30
    days = beside_revenue(sales, prediction)
    # noise of 8 %: E|exp(0.08 z) - 1| is 6.4 %
    assert wape_of(days) < 0.075
    assert (prediction["p10"] <= prediction["p50"]).all()
    assert (prediction["p50"] <= prediction["p90"]).all()
    assert 0.65 < days["revenue"].between(days["p10"], days["p90"]).mean() < 0.95


def test_later_days_change_nothing_in_an_earlier_forecast(chain: Chain) -> None:
    past, inputs, _ = chain
    origin = FIRST + timedelta(days=300)
    changed = History(past.stores, past.first_day, past.revenue.copy())
    changed.revenue[:, 301:] *= 5
    pd.testing.assert_frame_equal(forecast(past, inputs, origin), forecast(changed, inputs, origin))


def test_the_same_data_gives_the_same_bytes_and_a_stored_set_is_unchanged(chain: Chain, models: ModelSet) -> None:
    past, inputs, _ = chain
    assert train(past, inputs, SMALL, last_day=ORIGIN).dump() == models.dump()
    stored = ModelSet.load(models.dump())
    assert stored.dump() == models.dump()
    pd.testing.assert_frame_equal(stored.forecast(past, inputs, ORIGIN), models.forecast(past, inputs, ORIGIN))


def test_changed_data_gives_another_hash(chain: Chain, models: ModelSet) -> None:
    past, inputs, _ = chain
    changed = History(past.stores, past.first_day, past.revenue.copy())
    changed.revenue[0, 5] += 1
    assert train(changed, inputs, SMALL, last_day=ORIGIN).data_hash != models.data_hash


def test_a_refresh_computes_weights_again_and_leaves_the_trees(chain: Chain) -> None:
    past, inputs, _ = chain
    trained = train(past, inputs, SMALL, last_day=ORIGIN - timedelta(days=14))
    refreshed = trained.refresh(past, inputs, ORIGIN)
    assert (refreshed.trained_to, refreshed.refreshed_to) == (ORIGIN - timedelta(days=14), ORIGIN)
    assert refreshed.boosters is trained.boosters
    assert len(refreshed.calibration.log_revenue) > len(trained.calibration.log_revenue)
    assert refreshed.refresh(past, inputs, ORIGIN) is refreshed
    assert len(refreshed.forecast(past, inputs, ORIGIN)) == 6 * 30


@pytest.mark.parametrize("age", [30, 60])
def test_a_young_store_is_forecast_by_its_own_sales_and_the_chain_s_week(age: int) -> None:
    sales = rows(6, DAYS)
    young = cut(sales, ORIGIN)
    young = young[(young["store_id"] != "s3") | (young["date"] > (ORIGIN - timedelta(days=age)).isoformat())]
    past = history.read(young, NEVER)
    days = beside_revenue(sales, forecast(past, entered(past, columns=openings(sales)), ORIGIN))
    assert wape_of(days.query("store_id == 's3'")) < 0.11


def test_a_store_without_an_open_day_has_no_forecast_and_the_others_have() -> None:
    sales = rows(3, 200)
    sales.loc[sales["store_id"] == "s1", "revenue"] = 0
    past = history.read(sales, NEVER)
    assert set(forecast(past, entered(past), past.last_day)["store_id"]) == {"s0", "s2"}


def test_a_chain_of_sixty_days_and_a_chain_of_one_store_are_forecast() -> None:
    for stores, days in ((5, 90), (1, 400), (1, 60)):
        sales = rows(stores, days)
        origin = FIRST + timedelta(days=days - 31)
        past = history.read(cut(sales, origin), NEVER)
        prediction = beside_revenue(sales, forecast(past, entered(past, columns=openings(sales)), origin))
        assert len(prediction) == stores * 30
        assert wape_of(prediction) < 0.13, (stores, days)


def test_a_store_that_closes_on_sundays_is_forecast_closed_on_sundays_without_any_entry() -> None:
    sales = rows(5, 300, factor=lambda store, day: float(not (store % 2 and day.weekday() == 6)))
    past = history.read(sales, NEVER)
    prediction = forecast(past, entered(past), past.last_day)
    on_sunday = pd.to_datetime(prediction["date"]).dt.day_of_week == 6
    closed = prediction["store_id"].isin(["s1", "s3"]) & on_sunday
    assert (prediction.loc[closed, ["mean", "p10", "p90"]] == 0).all(axis=None)
    assert (prediction.loc[~closed, "mean"] > 0).all()


def test_a_store_that_reopens_or_moves_starts_from_its_newest_sales() -> None:
    def factor(store: int, day: date) -> float:
        index = (day - FIRST).days
        closed = store == 1 and 300 <= index < 420
        return 0.0 if closed else 1.8 if store == 2 and index >= 400 else 1.0

    sales = rows(6, DAYS, factor=factor)
    past = history.read(cut(sales, ORIGIN), NEVER)
    days = beside_revenue(sales, forecast(past, entered(past, columns=openings(sales)), ORIGIN))
    for store in ("s1", "s2"):
        assert wape_of(days[days["store_id"] == store]) < 0.13, store


def test_a_store_that_has_closed_for_good_is_forecast_closed() -> None:
    sales = rows(6, 300)
    last = FIRST + timedelta(days=299)
    after_closing = (sales["store_id"] == "s2") & (sales["date"] > (last - timedelta(days=40)).isoformat())
    past = history.read(sales[~after_closing], NEVER).closed_since_last_row()
    prediction = forecast(past, entered(past), last)
    assert (prediction.loc[prediction["store_id"] == "s2", ["mean", "p10", "p90"]] == 0).all(axis=None)
    assert (prediction.loc[prediction["store_id"] != "s2", "mean"] > 0).all()


def test_a_strike_of_a_week_does_not_become_the_new_level() -> None:
    strike = ORIGIN - timedelta(days=20)
    sales = rows(6, DAYS, factor=lambda _store, day: 0.15 if strike <= day < strike + timedelta(days=6) else 1.0)
    past = history.read(cut(sales, ORIGIN), NEVER)
    assert wape_of(beside_revenue(sales, forecast(past, entered(past, columns=openings(sales)), ORIGIN))) < 0.12


def test_a_zero_on_a_day_that_was_entered_as_open_changes_nothing(chain: Chain) -> None:
    past, inputs, sales = chain
    changed = History(past.stores, past.first_day, past.revenue.copy())
    changed.revenue[:, 400:403] = 0
    assert wape_of(beside_revenue(sales, forecast(changed, inputs, ORIGIN))) < 0.08


@pytest.mark.parametrize(
    ("country", "first", "holidays", "fall"),
    [
        ("DE", date(2022, 12, 1), {date(2023, 4, 8), date(2024, 3, 30)}, 1.9),  # Saturday before Easter
        ("CN", date(2022, 10, 1), {date(2023, 1, 23), date(2024, 2, 11)}, 0.4),  # the day after Spring Festival
        ("JP", date(2021, 9, 15), {date(2022, 1, 1), date(2023, 1, 1)}, 0.5),  # New Year
    ],
)
def test_a_holiday_effect_in_the_horizon_is_forecast_from_last_year_on_its_own_date(
    country: str, first: date, holidays: set[date], fall: float
) -> None:
    last = max(holidays)
    sales = rows(12, (last - first).days + 10, first=first, factor=lambda _, day: fall if day in holidays else 1.0)
    origin = last - timedelta(days=12)
    past = history.read(cut(sales, origin), NEVER)
    inputs = entered(past, country, openings(sales))
    prediction = forecast(past, inputs, origin, rows=20_000, rounds=80)
    on_holiday = prediction[prediction["date"] == last].set_index("store_id")["mean"].reindex(past.stores).to_numpy()
    usual = (900 + 400 * np.arange(12)) * WEEK[last.weekday()]
    effect = float(np.log(on_holiday / usual[np.argsort([*map(str, range(12))])]).mean())
    assert effect / np.log(fall) > 0.4, "most of the holiday effect is absent"
    days = beside_revenue(sales, prediction).query("date != @last").dropna()
    assert wape_of(days[:100]) < 0.4


def test_a_leap_day_is_forecast() -> None:
    sales = rows(4, 420, first=date(2023, 1, 10))
    past = history.read(cut(sales, date(2024, 2, 20)), NEVER)
    days = beside_revenue(sales, forecast(past, entered(past, columns=openings(sales)), date(2024, 2, 20)))
    leap_day = days[days["date"] == date(2024, 2, 29)]
    assert len(leap_day) == 4
    assert wape_of(leap_day) < 0.2


def test_weather_for_ten_days_ahead_harms_no_later_day() -> None:
    rng = np.random.default_rng(3)
    dates = [FIRST + timedelta(days=n) for n in range(DAYS)]
    wet = {day for day in dates if rng.random() < 1 / 3}
    sales = rows(6, DAYS, factor=lambda _, day: 0.6 if day in wet else 1.0)
    origin = dates[-31]
    past = history.read(cut(sales, origin), NEVER)
    inputs, errors = entered(past), {}
    for days_ahead in (0, 10):
        weather = np.full((6, DAYS), np.nan, np.float32)
        weather[:, : DAYS - 30 + days_ahead] = [day in wet for day in dates[: DAYS - 30 + days_ahead]]
        with_weather = replace(inputs, columns={"weather_rain": weather} if days_ahead else {})
        days = beside_revenue(sales, forecast(past, with_weather, origin)).sort_values(["store_id", "date"])
        late = pd.to_datetime(days["date"]) > pd.Timestamp(origin + timedelta(days=10))
        errors[days_ahead] = wape_of(days[late]), wape_of(days[~late])
    assert errors[10][0] < errors[0][0] + 0.02
    assert errors[10][1] < errors[0][1] / 2


def test_missing_openings_are_imputed_by_a_rule_that_is_named(chain: Chain, models: ModelSet) -> None:
    past, inputs, _ = chain
    without_openings = replace(inputs, columns={"open": inputs.columns["open"].copy()})
    without_openings.columns["open"][:, DAYS - 30 :] = np.nan
    prediction = models.predict(past, without_openings, ORIGIN)
    assert prediction.imputed == {"open": "180 days: open as on most of the same weekdays of eight weeks"}
    assert (prediction.rows["mean"] > 0).all()
    assert models.predict(past, inputs, ORIGIN).imputed == {}


def is_ordered(days: pd.DataFrame) -> bool:
    """P10 ≤ mean and P50 ≤ P90, and all are finite."""
    ordered = (days["p10"] <= days["mean"]) & (days["mean"] <= days["p90"]) & (days["p10"] <= days["p50"])
    return bool((ordered & (days["p50"] <= days["p90"]) & np.isfinite(days["p90"])).all())


@pytest.mark.parametrize(
    ("stores", "days", "open_days"), [(1, 29, 7), (1, 34, 7), (3, 30, 5), (3, 40, 5), (1, 30, 3), (2, 31, 1)]
)
def test_a_month_of_few_stores_is_enough_even_with_few_open_days(stores: int, days: int, open_days: int) -> None:
    past = history.read(rows(stores, days, factor=lambda _, day: float(day.weekday() < open_days)), NEVER)
    prediction = forecast(past, entered(past), past.last_day)
    assert len(prediction) == 30 * stores
    assert is_ordered(prediction)


@pytest.mark.parametrize("horizon", [1, 7, 90])
def test_any_horizon_is_forecast(horizon: int) -> None:
    past = history.read(rows(2, 200), NEVER)
    inputs = covariates.build("US", past.stores, past.first_day, past.last_day + timedelta(days=horizon))
    models = train(past, inputs, replace(SMALL, horizon=horizon), last_day=past.last_day)
    prediction = models.forecast(past, inputs, past.last_day, horizon)
    assert is_ordered(prediction)
    assert len(prediction) == 2 * horizon


def test_a_chain_without_revenue_is_refused() -> None:
    past = history.read(rows(2, 60, factor=lambda *_: 0.0), NEVER)
    with pytest.raises(Rejected, match="no recent sales"):
        forecast(past, entered(past), past.last_day)


@pytest.mark.parametrize("seed", range(6))
def test_the_forecast_is_inside_its_interval_even_if_all_past_errors_have_one_sign(seed: int) -> None:
    sales = rows(1, 60, seed=seed, factor=lambda _, day: 1.0 if (day - FIRST).days < 40 else 1.4)
    past = history.read(sales, NEVER)
    assert is_ordered(forecast(past, entered(past), past.last_day))
