"""The answers to what-if questions over HTTP."""

from datetime import timedelta

from tests.functions.forecast.nights import CHAIN, LAST, Chain
from tests.support.orders import Caller


def test_what_if_of_a_store_without_a_past_is_not_found(chain: Chain, call: Caller) -> None:
    chain.open_stores(["yard"])
    chain.night(LAST)
    day = str(LAST + timedelta(days=3))
    request = {"chain": CHAIN, "store": "yard", "kind": "closure", "first_day": day, "last_day": day}
    reply = call("POST", "/v1/forecasts/what-ifs", request)
    assert (reply.status, reply.json["code"]) == (404, "no_forecast")
