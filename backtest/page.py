"""The backtest's page: one HTML file with its plots inside."""

import html
import io
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backtest.scores import DUMBWAITER, OriginResult, accuracy
from functions.forecast.engine.data.history import History

BEFORE = 42  # days shown before the origin
NOTHING_SOLD = "<p>No store sold anything in the days that were forecast.</p>"
COLOURS = ("#b4472e", "#8a8f98", "#5b7c99", "#9a7b4f", "#6b8f71", "#8d6a9f")
STYLE = """body{font:15px/1.5 system-ui,sans-serif;color:#222;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse}
td,th{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
svg{max-width:100%;height:auto}.note{color:#555}"""


def render(past: History, results: Sequence[OriginResult], report: dict[str, Any]) -> str:
    """The whole page; `report` is what scores.json has."""
    sold = any(
        np.isfinite(accuracy(result.truth, result.forecasts[DUMBWAITER], result.open_days)).any() for result in results
    )
    sections = [
        "<h1>What would have been forecast</h1>",
        _conditions(report["conditions"]),
        _corrections(report),
        "<h2>Accuracy</h2>",
        "<p class='note'>1 &minus; &Sigma;|y &minus; f| / &Sigma;y of each store at each origin, and their mean.</p>",
        _table(report),
        "<h2>Best, median and worst stores</h2>",
        _drawn((10.5, 8.4), lambda figure: _stores(figure, past, results)) if sold else NOTHING_SOLD,
        "<h2>Accuracy by days ahead</h2>",
        _drawn((10.5, 3.6), lambda figure: _horizons(figure.subplots(), report["horizons"])),
        "<h2>Are the intervals honest?</h2>",
        _drawn((10.5, 3.4), lambda figure: _calibration(figure, results, report["calibration"])),
        "<h2>Totals</h2>",
        _totals(report["totals"]),
    ]
    body = "\n".join(sections)
    head = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Backtest</title><style>{STYLE}</style>"
    return f"{head}{body}</html>\n"


def _conditions(conditions: dict[str, Any]) -> str:
    covariate_names = ", ".join(conditions["known_in_advance"]) or "public holidays alone"
    text = (
        f"{conditions['history']}: {conditions['stores']} stores, {conditions['days'][0]} to {conditions['days'][1]}. "
        f"{conditions['horizon']} days ahead, country {conditions['country']}. Known in advance: {covariate_names}. "
        f"AutoETS was given {conditions['auto_ets_stores']} of the stores."
    )
    return f"<p>{html.escape(text)}</p>"


def _corrections(report: dict[str, Any]) -> str:
    """The number of corrections by reason, and the rules of imputed values; scores.json lists them."""
    reasons = Counter(correction["reason"] for correction in report["corrections"])
    texts = [f"{count:,} {reason}" for reason, count in reasons.most_common()]
    texts += [f"{name}: {rule}" for name, rule in report["imputed"].items()]
    silent = sorted({store for stores in report["silent"].values() for store in stores})
    if silent:
        texts.append(f"without data for days before an origin: {', '.join(silent)}")
    if shocks := report["shocks"]:
        texts.append(f"not compared one year later, because most stores were unusual: {', '.join(shocks)}")
    return f"<p>Corrected or imputed: {html.escape('; '.join(texts) or 'nothing')}.</p>"


