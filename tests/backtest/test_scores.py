"""Scores of a few days, computed by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from backtest import scores
from backtest.scores import DUMBWAITER, OriginResult


def test_accuracy_and_calibration_by_hand() -> None:
    truth = np.array([[100.0, 0.0, 50.0], [10.0, 10.0, np.nan], [0.0, 0.0, 0.0]])
    forecasts = np.array([[90.0, 40.0, 70.0], [10.0, 15.0, 99.0], [1.0, 1.0, 1.0]])
    result = OriginResult(
        date(2024, 1, 1),
        truth,
        {DUMBWAITER: forecasts},
        forecasts - 12,
        forecasts,
        forecasts + 12,
        np.full((3, 3), np.nan),
    )
    open_days = scores.accuracy(truth, forecasts, result.open_days)
    np.testing.assert_allclose(open_days, [1 - 30 / 150, 1 - 5 / 20, np.nan])
    np.testing.assert_allclose(scores.accuracy(truth, forecasts, result.every_day), [1 - 70 / 150, 1 - 5 / 20, np.nan])
    # 90 for 100, 70 for 50, 10 for 10 and 15 for 10; closed days and the day without revenue do not count
    assert scores.rmspe([result], DUMBWAITER) == pytest.approx(np.sqrt((0.1**2 + 0.4**2 + 0 + 0.5**2) / 4), abs=1e-5)
    # of the four days with revenue, 100, 10 and 10 lie within 12 of what was said
    assert scores.calibration([result])["within_p10_p90"] == 0.75
    # 50 came on a day that was forecast as closed: it is one of four, and outside.
    forecasts[0, 2] = 0
    closed = replace(result, p10=np.maximum(forecasts - 12, 0), p90=np.where(forecasts > 0, forecasts + 12, 0))
    assert scores.calibration([closed])["within_p10_p90"] == 0.75
    missed = replace(closed, p10=closed.p10 * 0, p90=closed.p90 * 0)
    assert scores.calibration([missed])["within_p10_p90"] == 0


def test_totals_by_hand() -> None:
    truth = np.array([[10.0] * 7, [20.0] * 6 + [np.nan], [0.0] * 7])
    nothing = np.full((3, 7), np.nan)
    totals = pd.DataFrame(
        [(0, 7, 77.0, 60.0, 77.0, 90.0), (1, 7, 140.0, 100.0, 140.0, 150.0), (2, 7, 7.0, 1.0, 7.0, 9.0),
         (-1, 7, 224.0, 180.0, 224.0, 260.0)],
        columns=scores.TOTAL_COLUMNS,
    )  # fmt: skip
    result = OriginResult(date(2024, 1, 1), truth, {DUMBWAITER: truth}, nothing, nothing, nothing, nothing, totals)
    # The second store lacks a day, so it does not count, and neither does the total of all stores.
    report = scores.all_scores([result])["totals"]["7"]
    assert (report["bias"], report["within_p10_p90"]) == (pytest.approx(84 / 70 - 1), 0.5)
    assert (report["stores_and_origins"], report["chain"]) == (2, {})
    whole = replace(result, truth=np.nan_to_num(truth, nan=20))
    of_chain = scores.all_scores([whole])["totals"]["7"]["chain"]["2024-01-01"]
    assert of_chain == {"revenue": 210, "mean": 224, "p10": 180, "p90": 260}
