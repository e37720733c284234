"""Runs that begin at night, in batches of stores."""

from datetime import UTC, date, datetime

from functions.forecast import nightly_training
from stack.gateway_event import Context
from tests.functions.forecast.nights import CHAIN, LAST, STORES, Chain, at, forecasts
from tests.support.orders import Caller


def test_the_night_begins_at_the_chain_s_hour_and_not_at_another(chain: Chain) -> None:
    # 03:00 in New York is 07:00 UTC in May, and night lasts four hours.
    for hour, runs in ((6, 0), (7, 1), (10, 1), (11, 1)):
        with at(chain.env, datetime(2025, 5, 26, hour, 30, tzinfo=UTC)):
            nightly_training.handler({}, Context())
        assert chain.run("SELECT COUNT(*) FROM forecast_runs") == [(runs,)], hour
    assert chain.run("SELECT origin FROM forecast_runs") == [(date(2025, 5, 25),)]


def test_a_chain_over_the_size_is_trained_in_parts_and_announced_once(chain: Chain, call: Caller) -> None:
    assert call("PUT", f"/v1/forecasts/settings?chain={CHAIN}", {"stores_per_batch": 2}).status == 200
    chain.begin(LAST)
    first, second = chain.messages()
    chain.deliver(second)
    chain.deliver(first)
    trained = chain.messages()
    assert [message["type"] for message in trained] == ["forecast.trained"] * 2
    chain.deliver(trained[1])
    assert chain.messages() == [], "the run waits for its other part"
    chain.deliver(trained[0])
    [ready] = chain.messages()
    assert (ready["type"], ready["data"]["stores"], ready["data"]["days"]) == ("forecast.ready", 3, 30)
    assert len(forecasts(chain)) == 90


def test_stores_that_sell_in_another_currency_are_another_part(chain: Chain) -> None:
    chain.run("UPDATE stores SET settings = JSON_SET(settings, '$.currency', 'CHF') WHERE id = 'demo:south'")
    chain.run("UPDATE orders SET currency = 'CHF' WHERE store_id = 'demo:south'")
    chain.night(LAST)
    assert {store for store, *_ in forecasts(chain)} == set(STORES)
