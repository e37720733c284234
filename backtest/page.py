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

from backtest.scores import CHAMPION, Trial, accuracy
from functions.forecast.engine.data.history import History

BEFORE = 42  # days shown before the origin
NOTHING_SOLD = "<p>No store sold anything in the days that were forecast.</p>"
COLOURS = ("#b4472e", "#8a8f98", "#5b7c99", "#9a7b4f", "#6b8f71", "#8d6a9f")
STYLE = """body{font:15px/1.5 system-ui,sans-serif;color:#222;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}table{border-collapse:collapse}
td,th{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}
svg{max-width:100%;height:auto}.note{color:#555}"""


def render(past: History, trials: Sequence[Trial], found: dict[str, Any]) -> str:
    """The whole page; `found` is what scores.json has."""
    sold = any(np.isfinite(accuracy(each.truth, each.said[CHAMPION], each.open_days)).any() for each in trials)
    parts = [
        "<h1>What would have been forecast</h1>",
        _conditions(found["conditions"]),
        _mended(found),
        "<h2>Accuracy</h2>",
        "<p class='note'>1 &minus; &Sigma;|y &minus; f| / &Sigma;y of each store at each origin, and their mean.</p>",
        _table(found),
        "<h2>Best, median and worst stores</h2>",
        _drawn((10.5, 8.4), lambda figure: _stores(figure, past, trials)) if sold else NOTHING_SOLD,
        "<h2>Accuracy by days ahead</h2>",
        _drawn((10.5, 3.6), lambda figure: _horizons(figure.subplots(), found["horizons"])),
        "<h2>Are the intervals honest?</h2>",
        _drawn((10.5, 3.4), lambda figure: _calibration(figure, trials, found["calibration"])),
    ]
    body = "\n".join(parts)
    head = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Backtest</title><style>{STYLE}</style>"
    return f"{head}{body}</html>\n"


def _conditions(said: dict[str, Any]) -> str:
    known = ", ".join(said["known_in_advance"]) or "public holidays alone"
    text = (
        f"{said['history']}: {said['stores']} stores, {said['days'][0]} to {said['days'][1]}; {said['horizon']} days "
        f"ahead; country {said['country']}; known in advance: {known}. "
        f"AutoETS was given {said['auto_ets_stores']} of the stores."
    )
    return f"<p>{html.escape(text)}</p>"


def _mended(found: dict[str, Any]) -> str:
    """How many days were mended by which rule, and by which days ahead were filled in; scores.json has each."""
    reasons = Counter(each["reason"] for each in found["corrections"])
    said = [f"{count:,} {reason}" for reason, count in reasons.most_common()]
    said += [f"{name}: {rule}" for name, rule in found["filled"].items()]
    return f"<p>Mended or filled in: {html.escape('; '.join(said) or 'nothing')}.</p>"


def _table(found: dict[str, Any]) -> str:
    origins = list(next(iter(found["models"].values()))["origins"])
    heads = ["model", "open days", "every day", "champion, same stores", *origins]
    rows = []
    for name, score in found["models"].items():
        cells = [
            score["accuracy_open_days"],
            score["accuracy_every_day"],
            score["champion_on_the_same_stores"],
            *(score["origins"][origin]["accuracy_open_days"] for origin in origins),
        ]
        shown = "".join(f"<td>{'-' if cell is None else f'{cell:.1%}'}</td>" for cell in cells)
        rows.append(f"<tr><td>{html.escape(name)}</td>{shown}</tr>")
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


def _stores(figure: Figure, past: History, trials: Sequence[Trial]) -> None:
    """The two best, two in the middle and two worst of all stores and origins."""
    reached = [accuracy(trial.truth, trial.said[CHAMPION], trial.open_days) for trial in trials]
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
        _store(axes, past, trials[at], store)
        axes.set_title(f"{past.stores[store]}, from {trials[at].origin}: {value:.1%}", loc="left")


def _store(axes: Axes, past: History, trial: Trial, store: int) -> None:
    horizon = trial.truth.shape[1]
    before = past.until(trial.origin).of([past.stores[store]]).revenue[0, -BEFORE:]
    days = pd.date_range(trial.origin, periods=horizon + 1)[1:]
    earlier = pd.date_range(end=pd.Timestamp(trial.origin), periods=len(before))
    axes.plot(earlier, before, color="#999", lw=1)
    axes.plot(days, trial.truth[store], color="#222", lw=1.2, label="came")
    axes.plot(days, trial.said[CHAMPION][store], color=COLOURS[0], lw=1.4, label="forecast")
    axes.fill_between(days, trial.p10[store], trial.p90[store], color=COLOURS[0], alpha=0.18, lw=0, label="P10 to P90")
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="x", labelrotation=30)
    axes.legend(frameon=False, fontsize=7, loc="upper left", ncols=3)


def _horizons(axes: Axes, horizons: dict[str, list[float | None]]) -> None:
    for (name, values), colour in zip(horizons.items(), COLOURS, strict=False):
        shown = [np.nan if value is None else 100 * value for value in values]
        champion = name == CHAMPION
        axes.plot(range(1, len(shown) + 1), shown, color=colour, lw=2 if champion else 1, label=name)
    axes.set_xlabel("days ahead")
    axes.set_ylabel("accuracy, %")
    axes.legend(frameon=False, fontsize=8, ncols=3)


def _calibration(figure: Figure, trials: Sequence[Trial], found: dict[str, Any]) -> None:
    left, right = figure.subplots(1, 2)
    origins = [date.fromisoformat(day).strftime("%d %b %Y") for day in found["origins"]]
    left.bar(origins, [100 * share for share in found["origins"].values()], color=COLOURS[2], width=0.5)
    left.axhline(80, color="#222", lw=0.8, ls="--")
    left.set_ylim(0, 100)
    left.set_ylabel("days within P10 to P90, %")
    left.tick_params(axis="x", labelrotation=20)
    wanted, got = (10, 50, 90), [100 * found["below"][name] for name in ("p10", "p50", "p90")]
    right.plot((0, 100), (0, 100), color="#999", lw=0.8, ls="--")
    right.plot(wanted, got, "o-", color=COLOURS[0])
    right.set_xlabel("said: below this quantile, %")
    right.set_ylabel("came, %")
    right.set_title(f"{sum(int(trial.open_days.sum()) for trial in trials):,} store-days", loc="left")
