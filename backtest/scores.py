"""Accuracy, error and calibration of every model on the same days."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DUMBWAITER = "dumbwaiter"
SPANS = (7, 30)
TOTAL_COLUMNS = ["store", "days", "mean", "p10", "p50", "p90"]
EVERY_STORE_ROW = -1  # of the total of all stores


@dataclass(frozen=True)
class OriginResult:
    """One origin: truth, each model's forecasts, Dumbwaiter's interval, and the days that were planned to be open."""

    origin: date
    truth: Floats
    forecasts: dict[str, Floats]
    p10: Floats
    p50: Floats
    p90: Floats
    opened: Floats
    totals: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=TOTAL_COLUMNS))

    @property
    def open_days(self) -> NDArray[np.bool_]:
        """Days that count: planned as open, or, without a plan, days that brought revenue."""
        has_truth = np.isfinite(self.truth)
        return has_truth & np.where(np.isfinite(self.opened), self.opened > 0, np.nan_to_num(self.truth) > 0)

    @property
    def every_day(self) -> NDArray[np.bool_]:
        return np.isfinite(self.truth)


def accuracy(truth: Floats, forecast: Floats, mask: NDArray[np.bool_]) -> Floats:
    """1 - sum |y - f| / sum y of each store over the mask days; NaN where it sold nothing or nothing was forecast."""
    heard = ~(mask & np.isnan(forecast)).any(1)
    total = np.where(mask, truth, 0).sum(1)
    abs_error = np.where(mask, np.abs(truth - forecast), 0).sum(1)
    fit = heard & (total > 0)
    return np.where(fit, 1 - abs_error / np.where(fit, total, 1), np.nan)


def all_scores(results: list[OriginResult]) -> dict[str, Any]:
    """By model, and of Dumbwaiter by origin, horizon and quantile. Shares and accuracies are from 0 to 1."""
    return {
        "models": {name: _model(results, name) for name in results[0].forecasts},
        "horizons": {name: by_horizon(results, name) for name in results[0].forecasts},
        "calibration": calibration(results),
        "totals": {str(days): _totals(results, days) for days in SPANS if days <= results[0].truth.shape[1]},
    }


def _totals(results: list[OriginResult], days: int) -> dict[str, Any]:
    """Of totals whose days are all known: bias of the sum, share within P10 to P90, and the chain's by origin."""
    of_origins = [beside_totals(result, days) for result in results]
    stores = pd.concat([rows[rows["store"] != EVERY_STORE_ROW] for rows in of_origins])
    if not stores["revenue"].sum() > 0:
        return {}
    within = (stores["revenue"] >= stores["p10"]) & (stores["revenue"] <= stores["p90"])
    chains = [rows[rows["store"] == EVERY_STORE_ROW].to_dict("records") for rows in of_origins]
    return {
        "bias": _round(stores["mean"].sum() / stores["revenue"].sum() - 1),
        "within_p10_p90": _round(within.mean()),
        "stores_and_origins": len(stores),
        "chain": {
            result.origin.isoformat(): {name: _round(row[name]) for name in ("revenue", "mean", "p10", "p90")}
            for result, rows in zip(results, chains, strict=True)
            for row in rows
        },
    }


def beside_totals(result: OriginResult, days: int) -> pd.DataFrame:
    """store, mean, p10, p90 and revenue of the totals whose days are all known."""
    totals = result.totals[result.totals["days"] == days]
    stores: NDArray[np.int64] = totals["store"].to_numpy(int)
    counted = stores[stores != EVERY_STORE_ROW]
    truth = result.truth[:, :days]
    known, revenue = np.isfinite(truth).sum(1) == truth.shape[1], np.nansum(truth, axis=1)
    # The last entry, which `EVERY_STORE_ROW` addresses, is that of all stores.
    all_known = np.append(known, known[counted].all())
    revenue = np.append(revenue, revenue[counted].sum())
    beside: pd.DataFrame = totals.assign(revenue=revenue[stores])[all_known[stores]]
    return beside


def _model(results: list[OriginResult], name: str) -> dict[str, Any]:
    open_days = [accuracy(result.truth, result.forecasts[name], result.open_days) for result in results]
    every_day = [accuracy(result.truth, result.forecasts[name], result.every_day) for result in results]
    same_stores = [
        np.where(
            np.isnan(model_accuracy), np.nan, accuracy(result.truth, result.forecasts[DUMBWAITER], result.open_days)
        )
        for result, model_accuracy in zip(results, open_days, strict=True)
    ]
    return {
        "accuracy_open_days": _mean(np.concatenate(open_days)),
        "accuracy_every_day": _mean(np.concatenate(every_day)),
        "dumbwaiter_on_the_same_stores": _mean(np.concatenate(same_stores)),
        "stores_and_origins": int(np.isfinite(np.concatenate(open_days)).sum()),
        "p10_over_stores": _tenth(np.concatenate(open_days)),
        "rmspe": rmspe(results, name),
        "origins": {
            result.origin.isoformat(): {
                "accuracy_open_days": _mean(open_accuracy),
                "accuracy_every_day": _mean(every_accuracy),
            }
            for result, open_accuracy, every_accuracy in zip(results, open_days, every_day, strict=True)
        },
    }


def rmspe(results: list[OriginResult], name: str) -> float | None:
    """The root mean squared error relative to the revenue, over the days with revenue and a forecast."""
    truth = np.concatenate([result.truth.ravel() for result in results])
    forecast = np.concatenate([result.forecasts[name].ravel() for result in results])
    counted = (np.nan_to_num(truth) > 0) & np.isfinite(forecast)
    if not counted.any():
        return None
    return _round(np.sqrt(np.mean((forecast[counted] / truth[counted] - 1) ** 2)))


def by_horizon(results: list[OriginResult], name: str) -> list[float | None]:
    """1 - sum |y - f| / sum y over all stores and origins, for each day ahead."""
    days = results[0].truth.shape[1]
    abs_error, total = np.zeros(days), np.zeros(days)
    for result in results:
        counted = result.open_days & np.isfinite(result.forecasts[name])
        abs_error += np.where(counted, np.abs(result.truth - result.forecasts[name]), 0).sum(0)
        total += np.where(counted, result.truth, 0).sum(0)
    return [_round(1 - m / t) if t > 0 else None for m, t in zip(abs_error, total, strict=True)]


def calibration(results: list[OriginResult]) -> dict[str, Any]:
    """Share of open days within P10 to P90, and below each quantile."""
    covered = [(result.truth >= result.p10) & (result.truth <= result.p90) for result in results]
    return {
        "within_p10_p90": _share(results, covered),
        "origins": {
            result.origin.isoformat(): _share([result], [within])
            for result, within in zip(results, covered, strict=True)
        },
        "below": {
            name: _share(results, [result.truth <= getattr(result, name) for result in results])
            for name in ("p10", "p50", "p90")
        },
    }


def _share(results: list[OriginResult], marks: list[NDArray[np.bool_]]) -> float:
    """Share of the open days with a forecast. An open day that was forecast as closed counts too."""
    selected = [
        mark[result.open_days & np.isfinite(result.forecasts[DUMBWAITER])]
        for result, mark in zip(results, marks, strict=True)
    ]
    counted = np.concatenate(selected)
    return _round(counted.mean()) if len(counted) else 0.0


def _mean(values: Floats) -> float | None:
    return _round(np.nanmean(values)) if np.isfinite(values).any() else None


def _tenth(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return _round(np.quantile(finite, 0.1)) if len(finite) else None


def _round(value: Any) -> float:
    return round(float(value), 5)