def _totals(totals: dict[str, Any]) -> str:
    """A table of totals by number of days."""
    rows = [
        f"<tr><td>{days} days</td><td>{total['stores_and_origins']}</td><td>{total['bias']:+.1%}</td>"
        f"<td>{total['within_p10_p90']:.1%}</td></tr>"
        for days, total in totals.items()
        if total
    ]
    if not rows:
        return "<p>No total has all of its days.</p>"
    head = "<tr><th>total of</th><th>stores and origins</th><th>bias of the sum</th><th>within P10 to P90</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _table(report: dict[str, Any]) -> str:
    origins = list(next(iter(report["models"].values()))["origins"])
    heads = ["model", "open days", "every day", "dumbwaiter, same stores", *origins]
    rows = []
    for name, score in report["models"].items():
        cells = [
            score["accuracy_open_days"],
            score["accuracy_every_day"],
            score["dumbwaiter_on_the_same_stores"],
            *(score["origins"][origin]["accuracy_open_days"] for origin in origins),
        ]
        row = "".join(f"<td>{'-' if cell is None else f'{cell:.1%}'}</td>" for cell in cells)
        rows.append(f"<tr><td>{html.escape(name)}</td>{row}</tr>")
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _drawn(size: tuple[float, float], draw: Callable[[Figure], None]) -> str:
    with mpl.rc_context(
        {
            "svg.hashsalt": "backtest",
            "svg.fonttype": "none",  # the reader's own fonts, which have all of the world's letters
            "text.parse_math": False,
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    ):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        buffer = io.StringIO()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")  # of those by which it measures
            figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _stores(figure: Figure, past: History, results: Sequence[OriginResult]) -> None:
    """The two best, two in the middle and two worst of all stores and origins."""
    reached = [accuracy(result.truth, result.forecasts[DUMBWAITER], result.open_days) for result in results]
    ranked = sorted(
        (float(value), at, store)
        for at, values in enumerate(reached)
        for store, value in enumerate(values)
        if np.isfinite(value)
    )
    middle = len(ranked) // 2
    picked = list(dict.fromkeys([*ranked[-2:][::-1], *ranked[max(0, middle - 1) : middle + 1], *ranked[:2][::-1]]))
    places = figure.subplots(-(-len(picked) // 2), 2, squeeze=False).flat
    for axes in list(places)[len(picked) :]:
        axes.remove()
    for axes, (value, at, store) in zip(figure.axes, picked, strict=True):
        _store(axes, past, results[at], store)
        axes.set_title(f"{past.stores[store]}, from {results[at].origin}: {value:.1%}", loc="left")


def _store(axes: Axes, past: History, result: OriginResult, store: int) -> None:
    horizon = result.truth.shape[1]
    before = past.until(result.origin).of([past.stores[store]]).revenue[0, -BEFORE:]
    days = pd.date_range(result.origin, periods=horizon + 1)[1:]
    earlier = pd.date_range(end=pd.Timestamp(result.origin), periods=len(before))
    axes.plot(earlier, before, color="#999", lw=1)
    axes.plot(days, result.truth[store], color="#222", lw=1.2, label="came")
    axes.plot(days, result.forecasts[DUMBWAITER][store], color=COLOURS[0], lw=1.4, label="forecast")
    axes.fill_between(
        days, result.p10[store], result.p90[store], color=COLOURS[0], alpha=0.18, lw=0, label="P10 to P90"
    )
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="x", labelrotation=30)
    axes.legend(frameon=False, fontsize=7, loc="upper left", ncols=3)


def _horizons(axes: Axes, horizons: dict[str, list[float | None]]) -> None:
    for (name, values), colour in zip(horizons.items(), COLOURS, strict=False):
        percentages = [np.nan if value is None else 100 * value for value in values]
        is_dumbwaiter = name == DUMBWAITER
        axes.plot(range(1, len(percentages) + 1), percentages, color=colour, lw=2 if is_dumbwaiter else 1, label=name)
    axes.set_xlabel("days ahead")
    axes.set_ylabel("accuracy, %")
    axes.legend(frameon=False, fontsize=8, ncols=3)


def _calibration(figure: Figure, results: Sequence[OriginResult], calibration: dict[str, Any]) -> None:
    by_origin, by_quantile = figure.subplots(1, 2)
    origins = [date.fromisoformat(day).strftime("%d %b %Y") for day in calibration["origins"]]
    by_origin.bar(origins, [100 * share for share in calibration["origins"].values()], color=COLOURS[2], width=0.5)
    by_origin.axhline(80, color="#222", lw=0.8, ls="--")
    by_origin.set_ylim(0, 100)
    by_origin.set_ylabel("days within P10 to P90, %")
    by_origin.tick_params(axis="x", labelrotation=20)
    nominal, observed = (10, 50, 90), [100 * calibration["below"][name] for name in ("p10", "p50", "p90")]
    by_quantile.plot((0, 100), (0, 100), color="#999", lw=0.8, ls="--")
    by_quantile.plot(nominal, observed, "o-", color=COLOURS[0])
    by_quantile.set_xlabel("nominal quantile, %")
    by_quantile.set_ylabel("days below it, %")
    by_quantile.set_title(f"{sum(int(result.open_days.sum()) for result in results):,} store-days", loc="left")
