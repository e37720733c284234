"""Runs over HTTP: begun by a person, and reproduced."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.functions.forecast.nights import CHAIN, LAST, Chain
from tests.support.orders import Caller


def test_a_past_forecast_is_made_again_bit_for_bit_though_history_has_moved_since(chain: Chain, call: Caller) -> None:
    chain.night(LAST)
    [(run,)] = chain.run("SELECT id FROM forecast_runs")
    chain.night(LAST + timedelta(days=1))
    chain.run("UPDATE forecast_history SET revenue = revenue + 1000")
    reproduced = call("GET", f"/v1/forecasts/runs/{run}/reproduce?chain={CHAIN}")
    assert reproduced.status == 200, reproduced.text
    [batch] = reproduced.json["batches"]
    assert (reproduced.json["same"], batch["stored_hash"] == batch["new_hash"]) == (True, True)
    assert call("GET", f"/v1/forecasts/runs/{run}/reproduce?chain={CHAIN}&batch=0").json == reproduced.json
    assert call("GET", f"/v1/forecasts/runs/{run}/reproduce?chain={CHAIN}&batch=1").json["code"] == "no_forecast"
    chain.run("UPDATE forecast_batches SET code_version = REPEAT('0', 64)")
    refused = call("GET", f"/v1/forecasts/runs/{run}/reproduce?chain={CHAIN}")
    assert (refused.status, refused.json["code"]) == (409, "other_code_version")


def test_a_run_can_be_begun_by_hand_once_an_evening(chain: Chain, call: Caller) -> None:
    run = {"chain": CHAIN, "origin": LAST.isoformat()}
    assert call("POST", "/v1/forecasts/runs", run).status == 201
    assert call("POST", "/v1/forecasts/runs", run).json["code"] == "run_exists"
    assert [message["type"] for message in chain.messages()] == ["forecast.training_due"]


def test_a_forecast_from_before_the_newest_is_not_made_by_models_that_have_seen_what_came(
    chain: Chain, call: Caller
) -> None:
    chain.night(LAST)
    for day, code in ((LAST - timedelta(days=1), "origin_past"), (LAST, "run_exists")):
        reply = call("POST", "/v1/forecasts/runs", {"chain": CHAIN, "origin": day.isoformat()})
        assert (reply.status, reply.json["code"]) == (409, code)


def test_a_night_that_learned_nothing_stands_in_no_earlier_one_s_way(chain: Chain, call: Caller) -> None:
    chain.night(LAST + timedelta(days=1_000))  # nothing was sold in the two years before
    reply = call("POST", "/v1/forecasts/runs", {"chain": CHAIN, "origin": LAST.isoformat()})
    assert reply.status == 201, reply.text


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_a_day_that_has_not_ended_for_the_chain_is_not_forecast_from(chain: Chain, call: Caller, zone: str) -> None:
    # At any moment one of the two has another date than UTC.
    chain.run("UPDATE stores SET settings = JSON_SET(settings, '$.timezone', %s)", (zone,))
    today = datetime.now(ZoneInfo(zone)).date()
    for day, status in ((today, 422), (today - timedelta(days=1), 201)):
        assert call("POST", "/v1/forecasts/runs", {"chain": CHAIN, "origin": str(day)}).status == status, day
