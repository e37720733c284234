"""The accuracy bench: figures by hand, and one backtest of a small history in its own process."""

import json
from pathlib import Path

import pytest

from bench import accuracy
from bench.accuracy import Backtest, figures
from tests.functions.forecast.chains import rows

SCORES = {
    "models": {
        "dumbwaiter": {
            "accuracy_open_days": 0.85,  # an origin with more stores counts more in it
            "accuracy_every_day": 0.85,
            "rmspe": 0.31,
            "origins": {
                "2026-01-31": {"accuracy_open_days": 0.8, "accuracy_every_day": 0.79},
                "2026-02-28": {"accuracy_open_days": 0.84502, "accuracy_every_day": 0.81},
            },
        },
        "last_week": {"accuracy_open_days": 0.77, "accuracy_every_day": None},
    },
    "calibration": {"within_p10_p90": 0.835, "origins": {"2026-01-31": 0.835}},
    "totals": {"7": {"bias": -0.012, "within_p10_p90": 0.79}, "30": {}},
}


def test_the_figures_are_in_percent_beside_their_bars() -> None:
    by_name = {figure.name: figure for figure in figures(Backtest("diner", "h.csv", "", "US", least=82.25), SCORES)}
    assert {name: figure.value for name, figure in by_name.items()} == {
        "accuracy.diner": 82.251,
        "accuracy.diner.2026-01-31": 80,
        "accuracy.diner.2026-02-28": 84.502,
        "accuracy.diner.rmspe": 0.31,
        "accuracy.diner.covered": 83.5,
        "accuracy.diner.covered.2026-01-31": 83.5,
        "accuracy.diner.total_7.bias": -1.2,
        "accuracy.diner.total_7.covered": 79,
        "accuracy.diner.beside.last_week": 77,
    }
    assert {name: (figure.bar, figure.ok) for name, figure in by_name.items() if figure.bar} == {
        "accuracy.diner": ("≥ 82.25", True),
        "accuracy.diner.covered": ("77 to 83", False),
        "accuracy.diner.covered.2026-01-31": ("70 to 90", True),
    }
    [every_day, *_] = figures(Backtest("diner", "h.csv", "", "US", days="every_day", least=80.1), SCORES)
    assert (every_day.value, every_day.ok) == (80, False)


def test_each_history_of_the_plan_is_backtested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows(2, 160).to_csv(tmp_path / "history.csv", index=False)
    plan = [{"name": "diner", "history": "history.csv", "origins": "2023-05-01", "country": "US"}]
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    monkeypatch.setenv("BACKTESTS", str(tmp_path / "plan.json"))
    measured = {figure.name: figure.value for figure in accuracy.bench()}
    # The noise of a day of these stores is 8 %, whose mean absolute value is 6.4 %.
    assert 88 < measured["accuracy.diner"] < 96
    assert "accuracy.diner.2023-05-01" in measured
