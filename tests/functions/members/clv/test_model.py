"""BG/NBD and Gamma-Gamma against the values that their authors published, and against scipy."""

import csv
import importlib.util
import random
from dataclasses import replace
from pathlib import Path

import pytest
from scipy.special import hyp2f1

from functions.members.clv.fit import fit, fit_amounts, fit_returns
from functions.members.clv.model import Model, Summary, hypergeometric, summary_of

# Fader, Hardie and Lee (2005), table 2; Fader and Hardie (2013), section 5: amounts in dollars.
PUBLISHED_RETURNS = (0.243, 4.414, 0.793, 2.426)
PUBLISHED_AMOUNTS = (6.25, 3.74, 15.44)
CDNOW = Model(*PUBLISHED_RETURNS, *PUBLISHED_AMOUNTS)


def cdnow(name: str) -> list[dict[str, str]]:
    """The data come with `lifetimes`, which is not loaded: its code warns."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    with (Path(spec.origin).parent / "datasets" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_returns_are_fitted_to_the_published_digits() -> None:
    rows = cdnow("cdnow_customers_summary.csv")
    summaries = [Summary(int(row["frequency"]), float(row["recency"]), float(row["T"])) for row in rows]
    assert len(summaries) == 2357
    assert tuple(round(parameter, 3) for parameter in fit_returns(summaries)) == PUBLISHED_RETURNS


def test_amounts_are_fitted_to_the_published_digits() -> None:
    rows = cdnow("cdnow_customers_summary_with_transactions.csv")
    summaries = [Summary(int(row["x"]), float(row["t_x"]), float(row["T"]), float(row["zbar"])) for row in rows]
    fitted = fit_amounts([summary for summary in summaries if summary.frequency and summary.spent > 0])
    assert fitted == pytest.approx(PUBLISHED_AMOUNTS, abs=0.01)


def test_too_few_who_came_back_are_no_model() -> None:
    assert fit([Summary(1, 1.0, 2.0, 500.0)] * 49) is None


def test_amounts_without_a_mean_are_no_model() -> None:
    """A tail as that of u^-1.7 has no mean, and the formula would give who bought once a negative amount."""
    summaries = [Summary(1 + n % 3, 1.0 + n % 9, 20.0 + n % 7, 500 * (200 / (n + 0.5)) ** 1.7) for n in range(200)]
    assert fit_amounts(summaries)[1] < 1
    assert fit(summaries) is None


@pytest.mark.parametrize("summary", [Summary(0, 0.0, 10.0), Summary(3, 8.0, 10.0)])
def test_expectation_has_its_limit_where_a_is_1(summary: Summary) -> None:
    at_one, below, above = (replace(CDNOW, a=a).purchases_within(summary, 90 / 7) for a in (1, 0.999, 1.001))
    assert at_one == pytest.approx((below + above) / 2, rel=1e-5)


def test_series_is_scipys_function() -> None:
    chance = random.Random(4)
    for _ in range(200):
        a, b, z = chance.uniform(0.2, 60), chance.uniform(1, 60), chance.uniform(0, 0.9)
        c = a + b + chance.uniform(0.1, 3)
        assert hypergeometric(a, b, c, z) == pytest.approx(hyp2f1(a, b, c, z), rel=1e-9)


def test_published_customer_is_expected_to_buy_1_226_times() -> None:
    """x = 2, t_x = 30.43, T = 38.86: 1.226 purchases in 39 weeks, in Fader and Hardie's note on BG/NBD in Excel."""
    assert CDNOW.purchases_within(Summary(2, 30.43, 38.86), 39) == pytest.approx(1.226, abs=0.0005)


def test_who_bought_once_is_alive_and_who_came_often_and_stopped_is_not() -> None:
    assert CDNOW.alive(Summary(0, 0.0, 38.86)) == 1
    assert CDNOW.alive(Summary(20, 10.0, 38.86)) < 0.01
    # 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x))^(r + x)), by hand for x = 1, t_x = T.
    assert CDNOW.alive(Summary(1, 20.0, 20.0)) == pytest.approx(2.426 / (2.426 + 0.793))


def test_expected_amount_lies_between_the_member_s_mean_and_everybody_s() -> None:
    everybody = 6.25 * 15.44 / (3.74 - 1)
    assert CDNOW.mean_spent(Summary(0, 0, 10)) == pytest.approx(everybody)
    assert everybody < CDNOW.mean_spent(Summary(3, 5, 10, 80.0)) < 80


def test_summary_counts_days_in_weeks_and_leaves_out_the_first_amount() -> None:
    assert summary_of([100, 107, 121], 400.0, 128) == Summary(2, 3.0, 4.0, 400.0)
    assert summary_of([100], 0.0, 90) == Summary(0, 0.0, 0.0)


def test_who_came_on_hundreds_of_days_and_stays_away_for_years_has_left() -> None:
    daily = Summary(frequency=400, recency=57.0, age=570.0, spent=2_000.0)
    assert CDNOW.alive(daily) == pytest.approx(0, abs=1e-12)
    assert CDNOW.purchases_within(daily, 90 / 7) == pytest.approx(0, abs=1e-12)
