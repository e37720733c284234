"""`python -m backtest` (`make backtest`): what would have been forecast at past origins, and what came."""

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from backtest import baselines, inputs, page, peers, scores
from backtest.inputs import Data, Request
from backtest.scores import DUMBWAITER, OriginResult
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import Correction, History
from functions.forecast.engine.models.train import train
from functions.forecast.engine.settings import Settings
from shared.spine.errors import Rejected

Floats = NDArray[np.float64]
MOST_HORIZON = 90
MOST_CORRECTIONS = 1_000
STEPS = 4  # of an origin: Dumbwaiter, the baselines, two libraries


def main(arguments: list[str] | None = None) -> int:
    """2 where what was asked cannot be."""
    try:
        request = _request(arguments)
        data = inputs.load(request)
        for note in data.notes:
            print(note, file=sys.stderr)
        if data.ignored:
            print(f"Columns without future values are not used: {', '.join(data.ignored)}", file=sys.stderr)
        forecasts, results, changes = run(request, data)
        request.out.mkdir(parents=True, exist_ok=True)
    except (Rejected, OSError) as refusal:
        print(getattr(refusal, "detail", refusal), file=sys.stderr)
        return 2
    report = scores.all_scores(results) | _conditions(request, data) | changes
    forecasts.to_csv(request.out / "forecasts.csv", index=False, float_format="%.2f")
    (request.out / "scores.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (request.out / "index.html").write_text(page.render(data.history, results, report), encoding="utf-8")
    _tell(report, request.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backtest", description=__doc__)
    parser.add_argument("--history", required=True)
    parser.add_argument("--origins", required=True)
    parser.add_argument("--horizon", type=int, default=30)
    parser.add_argument("--country", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--stores", type=Path)
    parser.add_argument("--day-twice", choices=["refuse", "add"], default="refuse")
    parser.add_argument("--threads", type=int, default=2)
    return parser


def _request(arguments: list[str] | None) -> Request:
    options = vars(_parser().parse_args(arguments))
    for name in ("history", "out"):
        if not options[name]:
            raise Rejected(f"{name}_missing", f"{name.upper()} is not given: see docs/develop/forecast-method.md")
    if not 1 <= options["horizon"] <= MOST_HORIZON:
        raise Rejected("horizon_outside", f"HORIZON is 1 to {MOST_HORIZON} days, and not {options['horizon']}")
    places = {name: Path(options[name]) for name in ("history", "out")}
    if places["out"].exists() and not places["out"].is_dir():
        raise Rejected("out_not_a_folder", f"OUT is a folder, and {places['out']} is none")
    return Request(**options | places | {"origins": inputs.days(options["origins"])})


def run(request: Request, data: Data) -> tuple[pd.DataFrame, list[OriginResult], dict[str, Any]]:
    """Dumbwaiter's forecasts as they are written, every model's trial at every origin, and corrections with
    imputations."""
    libraries = STEPS if _libraries() else STEPS - 2
    tables, results = [], []
    corrections: dict[Correction, None] = {}
    imputed: dict[str, str] = {}
    shocks: dict[str, None] = {}
    with tqdm(total=len(request.origins) * libraries, unit="step", smoothing=0) as bar:
        for origin in request.origins:
            bar.set_description(origin.isoformat())
            past, covariates = data.known_at(origin, request.horizon)
            settings = Settings(horizon=request.horizon, threads=request.threads)
            models = train(past, covariates, settings, last_day=origin)
            prediction = models.predict(past, covariates, origin, request.horizon)
            table = prediction.rows
            bar.update()
            opened = covariates.column("open", origin + timedelta(days=1), request.horizon).astype(float)
            baseline_forecasts: dict[str, Floats] = {}
            for name, forecast in _others(past, covariates, request.horizon, opened):
                baseline_forecasts[name] = _of_all(data, past, forecast)
                bar.update(name not in baselines.NAMES[1:])
            corrections |= dict.fromkeys(past.corrections)
            imputed |= prediction.imputed
            shocks |= dict.fromkeys(day.isoformat() for day in prediction.shocks)
            tables.append(table)
            results.append(_result(data, request, table, _of_all(data, past, opened), baseline_forecasts))
    rows = [
        {"store": correction.store, "day": correction.day and correction.day.isoformat(),
         "reason": correction.reason, "was": correction.was, "became": correction.became}
        for correction in corrections
    ]  # fmt: skip
    report = {"corrections": rows[:MOST_CORRECTIONS], "corrections_in_all": len(rows), "imputed": imputed}
    report["shocks"] = sorted(shocks)
    return pd.concat(tables, ignore_index=True).drop(columns="horizon"), results, report


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
    data: Data, request: Request, table: pd.DataFrame, opened: Floats, baseline_forecasts: dict[str, Floats]
) -> OriginResult:
    origin = table["origin"].iloc[0]
    store = table["store_id"].map(inputs.places(data.history.stores)).to_numpy(int)
    ahead = table["horizon"].to_numpy() - 1

    def wide(column: str) -> Floats:
        values = np.full((len(data.history.stores), request.horizon), np.nan)
        values[store, ahead] = table[column]
        return values

    forecasts = {DUMBWAITER: wide("mean")} | baseline_forecasts
    return OriginResult(
        origin, data.truth(origin, request.horizon), forecasts, wide("p10"), wide("p50"), wide("p90"), opened
    )


def _conditions(request: Request, data: Data) -> dict[str, object]:
    return {
        "conditions": {
            "history": request.history.name,
            "stores": len(data.history.stores),
            "days": [data.history.first_day.isoformat(), data.history.last_day.isoformat()],
            "horizon": request.horizon,
            "country": request.country,
            "known_in_advance": list(data.known_names),
            "not_used": list(data.ignored),
            "read_as": list(data.notes),
            "auto_ets_stores": len(peers.chosen(len(data.history.stores))),
        }
    }


def _tell(report: dict[str, dict[str, dict[str, float]]], out: Path) -> None:
    print(f"{'':24} {'open days':>10} {'every day':>10}")
    for name, score in report["models"].items():
        numbers = [score["accuracy_open_days"], score["accuracy_every_day"]]
        print(f"{name:24} " + " ".join("         -" if number is None else f"{number:10.2%}" for number in numbers))
    print(f"P10 to P90 held {report['calibration']['within_p10_p90']:.1%}. See {out / 'index.html'}")


if __name__ == "__main__":
    sys.exit(main())
