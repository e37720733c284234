"""Forecasts of past days are scored, and a drift is announced."""

import json
from datetime import timedelta

import pytest

from functions.forecast.score_forecasts import has_drifted
from functions.forecast.tables.scores import ScoreSum
from tests.functions.forecast.nights import LAST, Chain, forecasts, sales


def test_every_forecast_for_a_day_is_scored_when_the_day_has_come(chain: Chain) -> None:
    chain.night(LAST)
    tomorrow, next_day = LAST + timedelta(days=1), LAST + timedelta(days=2)
    sold = sales(tomorrow, 2)
    chain.sell(sold)
    chain.night(tomorrow)
    chain.night(next_day, times=2)
    rows = chain.run(
        "SELECT SUBSTRING_INDEX(store_id, ':', -1), day, horizon, revenue, abs_error, covered FROM forecast_scores"
        " ORDER BY 1, 2, 3"
    )
    assert {(store, day, cents) for store, day, _, cents, _, _ in rows} == set(sold)
    assert sorted((day, horizon) for store, day, horizon, *_ in rows if store == "north") == [
        (tomorrow, 1), (next_day, 1), (next_day, 2),
    ]  # fmt: skip
    predicted = {(store, day, (day - origin).days): row for store, day, origin, *row in forecasts(chain)}
    for store, day, horizon, cents, miss, inside in rows:
        mean, p10, _, p90, _ = predicted[store, day, horizon]
        assert (miss, inside) == (abs(mean - cents), int(p10 <= cents <= p90))


def test_every_total_is_scored_when_its_last_day_has_come_and_again_when_a_day_has_changed(chain: Chain) -> None:
    chain.night(LAST)
    statement = "SELECT store_id, mean, p10, p90 FROM forecast_totals WHERE origin = %s AND days = 7"
    totals = chain.run(statement, (LAST,))
    sold = sales(LAST + timedelta(days=1), 7)
    chain.sell(sold)
    chain.night(LAST + timedelta(days=6))
    assert chain.run("SELECT * FROM forecast_total_scores") == []
    chain.night(LAST + timedelta(days=7))
    revenue = {store: sum(cents for name, _, cents in sold if store in (name, "*")) for store, *_ in totals}
    expected = {
        (LAST + timedelta(days=7), 7, store, mean, revenue[store], int(p10 <= revenue[store] <= p90))
        for store, mean, p10, p90 in totals
    }
    scored = "SELECT last_day, days, store_id, mean, revenue, covered FROM forecast_total_scores"
    assert {store for store, *_ in totals} == {"*", "north", "south", "west"}
    assert set(chain.run(scored)) == expected
    chain.sell(sales(LAST + timedelta(days=8), 1))
    chain.run("UPDATE orders SET refunded = 4000 WHERE store_id = 'demo:north' AND business_day = %s",
              (LAST + timedelta(days=2),))  # fmt: skip
    chain.night(LAST + timedelta(days=8), times=2)
    again = {row[2]: row[4] for row in chain.run(f"{scored} WHERE last_day = %s", (LAST + timedelta(days=7),))}
    assert {store: revenue[store] - amount for store, amount in again.items()} == {
        "*": 4000, "north": 4000, "south": 0, "west": 0,
    }  # fmt: skip


def test_a_month_that_is_told_at_its_end_is_scored_at_the_next_training(chain: Chain) -> None:
    chain.night(LAST)
    sold = sales(LAST + timedelta(days=1), 28)
    chain.sell(sold)
    chain.night(LAST + timedelta(days=28))
    assert set(chain.run("SELECT SUBSTRING_INDEX(store_id, ':', -1), day, revenue FROM forecast_scores")) == set(sold)


def test_a_day_whose_revenue_moved_is_scored_again_against_every_forecast(chain: Chain) -> None:
    tomorrow, next_day = LAST + timedelta(days=1), LAST + timedelta(days=2)
    chain.sell(sales(tomorrow, 3))
    for evening in (LAST - timedelta(days=1), LAST, tomorrow):
        chain.night(evening)
    scored = (
        "SELECT day, horizon, SUBSTRING_INDEX(store_id, ':', -1), revenue, abs_error, covered FROM forecast_scores"
        " WHERE day <= %s ORDER BY 1, 2, 3"
    )
    chain.run(
        "UPDATE forecast_scores SET covered = 2 WHERE store_id = 'demo:south'"
    )  # nobody has a reason to look again
    before = chain.run(scored, (tomorrow,))
    chain.run(
        "UPDATE orders SET refunded = refunded + 5000 WHERE store_id = 'demo:north' AND business_day = %s", (tomorrow,)
    )
    chain.night(next_day)
    after = chain.run(scored, (tomorrow,))
    predicted = {(store, day, (day - origin).days): row for store, day, origin, *row in forecasts(chain)}
    changed = [(row, again) for row, again in zip(before, after, strict=True) if row != again]
    assert [row[:3] for row, _ in changed] == [(tomorrow, 1, "north"), (tomorrow, 2, "north")]
    for (day, horizon, store, cents, *_), again in changed:
        mean, p10, _, p90, _ = predicted[store, day, horizon]
        reduced = cents - 5000
        assert again[3:] == (reduced, abs(mean - reduced), int(p10 <= reduced <= p90))


def test_a_drift_is_announced_once_and_trains_anew_after_a_week(chain: Chain) -> None:
    chain.night(LAST)
    chain.sell(sales(LAST + timedelta(days=1), 20, factor=0.4))
    announced = [chain.night(LAST + timedelta(days=n)) for n in (8, 9)]
    assert "forecast.drifted" not in announced[0], "24 days of three stores are too few to tell"
    for origin in (2, 3, 4, 5, 6, 7):
        chain.night(LAST + timedelta(days=origin))
    announced = [chain.night(LAST + timedelta(days=n)) for n in (10, 11)]
    assert "forecast.drifted" in announced[0] + announced[1]
    parameters = chain.run("SELECT parameters FROM forecast_models ORDER BY id DESC LIMIT 1")
    chain.night(LAST + timedelta(days=12))
    [(after,)] = chain.run("SELECT parameters FROM forecast_models WHERE live = 1")
    assert json.loads(after)["full_training_at"] > (LAST + timedelta(days=9)).isoformat(), parameters


@pytest.mark.parametrize(
    ("days", "abs_error", "covered", "drifted"),
    [
        (100, 140, 80, False),
        (100, 160, 80, True),
        (100, 100, 59, True),
        (100, 100, 61, False),
        (49, 900, 0, False),
        (50, 900, 0, True),
    ],
)
def test_a_drift_is_half_as_much_error_again_or_two_days_of_five_outside(
    days: int, abs_error: int, covered: int, *, drifted: bool
) -> None:
    recent = ScoreSum("next_week", days, revenue=1000, abs_error=abs_error, covered=covered)
    assert has_drifted(recent, expected_wape=0.1) is drifted
