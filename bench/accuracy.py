"""The accuracy of the forecast on given histories, by `python -m backtest` in a process of its own.

BACKTESTS names a JSON file with a list of `Backtest`. Its paths begin at its own folder.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.figures import Figure, told, within
from stack.addresses import CHECKOUT

OPEN_DAYS, EVERY_DAY = "open_days", "every_day"
COVERAGE = 77, 83  # percent of the days between P10 and P90
COVERAGE_OF_ORIGIN = 70, 90


@dataclass(frozen=True)
class Backtest:
    """One history with its origins, joined by commas.

    `days` that count are `open_days` or `every_day`. `least` is the bar of the mean accuracy in percent.
    """

    name: str
    history: str
    origins: str
    country: str
    stores: str | None = None
    days: str = OPEN_DAYS
    least: float | None = None


def bench() -> Iterator[Figure]:
    """The figures of each backtest. Raises `KeyError` without BACKTESTS."""
    plan = Path(os.environ["BACKTESTS"]).resolve()
    for entry in json.loads(plan.read_text(encoding="utf-8")):
        backtest = Backtest(**entry)
        yield from figures(backtest, _scores(backtest, plan.parent))


def _scores(backtest: Backtest, folder: Path) -> dict[str, Any]:
    options = ["--history", str(folder / backtest.history), "--origins", backtest.origins]
    options += ["--country", backtest.country]
    options += ["--stores", str(folder / backtest.stores)] if backtest.stores else []
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "backtest", *options, "--out", out]
        subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
        scores: dict[str, Any] = json.loads((Path(out) / "scores.json").read_text(encoding="utf-8"))
    return scores


def figures(backtest: Backtest, scores: dict[str, Any]) -> Iterator[Figure]:
    """Of Dumbwaiter and of the models beside it; accuracies, coverages and biases in percent."""
    name = f"accuracy.{backtest.name}"
    own, accuracy = scores["models"]["dumbwaiter"], f"accuracy_{backtest.days}"
    origins = {origin: 100 * of_origin[accuracy] for origin, of_origin in own["origins"].items()}
    mean = told(name, statistics.fmean(origins.values()), "%", f"mean of the origins, {_words(backtest.days)}")
    yield _at_least(mean, backtest.least)
    for origin, percent in origins.items():
        yield told(f"{name}.{origin}", percent, "%")
    yield told(f"{name}.rmspe", own["rmspe"], "of the revenue", "root mean square of open days")
    covered = scores["calibration"]
    of_all = told(f"{name}.covered", 100 * covered["within_p10_p90"], "%", "open days between P10 and P90")
    yield within(of_all, *COVERAGE)
    for origin, share in covered["origins"].items():
        yield within(told(f"{name}.covered.{origin}", 100 * share, "%"), *COVERAGE_OF_ORIGIN)
    for days, totals in scores["totals"].items():
        if totals:
            yield told(f"{name}.total_{days}.bias", 100 * totals["bias"], "%", "of the sum over stores and origins")
            yield told(f"{name}.total_{days}.covered", 100 * totals["within_p10_p90"], "%")
    for model, score in scores["models"].items():
        if model != "dumbwaiter" and score[accuracy] is not None:
            yield told(f"{name}.beside.{model}", 100 * score[accuracy], "%", "mean of stores and origins")


def _words(days: str) -> str:
    return days.replace("_", " ")


def _at_least(figure: Figure, least: float | None) -> Figure:
    return figure if least is None else replace(figure, bar=f"≥ {least:g}", ok=figure.value >= least)
