"""Batches are trained or refreshed, each message delivered once or more."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from functions.forecast.engine.data.history import History
from functions.forecast.engine.models import champion_challenger as training
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from tests.functions.forecast.nights import CHAIN, FIRST, LAST, STORES, Chain, forecasts, sales
from tests.support.orders import Caller


def test_the_next_night_keeps_the_trees_and_the_fourteenth_trains_anew(chain: Chain) -> None:
    chain.night(LAST)
    chain.sell(sales(LAST + timedelta(days=1), 14))
    chain.night(LAST + timedelta(days=1))
    chain.night(LAST + timedelta(days=14))
    rows = chain.run("SELECT trained_to, refreshed_to, parameters, scores, live FROM forecast_models ORDER BY id")
    assert [row[1] for row in rows] == [LAST, LAST + timedelta(days=1), LAST + timedelta(days=14)]
    assert rows[1][0] == LAST
    assert [row[4] for row in rows] == [0, 0, 1]
    judged = json.loads(rows[2][3])
    won = judged["challenger"] <= judged["champion"]
    # A challenger saw nothing of the fortnight by which it was judged; who lost stays what it was.
    assert rows[2][0] == (LAST if not won else LAST + timedelta(days=14 - judged["held_days"]))
    assert json.loads(rows[2][2])["full_training_at"] == (LAST + timedelta(days=14)).isoformat()


def test_a_challenger_that_is_worse_does_not_go_live(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    chain.night(LAST)
    [(champion,)] = chain.run("SELECT data_hash FROM forecast_models")
    later = LAST + timedelta(days=14)
    chain.sell(sales(LAST + timedelta(days=1), 14))

    def misled(past: History, *arguments: Any, **more: Any) -> ModelSet:
        """By a chain that sells a twentieth more every day."""
        return train(replace(past, revenue=past.revenue * 1.05 ** np.arange(past.days)), *arguments, **more)

    monkeypatch.setattr(training, "train", misled)
    chain.night(later)
    [(learned, refreshed_to, scores)] = chain.run(
        "SELECT data_hash, refreshed_to, scores FROM forecast_models WHERE live = 1"
    )
    assert (learned, refreshed_to) == (champion, later), "the champion, with weights and intervals of today"
    judged = json.loads(scores)
    assert judged["champion"] < 0.15
    assert judged["challenger"] > 0.2


def test_a_set_that_other_code_made_is_trained_anew(chain: Chain) -> None:
    chain.night(LAST)
    chain.run("UPDATE forecast_models SET code_version = REPEAT('0', 64)")
    chain.night(LAST + timedelta(days=1))
    assert chain.run("SELECT trained_to FROM forecast_models WHERE live = 1") == [(LAST + timedelta(days=1),)]


def test_a_history_that_no_rule_mends_is_refused_whole_and_the_reason_told(chain: Chain, call: Caller) -> None:
    chain.run(
        "INSERT INTO forecast_history VALUES ('demo:north', %s, 'import', %s, 'EUR', 1000)",
        (LAST - timedelta(days=3), CHAIN),
    )
    assert chain.night(LAST) == ["forecast.training_due"]
    [run] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    assert run["ended_at"]
    assert run["failed"] == [
        {
            "batch": 0,
            "code": "currencies_mixed",
            "detail": "The history is in EUR, USD. Send one currency at a time.",
            "stores": list(STORES),
        }
    ]
    assert chain.run("SELECT COUNT(*) FROM forecast_models") == [(0,)]
    assert forecasts(chain) == []


def test_a_country_without_public_holidays_is_refused_where_it_is_set_and_named_by_the_night(
    chain: Chain, call: Caller
) -> None:
    refused = call("PUT", f"/v1/forecasts/settings?chain={CHAIN}", {"country": "XX"})
    assert (refused.status, refused.json["code"]) == (422, "country_unknown")
    chain.run("INSERT INTO forecast_settings VALUES (%s, %s)", (CHAIN, '{"country": "XX"}'))
    chain.night(LAST)
    [run] = call("GET", f"/v1/forecasts/runs?chain={CHAIN}").json["runs"]
    assert [batch["code"] for batch in run["failed"]] == ["country_unknown"]


def test_orders_of_long_ago_that_are_taken_in_later_are_learned_from_at_the_next_training(chain: Chain) -> None:
    chain.night(LAST)
    before = FIRST - timedelta(days=40)
    chain.sell(sales(before, 40))
    for night, first_day in ((LAST + timedelta(days=1), FIRST), (LAST + timedelta(days=14), before)):
        chain.night(night)
        assert chain.run("SELECT MIN(day) FROM forecast_history WHERE store_id = 'demo:north'") == [(first_day,)]


def test_days_that_were_not_a_day_s_trade_are_left_out_with_their_reasons(chain: Chain, call: Caller) -> None:
    till_down, catering = LAST - timedelta(days=9), LAST - timedelta(days=5)
    chain.run(
        "UPDATE orders SET paid = 500, total = 500 WHERE store_id = 'demo:north' AND business_day = %s", (till_down,)
    )
    chain.run(
        "UPDATE orders SET paid = 30 * paid, total = 30 * total WHERE store_id = 'demo:north' AND business_day = %s",
        (catering,),
    )
    chain.night(LAST)
    corrections = call("GET", f"/v1/forecasts/corrections?chain={CHAIN}").json["corrections"]
    assert sorted((fix["store"], fix["day"], fix["reason"], fix["became"]) for fix in corrections) == [
        ("north", str(till_down), "part_day", "unknown"), ("north", str(catering), "outlier", "unknown"),
    ]  # fmt: skip
