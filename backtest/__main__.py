"""`python -m backtest` (`make backtest`): what would have been forecast at past origins, and what came."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from backtest import inputs, page, peers, scores, trial
from backtest.inputs import Data, Request
from backtest.scores import OriginResult
from backtest.trial import Trial
from shared.spine.errors import Rejected

Floats = NDArray[np.float64]
MOST_HORIZON = 90
MOST_CORRECTIONS = 1_000


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
    parser.add_argument("--threads", type=int, default=1, help="origins at once, each in one thread of its own")
    return parser


def _request(arguments: list[str] | None) -> Request:
    options = vars(_parser().parse_args(arguments))
    for name in ("history", "out"):
        if not options[name]:
            raise Rejected(f"{name}_missing", f"{name.upper()} is not given: see docs/develop/forecast-method.md")
    if not 1 <= options["horizon"] <= MOST_HORIZON:
        raise Rejected("horizon_outside", f"HORIZON is 1 to {MOST_HORIZON} days, and not {options['horizon']}")
    if options["threads"] < 1:
        raise Rejected("threads_too_few", f"THREADS is 1 or more, and not {options['threads']}")
    places = {name: Path(options[name]) for name in ("history", "out")}
    if places["out"].exists() and not places["out"].is_dir():
        raise Rejected("out_not_a_folder", f"OUT is a folder, and {places['out']} is none")
    return Request(**options | places | {"origins": inputs.days(options["origins"])})


def run(request: Request, data: Data) -> tuple[pd.DataFrame, list[OriginResult], dict[str, Any]]:
    """Dumbwaiter's forecasts as they are written, the results of every origin, and how the data was corrected."""
    at_once = min(request.threads, len(request.origins))
    print(f"{at_once} of {len(request.origins)} origins at once, in one thread each (THREADS=)", file=sys.stderr)
    with tqdm(total=len(request.origins) * trial.steps(), unit="step", smoothing=0) as bar:
        trials = trial.trials(request, data, bar.update)
    predictions = [one.prediction for one in trials]
    imputed: dict[str, str] = {}
    for prediction in predictions:
        imputed |= prediction.imputed
    report = _corrections(trials) | {"imputed": imputed}
    report["shocks"] = sorted({day.isoformat() for prediction in predictions for day in prediction.shocks})
    report["silent"] = {one.result.origin.isoformat(): one.prediction.silent for one in trials}
    table = pd.concat([prediction.rows for prediction in predictions], ignore_index=True)
    return table.drop(columns="horizon"), [one.result for one in trials], report


def _corrections(trials: list[Trial]) -> dict[str, Any]:
    corrections = list(dict.fromkeys(correction for one in trials for correction in one.corrections))
    rows = [
        {"store": correction.store, "day": correction.day and correction.day.isoformat(),
         "reason": correction.reason, "was": correction.was, "became": correction.became}
        for correction in corrections
    ]  # fmt: skip
    return {"corrections": rows[:MOST_CORRECTIONS], "corrections_in_all": len(rows)}


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
    for days, total in report["totals"].items():
        if total:
            print(f"Totals of {days} days: bias {total['bias']:+.1%}, P10 to P90 held {total['within_p10_p90']:.1%}")
    print(f"P10 to P90 held {report['calibration']['within_p10_p90']:.1%}. See {out / 'index.html'}")


if __name__ == "__main__":
    sys.exit(main())
