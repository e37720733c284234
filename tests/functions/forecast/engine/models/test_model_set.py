"""Forecasts of chains whose rules are known, in every situation that a chain gets into."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.covariates import Calendar
from functions.forecast.engine.data.history import History
from functions.forecast.engine.models import model_set
from functions.forecast.engine.models.model_set import ModelSet
from shared.spine.errors import Rejected
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, WEEK, missed, rows

DAYS = 500


def told(past: History, country: str = "US", known: pd.DataFrame | None = None) -> Calendar:
    return covariates.build(country, past.stores, past.first_day, past.last_day + timedelta(days=30), known)


def opened(made: pd.DataFrame) -> pd.DataFrame:
    return made[["store_id", "date"]].assign(open=(made["revenue"] > 0).astype(int))


def cut(made: pd.DataFrame, last: date) -> pd.DataFrame:
    return made[made["date"] <= last.isoformat()]


def forecast(past: History, calendar: Calendar, origin: date, **other: object) -> pd.DataFrame:
    models = model_set.train(past, calendar, replace(SMALL, **other), last_day=origin)  # type: ignore[arg-type]
    return models.forecast(past, calendar, origin)


def by_store(made: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Truth beside the forecast."""
    truth = made.assign(date=pd.to_datetime(made["date"]).dt.date)
    return said.merge(truth, on=["store_id", "date"], how="left").fillna({"revenue": 0})


@pytest.fixture(scope="module")
def chain() -> tuple[History, Calendar, pd.DataFrame]:
    made = rows(6, DAYS)
    past = history.read(made, NEVER)
    return past, told(past, known=opened(made)), made


@pytest.fixture(scope="module")
def models(chain: tuple[History, Calendar, pd.DataFrame]) -> ModelSet:
    past, calendar, _ = chain
    return model_set.train(past, calendar, SMALL, last_day=ORIGIN)


ORIGIN = FIRST + timedelta(days=DAYS - 31)


def test_a_steady_chain_is_forecast_to_within_its_noise(
    chain: tuple[History, Calendar, pd.DataFrame], models: ModelSet
) -> None:
    past, calendar, made = chain
    said = models.forecast(past, calendar, ORIGIN)
    assert len(said) == 6 * 30
    both = by_store(made, said)
    # noise of 8 %: E|exp(0.08 z) - 1| is 6.4 %
    assert missed(both["revenue"].to_numpy(), both["mean"].to_numpy()) < 0.075
    assert (said["p10"] <= said["p50"]).all()
    assert (said["p50"] <= said["p90"]).all()
    inside = both["revenue"].between(both["p10"], both["p90"]).mean()
    assert 0.65 < inside < 0.95


def test_tomorrow_changes_nothing_that_was_forecast_yesterday(chain: tuple[History, Calendar, pd.DataFrame]) -> None:
    past, calendar, _ = chain
    origin = FIRST + timedelta(days=300)
    later = History(past.stores, past.first_day, past.revenue.copy())
    later.revenue[:, 301:] *= 5
    pd.testing.assert_frame_equal(forecast(past, calendar, origin), forecast(later, calendar, origin))


def test_the_same_data_makes_the_same_bytes_and_they_come_back_as_they_were(
    chain: tuple[History, Calendar, pd.DataFrame], models: ModelSet
) -> None:
    past, calendar, _ = chain
    assert model_set.train(past, calendar, SMALL, last_day=ORIGIN).dump() == models.dump()
    kept = ModelSet.load(models.dump())
    assert kept.dump() == models.dump()
    pd.testing.assert_frame_equal(kept.forecast(past, calendar, ORIGIN), models.forecast(past, calendar, ORIGIN))


def test_other_data_makes_another_hash(chain: tuple[History, Calendar, pd.DataFrame], models: ModelSet) -> None:
    past, calendar, _ = chain
    other = History(past.stores, past.first_day, past.revenue.copy())
    other.revenue[0, 5] += 1
    trained = model_set.train(other, calendar, SMALL, last_day=ORIGIN)
    assert trained.data_hash != models.data_hash


def test_a_refresh_weighs_anew_and_leaves_the_trees(chain: tuple[History, Calendar, pd.DataFrame]) -> None:
    past, calendar, _ = chain
    trained = model_set.train(past, calendar, SMALL, last_day=ORIGIN - timedelta(days=14))
    fresh = trained.refresh(past, calendar, ORIGIN)
    assert (fresh.trained_to, fresh.refreshed_to) == (ORIGIN - timedelta(days=14), ORIGIN)
    assert fresh.models is trained.models
    assert len(fresh.pool.truth) > len(trained.pool.truth)
    assert fresh.refresh(past, calendar, ORIGIN) is fresh
    assert len(fresh.forecast(past, calendar, ORIGIN)) == 6 * 30


@pytest.mark.parametrize("age", [30, 60])
def test_a_store_that_opened_lately_is_forecast_by_what_it_sells_and_the_chain_s_week(age: int) -> None:
    made = rows(6, DAYS)
    young = cut(made, ORIGIN)
    young = young[(young["store_id"] != "s3") | (young["date"] > (ORIGIN - timedelta(days=age)).isoformat())]
    past = history.read(young, NEVER)
    both = by_store(made, forecast(past, told(past, known=opened(made)), ORIGIN)).query("store_id == 's3'")
    assert missed(both["revenue"].to_numpy(), both["mean"].to_numpy()) < 0.11


