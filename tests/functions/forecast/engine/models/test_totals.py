"""Totals of chains with a known mean and variance; the expected values are computed by hand or drawn."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import gamma, t

from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration
from functions.forecast.engine.models.totals import DayMeans, TotalIntervals, student_p90

Floats = NDArray[np.float64]
STORES, ORIGINS = 60, 9
MEDIAN = float(gamma.ppf(0.5, 4)) / 4  # of a day over its mean
MONTHS = 31 * np.arange(ORIGINS)


def means_of(model_means: Floats, open_probability: float = 1.0, deviation: float = 0.5) -> DayMeans:
    """Open days with a relative standard deviation of `deviation`."""
    rows = len(model_means)
    return DayMeans(
        model_means * open_probability, np.full(rows, 1 + deviation**2), np.full(rows, open_probability, np.float32)
    )


def calibration_of(revenue: Floats, predictions: Floats | None = None) -> Calibration:
    """From `revenue[origin, store, day]`, with origins a month apart; 0 is closed.

    Without `predictions` each model forecasts the median of `drawn` days.
    """
    origin, store, day = (index.ravel() for index in np.indices(revenue.shape))
    zero = np.zeros(revenue.size, np.float32)
    logs = np.log(revenue.ravel(), out=np.full(revenue.size, np.nan), where=revenue.ravel() > 0)
    median = np.full((revenue.size, len(BASE_MODELS)), np.log(100 * MEDIAN))
    log_forecasts = median if predictions is None else predictions
    floats, log_revenue = log_forecasts.astype(np.float32), logs.astype(np.float32)
    return Calibration(
        floats, log_revenue, zero + 1, day + 1, store, MONTHS[origin], zero + 1, zero, zero, zero, zero + 365
    )


def drawn(seed: int, store_spread: float = 0.0, chain_spread: float = 0.0) -> Floats:
    """Days with mean 100 and deviation 50, times an error of the whole month of a store, and one of the chain."""
    rng = np.random.default_rng(seed)
    days = rng.gamma(4, 25, (ORIGINS, STORES, 30))
    stores = 1 + store_spread * rng.standard_normal((ORIGINS, STORES, 1))
    return days * stores * (1 + chain_spread * rng.standard_normal((ORIGINS, 1, 1)))


def intervals_of(revenue: Floats, model_means: Floats | None = None) -> TotalIntervals:
    means = np.full((revenue.size, len(BASE_MODELS)), 100.0) if model_means is None else model_means
    return TotalIntervals.calibrated(calibration_of(revenue, np.log(MEDIAN * means)), means_of(means), 30, 0.8)


def total(
    intervals: TotalIntervals, days: int, store: str = "*", stores: int = 1, age: float = 365
) -> dict[str, float]:
    """The total of stores with 100 a day, which have been open for `age` days."""
    store_index, day = (index.ravel() for index in np.indices((stores, 30)))
    means = means_of(np.full((len(day), len(BASE_MODELS)), 100.0))
    names, ages = [f"s{number}" for number in range(stores)], np.full(len(day), age, np.float32)
    rows = intervals.around(names, store_index, day + 1, means, ages)
    [row] = rows[(rows["days"] == days) & (rows["store_id"] == store)].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_a_total_is_the_sum_of_means_and_its_width_shrinks_with_the_root_of_the_days() -> None:
    intervals = intervals_of(drawn(1))
    for days in (7, 30):
        row = total(intervals, days, "s0")
        assert row["mean"] == pytest.approx(100 * days, rel=0.025)
        # P10 to P90 of a normal distribution with deviation 50 · √days, about
        assert row["p90"] - row["p10"] == pytest.approx(2 * 1.2816 * 50 * np.sqrt(days), rel=0.1)


def test_errors_that_all_days_of_a_store_share_widen_its_total() -> None:
    row = total(intervals_of(drawn(2, store_spread=0.2)), 30, "s0")
    deviation = np.sqrt(30 * 50**2 + (0.2 * 3000) ** 2)
    assert row["p90"] - row["p10"] == pytest.approx(2 * 1.2816 * deviation, rel=0.1)


def test_eight_of_ten_totals_of_new_months_are_covered() -> None:
    intervals = intervals_of(drawn(3, store_spread=0.1))
    row = total(intervals, 30, "s0")
    new = drawn(4, store_spread=0.1).sum(2)
    assert ((new >= row["p10"]) & (new <= row["p90"])).mean() == pytest.approx(0.8, abs=0.04)


def test_the_chain_s_total_is_narrower_than_the_sum_of_its_stores_and_wider_if_they_share_errors() -> None:
    alone, shared = (total(intervals_of(drawn(5, chain_spread=spread)), 30, stores=STORES) for spread in (0.0, 0.1))
    assert alone["p90"] - alone["p10"] < 0.1 * alone["mean"]
    assert shared["p90"] - shared["p10"] == pytest.approx(2 * float(t.ppf(0.9, ORIGINS)) * 0.1 * 3000 * STORES, rel=0.5)


def test_a_bias_that_all_months_share_is_removed_and_one_of_a_single_month_is_not() -> None:
    revenue = drawn(6)
    assert total(intervals_of(1.2 * revenue), 30)["mean"] == pytest.approx(3600, rel=0.025)
    odd = revenue.copy()
    odd[4] *= 1.6
    assert total(intervals_of(odd), 30)["mean"] == pytest.approx(3000, rel=0.04)


def test_a_base_model_with_wrong_totals_has_little_weight() -> None:
    revenue = drawn(7)
    model_means = np.full((revenue.size, len(BASE_MODELS)), 130.0)
    model_means[:, 2] = 100
    assert intervals_of(revenue, model_means).weights[2] > 0.9


def test_a_model_that_is_far_behind_on_days_has_no_weight_though_its_totals_are_near() -> None:
    """Model 0 misses the chain's months by 5 %. Model 1 has them, but each of its days is wrong by half."""
    months = 1 + 0.05 * np.array([1, -1, 1, -1, 1, -1, 1, -1, 1])
    revenue = np.full((ORIGINS, STORES, 30), 100.0) * months[:, None, None]
    wrong_days = 1 + 0.5 * (-1.0) ** np.arange(30)
    model_means = np.full((revenue.size, len(BASE_MODELS)), 300.0)
    model_means[:, 0] = 100
    model_means[:, 1] = (revenue * wrong_days).ravel()
    intervals = TotalIntervals.calibrated(calibration_of(revenue, np.log(model_means)), means_of(model_means), 30, 0.8)
    assert intervals.weights[0] == pytest.approx(1, abs=0.05)
    assert intervals.weights[1:] == (0,) * (len(BASE_MODELS) - 1)


