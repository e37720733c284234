"""The trial of one origin: every model's forecast from the data up to it, beside the revenue that followed."""

import importlib.util
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backtest import baselines, inputs, peers
from backtest.inputs import Data, Request
from backtest.scores import DUMBWAITER, EVERY_STORE_ROW, TOTAL_COLUMNS, OriginResult
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import Correction, History
from functions.forecast.engine.models.model_set import Prediction
from functions.forecast.engine.models.train import train
from functions.forecast.engine.settings import Settings

Floats = NDArray[np.float64]
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Trial:
    """Dumbwaiter's prediction at one origin, all forecasts beside the truth, and the corrections of the history."""

    prediction: Prediction
    result: OriginResult
    corrections: tuple[Correction, ...]


def steps() -> int:
    """The steps of a trial: Dumbwaiter, the baselines, two libraries if they are installed."""
    return 4 if _libraries() else 2


def trials(request: Request, data: Data, progress: Progress) -> list[Trial]:
    """The trial of every origin, in order; with several threads, as many origins at once, each in its own process."""
    if request.threads == 1 or len(request.origins) == 1:
        return [trial(request, data, origin, progress) for origin in request.origins]
    done: dict[date, Trial] = {}
    with ProcessPoolExecutor(min(request.threads, len(request.origins)), get_context("spawn")) as pool:
        futures = {pool.submit(trial, request, data, origin): origin for origin in request.origins}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress(steps())
    return [done[origin] for origin in request.origins]


def trial(request: Request, data: Data, origin: date, progress: Progress = bool) -> Trial:
    """The trial of one origin; the training uses one thread."""
    past, covariates = data.known_at(origin, request.horizon)
    models = train(past, covariates, Settings(horizon=request.horizon), last_day=origin)
    prediction = models.predict(past, covariates, origin, request.horizon)
    progress(1)
    opened = covariates.column("open", origin + timedelta(days=1), request.horizon).astype(float)
    others: dict[str, Floats] = {}
    for name, forecast in _others(past, covariates, request.horizon, opened):
        others[name] = _of_all(data, past, forecast)
        progress(name not in baselines.NAMES[1:])
    result = _result(data, request, prediction, _of_all(data, past, opened), others)
    return Trial(prediction, result, past.corrections)


def _of_all(data: Data, past: History, values: Floats) -> Floats:
    """[store, day] of every store of the file, NaN for those that had no past at the origin."""
    rows = np.full((len(data.history.stores), values.shape[1]), np.nan)
    rows[[inputs.places(data.history.stores)[store] for store in past.stores]] = values
    return rows


def _libraries() -> bool:
    return importlib.util.find_spec("mlforecast") is not None


def _others(past: History, covariates: Covariates, horizon: int, opened: Floats) -> Iterator[tuple[str, Floats]]:
    recent = past.until(past.last_day, Settings().history_days)
    yield from baselines.forecasts(recent, horizon, opened).items()
    if _libraries():
        for name, forecast in peers.forecasts(recent, covariates, horizon):
            yield name, np.where(opened == 0, 0, forecast)


def _result(
    data: Data, request: Request, prediction: Prediction, opened: Floats, baseline_forecasts: dict[str, Floats]
) -> OriginResult:
    table, places = prediction.rows, inputs.places(data.history.stores)
    origin = table["origin"].iloc[0]
    store = table["store_id"].map(places).to_numpy(int)
    ahead = table["horizon"].to_numpy() - 1

    def wide(column: str) -> Floats:
        values = np.full((len(data.history.stores), request.horizon), np.nan)
        values[store, ahead] = table[column].round(2)
        return values

    forecasts = {DUMBWAITER: wide("mean")} | baseline_forecasts
    truth, totals = data.truth(origin, request.horizon), _totals(prediction, places)
    return OriginResult(origin, truth, forecasts, wide("p10"), wide("p50"), wide("p90"), opened, totals)


def _totals(prediction: Prediction, places: dict[str, int]) -> pd.DataFrame:
    """The totals with `store`, the store's row, or `EVERY_STORE_ROW`."""
    totals = prediction.totals
    if totals.empty:
        return pd.DataFrame(columns=TOTAL_COLUMNS)
    return totals.assign(store=[places.get(store, EVERY_STORE_ROW) for store in totals["store_id"]])
