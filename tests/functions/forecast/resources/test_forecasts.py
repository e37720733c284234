"""Forecasts over HTTP, as JSON and as a file."""

from datetime import date, timedelta

import pytest

from tests.functions.forecast.nights import CHAIN, FIRST, LAST, Chain, sales
from tests.support.orders import Caller


def test_a_store_s_forecast_says_what_drives_it(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    page = call("GET", f"/v1/forecasts?chain={CHAIN}&store=south").json
    assert (page["since"], page["origin"]) == (FIRST.isoformat(), LAST.isoformat())
    assert len(page["days"]) == 30
    for day in page["days"]:
        product = 1.0
        for factor in day["drivers"].values():
            product *= factor
        assert product == pytest.approx(day["mean"], rel=0.01), "usual times the factors is the mean"
    saturdays = [day for day in page["days"] if date.fromisoformat(day["day"]).weekday() == 5]
    assert all("Saturday +" in day["reasons"] for day in saturdays)
    file = call("GET", f"/v1/forecasts/export?chain={CHAIN}")
    assert file.text.splitlines()[0] == "store,day,origin,mean,p10,p50,p90,lead_model,reasons"
    assert len(file.text.splitlines()) == 91


def test_while_a_night_is_at_work_each_store_has_its_newest_forecast(chain: Chain, call: Caller) -> None:
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"stores_per_batch": 1}'))
    chain.night(LAST)
    chain.sell(sales(LAST + timedelta(days=1), 1))
    chain.begin(LAST + timedelta(days=1))
    chain.deliver(next(message for message in chain.messages() if message["data"]["batch"] == 0))
    chain.deliver(chain.messages()[0])
    page = call("GET", f"/v1/forecasts?chain={CHAIN}").json
    origins = {day["store"]: day["origin"] for day in page["days"]}
    assert origins == {"north": str(LAST + timedelta(days=1)), "south": str(LAST), "west": str(LAST)}
    assert len(page["days"]) == 90
    assert page["origin"] == str(LAST + timedelta(days=1))
