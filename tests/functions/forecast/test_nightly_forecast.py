"""Batches are forecast, each message delivered once or more."""

from datetime import timedelta

import pytest

from functions.forecast.pipeline import artifacts
from tests.functions.forecast import chains
from tests.functions.forecast.nights import LAST, STORES, Chain, forecasts


def test_a_night_forecasts_thirty_days_of_every_store_however_often_its_messages_come(chain: Chain) -> None:
    assert chain.night(LAST, times=2) == ["forecast.training_due", "forecast.trained", "forecast.ready"]
    rows = forecasts(chain)
    assert [(store, day) for store, day, *_ in rows] == [
        (store, LAST + timedelta(days=n)) for store in STORES for n in range(1, 31)
    ]
    chain.begin(LAST)
    assert chain.messages() == [], "an evening has one run"
    assert forecasts(chain) == rows


def test_the_days_that_come_are_met_by_the_forecast(chain: Chain) -> None:
    """The chain's own rule: store n sells 900 + 400 n times the weekday's share, give or take 8 %."""
    chain.night(LAST)
    for store, day, _, mean, p10, p50, p90, _ in forecasts(chain):
        if store == "west" and day.weekday() == 0:
            assert (mean, p10, p50, p90) == (0, 0, 0, 0)
            continue
        truth = (900 + 400 * STORES.index(store)) * chains.WEEK[day.weekday()] * 100
        assert abs(mean - truth) < 0.2 * truth, (store, day)
        assert p10 < p50 < p90


def test_a_part_that_other_code_trained_is_trained_again_before_it_is_forecast(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.begin(LAST)
    chain.deliver(chain.messages()[0])
    [trained] = chain.messages()
    monkeypatch.setattr(artifacts, "code_version", lambda: "1" * 64)  # deployed in between
    chain.deliver(trained)
    [due] = chain.messages()
    assert (due["type"], forecasts(chain)) == ("forecast.training_due", [])
    chain.deliver(due)
    [trained] = chain.messages()
    chain.deliver(trained)
    assert [message["type"] for message in chain.messages()] == ["forecast.ready"]
    assert chain.run("SELECT code_version FROM forecast_batches") == [("1" * 64,)]
    assert len(forecasts(chain)) == 90