def test_a_store_that_never_traded_has_no_forecast_and_the_others_have() -> None:
    made = rows(3, 200)
    made.loc[made["store_id"] == "s1", "revenue"] = 0
    past = history.read(made, NEVER)
    said = forecast(past, told(past), past.last_day)
    assert set(said["store_id"]) == {"s0", "s2"}


def test_a_chain_of_sixty_days_and_a_chain_of_one_store_are_forecast() -> None:
    for stores, days in ((5, 90), (1, 400), (1, 60)):
        made = rows(stores, days)
        origin = FIRST + timedelta(days=days - 31)
        past = history.read(cut(made, origin), NEVER)
        both = by_store(made, forecast(past, told(past, known=opened(made)), origin))
        assert len(both) == stores * 30
        assert missed(both["revenue"].to_numpy(), both["mean"].to_numpy()) < 0.13, (stores, days)


def test_a_store_that_closes_every_sunday_is_forecast_closed_on_sundays_though_nobody_said_so() -> None:
    made = rows(5, 300, factor=lambda store, day: float(not (store % 2 and day.weekday() == 6)))
    past = history.read(made, NEVER)
    said = forecast(past, told(past), past.last_day)
    weekday = pd.to_datetime(said["date"]).dt.day_of_week
    odd = said["store_id"].isin(["s1", "s3"])
    assert (said.loc[odd & (weekday == 6), ["mean", "p10", "p90"]] == 0).all(axis=None)
    assert (said.loc[~(odd & (weekday == 6)), "mean"] > 0).all()


def test_a_store_that_reopens_after_months_or_moves_starts_from_what_it_sells_now() -> None:
    def factor(store: int, day: date) -> float:
        at = (day - FIRST).days
        closed = store == 1 and 300 <= at < 420
        return 0.0 if closed else 1.8 if store == 2 and at >= 400 else 1.0

    made = rows(6, DAYS, factor=factor)
    past = history.read(cut(made, ORIGIN), NEVER)
    both = by_store(made, forecast(past, told(past, known=opened(made)), ORIGIN))
    for store in ("s1", "s2"):
        of_store = both[both["store_id"] == store]
        assert missed(of_store["revenue"].to_numpy(), of_store["mean"].to_numpy()) < 0.13, store


def test_a_store_that_has_closed_for_good_is_forecast_closed() -> None:
    made = rows(6, 300)
    last = FIRST + timedelta(days=299)
    gone = (made["store_id"] == "s2") & (made["date"] > (last - timedelta(days=40)).isoformat())
    past = history.read(made[~gone], NEVER).closed_since_last_row()
    said = forecast(past, told(past), last)
    assert (said.loc[said["store_id"] == "s2", ["mean", "p10", "p90"]] == 0).all(axis=None)
    assert (said.loc[said["store_id"] != "s2", "mean"] > 0).all()


def test_a_strike_of_a_week_does_not_become_the_new_usual() -> None:
    struck = ORIGIN - timedelta(days=20)
    made = rows(6, DAYS, factor=lambda _store, day: 0.15 if struck <= day < struck + timedelta(days=6) else 1.0)
    past = history.read(cut(made, ORIGIN), NEVER)
    both = by_store(made, forecast(past, told(past, known=opened(made)), ORIGIN))
    assert missed(both["revenue"].to_numpy(), both["mean"].to_numpy()) < 0.12


def test_a_zero_on_a_day_said_to_be_open_teaches_nothing(chain: tuple[History, Calendar, pd.DataFrame]) -> None:
    past, calendar, made = chain
    other = History(past.stores, past.first_day, past.revenue.copy())
    other.revenue[:, 400:403] = 0
    both = by_store(made, forecast(other, calendar, ORIGIN))
    assert missed(both["revenue"].to_numpy(), both["mean"].to_numpy()) < 0.08


@pytest.mark.parametrize(
    ("country", "first", "feast", "fall"),
    [
        ("DE", date(2022, 12, 1), {date(2023, 4, 8), date(2024, 3, 30)}, 1.9),  # Saturday before Easter
        ("CN", date(2022, 10, 1), {date(2023, 1, 23), date(2024, 2, 11)}, 0.4),  # the day after Spring Festival
        ("JP", date(2021, 9, 15), {date(2022, 1, 1), date(2023, 1, 1)}, 0.5),  # New Year
    ],
)
def test_a_feast_inside_the_horizon_is_forecast_by_last_year_s_on_its_own_date(
    country: str, first: date, feast: set[date], fall: float
) -> None:
    last = max(feast)
    made = rows(12, (last - first).days + 10, first=first, factor=lambda _store, day: fall if day in feast else 1.0)
    origin = last - timedelta(days=12)
    past = history.read(cut(made, origin), NEVER)
    said = forecast(past, told(past, country, opened(made)), origin, rows=20_000, rounds=80)
    day = said[said["date"] == last]
    usual = (900 + 400 * np.arange(12)) * WEEK[last.weekday()]
    moved = float(
        np.log(
            day.set_index("store_id")["mean"].reindex(past.stores).to_numpy()
            / usual[np.argsort([*map(str, range(12))])]
        ).mean()
    )
    assert moved / np.log(fall) > 0.4, "most of the feast is missed"
    others = by_store(made, said).query("date != @last").dropna()
    assert missed(others["revenue"].to_numpy()[:100], others["mean"].to_numpy()[:100]) < 0.4


