"""The libraries that a team would take from the shelf, used as their tutorials do; [store, day] after the origin."""

import sys
import warnings
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backtest.inputs import places
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.holidays.holiday_calendar import holidays_of

Floats = NDArray[np.float64]
MOST_STORES = 60  # AutoETS takes seconds a store


def forecasts(past: History, calendar: Covariates, horizon: int) -> Iterator[tuple[str, Floats]]:
    """A name and its forecasts at a time; NaN for stores that were left out."""
    nothing = np.full((len(past.stores), horizon), np.nan)
    for name, forecast in (("auto_ets", _auto_ets), ("mlforecast_lightgbm", _mlforecast)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                values = forecast(past, calendar, horizon)
            except Exception as failure:  # noqa: BLE001 - what a library cannot do is its score, and not the end of ours
                print(f"{name} has no forecast: {failure}", file=sys.stderr)
                values = nothing
        yield name, values


def chosen(stores: int) -> NDArray[np.int64]:
    """The stores that AutoETS is given, spread over all."""
    return np.unique(np.linspace(0, stores - 1, min(stores, MOST_STORES)).astype(int))


def _auto_ets(past: History, _calendar: Covariates, horizon: int) -> Floats:
    from statsforecast import StatsForecast  # noqa: PLC0415 - compiles for seconds; not everybody asks for it
    from statsforecast.models import AutoETS  # noqa: PLC0415

    rows = _long(past.of([past.stores[at] for at in chosen(len(past.stores))]))
    model = StatsForecast(models=[AutoETS(season_length=7)], freq="D", n_jobs=1)
    return _wide(model.forecast(df=rows, h=horizon), "AutoETS", past, horizon)


def _mlforecast(past: History, calendar: Covariates, horizon: int) -> Floats:
    import lightgbm  # noqa: PLC0415
    from mlforecast import MLForecast  # noqa: PLC0415
    from mlforecast.lag_transforms import RollingMean  # noqa: PLC0415

    model = MLForecast(
        models={"lightgbm": lightgbm.LGBMRegressor(n_estimators=300, num_leaves=63, verbose=-1, n_jobs=1, seed=1)},
        freq="D",
        lags=[lag for lag in (7, 14, 21, 28, 364) if 2 * lag < past.days],
        lag_transforms={1: [RollingMean(7), RollingMean(28)], 7: [RollingMean(28)]},
        date_features=["dayofweek", "day", "month", "week"],
    )
    rows = _long(past).merge(_known(past, calendar, past.days + horizon), on=["unique_id", "ds"])
    ahead = _known(past, calendar, past.days + horizon)
    ahead = ahead[ahead["ds"] > rows["ds"].max()]
    ended = rows.groupby("unique_id")["ds"].max() == rows["ds"].max()
    rows = rows[rows["unique_id"].isin(ended[ended].index)]
    model.fit(rows, static_features=[])
    ahead = ahead[ahead["unique_id"].isin(rows["unique_id"].unique())]
    return _wide(model.predict(horizon, X_df=ahead), "lightgbm", past, horizon)


def _long(past: History) -> pd.DataFrame:
    """As Nixtla's libraries want it, without days of which nothing is known."""
    store, day = np.nonzero(np.isfinite(past.revenue))
    dates = pd.date_range(past.first_day, periods=past.days)
    return pd.DataFrame({"unique_id": np.array(past.stores)[store], "ds": dates[day], "y": past.revenue[store, day]})


def _known(past: History, calendar: Covariates, days: int) -> pd.DataFrame:
    country = holidays_of(calendar.country, past.first_day, days)
    covariates = {name: calendar.column(name, past.first_day, days).ravel() for name in sorted(calendar.columns)}
    dates = pd.date_range(past.first_day, periods=days)
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.array(past.stores), days),
            "ds": np.tile(dates, len(past.stores)),
            "public": np.tile(country.public, len(past.stores)),
            **{name: np.nan_to_num(values) for name, values in covariates.items()},
        }
    )


def _wide(rows: pd.DataFrame, column: str, past: History, horizon: int) -> Floats:
    values = np.full((len(past.stores), horizon), np.nan)
    store = rows["unique_id"].map(places(past.stores)).to_numpy(int)
    day = (rows["ds"] - pd.Timestamp(past.last_day + timedelta(days=1))).dt.days.to_numpy()
    covered = (day >= 0) & (day < horizon)
    values[store[covered], day[covered]] = np.maximum(rows[column].to_numpy(float), 0)[covered]
    return values