def test_a_sum_is_right_though_each_store_s_level_is_uncertain() -> None:
    """A log-normal level that is estimated with a spread of 0.3: forecasts that are too high by chance count more."""
    rng = np.random.default_rng(10)
    stores, spread, noise = 2_000, 0.3, 0.2
    shape = (ORIGINS, stores, 30)
    revenue = 100 * np.exp(noise * rng.standard_normal(shape))
    log_level = np.broadcast_to(np.log(100) + spread * rng.standard_normal((ORIGINS, stores, 1)), shape).ravel()
    log_forecasts = np.tile(log_level[:, None], (1, len(BASE_MODELS)))
    # The mean of exp(error) is that of a log-normal distribution whose variance is both variances.
    means = means_of(np.exp(log_forecasts + (spread**2 + noise**2) / 2))
    intervals = TotalIntervals.calibrated(calibration_of(revenue, log_forecasts), means, 30, 0.8)
    mean, _ = means.combined(np.array(intervals.weights))
    assert mean.sum() * intervals.bias == pytest.approx(revenue.sum(), rel=0.01)
    assert means.by_model[:, 0].sum() > 1.08 * revenue.sum()
    # exp(0.3²) is the excess without the ratio.
    assert sum(intervals.weights) == pytest.approx(np.exp(-(spread**2)), rel=0.01)


