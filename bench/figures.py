"""Figures of a benchmark, their table, and pairs of measurements."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Figure:
    """`floor` in the same unit; `ratio` is what the bar is about: value/floor, or the value itself where there is no
    floor. `ok` is None for what only informs."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    bar: str | None = None
    ok: bool | None = None
    spread: str = ""
    note: str = ""


def at_least(name: str, unit: str, values: Sequence[float], floors: Sequence[float], bar: float) -> Figure:
    """Rates against a floor's, measured in pairs: the median of the ratios is to be at least `bar`."""
    figure = _paired(name, unit, values, floors)
    return replace(figure, bar=f"≥ {bar:g} × floor", ok=(figure.ratio or 0) >= bar)


def at_most(name: str, unit: str, values: Sequence[float], floors: Sequence[float], bar: float) -> Figure:
    """Durations against a floor's, measured in pairs: the median of the ratios is to be at most `bar`."""
    figure = _paired(name, unit, values, floors)
    return replace(figure, bar=f"≤ {bar:g} × floor", ok=(figure.ratio or 0) <= bar)


def reaching(name: str, unit: str, values: Sequence[float], floors: Sequence[float], least: float) -> Figure:
    """A rate that is to be at least so much, told beside a floor's that was measured in pairs with it."""
    figure = _paired(name, unit, values, floors)
    return replace(figure, bar=f"≥ {least:g}", ok=figure.value >= least)


def compared(name: str, unit: str, values: Sequence[float], floors: Sequence[float]) -> Figure:
    """Against a floor, with no bar."""
    return _paired(name, unit, values, floors)


def _paired(name: str, unit: str, values: Sequence[float], floors: Sequence[float]) -> Figure:
    ratios = [value / floor for value, floor in zip(values, floors, strict=True)]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} pairs"
    value, floor, ratio = (round(statistics.median(samples), 3) for samples in (values, floors, ratios))
    return Figure(name, value, unit, floor, ratio, spread=spread)


def exactly(name: str, value: float, unit: str, expected: float) -> Figure:
    """A count that is right or wrong."""
    return Figure(name, value, unit, None, None, f"= {expected:g}", value == expected)


def limited(name: str, value: float, unit: str, most: float) -> Figure:
    """A figure with a ceiling of its own."""
    return Figure(name, round(value, 3), unit, None, None, f"≤ {most:g}", value <= most)


def within(figure: Figure, least: float, most: float) -> Figure:
    """The figure with a bar for its value, bounds included."""
    return replace(figure, bar=f"{least:g} to {most:g}", ok=least <= figure.value <= most)


def told(name: str, value: float, unit: str, note: str = "") -> Figure:
    """A figure without a bar."""
    return Figure(name, round(value, 3), unit, note=note)


def seconds(work: Callable[..., object], *arguments: object) -> float:
    """How long it takes."""
    started_at = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started_at


def percentile(values: Sequence[float], share: int) -> float:
    """The `share`-th percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else values[0]


def table(figures: Iterable[Figure]) -> str:
    """As a Markdown table."""
    marks = {True: "met", False: "MISSED", None: ""}
    rows = [["figure", "value", "unit", "floor", "ratio", "spread", "bar", "", "note"]]
    for figure in figures:
        numbers = (figure.value, figure.floor, figure.ratio)
        value, floor, ratio = ("" if number is None else f"{number:,}" for number in numbers)
        texts = [figure.spread, figure.bar or "", marks[figure.ok], figure.note]
        rows.append([figure.name, value, figure.unit, floor, ratio, *texts])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
