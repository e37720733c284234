"""Accuracy over HTTP."""

from datetime import timedelta

from tests.functions.forecast.nights import CHAIN, LAST, Chain
from tests.support.orders import Caller


def test_accuracy_is_one_less_the_misses_over_what_was_taken(chain: Chain, call: Caller) -> None:
    rows = [
        ("north", LAST, LAST - timedelta(days=1), CHAIN, "m" * 26, 1, 1000, 100, 1),
        ("north", LAST, LAST - timedelta(days=2), CHAIN, "n" * 26, 2, 1000, 300, 0),
        ("south", LAST, LAST - timedelta(days=1), CHAIN, "m" * 26, 1, 3000, 300, 1),
    ]
    for row in rows:
        chain.run("INSERT INTO forecast_scores VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", row)
    page = call("GET", f"/v1/forecasts/accuracy?chain={CHAIN}&since={LAST}&to={LAST}").json
    # By store: 1 - 400/2000 and 1 - 300/3000; by horizon: 1 - 400/4000 and 1 - 300/1000.
    assert [(row["name"], row["accuracy"], row["coverage"]) for row in page["stores"]] == [
        ("north", 0.8, 0.5), ("south", 0.9, 1.0),
    ]  # fmt: skip
    assert [(row["name"], row["accuracy"]) for row in page["horizons"]] == [("1", 0.9), ("2", 0.7)]
    assert [row["accuracy"] for row in page["models"]] == [0.9, 0.7]


def test_totals_of_chain_and_stores_have_accuracy_bias_and_coverage(chain: Chain, call: Caller) -> None:
    rows = [
        (CHAIN, LAST, 7, "*", 4200, 4000, 1),
        (CHAIN, LAST, 7, "north", 1100, 1000, 1),
        (CHAIN, LAST, 7, "south", 2700, 3000, 0),
        (CHAIN, LAST - timedelta(days=1), 7, "*", 3600, 4000, 0),
        (CHAIN, LAST - timedelta(days=2), 7, "*", 1, 9000, 0),
        ("other", LAST, 7, "*", 1, 9000, 0),
    ]
    for row in rows:
        chain.run("INSERT INTO forecast_total_scores VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    since = LAST - timedelta(days=1)
    page = call("GET", f"/v1/forecasts/accuracy?chain={CHAIN}&since={since}&to={LAST}").json
    # Chain: errors of 200 and 400 of 8,000; 7,800 was expected. Stores: 100 and 300 of 4,000; 3,800 was expected.
    assert page["totals"] == [
        {"name": "chain", "days": 7, "totals": 2, "accuracy": 0.925, "bias": -0.025, "coverage": 0.5},
        {"name": "stores", "days": 7, "totals": 2, "accuracy": 0.9, "bias": -0.05, "coverage": 0.5},
    ]