def test_a_leap_day_is_forecast() -> None:
    made = rows(4, 420, first=date(2023, 1, 10))
    past = history.read(cut(made, date(2024, 2, 20)), NEVER)
    both = by_store(made, forecast(past, told(past, known=opened(made)), date(2024, 2, 20)))
    leap = both[both["date"] == date(2024, 2, 29)]
    assert len(leap) == 4
    assert missed(leap["revenue"].to_numpy(), leap["mean"].to_numpy()) < 0.2


def test_weather_that_is_told_for_ten_days_spoils_none_of_those_beyond() -> None:
    rng = np.random.default_rng(3)
    dates = [FIRST + timedelta(days=n) for n in range(DAYS)]
    wet = {day for day in dates if rng.random() < 1 / 3}
    made = rows(6, DAYS, factor=lambda _, day: 0.6 if day in wet else 1.0)
    origin = dates[-31]
    past = history.read(cut(made, origin), NEVER)
    dry, off = told(past), {}
    for ahead in (0, 10):
        weather = np.full((6, DAYS), np.nan, np.float32)
        weather[:, : DAYS - 30 + ahead] = [day in wet for day in dates[: DAYS - 30 + ahead]]
        calendar = replace(dry, known={"weather_rain": weather} if ahead else {})
        found = by_store(made, forecast(past, calendar, origin)).sort_values(["store_id", "date"])
        late = (pd.to_datetime(found["date"]) > pd.Timestamp(origin + timedelta(days=10))).to_numpy()
        said, came = found["mean"].to_numpy(), found["revenue"].to_numpy()
        off[ahead] = missed(came[late], said[late]), missed(came[~late], said[~late])
    assert off[10][0] < off[0][0] + 0.02
    assert off[10][1] < off[0][1] / 2


def test_what_nobody_said_of_the_days_ahead_is_filled_by_a_rule_that_is_named(
    chain: tuple[History, Calendar, pd.DataFrame], models: ModelSet
) -> None:
    past, calendar, _ = chain
    silent = replace(calendar, known={"open": calendar.known["open"].copy()})
    silent.known["open"][:, DAYS - 30 :] = np.nan
    prediction = models.predict(past, silent, ORIGIN)
    said = prediction.rows
    assert prediction.imputed == {"open": "180 days: open as on most of the same weekdays of eight weeks"}
    assert (said["mean"] > 0).all()
    assert models.predict(past, calendar, ORIGIN).imputed == {}


def within(said: pd.DataFrame) -> bool:
    ordered = (said["p10"] <= said["mean"]) & (said["mean"] <= said["p90"]) & (said["p10"] <= said["p50"])
    return bool((ordered & (said["p50"] <= said["p90"]) & np.isfinite(said["p90"])).all())


@pytest.mark.parametrize(
    ("stores", "days", "a_week"), [(1, 29, 7), (1, 34, 7), (3, 30, 5), (3, 40, 5), (1, 30, 3), (2, 31, 1)]
)
def test_a_month_of_few_stores_is_enough_however_seldom_they_open(stores: int, days: int, a_week: int) -> None:
    past = history.read(rows(stores, days, factor=lambda _, day: float(day.weekday() < a_week)), NEVER)
    said = forecast(past, told(past), past.last_day)
    assert len(said) == 30 * stores
    assert within(said)


@pytest.mark.parametrize("horizon", [1, 7, 90])
def test_any_horizon_is_forecast(horizon: int) -> None:
    past = history.read(rows(2, 200), NEVER)
    calendar = covariates.build("US", past.stores, past.first_day, past.last_day + timedelta(days=horizon))
    models = model_set.train(past, calendar, replace(SMALL, horizon=horizon), last_day=past.last_day)
    assert within(said := models.forecast(past, calendar, past.last_day, horizon))
    assert len(said) == 2 * horizon


def test_where_nothing_was_ever_sold_there_is_nothing_to_learn() -> None:
    past = history.read(rows(2, 60, factor=lambda *_: 0.0), NEVER)
    with pytest.raises(Rejected, match="nothing was sold"):
        forecast(past, told(past), past.last_day)


@pytest.mark.parametrize("seed", range(6))
def test_the_forecast_lies_within_its_interval_also_where_the_past_was_all_on_one_side(seed: int) -> None:
    made = rows(1, 60, seed=seed, factor=lambda _, day: 1.0 if (day - FIRST).days < 40 else 1.4)
    past = history.read(made, NEVER)
    assert within(forecast(past, told(past), past.last_day))