def test_a_young_store_s_total_is_wider_by_the_variance_of_its_level_and_growth() -> None:
    intervals = intervals_of(drawn(11))
    widths = {
        age: row["p90"] - row["p10"] for age in (10, 20, 39, 365) for row in [total(intervals, 30, "s0", age=age)]
    }
    # A day has the relative variance 0.25. Thirty days share the error of a level that ten days gave.
    own, young, settled = 30 * 0.25, 30**2 * 0.25 / 10, 30**2 * 0.25 / 39
    # No past total is of a young store. So the deviation by growth is a fifth of the total, and halves in 45 days.
    growth = (30 * 0.2 * 0.5 ** (10 / 45)) ** 2
    assert widths[10] / widths[365] == pytest.approx(np.sqrt((own + young - settled + growth) / own), rel=0.05)
    assert widths[10] > widths[20] > widths[39] > widths[365]


def test_a_truck_that_trades_on_two_of_five_days_has_two_fifths_of_the_total() -> None:
    opens = np.random.default_rng(8).random((ORIGINS, STORES, 30)) < 0.4
    revenue = drawn(8) * opens
    means = means_of(np.full((revenue.size, len(BASE_MODELS)), 100.0), open_probability=0.4)
    intervals = TotalIntervals.calibrated(calibration_of(revenue), means, 30, 0.8)
    day = np.arange(30)
    rows = intervals.around(
        ["truck"],
        day * 0,
        day + 1,
        means_of(np.full((30, len(BASE_MODELS)), 100.0), open_probability=0.4),
        np.full(30, 365, np.float32),
    )
    row = rows[(rows["days"] == 30) & (rows["store_id"] == "truck")].iloc[0]
    assert row["mean"] == pytest.approx(1200, rel=0.03)
    # Variance of a day: 0.4 · (100² + 50²) - 40²
    assert row["p90"] - row["p10"] == pytest.approx(2 * 1.2816 * np.sqrt(30 * (0.4 * 12_500 - 1_600)), rel=0.1)


def test_a_total_with_an_unknown_day_is_no_trial() -> None:
    revenue = drawn(9)
    rows = calibration_of(revenue)
    known = rows.at(np.flatnonzero(rows.horizon != 5))
    means = means_of(np.full((len(known.horizon), len(BASE_MODELS)), 100.0))
    intervals = TotalIntervals.calibrated(known, means, 30, 0.8)
    assert {span.windows for span in intervals.spans} == {1}
    assert intervals.bias == 1
    assert total(intervals, 30)["mean"] == pytest.approx(3000, rel=0.01)


@pytest.mark.parametrize("horizon", [1, 7, 29, 30, 90])
def test_only_whole_spans_within_the_horizon_have_totals(horizon: int) -> None:
    intervals = TotalIntervals.calibrated(
        calibration_of(drawn(1)), means_of(np.full((ORIGINS * STORES * 30, len(BASE_MODELS)), 100.0)), horizon, 0.8
    )
    assert [span.days for span in intervals.spans] == [days for days in (7, 30) if days <= horizon]


@pytest.mark.parametrize("degrees", [2, 3, 5, 10, 1000])
def test_p90_of_student_s_distribution(degrees: int) -> None:
    assert student_p90(degrees) == pytest.approx(float(t.ppf(0.9, degrees)), rel=0.025)


def test_stored_intervals_are_unchanged() -> None:
    intervals = intervals_of(drawn(1))
    assert TotalIntervals.read(intervals.document()) == intervals
    assert replace(intervals, bias=2.0) != intervals


def test_young_stores_of_the_past_tell_how_far_the_next_ones_may_grow() -> None:
    """Half of the stores were open for ten days, and their months were off by four tenths."""
    revenue = drawn(12)
    young = np.arange(STORES) % 2 == 0
    grown = revenue.copy()
    grown[:, young] *= 1 + 0.4 * np.random.default_rng(13).standard_normal((ORIGINS, int(young.sum()), 1)).clip(-2, 2)
    rows = calibration_of(grown)
    age = np.where(young[rows.store], 10, 365).astype(np.float32)
    means = means_of(np.full((grown.size, len(BASE_MODELS)), 100.0))
    intervals = TotalIntervals.calibrated(replace(rows, age=age), means, 30, 0.8)
    widths = {age: row["p90"] - row["p10"] for age in (10, 365) for row in [total(intervals, 30, "s0", age=age)]}
    settled = total(intervals_of(revenue), 30, "s0")
    assert widths[365] == pytest.approx(settled["p90"] - settled["p10"], rel=0.25), widths
    assert widths[10] == pytest.approx(2 * 1.28 * 0.4 * 3_000, rel=0.25)
